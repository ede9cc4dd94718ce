package insights

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// head is what the clauses of a ticket have of it.
type head struct {
	*tickets.Ticket
	subject  id.ID // the ticket that it was merged into, or itself
	spam     bool  // it is, or that which it was merged into
	order    []byte
	products []string
}

// head reads a ticket. Its order counts when the shop has signed it or when it is the contact's.
func (s *Service) head(ctx context.Context, ticket id.ID) (*head, error) {
	t, err := s.Tickets.Ticket(ctx, ticket)
	if err != nil {
		return nil, err
	}
	h := &head{Ticket: t, subject: t.ID, spam: t.Status == tickets.StatusSpam}
	for next := t.MergedInto; next != nil; {
		into, err := s.Tickets.Ticket(ctx, *next)
		if err != nil {
			return nil, err
		}
		h.subject, next = into.ID, into.MergedInto
		h.spam = h.spam || into.Status == tickets.StatusSpam
	}
	h.order, h.products, err = s.order(ctx, t.Order, t.OrderVerified, t.ContactID)
	return h, err
}

// order gives the hash and the goods of an order, nothing of one that somebody merely claims.
func (s *Service) order(ctx context.Context, number string, verified bool, contact id.ID) ([]byte, []string, error) {
	if number == "" || s.Order == nil {
		return nil, nil, nil
	}
	skus, owner, err := s.Order(ctx, number)
	if err != nil || !verified && (owner == 0 || owner != contact) {
		return nil, nil, err
	}
	return s.Tickets.OrderKey(number), skus, nil
}

// counts gives what a message complains with, unless it is not to be read: taken back, moved, spam, or the copy of a response,
// which is read by itself.
func (h *head) counts(m *tickets.Message) (string, bool) {
	if m.State != tickets.StateAsWritten || h.spam || m.Body == "" || fromForm(h.Ticket, m) {
		return "", false
	}
	return m.Body, true
}

// fromForm tells whether a message holds the answers of a form.
func fromForm(t *tickets.Ticket, m *tickets.Message) bool {
	return t.Channel == tickets.ChannelForm && len(m.ClientID) > len(formPrefix) && m.ClientID[:len(formPrefix)] == formPrefix
}

const formPrefix = "form:" // app/feedback names its messages so

func (h *head) said(m *tickets.Message, text string) Said {
	who := h.ContactID
	if m.GuestID != nil {
		who = *m.GuestID
	}
	return Said{
		Source: FromTicket, Subject: h.subject, Message: m.ID, Contact: who, Key: h.KeyID, Channel: string(h.Channel), Team: orZero(h.TeamID), Order: h.order,
		Products: h.products, Text: text, At: time.UnixMilli(m.CreatedAt),
	}
}

func orZero(one *id.ID) id.ID {
	if one == nil {
		return 0
	}
	return *one
}

// readHead gives the clauses of a ticket the team and the order that it has now.
func (s *Service) readHead(ctx context.Context, ticket id.ID) error {
	h, err := s.head(ctx, ticket)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		all, err := takeSubjects(tx, []id.ID{h.subject})
		if err != nil {
			return err
		}
		team := orZero(h.TeamID)
		err = all.each(func(v *voice) bool {
			moved := v.team != team
			v.team = team
			return moved
		})
		if err != nil {
			return err
		}
		if err := all.done(); err != nil || h.order == nil {
			return err
		}
		for _, v := range all.rows[h.subject] {
			if err := addProducts(tx, v.id, h.products); err != nil {
				return err
			}
		}
		return tx.Exec(`UPDATE insight_voices SET order_hash = ? WHERE subject_id = ? AND order_hash IS NULL AND contact_id IS NOT NULL`, h.order, int64(h.subject)).Error
	})
}
