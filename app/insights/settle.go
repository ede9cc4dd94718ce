package insights

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// settleRows are changed in one transaction: more would hold up the chat.
const settleRows = 100

// Settle brings the rows of clauses after their fine groups, where people have moved those to another group, for a while: in small
// transactions with pauses between. more: there is more to do. Killed anywhere, it goes on from there when it is called again.
func (s *Service) Settle(ctx context.Context) (more bool, err error) {
	for until := time.Now().Add(turn); ; {
		list, err := s.groups(s.Store.Read(ctx), ` WHERE g.dirty ORDER BY g.id`)
		if err != nil || len(list) == 0 {
			return false, err
		}
		for i := range list {
			if over, err := s.settleFine(ctx, list[i].ID, until); err != nil || !over {
				return true, err
			}
		}
	}
}

// place of the last row that was looked at.
type voicePlace struct{ at, id int64 }

func (s *Service) settleFine(ctx context.Context, fine id.ID, until time.Time) (over bool, err error) {
	last := voicePlace{at: -1}
	for time.Now().Before(until) {
		began := time.Now()
		var next voicePlace
		err := s.write(ctx, func(tx *gorm.DB) (err error) {
			next, over, err = s.settleSome(tx, fine, last)
			return err
		})
		if err != nil || over {
			return over, err
		}
		last = next
		if err := tickets.Pause(ctx, time.Since(began)); err != nil {
			return false, err
		}
	}
	return false, nil
}

// settleSome moves some rows of a fine group to its group; over: none was left, so that it is clean now.
func (s *Service) settleSome(tx *gorm.DB, fine id.ID, last voicePlace) (next voicePlace, over bool, err error) {
	var parent int64
	if err := tx.Raw(`SELECT COALESCE(g.parent_id, 0) FROM insight_groups g WHERE g.id = ?`, int64(fine)).Row().Scan(&parent); err != nil {
		return next, false, err
	}
	rows, err := voicesWhere(tx, ` WHERE v.complaint AND v.fine_id = ? AND (v.at, v.id) > (?, ?) AND v.group_id <> ? ORDER BY v.at, v.id LIMIT ?`,
		int64(fine), last.at, last.id, parent, settleRows)
	if err != nil {
		return next, false, err
	}
	if len(rows) == 0 && last.at >= 0 {
		// Those before it may have been given to another group while this went on: look from the beginning before it is clean.
		rows, err = voicesWhere(tx, ` WHERE v.complaint AND v.fine_id = ? AND v.group_id <> ? ORDER BY v.at, v.id LIMIT ?`, int64(fine), parent, settleRows)
		if err != nil {
			return next, false, err
		}
	}
	if len(rows) == 0 {
		return next, true, tx.Exec(`UPDATE insight_groups SET dirty = ? WHERE id = ?`, false, int64(fine)).Error
	}
	wanted, of := map[id.ID]bool{}, []id.ID(nil)
	for i := range rows {
		wanted[rows[i].id] = true
		of = append(of, rows[i].subject)
	}
	all, err := takeSubjects(tx, of)
	if err != nil {
		return next, false, err
	}
	err = all.each(func(v *voice) bool {
		if !wanted[v.id] {
			return false
		}
		v.group = id.ID(parent)
		return true
	})
	if err != nil {
		return next, false, err
	}
	clear(all.sizes) // they went with the fine group
	end := rows[len(rows)-1]
	return voicePlace{end.at, int64(end.id)}, false, all.done()
}
