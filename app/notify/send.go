package notify

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
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
