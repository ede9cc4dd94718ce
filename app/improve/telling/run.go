package telling

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const (
	// turn is how long a job tells before it comes back.
	turn = 40 * time.Second
	// chatPause lies between two messages: nobody else's waits for them.
	chatPause = 50 * time.Millisecond
	// mailWait is how long a job waits when the mails of an hour are used up.
	mailWait  = time.Minute
	mailShare = 4 // of what mailboxes may send
	rowsMost  = 100
)

// errStopped ends a turn whose telling was stopped meanwhile.
var errStopped = errors.New("telling: stopped")

// Work tells, or goes on where it stopped, for a while. later: after how long there is more to do; 0: it is over.
func (s *Service) Work(ctx context.Context, job Job) (later time.Duration, err error) {
	r, err := s.Round(ctx, job.Telling)
	if fault.Is(err, fault.NotFound) || err == nil && !r.Moving() {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	task, err := s.Task(ctx, r.Task)
	if fault.Is(err, fault.NotFound) {
		return 0, s.end(ctx, r, Done)
	}
	if err != nil {
		return 0, err
	}
	if task.Changed.IsZero() { // it was taken back meanwhile: nobody more is told of it
		return 0, s.end(ctx, r, Stopped)
	}
	if r.State == Gathering {
		if err := s.gather(ctx, r, task); err != nil {
			return 0, over(err)
		}
	}
	for until := time.Now().Add(turn); time.Now().Before(until); {
		wait, more, err := s.next(ctx, r, task)
		if err != nil || !more {
			return 0, over(err)
		}
		if wait >= mailWait {
			return wait, nil
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(wait):
		}
	}
	return time.Millisecond, nil
}

func over(err error) error {
	if errors.Is(err, errStopped) {
		return nil
	}
	return err
}

// gather writes down whom to tell. Broken off, it begins again: who stands there stays.
func (s *Service) gather(ctx context.Context, r *Round, task Task) error {
	list, _, err := s.complainers(ctx, task, time.UnixMilli(r.Before))
	if err != nil {
		return err
	}
	var found []weighed
	if err := s.weigh(ctx, task, time.UnixMilli(r.Since), list, func(w weighed) error {
		if w.reason == "" {
			found = append(found, w)
		}
		return nil
	}); err != nil {
		return err
	}
	for part := range slices.Chunk(found, rowsMost) {
		err := s.step(ctx, r, func(tx *gorm.DB) error {
			var args []any
			for _, w := range part {
				ticket := any(nil)
				if len(w.tickets) > 0 {
					ticket = int64(w.tickets[len(w.tickets)-1])
				}
				args = append(args, int64(s.IDs.Next()), int64(r.ID), int64(r.Task), int64(w.living), ticket)
			}
			return tx.Exec(`INSERT INTO telling_people (id, telling_id, task_id, contact_id, ticket_id, state, reason, way, answer) VALUES `+
				strings.TrimSuffix(strings.Repeat(`(?, ?, ?, ?, ?, 'waiting', '', '', ''), `, len(part)), `, `)+
				` ON CONFLICT (task_id, contact_id) WHERE contact_id IS NOT NULL DO UPDATE SET telling_id = excluded.telling_id, ticket_id = excluded.ticket_id, state = 'waiting', reason = ''
 WHERE telling_people.state <> 'told'`, args...).Error
		})
		if err != nil {
			return err
		}
	}
	r.State = Telling
	return s.step(ctx, r, func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE tellings SET state = ?, people = (SELECT COUNT(*) FROM telling_people WHERE telling_id = ?) WHERE id = ?`, Telling, int64(r.ID), int64(r.ID)).Error
	})
}

// step is a transaction of a telling that is not over.
func (s *Service) step(ctx context.Context, r *Round, fn func(tx *gorm.DB) error) error {
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		if err := s.goesOn(tx, r); err != nil {
			return err
		}
		return fn(tx)
	})
}

// goesOn notes that a job works on the telling; one that is over it stops.
func (s *Service) goesOn(tx *gorm.DB, r *Round) error {
	done := tx.Exec(`UPDATE tellings SET worked_at = ? WHERE id = ? AND ended_at IS NULL`, s.Now().UnixMilli(), int64(r.ID))
	if done.Error == nil && done.RowsAffected == 0 {
		return errStopped
	}
	return done.Error
}

func (s *Service) end(ctx context.Context, r *Round, state string) error {
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE tellings SET state = ?, ended_at = ? WHERE id = ? AND ended_at IS NULL`, state, s.Now().UnixMilli(), int64(r.ID)).Error
	})
}

// person is a row of telling_people whose turn it is.
type person struct {
	id, contact, ticket id.ID
}

// next tells one person more. wait: how long to wait before the one after her; mailWait: she has to wait herself.
func (s *Service) next(ctx context.Context, r *Round, task Task) (wait time.Duration, more bool, err error) {
	p, err := s.nextOf(ctx, r)
	if err != nil {
		return 0, false, err
	}
	if p == nil {
		return 0, false, s.end(ctx, r, Done)
	}
	stands, err := s.Tickets.Standings(ctx, []id.ID{p.contact})
	if err != nil {
		return 0, false, err
	}
	one, reason := &complainer{contact: p.contact, last: time.UnixMilli(r.Before)}, Reason("")
	if p.ticket != 0 {
		one.tickets = []id.ID{p.ticket}
	}
	err = s.weigh(ctx, task, time.UnixMilli(r.Since), []*complainer{one}, func(w weighed) error {
		reason = w.reason
		return nil
	})
	if err != nil {
		return 0, false, err
	}
	if reason != "" {
		return 0, true, s.miss(ctx, r, p, reason)
	}
	way, err := s.reach(ctx, stands[p.contact].Living, one.tickets)
	switch {
	case err != nil:
		return 0, false, err
	case way == nil:
		return 0, true, s.miss(ctx, r, p, NoWay)
	case r.Texts[way.language] == "":
		return 0, true, s.miss(ctx, r, p, NoLanguage)
	}
	if way.way == ByMail {
		if full, err := s.mailsUsedUp(ctx); full || err != nil {
			return mailWait, true, errors.Join(err, s.step(ctx, r, func(*gorm.DB) error { return nil }))
		}
	}
	return chatPause, true, s.tell(ctx, r, p, way)
}

func (s *Service) nextOf(ctx context.Context, r *Round) (*person, error) {
	rows, err := s.Store.Read(ctx).Raw(`SELECT id, contact_id, COALESCE(ticket_id, 0) FROM telling_people WHERE telling_id = ? AND state = 'waiting' AND contact_id IS NOT NULL ORDER BY id LIMIT 1`, int64(r.ID)).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var p *person
	for rows.Next() {
		p = &person{}
		if err := rows.Scan((*int64)(&p.id), (*int64)(&p.contact), (*int64)(&p.ticket)); err != nil {
			return nil, err
		}
	}
	return p, rows.Err()
}

func (s *Service) miss(ctx context.Context, r *Round, p *person, why Reason) error {
	return s.step(ctx, r, func(tx *gorm.DB) error {
		done := tx.Exec(`UPDATE telling_people SET state = 'missed', reason = ? WHERE id = ? AND state = 'waiting'`, string(why), int64(p.id))
		if done.Error != nil || done.RowsAffected == 0 { // she has turned out to be somebody else, or another job was here
			return done.Error
		}
		return tx.Exec(`UPDATE tellings SET missed = missed + 1 WHERE id = ?`, int64(r.ID)).Error
	})
}

// mailsUsedUp tells whether tellings have sent what they may in an hour.
func (s *Service) mailsUsedUp(ctx context.Context) (bool, error) {
	most, err := s.MailsAnHour(ctx)
	if err != nil {
		return false, err
	}
	var n int
	err = s.Store.Read(ctx).Raw(`SELECT COUNT(*) FROM telling_people WHERE way = 'mail' AND told_at > ?`, s.Now().Add(-time.Hour).UnixMilli()).Row().Scan(&n)
	return n >= max(1, most/mailShare), err
}

// tell writes to a person. The message and the row that says so are one transaction: she is told once.
func (s *Service) tell(ctx context.Context, r *Round, p *person, way *reach) error {
	body, token, err := s.message(ctx, r, way)
	if err != nil {
		return err
	}
	_, err = s.Tickets.Post(ctx, tickets.Actor{Kind: tickets.ActorSystem}, tickets.Outgoing{
		TicketID: way.ticket.ID, Kind: tickets.KindReply, ClientID: "told:" + p.id.String(), Body: body,
		Also: func(tx *gorm.DB, posted tickets.Posted) error {
			if err := s.goesOn(tx, r); err != nil {
				return err
			}
			done := tx.Exec(`UPDATE telling_people SET state = 'told', way = ?, ticket_id = ?, token_hash = ?, told_at = ? WHERE id = ? AND state = 'waiting'`,
				string(way.way), int64(way.ticket.ID), s.tokenHash(token), s.Now().UnixMilli(), int64(p.id))
			if done.Error == nil && done.RowsAffected == 0 {
				return errStopped // another job was here
			}
			if done.Error != nil {
				return done.Error
			}
			if err := tx.Exec(`UPDATE tellings SET told = told + 1 WHERE id = ?`, int64(r.ID)).Error; err != nil {
				return err
			}
			if way.mail != nil {
				return way.mail(tx, posted)
			}
			return nil
		},
	})
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) {
		return s.miss(ctx, r, p, NoWay) // the ticket was closed just now
	}
	return err
}

// message is what a person reads, with the link by which she answers.
func (s *Service) message(ctx context.Context, r *Round, way *reach) (body, token string, err error) {
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		return "", "", err
	}
	box, err := s.Tickets.Inbox(ctx, way.ticket.InboxID)
	if err != nil {
		return "", "", err
	}
	token = strings.ToLower(rand.Text())
	link := s.BaseURL.JoinPath("told", token).String()
	// the desk itself writes: where a text names who does, that is the shop
	body = tickets.FillMacro(r.Texts[way.language], tickets.MacroValues(way.ticket, way.contact, &tickets.Agent{Name: shop.Name}, shop, box))
	return body + "\n\n" + s.Text(way.language, "telling.ask", map[string]any{"link": link}), token, nil
}

const hashToken = "tap.token"

func (s *Service) tokenHash(token string) []byte { return s.Sealer.Hash(hashToken, token) }
