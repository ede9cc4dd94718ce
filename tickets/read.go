package tickets

import (
	"context"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const (
	contactReadQuery = `UPDATE tickets SET contact_read = ? WHERE id = ? AND contact_read < ?`
	agentReadQuery   = `UPDATE tickets SET agent_read = ? WHERE id = ? AND agent_read < ?`
)

// MarkRead notes that the contact, or an agent, has read the ticket's messages up to seq. A mark only ever grows; one
// beyond the newest message counts up to that. It is no event. Errors: NotFound, Denied, Invalid.
func (s *Service) MarkRead(ctx context.Context, a Actor, ticket id.ID, seq int64) error {
	if seq < 0 {
		return fault.InvalidField("seq", "invalid", "error.message.seq", nil)
	}
	// Most marks tell nothing new; those never reach the writer.
	c := on(s.store.Read(ctx))
	t, err := c.ticket(selectTicket+` WHERE t.id = ?`, int64(ticket))
	if err != nil {
		return err
	}
	if t == nil {
		return fault.New(fault.NotFound, "error.ticket.not_found")
	}
	if err := s.mayTouch(c, a, t); err != nil {
		return err
	}
	query, mark := agentReadQuery, &t.AgentRead
	if a.Kind == ActorContact {
		query, mark = contactReadQuery, &t.ContactRead
	}
	seq = min(seq, t.LastSeq)
	if seq <= *mark {
		return nil
	}
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		c := on(tx)
		n, err := c.exec(query, seq, int64(ticket), seq)
		if n == 0 || err != nil {
			return err
		}
		if t, err = s.locked(c, ticket); err != nil {
			return err
		}
		s.tell(tx, Change{Ticket: t, Type: ChangeRead})
		return nil
	})
}
