package attempts

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const (
	lookEvery = time.Minute
	weeksBack = 8
	around    = 30 * time.Minute // what is usual is counted so much around the last hour
	quietEnd  = 2 * time.Hour    // a fall in which so long nearly nobody ordered is over

	alertFall = "success.fall_" // + origin
)

// What a rate was held against.
const (
	UsualWeeks  = "weeks"  // the same hours of the weeks before
	UsualRecent = "recent" // the last seven days, while there are no weeks
)

// Alarm is a fall of the success rate that was told.
type Alarm struct {
	ID          id.ID
	Origin      string
	BeganAt     int64 // the beginning of the span that showed it
	RaisedAt    int64
	OverAt      *int64
	OK, Missed  int // of that span
	UsualOK     int
	UsualMissed int
	Usual       string // UsualWeeks, UsualRecent
	Step        string // where the most did not come about
	Reason      string // and why
}

// Rate is what was seen.
func (a *Alarm) Rate() float64 { return Count{OK: a.OK, Failed: a.Missed}.Rate() }

// Expected is what was usual.
func (a *Alarm) Expected() float64 { return Count{OK: a.UsualOK, Failed: a.UsualMissed}.Rate() }

// End is when the minutes of the alarm end: when it was over, or now.
func (a *Alarm) End(now time.Time) int64 {
	if a.OverAt != nil {
		return *a.OverAt
	}
	return tickets.Millis(now)
}

// Usual is what the success rate is held against.
type Usual struct {
	Count
	From string // UsualWeeks, UsualRecent; empty: not enough was counted yet
}

// Look compares the last minutes with what is usual and tells when the rate has fallen, and when it is as usual again. The
// clock of app calls it on every node: the first one that writes has told.
func (s *Service) Look(ctx context.Context) error {
	now := s.Now()
	s.mu.Lock()
	due := now.Sub(s.looked) >= lookEvery || now.Before(s.looked)
	if due {
		s.looked = now
	}
	s.mu.Unlock()
	if !due {
		return nil
	}
	l, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, origin := range Origins() {
		if err := s.look(ctx, origin, l, now); err != nil {
			errs = append(errs, fmt.Errorf("look at the success rate (%s): %w", origin, err))
		}
	}
	return errors.Join(errs...)
}

func (s *Service) look(ctx context.Context, origin string, l Settings, now time.Time) error {
	open, err := s.openAlarm(ctx, origin)
	if err != nil {
		return err
	}
	if !l.On {
		return s.end(ctx, open, now)
	}
	since, err := s.lastOver(ctx, origin)
	if err != nil {
		return err
	}
	recent, err := s.lastSpans(ctx, origin, since, now)
	if err != nil {
		return err
	}
	if open == nil && recent[len(recent)-1].All() < l.Least {
		return nil
	}
	if open != nil {
		usual := Count{OK: open.UsualOK, Failed: open.UsualMissed}
		quiet := recent[len(recent)-1].All() < l.Least && now.Sub(time.UnixMilli(open.RaisedAt)) > quietEnd
		if quiet || l.over(recent, usual) {
			return s.end(ctx, open, now)
		}
		return nil
	}
	usual, err := s.Usual(ctx, origin, now)
	if err != nil || usual.From == "" {
		return err
	}
	at := l.fall(recent, usual.Count)
	if at < 0 {
		return nil
	}
	return s.raise(ctx, origin, now, at, recent[at], usual)
}

// lastOver is when the last fall was over: what was before is told already.
func (s *Service) lastOver(ctx context.Context, origin string) (ms int64, err error) {
	err = s.Store.Read(ctx).Raw(`SELECT COALESCE(MAX(over_at), 0) FROM attempt_alarms WHERE origin = ?`, origin).Scan(&ms).Error
	return ms, err
}

// lastSpans counts the attempts of each span, none from before since.
func (s *Service) lastSpans(ctx context.Context, origin string, since int64, now time.Time) ([]Count, error) {
	out := make([]Count, len(spans))
	for i, span := range spans {
		rows, err := s.Store.Read(ctx).Raw(`SELECT outcome, COUNT(*) FROM order_attempts WHERE origin = ? AND at > ? AND at <= ? GROUP BY outcome`,
			origin, max(since, tickets.Millis(now.Add(-span.back))), tickets.Millis(now)).Rows()
		if err != nil {
			return nil, err
		}
		if err := scanCounts(rows, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func scanCounts(rows *sql.Rows, into *Count) error {
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var outcome Outcome
		var n int
		if err := rows.Scan(&outcome, &n); err != nil {
			return err
		}
		into.add(outcome, n)
	}
	return rows.Err()
}

// Usual is what may be expected now: the same hours of the same day in the eight weeks before, or, while there are no such
// weeks, the last seven days without the last hours. Minutes of alarms are left out.
func (s *Service) Usual(ctx context.Context, origin string, now time.Time) (Usual, error) {
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		return Usual{}, err
	}
	alarms, err := s.alarmsSince(ctx, origin, now.AddDate(0, 0, -7*weeksBack-1))
	if err != nil {
		return Usual{}, err
	}
	here := now.In(shop.Zone())
	var all Count
	weeks := 0
	for week := 1; week <= weeksBack; week++ {
		then := here.AddDate(0, 0, -7*week)
		c, err := s.counted(ctx, origin, then.Add(-time.Hour-around), then.Add(around), alarms)
		if err != nil {
			return Usual{}, err
		}
		if c.All() > 0 {
			weeks++
		}
		all = all.plus(c)
	}
	if weeks >= 2 && all.All() >= usualLeast {
		return Usual{all, UsualWeeks}, nil
	}
	if all, err = s.counted(ctx, origin, here.AddDate(0, 0, -7), here.Add(-2*time.Hour), alarms); err != nil || all.All() < recentLeast {
		return Usual{}, err
	}
	return Usual{all, UsualRecent}, nil
}

// counted sums rolls of whole quarters, those of alarms left out.
func (s *Service) counted(ctx context.Context, origin string, from, to time.Time, without []Alarm) (c Count, err error) {
	query, args := `SELECT outcome, SUM(n) FROM attempt_quarters WHERE origin = ? AND quarter >= ? AND quarter < ?`, []any{origin, floor(from), floor(to)}
	for i := range without {
		end := int64(math.MaxInt64)
		if over := without[i].OverAt; over != nil {
			end = *over
		}
		if end < tickets.Millis(from) || without[i].BeganAt > tickets.Millis(to) {
			continue
		}
		query, args = query+` AND NOT (quarter >= ? AND quarter <= ?)`, append(args, floor(time.UnixMilli(without[i].BeganAt)), end)
	}
	rows, err := s.Store.Read(ctx).Raw(query+` GROUP BY outcome`, args...).Rows()
	if err != nil {
		return c, err
	}
	return c, scanCounts(rows, &c)
}

// floor is the quarter of an hour that a time lies in.
func floor(t time.Time) int64 { ms := t.UnixMilli(); return ms - ms%quarter }

// raise writes the alarm and tells of it.
func (s *Service) raise(ctx context.Context, origin string, now time.Time, at int, seen Count, usual Usual) error {
	began := now.Add(-spans[at].back)
	step, reason, err := s.mostly(ctx, origin, began, now)
	if err != nil {
		return err
	}
	var done int64
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		res := tx.Exec(`INSERT INTO attempt_alarms (id, origin, began_at, raised_at, ok, missed, usual_ok, usual_missed, usual, step, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			int64(s.IDs.Next()), origin, tickets.Millis(began), tickets.Millis(now), seen.OK, seen.Missed(), usual.OK, usual.Missed(), usual.From, step, reason)
		done = res.RowsAffected
		return res.Error
	})
	if err != nil || done == 0 {
		return err
	}
	s.Alert(ctx, alertFall+origin, map[string]string{
		"rate": percent(seen.Rate()), "usual": percent(usual.Rate()), "attempts": strconv.Itoa(seen.All()),
		"minutes": strconv.Itoa(int(spans[at].back.Minutes())), "step": dash(step), "reason": "@success.reason." + cmp.Or(reason, other),
	})
	return nil
}

// percent is a rate as alarms say it, alike in all languages.
func percent(rate float64) string { return strconv.FormatFloat(rate*100, 'f', 1, 64) + "%" }

func dash(word string) string {
	if word == "" {
		return "–"
	}
	return word
}

// mostly names the reason and the step of most attempts that did not come about.
func (s *Service) mostly(ctx context.Context, origin string, from, to time.Time) (step, reason string, err error) {
	row := s.Store.Read(ctx).Raw(`SELECT step, reason FROM order_attempts WHERE origin = ? AND at > ? AND at <= ? AND outcome <> 'ok' GROUP BY step, reason ORDER BY COUNT(*) DESC, step, reason LIMIT 1`,
		origin, tickets.Millis(from), tickets.Millis(to)).Row()
	if err = row.Scan(&step, &reason); errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return step, reason, err
}

// end ends an alarm; nil: nothing stands.
func (s *Service) end(ctx context.Context, open *Alarm, now time.Time) error {
	if open == nil {
		return nil
	}
	var done int64
	err := s.Store.Write(ctx, func(tx *gorm.DB) error {
		res := tx.Exec(`UPDATE attempt_alarms SET over_at = ? WHERE id = ? AND over_at IS NULL`, tickets.Millis(now), int64(open.ID))
		done = res.RowsAffected
		return res.Error
	})
	if err == nil && done > 0 {
		s.AlertOver(ctx, alertFall+open.Origin)
	}
	return err
}

const selectAlarm = `SELECT id, origin, began_at, raised_at, over_at, ok, missed, usual_ok, usual_missed, usual, step, reason FROM attempt_alarms`

func (s *Service) openAlarm(ctx context.Context, origin string) (*Alarm, error) {
	list, err := s.alarms(ctx, ` WHERE origin = ? AND over_at IS NULL`, origin)
	if len(list) == 0 || err != nil {
		return nil, err
	}
	return &list[0], nil
}

func (s *Service) alarmsSince(ctx context.Context, origin string, since time.Time) ([]Alarm, error) {
	return s.alarms(ctx, ` WHERE origin = ? AND (over_at IS NULL OR over_at > ?) ORDER BY began_at`, origin, tickets.Millis(since))
}

// Alarms gives the newest ones of an origin, the newest first.
func (s *Service) Alarms(ctx context.Context, origin string, most int) ([]Alarm, error) {
	return s.alarms(ctx, ` WHERE origin = ? ORDER BY began_at DESC, id DESC LIMIT ?`, origin, most)
}

// Alarm gives one. Errors: NotFound.
func (s *Service) Alarm(ctx context.Context, one id.ID) (*Alarm, error) {
	list, err := s.alarms(ctx, ` WHERE id = ?`, int64(one))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "attempts.error.alarm")
	}
	return &list[0], nil
}

func (s *Service) alarms(ctx context.Context, where string, args ...any) (list []Alarm, err error) {
	rows, err := s.Store.Read(ctx).Raw(selectAlarm+where, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var a Alarm
		if err := rows.Scan((*int64)(&a.ID), &a.Origin, &a.BeganAt, &a.RaisedAt, &a.OverAt, &a.OK, &a.Missed, &a.UsualOK, &a.UsualMissed, &a.Usual, &a.Step, &a.Reason); err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, rows.Err()
}
