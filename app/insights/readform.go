package insights

import (
	"context"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// readResponse brings the clauses of a response to what it says now; those that a person has put somewhere stay. One that has opened
// a ticket counts as that ticket: the same matter is not counted twice.
func (s *Service) readResponse(ctx context.Context, response id.ID) error {
	if s.Response == nil {
		return nil
	}
	r, err := s.Response(ctx, response)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	said, err := s.saidIn(ctx, r)
	if err != nil {
		return err
	}
	if err := s.dropVoices(ctx, `v.message_id = ? AND NOT v.fixed`, int64(r.ID)); err != nil {
		return err
	}
	for i := range said {
		if err := s.resubject(ctx, `v.message_id = ?`, int64(r.ID), said[i].Subject); err != nil {
			return err
		}
	}
	return s.takeAll(ctx, said)
}

func (s *Service) saidIn(ctx context.Context, r *Response) ([]Said, error) {
	contact, err := s.Tickets.Contact(ctx, r.Contact)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	one := Said{Source: FromResponse, Subject: r.ID, Message: r.ID, Contact: contact.ID, Key: contact.KeyID, Channel: responseChannel, At: r.At, again: true}
	if r.Ticket != 0 {
		h, err := s.head(ctx, r.Ticket)
		switch {
		case fault.Is(err, fault.NotFound):
		case err != nil:
			return nil, err
		case h.spam:
			return nil, nil
		default:
			one.Source, one.Subject, one.Team, one.Channel = FromTicket, h.subject, orZero(h.TeamID), string(h.Channel)
		}
	}
	if one.Order, one.Products, err = s.order(ctx, r.Order, true, contact.ID); err != nil {
		return nil, err
	}
	for i, text := range r.Texts {
		if i > 0 {
			one.Text += "\n"
		}
		one.Text += text
	}
	return []Said{one}, nil
}

// dropVoices takes clauses out of all groups and counts, at most as many as one subject has.
func (s *Service) dropVoices(ctx context.Context, where string, args ...any) error {
	var n int64
	if err := s.Store.Read(ctx).Raw(`SELECT COUNT(*) FROM insight_voices v WHERE `+where, args...).Row().Scan(&n); err != nil || n == 0 {
		return err
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		rows, err := voicesWhere(tx, ` WHERE `+where, args...)
		if err != nil || len(rows) == 0 {
			return err
		}
		var of, gone []id.ID
		for i := range rows {
			of, gone = append(of, rows[i].subject), append(gone, rows[i].id)
		}
		all, err := takeSubjects(tx, of)
		if err != nil {
			return err
		}
		if err := all.drop(gone); err != nil {
			return err
		}
		return all.done()
	})
}
