package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/hours"
	"huiyin/tickets/id"
)

// The states of a row in notice_sends.
const (
	stateQueued  = "queued"
	stateSent    = "sent"
	stateFailed  = "failed"
	stateSkipped = "skipped" // she had read it, or the target is gone
)

const (
	// tryFor is how long a notice is tried; an older one helps nobody.
	tryFor = 24 * time.Hour
	// linesMost is how many rows one mail or message tells of; a robot takes twenty messages a minute.
	linesMost = 20
	// The pauses between two tries double from the first to the most.
	pauseFirst = 10 * time.Second
	pauseMost  = time.Hour
	// claimFor is how long a row is one job's: longer than a try can take.
	claimFor = 2 * time.Minute

	alertFailing = "notices.failing"
)

// Out is the job that sends what is due to an agent (by mail) or to a target; the other is zero.
type Out struct {
	Agent  id.ID `json:"agent,omitempty"`
	Target id.ID `json:"target,omitempty"`
}

// Kind names the job.
func (Out) Kind() string { return "notice" }

// sendKey is what somebody is sent once while it waits.
type sendKey struct {
	agent, target id.ID
	kind          Kind
	subject       id.ID
}

// send is a row of notice_sends.
type send struct {
	id            id.ID
	agent, target id.ID
	kind          Kind
	subject       id.ID
	ticket        id.ID // 0: none
	due           time.Time
	attempts      int
	created       int64
}

func (r *round) queue(x send) { r.sends[sendKey{x.agent, x.target, x.kind, x.subject}] = x }

// post queues what is to be told to groups.
func (r *round) post(k Kind, subject id.ID, t *tickets.Situation) {
	for i := range r.targets {
		to := &r.targets[i]
		if to.Off || !slices.Contains(to.Kinds, k) {
			continue
		}
		due := r.s.Now()
		if k != Alert {
			due = due.Add(hours.Quiet(to.QuietFrom, to.QuietTo, r.now))
		}
		r.queue(send{target: to.ID, kind: k, subject: subject, ticket: ticketOf(t), due: due})
	}
}

func (r *round) writeSends(ctx context.Context) error {
	sends := slices.Collect(maps.Values(r.sends))
	slices.SortFunc(sends, func(a, b send) int { return cmp.Or(cmp.Compare(a.subject, b.subject), cmp.Compare(a.agent, b.agent)) })
	for part := range slices.Chunk(sends, rowsAtOnce) {
		err := r.s.Store.Write(ctx, func(tx *gorm.DB) error {
			for _, x := range part {
				if err := r.s.putSend(tx, x); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("queue notices: %w", err)
		}
	}
	return nil
}

func (s *Service) putSend(tx *gorm.DB, x send) error {
	now := tickets.Millis(s.Now())
	done := tx.Exec(`INSERT INTO notice_sends (id, agent_id, target_id, kind, subject_id, ticket_id, state, reason, attempts, due_at, created_at)
 VALUES (?, ?, ?, ?, ?, ?, ?, '', 0, ?, ?) ON CONFLICT DO NOTHING`, int64(s.IDs.Next()), orNull(x.agent), orNull(x.target), string(x.kind), int64(x.subject),
		orNull(x.ticket), stateQueued, tickets.Millis(x.due), now)
	if done.Error != nil || done.RowsAffected == 0 {
		return done.Error
	}
	return s.Queue(tx, Out{Agent: x.agent, Target: x.target}, x.due)
}

func orNull(one id.ID) *int64 {
	if one == 0 {
		return nil
	}
	n := int64(one)
	return &n
}

// requeue inserts the jobs of rows that have been due for a while: a job that ended a moment too early, or a crash, has
// left them.
func (s *Service) requeue(ctx context.Context) error {
	list, err := s.left(ctx)
	if len(list) == 0 || err != nil {
		return err
	}
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		for _, o := range list {
			if err := s.Queue(tx, o, s.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

// left are those to whom something has been due for a while.
func (s *Service) left(ctx context.Context) (list []Out, err error) {
	rows, err := s.Store.Read(ctx).Raw(`SELECT DISTINCT COALESCE(agent_id, 0), COALESCE(target_id, 0) FROM notice_sends WHERE state = 'queued' AND due_at <= ? LIMIT ?`,
		tickets.Millis(s.Now().Add(-latelySent)), rowsAtOnce).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var o Out
		if err := rows.Scan((*int64)(&o.Agent), (*int64)(&o.Target)); err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, rows.Err()
}

// ErrBusy says that something is being sent to the same agent or target by this process: come back in a moment.
var ErrBusy = errors.New("notify: something is under way there")

// Work sends what is due to one agent or target. Errors: ErrBusy.
func (s *Service) Work(ctx context.Context, job Out) error {
	if !s.take(job) {
		return ErrBusy // one that hangs holds up one worker, not all
	}
	defer s.leave(job)
	for {
		due, err := s.due(ctx, job)
		if err == nil {
			due, err = s.claim(ctx, due)
		}
		if len(due) == 0 || err != nil {
			return err
		}
		if err := s.deliver(ctx, job, due); err != nil {
			return err
		}
	}
}

func (s *Service) take(job Out) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[job] {
		return false
	}
	s.busy[job] = true
	return true
}

func (s *Service) leave(job Out) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.busy, job)
}

// claim makes rows this job's for a while: another node does not send them too, and if this process dies they are due
// again.
func (s *Service) claim(ctx context.Context, due []send) (mine []send, err error) {
	if len(due) == 0 {
		return nil, nil
	}
	until := tickets.Millis(s.Now().Add(claimFor))
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		mine = mine[:0]
		for _, x := range due {
			done := tx.Exec(`UPDATE notice_sends SET due_at = ? WHERE id = ? AND state = 'queued' AND due_at = ?`, until, int64(x.id), tickets.Millis(x.due))
			if done.Error != nil {
				return done.Error
			}
			if done.RowsAffected == 1 {
				mine = append(mine, x)
			}
		}
		return nil
	})
	return mine, err
}

func (s *Service) due(ctx context.Context, job Out) (list []send, err error) {
	rows, err := s.Store.Read(ctx).Raw(`SELECT id, COALESCE(agent_id, 0), COALESCE(target_id, 0), kind, subject_id, COALESCE(ticket_id, 0), attempts, created_at, due_at
 FROM notice_sends WHERE `+ofJob(job)+` AND state = 'queued' AND due_at <= ? ORDER BY id LIMIT ?`, jobID(job), tickets.Millis(s.Now()), linesMost).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var x send
		var at int64
		if err := rows.Scan((*int64)(&x.id), (*int64)(&x.agent), (*int64)(&x.target), (*string)(&x.kind), (*int64)(&x.subject), (*int64)(&x.ticket), &x.attempts, &x.created, &at); err != nil {
			return nil, err
		}
		x.due = time.UnixMilli(at)
		list = append(list, x)
	}
	return list, rows.Err()
}

func ofJob(job Out) string {
	if job.Agent != 0 {
		return `agent_id = ?`
	}
	return `target_id = ?`
}

func jobID(job Out) int64 { return int64(job.Agent + job.Target) }

// deliver sends rows together and writes down what came of it.
func (s *Service) deliver(ctx context.Context, job Out, due []send) error {
	wanted, gone, err := s.stillWanted(ctx, job, due)
	if err != nil {
		return err
	}
	if err := s.mark(ctx, gone, stateSkipped, ""); err != nil || len(wanted) == 0 {
		return err
	}
	err = s.transmit(ctx, job, wanted)
	if ctx.Err() != nil {
		return ctx.Err() // stopped, which is nobody's failure
	}
	if err == nil {
		if err := s.mark(ctx, wanted, stateSent, ""); err != nil {
			return err
		}
		return s.works(ctx, job)
	}
	reason, lasting := "notices.reason.other", false
	var f Failure
	if errors.As(err, &f) {
		reason, lasting = f.Reason(), f.Lasting()
	}
	s.Log.WarnContext(ctx, "a notice did not go out", "reason", reason, "lasting", lasting, "agent", job.Agent, "target", job.Target)
	return s.failed(ctx, job, wanted, reason, lasting)
}

// stillWanted parts rows from those that need not be sent: what an agent has read meanwhile, what is for nobody.
func (s *Service) stillWanted(ctx context.Context, job Out, due []send) (wanted, gone []send, err error) {
	if job.Target != 0 {
		list, err := s.targets(ctx, `id = ? AND disabled_at IS NULL`, int64(job.Target))
		if err != nil || len(list) == 0 {
			return nil, due, err
		}
		return due, nil, nil
	}
	to, err := s.Tickets.Agent(ctx, job.Agent)
	if err != nil {
		return nil, nil, err
	}
	for _, x := range due {
		unread := 0
		err := s.Store.Read(ctx).Raw(`SELECT COUNT(*) FROM notifications WHERE agent_id = ? AND kind = ? AND subject_id = ? AND read_at IS NULL`, int64(x.agent), string(x.kind), int64(x.subject)).Row().Scan(&unread)
		if err != nil {
			return nil, nil, err
		}
		if unread > 0 && to.DisabledAt == nil {
			wanted = append(wanted, x)
		} else {
			gone = append(gone, x)
		}
	}
	return wanted, gone, nil
}

func (s *Service) transmit(ctx context.Context, job Out, rows []send) error {
	if job.Target != 0 {
		to, err := s.Target(ctx, job.Target)
		if err != nil {
			return err
		}
		text, err := s.words(ctx, to.Locale, rows, true)
		if err != nil {
			return err
		}
		return s.Post(ctx, *to, text)
	}
	to, err := s.Tickets.Agent(ctx, job.Agent)
	if err != nil {
		return err
	}
	text, err := s.words(ctx, s.localeOf(ctx, to), rows, false)
	if err != nil {
		return err
	}
	return s.Mail(ctx, to, text)
}

func (s *Service) mark(ctx context.Context, rows []send, state, reason string) error {
	if len(rows) == 0 {
		return nil
	}
	return s.Store.Write(context.WithoutCancel(ctx), func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE notice_sends SET state = ?, reason = ?, attempts = attempts + 1, done_at = ? WHERE id IN ?`, state, reason, tickets.Millis(s.Now()), sendIDs(rows)).Error
	})
}

func sendIDs(rows []send) []int64 {
	out := make([]int64, len(rows))
	for i := range rows {
		out[i] = int64(rows[i].id)
	}
	return out
}

// failed puts rows off, or gives them up when that is of no use or they are a day old.
func (s *Service) failed(ctx context.Context, job Out, rows []send, reason string, lasting bool) error {
	now := s.Now()
	var over, again []send
	tries := 0
	for _, x := range rows {
		tries = max(tries, x.attempts)
		if lasting || now.Sub(time.UnixMilli(x.created)) >= tryFor {
			over = append(over, x)
		} else {
			again = append(again, x)
		}
	}
	if err := s.mark(ctx, over, stateFailed, reason); err != nil {
		return err
	}
	next := now.Add(min(pauseMost, pauseFirst<<min(tries, 10)))
	err := s.Store.Write(context.WithoutCancel(ctx), func(tx *gorm.DB) error {
		if len(again) > 0 {
			if err := tx.Exec(`UPDATE notice_sends SET reason = ?, attempts = attempts + 1, due_at = ? WHERE id IN ?`, reason, tickets.Millis(next), sendIDs(again)).Error; err != nil {
				return err
			}
			if err := s.Queue(tx, job, next); err != nil {
				return err
			}
		}
		if job.Target == 0 {
			return nil
		}
		return tx.Exec(`UPDATE notice_targets SET failing_at = ? WHERE id = ? AND failing_at IS NULL`, tickets.Millis(now), int64(job.Target)).Error
	})
	if err == nil {
		s.settleAlert(ctx)
	}
	return err
}

// works notes that a target can be reached again.
func (s *Service) works(ctx context.Context, job Out) error {
	if job.Target == 0 {
		return nil
	}
	n := int64(0)
	err := s.Store.Read(ctx).Raw(`SELECT COUNT(*) FROM notice_targets WHERE id = ? AND failing_at IS NOT NULL`, int64(job.Target)).Row().Scan(&n)
	if n == 0 || err != nil {
		return err
	}
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE notice_targets SET failing_at = NULL WHERE id = ?`, int64(job.Target)).Error
	})
	if err == nil {
		s.settleAlert(ctx)
	}
	return err
}

// settleAlert raises or lowers the alert about targets that cannot be reached.
func (s *Service) settleAlert(ctx context.Context) {
	list, err := s.targets(ctx, `failing_at IS NOT NULL AND disabled_at IS NULL`)
	switch {
	case err != nil:
		s.Log.ErrorContext(ctx, "look for targets that cannot be reached", "error", err)
	case len(list) == 0:
		s.AlertOver(ctx, alertFailing)
	default:
		s.Alert(ctx, alertFailing, map[string]string{"name": list[0].Name})
	}
}
