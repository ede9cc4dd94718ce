package notify

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/hours"
	"huiyin/tickets/id"
)

func (r *round) queue(x send) { r.sends[sendKey{x.agent, x.target, x.kind, x.subject}] = x }

// post queues what is to be told to groups.
func (r *round) post(k Kind, subject id.ID, t *tickets.Situation) {
	for i := range r.targets {
		to := &r.targets[i]
		if to.Off || !slices.Contains(to.Kinds, k) {
			continue
		}
		due := r.s.Now()
		if k != Alert {
			due = due.Add(hours.Quiet(to.QuietFrom, to.QuietTo, r.now))
		}
		r.queue(send{target: to.ID, kind: k, subject: subject, ticket: ticketOf(t), due: due})
	}
}

func (r *round) writeSends(ctx context.Context) error {
	sends := slices.Collect(maps.Values(r.sends))
	slices.SortFunc(sends, func(a, b send) int { return cmp.Or(cmp.Compare(a.subject, b.subject), cmp.Compare(a.agent, b.agent)) })
	for part := range slices.Chunk(sends, rowsAtOnce) {
		err := r.s.Store.Write(ctx, func(tx *gorm.DB) error {
			for _, x := range part {
				if err := r.s.putSend(tx, x); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("queue notices: %w", err)
		}
	}
	return nil
}

func (s *Service) putSend(tx *gorm.DB, x send) error {
	now := tickets.Millis(s.Now())
	done := tx.Exec(`INSERT INTO notice_sends (id, agent_id, target_id, kind, subject_id, ticket_id, state, reason, attempts, due_at, created_at)
 VALUES (?, ?, ?, ?, ?, ?, ?, '', 0, ?, ?) ON CONFLICT DO NOTHING`, int64(s.IDs.Next()), orNull(x.agent), orNull(x.target), string(x.kind), int64(x.subject),
		orNull(x.ticket), stateQueued, tickets.Millis(x.due), now)
	if done.Error != nil || done.RowsAffected == 0 {
		return done.Error
	}
	return s.Queue(tx, Out{Agent: x.agent, Target: x.target}, x.due)
}

func orNull(one id.ID) *int64 {
	if one == 0 {
		return nil
	}
	n := int64(one)
	return &n
}

// requeue inserts the jobs of rows that have been due for a while: a job that ended a moment too early, or a crash, has
// left them.
func (s *Service) requeue(ctx context.Context) error {
	list, err := s.left(ctx)
	if len(list) == 0 || err != nil {
		return err
	}
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		for _, o := range list {
			if err := s.Queue(tx, o, s.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

// left are those to whom something has been due for a while.
func (s *Service) left(ctx context.Context) (list []Out, err error) {
	rows, err := s.Store.Read(ctx).Raw(`SELECT DISTINCT COALESCE(agent_id, 0), COALESCE(target_id, 0) FROM notice_sends WHERE state = 'queued' AND due_at <= ? LIMIT ?`,
		tickets.Millis(s.Now().Add(-latelySent)), rowsAtOnce).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var o Out
		if err := rows.Scan((*int64)(&o.Agent), (*int64)(&o.Target)); err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, rows.Err()
}
