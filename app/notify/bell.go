package notify

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// UnreadMost is how far unread notifications are counted: beyond it the exact number helps nobody.
const UnreadMost = 100

// Notification is a line of an agent's bell.
type Notification struct {
	ID     id.ID
	Kind   Kind
	Ticket id.ID // 0: none
	Number int64 // of the ticket, or the improvement task
	Alert  *Standing
	At     int64
	Read   bool
}

// Unread tells how many notifications an agent has not read, up to UnreadMost.
func (s *Service) Unread(ctx context.Context, agent id.ID) (n int, err error) {
	err = s.Store.Read(ctx).Raw(`SELECT COUNT(*) FROM (SELECT 1 FROM notifications WHERE agent_id = ? AND read_at IS NULL LIMIT ?) x`, int64(agent), UnreadMost).Row().Scan(&n)
	return n, err
}

// Place is where a page of an agent's bell goes on: after the last line of the one before. The zero value is the start.
type Place struct {
	At int64
	ID id.ID
}

// Bell gives an agent's notifications, the newest first, and where the next page begins; nil when there is none.
func (s *Service) Bell(ctx context.Context, agent id.ID, after Place, limit int) (list []Notification, next *Place, err error) {
	query, args := `SELECT id, kind, subject_id, COALESCE(ticket_id, 0), at, read_at FROM notifications WHERE agent_id = ?`, []any{int64(agent)}
	if after != (Place{}) {
		query, args = query+` AND (at, id) < (?, ?)`, append(args, after.At, int64(after.ID))
	}
	rows, err := s.Store.Read(ctx).Raw(query+` ORDER BY at DESC, id DESC LIMIT ?`, append(args, limit+1)...).Rows()
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var subjects []id.ID
	for rows.Next() {
		var one Notification
		var subject id.ID
		var read *int64
		if err := rows.Scan((*int64)(&one.ID), (*string)(&one.Kind), (*int64)(&subject), (*int64)(&one.Ticket), &one.At, &read); err != nil {
			return nil, nil, err
		}
		one.Read = read != nil
		list, subjects = append(list, one), append(subjects, subject)
	}
	if err := rows.Err(); err != nil {
		return nil, nil, err
	}
	if len(list) > limit {
		list, subjects = list[:limit], subjects[:limit]
		next = &Place{list[limit-1].At, list[limit-1].ID}
	}
	return list, next, s.fill(ctx, list, subjects)
}

// fill adds the tickets' numbers and what the alerts say.
func (s *Service) fill(ctx context.Context, list []Notification, subjects []id.ID) error {
	var ids []id.ID
	for i := range list {
		if list[i].Ticket != 0 && !slices.Contains(ids, list[i].Ticket) {
			ids = append(ids, list[i].Ticket)
		}
	}
	about, err := s.Tickets.Situations(ctx, ids)
	if err != nil {
		return err
	}
	numbers := map[id.ID]int64{}
	for i := range about {
		numbers[about[i].Ticket] = about[i].Number
	}
	for i := range list {
		list[i].Number = numbers[list[i].Ticket]
		if list[i].Kind == Task {
			if list[i].Number, err = s.TaskNumber(ctx, subjects[i]); err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
		}
		if list[i].Kind == Alert {
			if list[i].Alert, err = s.alert(ctx, subjects[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// ReadAll marks all of an agent's notifications as read.
func (s *Service) ReadAll(ctx context.Context, agent id.ID) error {
	for {
		var n int64
		err := s.Store.Write(ctx, func(tx *gorm.DB) error {
			done := tx.Exec(`UPDATE notifications SET read_at = ? WHERE id IN (SELECT id FROM notifications WHERE agent_id = ? AND read_at IS NULL LIMIT ?)`,
				tickets.Millis(s.Now()), int64(agent), rowsAtOnce)
			n = done.RowsAffected
			return done.Error
		})
		if err != nil {
			return err
		}
		if n < rowsAtOnce {
			return s.recount(ctx, []id.ID{agent})
		}
	}
}

// ReadTicket marks an agent's notifications of a ticket as read: she has it before her eyes.
func (s *Service) ReadTicket(ctx context.Context, agent, ticket id.ID) error {
	return s.read(ctx, `subject_id = ? AND agent_id = ?`, agent, int64(ticket), int64(agent))
}

// ReadOne marks one of an agent's notifications as read; another's, and one that is not there, stay as they are.
func (s *Service) ReadOne(ctx context.Context, agent, notification id.ID) error {
	return s.read(ctx, `id = ? AND agent_id = ?`, agent, int64(notification), int64(agent))
}

func (s *Service) read(ctx context.Context, where string, agent id.ID, args ...any) error {
	var some int
	err := s.Store.Read(ctx).Raw(`SELECT COUNT(*) FROM notifications WHERE `+where+` AND read_at IS NULL`, args...).Row().Scan(&some)
	if some == 0 || err != nil {
		return err // most looks at a ticket read nothing; those never reach the writer
	}
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE notifications SET read_at = ? WHERE `+where+` AND read_at IS NULL`, append([]any{tickets.Millis(s.Now())}, args...)...).Error
	})
	if err != nil {
		return err
	}
	return s.recount(ctx, []id.ID{agent})
}
