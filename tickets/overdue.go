package tickets

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/id"
	"huiyin/tickets/sla"
)

// overdueMax is the most that one call of MarkOverdue marks.
const overdueMax = 100

// firstReplyDue gives until when an inbox promises the first reply to what was said at a time; nil: it promises nothing.
func (s *Service) firstReplyDue(c conn, box *Inbox, at int64) (*int64, error) {
	policy := sla.Policy{FirstReply: box.Settings.FirstReplyMinutes}
	if policy.FirstReply == 0 {
		return nil, nil
	}
	shop, err := s.shopIn(c)
	if err != nil {
		return nil, err
	}
	due, ok := policy.FirstReplyDue(box.Settings.Hours.In(shop.Zone()), time.UnixMilli(at))
	if !ok {
		return nil, nil
	}
	return new(Millis(due)), nil
}

// FirstReply tells how the promise of a first reply stands at a time.
func (t *Ticket) FirstReply(now time.Time) sla.State {
	if s := sla.Standing(t.FirstReplyDueAt, t.FirstRepliedAt, Millis(now)); s != sla.Overdue || t.Status.Active() {
		return s
	}
	return sla.None // solved without a word: nobody waits for it
}

const overdueWhere = `t.first_reply_due_at IS NOT NULL AND t.first_replied_at IS NULL AND t.overdue_at IS NULL AND t.status IN ('new','open','pending')`

// MarkOverdue says of at most limit tickets (100 at most) that their first reply is overdue, once each, the longest due first, and
// tells how many they were.
func (s *Service) MarkOverdue(ctx context.Context, limit int) (int, error) {
	now := Millis(s.now())
	due, err := on(s.store.Read(ctx)).ids(
		`SELECT t.id FROM tickets t WHERE t.first_reply_due_at < ? AND `+overdueWhere+` ORDER BY t.first_reply_due_at LIMIT ?`, now, clamp(limit, overdueMax, overdueMax))
	if len(due) == 0 || err != nil {
		return 0, err
	}
	marked := 0
	for _, ticket := range due { // each in its own transaction, so that none holds the rows of two tickets
		err := s.store.Write(ctx, func(tx *gorm.DB) error { return s.markOverdue(on(tx), ticket, now) })
		if err != nil {
			return marked, err
		}
		marked++
	}
	return marked, nil
}

// markOverdue looks at the ticket again under its lock: an agent or another process may have been quicker.
func (s *Service) markOverdue(c conn, ticket id.ID, now int64) error {
	t, err := s.locked(c, ticket)
	if err != nil || t.OverdueAt != nil || t.FirstReply(time.UnixMilli(now)) != sla.Overdue {
		return err
	}
	e := s.begin(c, t, system, now)
	t.OverdueAt = &now
	e.event(EventFirstOverdue, 0, "")
	return e.save()
}
