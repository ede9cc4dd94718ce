package notify

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// rowsAtOnce is how much a transaction writes: more would hold up the chat.
const rowsAtOnce = 100

// mailAfter is how long an agent has to see a notification before a mail tells her; what is urgent is told at once.
const mailAfter = 5 * time.Minute

func urgent(k Kind) bool { return k == Unanswered || k == Alert }

// write writes what a round came to, in parts, and tells the screens.
func (r *round) write(ctx context.Context) error {
	ended := map[id.ID]bool{}
	for part := range slices.Chunk(r.spent, rowsAtOnce) {
		var who []id.ID
		err := r.s.Store.Write(ctx, func(tx *gorm.DB) (err error) {
			who, err = r.s.end(tx, part)
			return err
		})
		if err != nil {
			return fmt.Errorf("end notifications: %w", err)
		}
		for _, one := range who {
			ended[one] = true
		}
	}
	if err := r.writeWaits(ctx); err != nil {
		return fmt.Errorf("note who waits: %w", err)
	}
	if err := r.writeNotes(ctx); err != nil {
		return fmt.Errorf("write notifications: %w", err)
	}
	for key := range r.notes {
		delete(ended, key.who)
	}
	return r.s.recount(ctx, slices.Collect(maps.Keys(ended)))
}

func (r *round) writeNotes(ctx context.Context) error {
	for key, n := range r.notes {
		if n.who.Wants(key.kind, Mail) {
			r.queue(send{agent: key.who, kind: key.kind, subject: key.subject, ticket: ticketOf(n.ticket), due: r.mailDue(n)})
		}
	}
	notes := slices.Collect(maps.Values(r.notes))
	slices.SortFunc(notes, func(a, b note) int { return cmp.Compare(a.n, b.n) })
	for part := range slices.Chunk(notes, rowsAtOnce) {
		var fresh []note
		err := r.s.Store.Write(ctx, func(tx *gorm.DB) error {
			fresh = fresh[:0]
			for _, n := range part {
				told, err := r.s.put(tx, n)
				if err != nil {
					return err
				}
				if told {
					fresh = append(fresh, n)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := r.show(ctx, fresh); err != nil {
			return err
		}
	}
	return r.writeSends(ctx)
}

func (r *round) mailDue(n note) time.Time {
	at := r.s.Now()
	if !urgent(n.kind) {
		at = at.Add(mailAfter)
	}
	if n.kind == Alert {
		return at
	}
	return at.Add(n.who.quiet)
}

func ticketOf(t *tickets.Situation) id.ID {
	if t == nil {
		return 0
	}
	return t.Ticket
}

// put writes a notification; false when it tells nothing new: an event that was dealt with before.
func (s *Service) put(tx *gorm.DB, n note) (bool, error) {
	who, kind, subject := int64(n.who.ID), string(n.kind), int64(n.subject)
	done := tx.Exec(`UPDATE notifications SET n = ?, at = ? WHERE agent_id = ? AND kind = ? AND subject_id = ? AND read_at IS NULL AND n < ?`, n.n, n.at, who, kind, subject, n.n)
	if done.Error != nil || done.RowsAffected > 0 {
		return done.RowsAffected > 0, done.Error
	}
	var ticket any
	if n.ticket != nil {
		ticket = int64(n.ticket.Ticket)
	}
	done = tx.Exec(`INSERT INTO notifications (id, agent_id, kind, subject_id, ticket_id, n, at)
 SELECT CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT) WHERE NOT EXISTS (
 SELECT 1 FROM notifications x WHERE x.subject_id = ? AND x.agent_id = ? AND x.kind = ? AND x.n >= ?) ON CONFLICT DO NOTHING`,
		int64(s.IDs.Next()), who, kind, subject, ticket, n.n, n.at, subject, who, kind, n.n)
	return done.RowsAffected > 0, done.Error
}

// end reads notifications that have nothing to say any more and tells whose they were.
func (s *Service) end(tx *gorm.DB, list []spent) (who []id.ID, err error) {
	now := tickets.Millis(s.Now())
	for _, one := range list {
		kinds := make([]string, len(one.kinds))
		for i, k := range one.kinds {
			kinds[i] = string(k)
		}
		var ids []int64
		if err := tx.Raw(`UPDATE notifications SET read_at = ? WHERE subject_id = ? AND kind IN ? AND read_at IS NULL RETURNING agent_id`, now, int64(one.subject), kinds).Scan(&ids).Error; err != nil {
			return nil, err
		}
		for _, a := range ids {
			who = append(who, id.ID(a))
		}
	}
	return who, nil
}

// show tells the screens of those who have something new.
func (r *round) show(ctx context.Context, notes []note) error {
	unread := map[id.ID]int{}
	for _, n := range notes {
		if _, known := unread[n.who.ID]; known {
			continue
		}
		count, err := r.s.Unread(ctx, n.who.ID)
		if err != nil {
			return err
		}
		unread[n.who.ID] = count
	}
	for _, n := range notes {
		calm := n.who.quiet > 0 && n.kind != Alert
		away := n.who.Availability != "online" && n.kind == Waiting
		out := Notice{
			Agent: n.who.ID, Kind: n.kind, Unread: unread[n.who.ID], At: n.at,
			Sound: n.who.Wants(n.kind, Sound) && !calm && !away, Desktop: n.who.Wants(n.kind, Desktop) && !calm && !away,
		}
		if out.Number = n.number; n.ticket != nil {
			out.Ticket, out.Number = n.ticket.Ticket, n.ticket.Number
		}
		r.s.Tell(out)
	}
	return nil
}

// recount tells agents' screens how much they have not read.
func (s *Service) recount(ctx context.Context, agents []id.ID) error {
	for _, one := range agents {
		n, err := s.Unread(ctx, one)
		if err != nil {
			return err
		}
		s.Tell(Notice{Agent: one, Unread: n, At: tickets.Millis(s.Now())})
	}
	return nil
}
