package tickets

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// An agent's answer leaves a row in undelivered, one a ticket. Nothing is written when the contact reads it: who looks
// for what is due compares the row with the ticket's marks and deletes it then, so that reading stays cheap. A row that
// was told of stays until the next answer after she has come back: that is one silence.
const (
	expectTaken = `INSERT INTO undelivered (ticket_id, seq, pos, since) VALUES (?, ?, ?, ?)
 ON CONFLICT (ticket_id) DO UPDATE SET seq = excluded.seq, pos = excluded.pos,
 since = CASE WHEN undelivered.seq <= ? OR undelivered.pos < ? THEN excluded.since ELSE undelivered.since END,
 told_at = CASE WHEN undelivered.seq <= ? OR undelivered.pos < ? THEN NULL ELSE undelivered.told_at END`

	undeliveredMost = 100 // in one look
)

// expect notes that the contact has yet to take the agent's answer m, which she got at a place in the timeline. Mails are
// not: whether they arrive is told by mail itself.
func (e *edit) expect(m *Message, pos int64) error {
	t := e.t
	if t.Channel == ChannelEmail || m.Seq == nil {
		return nil
	}
	_, err := e.c.exec(expectTaken, int64(t.ID), *m.Seq, pos, e.at, t.ContactRead, t.LastContactPos, t.ContactRead, t.LastContactPos)
	return err
}

// Due is an answer that its contact has perhaps not taken.
type Due struct {
	Ticket  id.ID
	Contact id.ID
	Since   int64 // Unix ms
}

// DueUndelivered gives the answers that wait since before a moment, the oldest first, at most 100.
func (s *Service) DueUndelivered(ctx context.Context, before time.Time) (out []Due, err error) {
	err = on(s.store.Read(ctx)).each(func(scan func(...any) error) error {
		d := Due{}
		err := scan((*int64)(&d.Ticket), (*int64)(&d.Contact), &d.Since)
		out = append(out, d)
		return err
	}, `SELECT u.ticket_id, t.contact_id, u.since FROM undelivered u JOIN tickets t ON t.id = u.ticket_id
 WHERE u.told_at IS NULL AND u.since <= ? ORDER BY u.since LIMIT ?`, Millis(before), undeliveredMost)
	return out, err
}

// StillHere puts an answer off whose contact is connected: it counts from now.
func (s *Service) StillHere(ctx context.Context, ticket id.ID) error {
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		_, err := on(tx).exec(`UPDATE undelivered SET since = ? WHERE ticket_id = ? AND told_at IS NULL`, Millis(s.now()), int64(ticket))
		return err
	})
}

// TellUndelivered writes the event reply.undelivered for an answer that waits since before a moment and was not taken:
// neither read nor answered. It writes one event a silence, whoever looks and how often; told says whether it did.
func (s *Service) TellUndelivered(ctx context.Context, ticket id.ID, before time.Time) (told bool, err error) {
	err = s.store.Write(ctx, func(tx *gorm.DB) error {
		told, err = s.tellUndelivered(on(tx), ticket, Millis(before))
		return err
	})
	return told && err == nil, err
}

func (s *Service) tellUndelivered(c conn, ticket id.ID, before int64) (bool, error) {
	t, err := s.locked(c, ticket)
	if err != nil {
		return false, err
	}
	var seq, pos, since int64
	err = c.row(`SELECT u.seq, u.pos, u.since FROM undelivered u WHERE u.ticket_id = ? AND u.told_at IS NULL`, int64(ticket)).Scan(&seq, &pos, &since)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && since > before) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if t.ContactRead >= seq || t.LastContactPos > pos || t.Status == StatusSpam {
		_, err := c.exec(`DELETE FROM undelivered WHERE ticket_id = ?`, int64(ticket))
		return false, err
	}
	e := s.begin(c, t, system, Millis(s.now()))
	if _, err := c.exec(`UPDATE undelivered SET told_at = ? WHERE ticket_id = ?`, e.at, int64(ticket)); err != nil {
		return false, err
	}
	e.event(EventUndelivered, 0, `{"seq":`+strconv.FormatInt(seq, 10)+`}`)
	return true, e.save()
}

// StillUndelivered tells whether the contact was told to have missed an answer and has not come back since.
func (s *Service) StillUndelivered(ctx context.Context, ticket id.ID) (bool, error) {
	var one int
	err := on(s.store.Read(ctx)).row(`SELECT 1 FROM undelivered u JOIN tickets t ON t.id = u.ticket_id
 WHERE u.ticket_id = ? AND u.told_at IS NOT NULL AND t.contact_read < u.seq AND t.last_contact_pos < u.pos`, int64(ticket)).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
