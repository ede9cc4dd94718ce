package notify

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

const (
	// LookEvery is how often Look is called: how late an agent may be told of a contact who waits.
	LookEvery = 15 * time.Second
	// repeatsMost is how often a waiting contact is told of again: nobody is there, and a tenth time wakes nobody.
	repeatsMost = 10
	// latelySent is how long a queued row may wait for its job before Look queues the job again.
	latelySent = 30 * time.Second
)

// wait is a row of notice_waits.
type wait struct {
	ticket       id.ID
	since, due   int64
	told         int
	at           *tickets.Situation
	next         int64 // when the desk looks at it again
	drop, silent bool  // it is over; nobody is told this time
}

// writeWaits brings the rows of contacts who wait up to date with the tickets of the round.
func (r *round) writeWaits(ctx context.Context) error {
	var list []*tickets.Situation
	for _, t := range r.about {
		if t.Channel == tickets.ChannelChat {
			list = append(list, t)
		}
	}
	for len(list) > 0 {
		part := list[:min(rowsAtOnce, len(list))]
		list = list[len(part):]
		err := r.s.Store.Write(ctx, func(tx *gorm.DB) error {
			for _, t := range part {
				if err := r.putWait(tx, t); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *round) putWait(tx *gorm.DB, t *tickets.Situation) error {
	if t.Waiting == nil {
		return tx.Exec(`DELETE FROM notice_waits WHERE ticket_id = ?`, int64(t.Ticket)).Error
	}
	next := *t.Waiting + (time.Duration(r.set.UnansweredMinutes) * time.Minute).Milliseconds()
	return tx.Exec(`INSERT INTO notice_waits (ticket_id, since, next_at, told) VALUES (?, ?, ?, 0)
 ON CONFLICT (ticket_id) DO UPDATE SET since = excluded.since, next_at = excluded.next_at, told = 0 WHERE notice_waits.since <> excluded.since`,
		int64(t.Ticket), *t.Waiting, next).Error
}

// Look tells of contacts who have waited too long, writes alerts that could not be written, and queues again what a
// crash left behind. Every node looks; the first one that moves a row's time tells.
func (s *Service) Look(ctx context.Context) error {
	s.retryAlerts(ctx)
	if err := s.requeue(ctx); err != nil {
		return fmt.Errorf("queue what waits to be sent: %w", err)
	}
	due, err := s.dueWaits(ctx)
	if len(due) == 0 || err != nil {
		return err
	}
	c, err := s.crew(ctx)
	if err != nil {
		return err
	}
	set, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	r := &round{crew: c, s: s, set: set, notes: map[noteKey]note{}, sends: map[sendKey]send{}}
	for i := range due {
		if err := r.weigh(ctx, &due[i]); err != nil {
			return fmt.Errorf("ticket %s waits: %w", due[i].ticket, err)
		}
	}
	mine, err := s.claimWaits(ctx, due)
	if err != nil {
		return err
	}
	for i := range mine {
		if err := r.unanswered(ctx, &mine[i]); err != nil {
			return err
		}
	}
	return r.writeNotes(ctx)
}

// dueWaits gives the rows whose time has come, with their tickets.
func (s *Service) dueWaits(ctx context.Context) (list []wait, err error) {
	rows, err := s.Store.Read(ctx).Raw(`SELECT ticket_id, since, next_at, told FROM notice_waits WHERE next_at <= ? ORDER BY next_at LIMIT ?`,
		tickets.Millis(s.Now()), rowsAtOnce).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var ids []id.ID
	for rows.Next() {
		var w wait
		if err := rows.Scan((*int64)(&w.ticket), &w.since, &w.due, &w.told); err != nil {
			return nil, err
		}
		list, ids = append(list, w), append(ids, w.ticket)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	about, err := s.Tickets.Situations(ctx, ids)
	for i := range list {
		for j := range about {
			if about[j].Ticket == list[i].ticket {
				list[i].at = &about[j]
			}
		}
	}
	return list, err
}

// weigh decides what becomes of a row whose time has come. While the inbox is closed nobody is told: the wait begins
// when it opens.
func (r *round) weigh(ctx context.Context, w *wait) error {
	if w.at == nil || w.at.Waiting == nil || w.told > repeatsMost {
		w.drop = true
		return nil
	}
	box, err := r.s.Tickets.Inbox(ctx, w.at.Inbox)
	if err != nil {
		return err
	}
	look, err := r.s.Tickets.Outlook(ctx, box, r.s.There())
	if err != nil {
		return err
	}
	minutes, from := r.set.RepeatMinutes, tickets.Millis(r.s.Now())
	if !look.Open {
		if w.silent = true; look.Opens == nil {
			w.drop = true
			return nil
		}
		minutes, from = r.set.UnansweredMinutes, *look.Opens
	}
	w.next = from + (time.Duration(minutes) * time.Minute).Milliseconds()
	return nil
}

// claimWaits moves the rows' times and gives those that this node has moved.
func (s *Service) claimWaits(ctx context.Context, due []wait) (mine []wait, err error) {
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		mine = mine[:0]
		for _, w := range due {
			if w.drop {
				if err := tx.Exec(`DELETE FROM notice_waits WHERE ticket_id = ? AND since = ? AND next_at = ?`, int64(w.ticket), w.since, w.due).Error; err != nil {
					return err
				}
				continue
			}
			told := w.told
			if !w.silent {
				told++
			}
			done := tx.Exec(`UPDATE notice_waits SET next_at = ?, told = ? WHERE ticket_id = ? AND since = ? AND next_at = ?`, w.next, told, int64(w.ticket), w.since, w.due)
			if done.Error != nil {
				return done.Error
			}
			if done.RowsAffected == 1 && !w.silent {
				mine = append(mine, w)
			}
		}
		return nil
	})
	return mine, err
}

// unanswered tells who answers the ticket, or all who may take it. Told before, only those are told again who have not
// read it; a group as long as nobody has.
func (r *round) unanswered(ctx context.Context, w *wait) error {
	who := []id.ID{}
	if w.at.Assignee != nil && r.people[*w.at.Assignee] != nil {
		who = append(who, *w.at.Assignee)
	} else {
		takers, err := r.takers(ctx, w.at)
		if err != nil {
			return err
		}
		who = append(who, takers...)
	}
	seen := map[id.ID]bool{}
	if w.told > 0 {
		var err error
		if seen, err = r.s.haveRead(ctx, w.ticket, w.since); err != nil {
			return err
		}
	}
	e := tickets.Event{At: tickets.Millis(r.s.Now())}
	e.N = e.At // greater than any before: each telling is a new one
	for _, one := range who {
		if !seen[one] {
			r.tell(one, Unanswered, w.ticket, w.at, &e)
		}
	}
	if len(seen) == 0 {
		r.post(Unanswered, w.ticket, w.at)
	}
	return nil
}

// haveRead are the agents who have read that a ticket waits, since it does.
func (s *Service) haveRead(ctx context.Context, ticket id.ID, since int64) (map[id.ID]bool, error) {
	var ids []int64
	err := s.Store.Read(ctx).Raw(`SELECT agent_id FROM notifications WHERE subject_id = ? AND kind = ? AND read_at >= ?`, int64(ticket), string(Unanswered), since).Scan(&ids).Error
	out := map[id.ID]bool{}
	for _, one := range ids {
		out[id.ID(one)] = true
	}
	return out, err
}
