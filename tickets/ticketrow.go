package tickets

import (
	"database/sql"
	"errors"
)

// The row of a ticket: its columns in one order for reading, inserting and changing.
const (
	ticketColumns = `t.id, t.number, t.inbox_id, t.channel, t.contact_id, t.key_id, t.status, t.priority, ` +
		`t.assignee_id, t.team_id, t.subject, t.order_no, t.order_hash, t.order_last, t.order_verified, ` +
		`t.page_url, t.page_title, t.preview, t.last_pos, t.last_seq, t.last_contact_pos, t.last_reply_pos, ` +
		`t.contact_read, t.agent_read, t.waiting_since, t.snoozed_until, t.merged_into, t.previous_id, ` +
		`t.first_replied_at, t.solved_at, t.closed_at, t.last_message_at, t.created_at, t.updated_at, t.emptied_at, ` +
		`t.first_reply_due_at, t.overdue_at`

	selectTicket = `SELECT ` + ticketColumns + ` FROM tickets t`

	insertTicket = `INSERT INTO tickets (id, number, inbox_id, channel, contact_id, key_id, status, priority,
 assignee_id, team_id, subject, order_no, order_hash, order_last, order_verified, page_url, page_title, preview,
 last_pos, last_seq, last_contact_pos, last_reply_pos, contact_read, agent_read, waiting_since, snoozed_until,
 merged_into, previous_id, first_replied_at, solved_at, closed_at, last_message_at, created_at, updated_at,
 first_reply_due_at)
 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
 ON CONFLICT (inbox_id, contact_id) WHERE channel = 'chat' AND status IN ('new','open','pending') DO NOTHING`

	// A message that moves nothing: fewer indexes to touch than saveTicket has.
	saveMessageMarks = `UPDATE tickets SET preview = ?, last_pos = ?, last_seq = ?, last_contact_pos = ?,
 last_reply_pos = ?, agent_read = ?, last_message_at = ?, updated_at = ? WHERE id = ?`

	saveTicket = `UPDATE tickets SET status = ?, priority = ?, assignee_id = ?, team_id = ?, subject = ?, order_no = ?,
 order_hash = ?, order_last = ?, order_verified = ?, page_url = ?, page_title = ?, preview = ?, last_pos = ?,
 last_seq = ?, last_contact_pos = ?, last_reply_pos = ?, agent_read = ?, waiting_since = ?, snoozed_until = ?,
 first_replied_at = ?, solved_at = ?, closed_at = ?, last_message_at = ?, updated_at = ?, emptied_at = ?, overdue_at = ? WHERE id = ?`
)

// scanned gives where the columns of ticketColumns go.
func (t *Ticket) scanned() []any {
	return []any{
		(*int64)(&t.ID), &t.Number, (*int64)(&t.InboxID), (*string)(&t.Channel), (*int64)(&t.ContactID), (*int64)(&t.KeyID),
		(*string)(&t.Status), (*string)(&t.Priority), &t.AssigneeID, &t.TeamID, &t.SubjectSealed, &t.OrderSealed,
		&t.OrderHash, &t.OrderLast, &t.OrderVerified, &t.PageURLSealed, &t.PageTitleSealed, &t.PreviewSealed,
		&t.LastPos, &t.LastSeq, &t.LastContactPos, &t.LastReplyPos, &t.ContactRead, &t.AgentRead, &t.WaitingSince,
		&t.SnoozedUntil, &t.MergedInto, &t.PreviousID, &t.FirstRepliedAt, &t.SolvedAt, &t.ClosedAt, &t.LastMessageAt,
		&t.CreatedAt, &t.UpdatedAt, &t.EmptiedAt, &t.FirstReplyDueAt, &t.OverdueAt,
	}
}

// ticket reads one ticket, still sealed; nil when there is none.
func (c conn) ticket(query string, args ...any) (*Ticket, error) {
	t := &Ticket{}
	err := c.row(query, args...).Scan(t.scanned()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// tickets reads many, still sealed.
func (c conn) tickets(query string, args ...any) ([]Ticket, error) {
	var out []Ticket
	err := c.each(func(scan func(...any) error) error {
		out = append(out, Ticket{})
		return scan(out[len(out)-1].scanned()...)
	}, query, args...)
	return out, err
}

// insertTicket adds the row; false says that the contact has an open chat ticket in this inbox already.
func (c conn) insertTicket(t *Ticket) (bool, error) {
	n, err := c.exec(insertTicket, t.ID, t.Number, t.InboxID, t.Channel, t.ContactID, t.KeyID, t.Status, t.Priority,
		t.AssigneeID, t.TeamID, t.SubjectSealed, t.OrderSealed, t.OrderHash, t.OrderLast, t.OrderVerified,
		t.PageURLSealed, t.PageTitleSealed, t.PreviewSealed, t.LastPos, t.LastSeq, t.LastContactPos, t.LastReplyPos,
		t.ContactRead, t.AgentRead, t.WaitingSince, t.SnoozedUntil, t.MergedInto, t.PreviousID, t.FirstRepliedAt,
		t.SolvedAt, t.ClosedAt, t.LastMessageAt, t.CreatedAt, t.UpdatedAt, t.FirstReplyDueAt)
	return n == 1, err
}

// saveTicket writes the changed row. was is the row as it was read.
func (c conn) saveTicket(was, t *Ticket) error {
	var err error
	if onlyMarks(was, t) {
		_, err = c.exec(saveMessageMarks, t.PreviewSealed, t.LastPos, t.LastSeq, t.LastContactPos, t.LastReplyPos,
			t.AgentRead, t.LastMessageAt, t.UpdatedAt, int64(t.ID))
		return err
	}
	_, err = c.exec(saveTicket, t.Status, t.Priority, t.AssigneeID, t.TeamID, t.SubjectSealed, t.OrderSealed,
		t.OrderHash, t.OrderLast, t.OrderVerified, t.PageURLSealed, t.PageTitleSealed, t.PreviewSealed, t.LastPos,
		t.LastSeq, t.LastContactPos, t.LastReplyPos, t.AgentRead, t.WaitingSince, t.SnoozedUntil, t.FirstRepliedAt,
		t.SolvedAt, t.ClosedAt, t.LastMessageAt, t.UpdatedAt, t.EmptiedAt, t.OverdueAt, int64(t.ID))
	return err
}

// onlyMarks tells that nothing changed but what every message changes. Sealed values are compared by their plain form.
func onlyMarks(a, b *Ticket) bool {
	return a.Status == b.Status && a.Priority == b.Priority && same(a.AssigneeID, b.AssigneeID) && same(a.TeamID, b.TeamID) &&
		a.Subject == b.Subject && a.Order == b.Order && a.OrderVerified == b.OrderVerified &&
		a.PageURL == b.PageURL && a.PageTitle == b.PageTitle && same(a.WaitingSince, b.WaitingSince) &&
		same(a.SnoozedUntil, b.SnoozedUntil) && same(a.FirstRepliedAt, b.FirstRepliedAt) && same(a.OverdueAt, b.OverdueAt) &&
		same(a.SolvedAt, b.SolvedAt) && same(a.ClosedAt, b.ClosedAt) && same(a.EmptiedAt, b.EmptiedAt)
}

func same[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// openTicket fills the plain fields from the sealed ones. Of an erased person they stay empty.
func (s *Service) openTicket(c conn, t *Ticket) error {
	for _, f := range []struct {
		column string
		sealed []byte
		plain  *string
	}{
		{"subject", t.SubjectSealed, &t.Subject}, {"order_no", t.OrderSealed, &t.Order},
		{"page_url", t.PageURLSealed, &t.PageURL}, {"page_title", t.PageTitleSealed, &t.PageTitle},
		{"preview", t.PreviewSealed, &t.Preview},
	} {
		var err error
		if *f.plain, err = s.open(c, "tickets", f.column, t.ID, f.sealed); err != nil {
			return err
		}
	}
	return nil
}
