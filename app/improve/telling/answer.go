package telling

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Reply is what a person who was told says.
type Reply string

// The replies.
const (
	Fixed Reply = "fixed" // it is, for her
	Still Reply = "still" // it is the same as before
)

// Asked is a link that was opened.
type Asked struct {
	Task     Task
	Answer   Reply // what she has said so far; empty: nothing
	Language string
	Number   int64 // of the ticket in which she was told

	row, contact, ticket id.ID
}

// linkLife is how long a link can be answered by.
const linkLife = 180 * 24 * time.Hour

// Asked looks who has a link. It changes nothing. Errors: NotFound.
func (s *Service) Asked(ctx context.Context, token string) (*Asked, error) {
	rows, err := s.Store.Read(ctx).Raw(`SELECT id, task_id, contact_id, ticket_id, answer FROM telling_people WHERE token_hash = ? AND told_at > ? AND contact_id IS NOT NULL AND ticket_id IS NOT NULL`,
		s.tokenHash(token), s.Now().Add(-linkLife).UnixMilli()).Rows()
	if err != nil {
		return nil, err
	}
	var a *Asked
	var task int64
	for rows.Next() {
		a = &Asked{}
		if err := rows.Scan((*int64)(&a.row), &task, (*int64)(&a.contact), (*int64)(&a.ticket), (*string)(&a.Answer)); err != nil {
			break
		}
	}
	if err := firstOf(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	if a == nil {
		return nil, fault.New(fault.NotFound, "web.error.not_found")
	}
	if a.Task, err = s.Task(ctx, id.ID(task)); err != nil {
		return nil, err
	}
	stands, err := s.Tickets.Standings(ctx, []id.ID{a.contact})
	if err != nil {
		return nil, err
	}
	stand, known := stands[a.contact]
	if !known || stand.Erased {
		return nil, fault.New(fault.NotFound, "web.error.not_found")
	}
	a.contact = stand.Living
	who, err := s.Tickets.Contact(ctx, a.contact)
	if err != nil {
		return nil, err
	}
	ticket, err := s.Tickets.Ticket(ctx, a.ticket)
	if err != nil {
		return nil, err
	}
	shop, err := s.Tickets.Shop(ctx)
	a.Language, a.Number = language(who.Locale, shop.Locale), ticket.Number
	return a, err
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Answer keeps what she says; the last word counts. That it is still the same is said in her ticket as well, once, so that it
// waits for somebody. Errors: NotFound, Invalid (field answer), and those of tickets.Receive.
func (s *Service) Answer(ctx context.Context, token string, reply Reply) error {
	if reply != Fixed && reply != Still {
		return fault.InvalidField("answer", "invalid", "telling.error.answer", nil)
	}
	a, err := s.Asked(ctx, token)
	if err != nil || a.Answer == reply {
		return err
	}
	note := func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE telling_people SET answer = ?, answered_at = ? WHERE id = ?`, string(reply), s.Now().UnixMilli(), int64(a.row)).Error
	}
	if reply == Fixed {
		return s.Store.Write(ctx, note)
	}
	t, err := s.Tickets.Ticket(ctx, a.ticket)
	if err != nil {
		return err
	}
	in := tickets.Inbound{
		InboxID: t.InboxID, SourceID: "told:" + a.row.String(), ContactID: a.contact, Body: s.Text(a.Language, "telling.still_said", nil),
		Also: func(tx *gorm.DB, _ tickets.Received) error { return note(tx) },
	}
	if t.Channel != tickets.ChannelChat { // a chat has one open ticket, where she goes on
		in.TicketID = t.ID
	}
	got, err := s.Tickets.Receive(ctx, in)
	if err == nil && got.Duplicate { // she had said so before, and something else since
		return s.Store.Write(ctx, note)
	}
	return err
}

// Answers tells how many of those who were told of a task have said that it is fixed for them, and that it is still the same.
func (s *Service) Answers(ctx context.Context, task id.ID) (fixed, still int, err error) {
	rows, err := s.Store.Read(ctx).Raw(`SELECT answer, COUNT(*) FROM telling_people WHERE task_id = ? AND answer <> '' GROUP BY answer`, int64(task)).Rows()
	if err != nil {
		return 0, 0, err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var answer Reply
		var n int
		if err := rows.Scan((*string)(&answer), &n); err != nil {
			return 0, 0, err
		}
		if answer == Fixed {
			fixed = n
		} else {
			still = n
		}
	}
	return fixed, still, rows.Err()
}

// Missed tells why people were not told when their turn came.
func (s *Service) Missed(ctx context.Context, round id.ID) (map[Reason]int, error) {
	rows, err := s.Store.Read(ctx).Raw(`SELECT reason, COUNT(*) FROM telling_people WHERE telling_id = ? AND state = 'missed' GROUP BY reason`, int64(round)).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	out := map[Reason]int{}
	for rows.Next() {
		var why Reason
		var n int
		if err := rows.Scan((*string)(&why), &n); err != nil {
			return nil, err
		}
		out[why] = n
	}
	return out, rows.Err()
}
