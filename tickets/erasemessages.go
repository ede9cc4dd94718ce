package tickets

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

const (
	erasedAtOnce = 100                   // messages a transaction: more would hold up the chat
	erasePause   = 10 * time.Millisecond // between two transactions, so that the chat does not wait
)

// EmptyMessages takes bodies, outer ids and their hashes from all messages in an erased contact's tickets, and from
// hers in tickets of others, piece by piece, and tells the screens. The rows stay, with their places, and say that they were erased. What is empty is passed over, so
// whoever was interrupted begins again. The hashes of outer ids go too: nobody can send a message of hers again.
func (s *Service) EmptyMessages(ctx context.Context, contact id.ID) error {
	tickets, err := on(s.store.Read(ctx)).ids(`SELECT t.id FROM tickets t WHERE t.contact_id = ? ORDER BY t.id`, int64(contact))
	if err != nil {
		return err
	}
	for _, t := range tickets {
		for pos := int64(0); ; {
			err := s.store.Write(ctx, func(tx *gorm.DB) (err error) {
				pos, err = s.emptyPiece(on(tx), t, pos)
				return err
			})
			if err != nil {
				return err
			}
			if pos < 0 {
				break
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(erasePause):
			}
		}
	}
	return s.emptyGuest(ctx, contact)
}

// emptyPiece empties the messages of a ticket after a place and gives the place to go on from, -1 at the end.
func (s *Service) emptyPiece(c conn, ticket id.ID, after int64) (next int64, err error) {
	t, err := s.locked(c, ticket)
	if err != nil {
		return 0, err
	}
	var piece []Message
	err = c.each(func(scan func(...any) error) error {
		piece = append(piece, Message{})
		return scan(piece[len(piece)-1].scanned()...)
	}, selectMessage+` WHERE m.ticket_id = ? AND m.pos > ? ORDER BY m.pos LIMIT ?`, int64(ticket), after, erasedAtOnce)
	if err != nil {
		return 0, err
	}
	at := Millis(s.now())
	if len(piece) > 0 {
		next = piece[len(piece)-1].Pos
		if _, err := c.exec(`UPDATE messages SET body = NULL, client_id = NULL, dedupe = NULL, state = 'erased', changed_at = ?
 WHERE ticket_id = ? AND pos > ? AND pos <= ? AND state <> 'erased'`, at, int64(ticket), after, next); err != nil {
			return 0, err
		}
	}
	for i := range piece {
		if m := &piece[i]; m.State != StateErased {
			m.State, m.BodySealed, m.ClientSealed, m.ChangedAt = StateErased, nil, nil, &at
			s.tell(c.tx, Change{Ticket: t, Message: m, Type: ChangeState})
		}
	}
	if len(piece) == erasedAtOnce {
		return next, nil
	}
	if err := s.loadTags(c, t); err != nil {
		return 0, err
	}
	s.tell(c.tx, Change{Ticket: t, Type: ChangeTicket})
	return -1, nil
}

// OpenErasures gives contacts whose erasure was begun and not ended.
func (s *Service) OpenErasures(ctx context.Context, limit int) ([]id.ID, error) {
	return on(s.store.Read(ctx)).ids(`SELECT x.contact_id FROM erasures x WHERE x.done_at IS NULL ORDER BY x.contact_id LIMIT ?`, limit)
}

// EndErasure notes that nothing of the contact is left to empty.
func (s *Service) EndErasure(ctx context.Context, contact id.ID) error {
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		_, err := on(tx).exec(`UPDATE erasures SET done_at = ? WHERE contact_id = ? AND done_at IS NULL`, Millis(s.now()), int64(contact))
		return err
	})
}
