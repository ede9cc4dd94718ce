package notify

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// seenEvery is how often an alert that still stands is written again.
const seenEvery = 10 * time.Minute

// Standing is an alert.
type Standing struct {
	ID    id.ID
	Kind  string // a word of the program, with dots: disk.low
	Args  map[string]string
	Began int64
	Seen  int64 // when it was last found to stand
	Over  *int64
}

// rising is the kind of alerts on groups of complaints, whose id follows; those are the managers' as well.
const rising = "insights.rising:"

// key is the part of its texts' keys that names the kind.
func (a *Standing) key() string {
	kind, _, _ := strings.Cut(a.Kind, ":")
	return "notify.alert." + strings.ReplaceAll(kind, ".", "_")
}

// Title and Text say it in a person's language.
func (a *Standing) Title(text func(key string, args map[string]any) string) string {
	return text(a.key()+".title", a.values(text))
}

// Text says what to do.
func (a *Standing) Text(text func(key string, args map[string]any) string) string {
	return text(a.key()+".text", a.values(text))
}

// Page is where in the console more is said of it.
func (a *Standing) Page() string {
	if group, ok := strings.CutPrefix(a.Kind, rising); ok {
		return "/insights/groups/" + group
	}
	if strings.HasPrefix(a.Kind, "success.") {
		return "/success"
	}
	return "/settings/health"
}

// values are the arguments in words: one that begins with @ is the key of a text.
func (a *Standing) values(text func(key string, args map[string]any) string) map[string]any {
	out := map[string]any{}
	for k, v := range a.Args {
		if key, ok := strings.CutPrefix(v, "@"); ok {
			v = text(key, nil)
		}
		out[k] = v
	}
	return out
}

// Alert tells the administrators that something is wrong with the desk, once while it stands. What cannot be written now
// (the disk may be what is wrong) is tried again by Look.
func (s *Service) Alert(ctx context.Context, kind string, args map[string]string) {
	if args == nil {
		args = map[string]string{}
	}
	if err := s.raise(ctx, kind, args); err != nil {
		s.Log.ErrorContext(ctx, "an alert cannot be written yet", "kind", kind, "error", err)
		s.keep(kind, args)
	}
}

// AlertOver says that it is over.
func (s *Service) AlertOver(ctx context.Context, kind string) {
	if err := s.lower(ctx, kind); err != nil {
		s.Log.ErrorContext(ctx, "the end of an alert cannot be written yet", "kind", kind, "error", err)
		s.keep(kind, nil)
	}
}

func (s *Service) keep(kind string, args map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending[kind] = args
}

func (s *Service) retryAlerts(ctx context.Context) {
	s.mu.Lock()
	waiting := s.pending
	s.pending = map[string]map[string]string{}
	s.mu.Unlock()
	for kind, args := range waiting {
		if args == nil {
			s.AlertOver(ctx, kind)
		} else {
			s.Alert(ctx, kind, args)
		}
	}
}

func (s *Service) raise(ctx context.Context, kind string, args map[string]string) error {
	old, err := s.standing(ctx, kind)
	if err != nil {
		return err
	}
	now := tickets.Millis(s.Now())
	if old != nil && maps.Equal(old.Args, args) && now-old.Seen < seenEvery.Milliseconds() {
		return nil
	}
	plain, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("encode an alert: %w", err)
	}
	alert := s.IDs.Next()
	if old != nil {
		alert = old.ID
	}
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		sealed, err := s.Sealer.Seal(tx, s.Sealer.DeskKey(), "alerts", "args", alert, plain)
		if err != nil {
			return err
		}
		if old != nil {
			return tx.Exec(`UPDATE alerts SET args = ?, seen_at = ? WHERE id = ? AND over_at IS NULL`, sealed, now, int64(alert)).Error
		}
		done := tx.Exec(`INSERT INTO alerts (id, kind, args, began_at, seen_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, int64(alert), kind, sealed, now, now)
		if done.Error != nil || done.RowsAffected == 0 {
			return done.Error
		}
		return s.Tickets.AlertRaisedTx(tx, alert, kind)
	})
}

func (s *Service) lower(ctx context.Context, kind string) error {
	old, err := s.standing(ctx, kind)
	if old == nil || err != nil {
		return err
	}
	var who []id.ID
	err = s.Store.Write(ctx, func(tx *gorm.DB) (err error) {
		if err = tx.Exec(`UPDATE alerts SET over_at = ? WHERE id = ? AND over_at IS NULL`, tickets.Millis(s.Now()), int64(old.ID)).Error; err != nil {
			return err
		}
		who, err = s.end(tx, []spent{{old.ID, []Kind{Alert}}})
		return err
	})
	if err != nil {
		return err
	}
	return s.recount(ctx, who)
}

const selectAlert = `SELECT id, kind, args, began_at, seen_at, over_at FROM alerts`

// Standing gives the alerts that stand, the oldest first.
func (s *Service) Standing(ctx context.Context) ([]Standing, error) {
	return s.alerts(ctx, ` WHERE over_at IS NULL ORDER BY began_at, id`)
}

func (s *Service) standing(ctx context.Context, kind string) (*Standing, error) {
	return first(s.alerts(ctx, ` WHERE over_at IS NULL AND kind = ?`, kind))
}

// alert gives one, over or not; nil when it is not there any more.
func (s *Service) alert(ctx context.Context, one id.ID) (*Standing, error) {
	return first(s.alerts(ctx, ` WHERE id = ?`, int64(one)))
}

func first(list []Standing, err error) (*Standing, error) {
	if len(list) == 0 || err != nil {
		return nil, err
	}
	return &list[0], nil
}

func (s *Service) alerts(ctx context.Context, where string, args ...any) (list []Standing, err error) {
	read := s.Store.Read(ctx)
	rows, err := read.Raw(selectAlert+where, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var values [][]byte
	for rows.Next() {
		var a Standing
		var sealed []byte
		if err := rows.Scan((*int64)(&a.ID), &a.Kind, &sealed, &a.Began, &a.Seen, &a.Over); err != nil {
			return nil, err
		}
		list, values = append(list, a), append(values, sealed)
	}
	if err := rows.Err(); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	for i := range list {
		plain, err := s.Sealer.Open(read, "alerts", "args", list[i].ID, values[i])
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(plain, &list[i].Args); err != nil {
			return nil, fmt.Errorf("read an alert: %w", err)
		}
	}
	return list, nil
}
