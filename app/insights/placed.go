package insights

import (
	"context"

	"gorm.io/gorm"

	"huiyin/app/insights/grouping"
	"huiyin/app/insights/worker"
	"huiyin/tickets/id"
)

// LearnsFrom is how many texts people must have put into a group before it learns from them.
const LearnsFrom = grouping.FewestConfirmed

// placed counts, by fine group, the clauses that people have put there one by one, those too that nobody can read any more.
func placed(tx *gorm.DB, fines []id.ID) (map[id.ID]int, error) {
	out := map[id.ID]int{}
	if len(fines) == 0 {
		return out, nil
	}
	rows, err := tx.Raw(`SELECT v.fine_id, COUNT(*) FROM insight_voices v WHERE v.complaint AND v.fine_id IN ? AND v.fixed GROUP BY v.fine_id`, int64s(fines)).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var fine int64
		var n int
		if err := rows.Scan(&fine, &n); err != nil {
			return nil, err
		}
		out[id.ID(fine)] = n
	}
	return out, rows.Err()
}

// fillPlaced counts what people have put into the group.
func (s *Service) fillPlaced(ctx context.Context, d *Detail) error {
	var fines []id.ID
	for i := range d.Fines {
		if d.Fines[i].ByHand {
			fines = append(fines, d.Fines[i].ID)
		}
	}
	counts, err := placed(s.Store.Read(ctx), fines)
	for _, n := range counts {
		d.Placed += n
	}
	return err
}

// fillParents tells the worker of which groups fine groups are, and what people have done to them.
func (l *loading) fillParents(tx *gorm.DB, pass *worker.Pass) error {
	pass.Parents, pass.Put = map[int]int{}, map[int]int{}
	var byHand []id.ID // a cold pass may have found that the model has such a one too
	for _, f := range l.fines.byID {
		g := l.groups[*f.ParentID]
		if g == nil {
			continue
		}
		pass.Parents[f.number()] = g.ordinal
		if f.ByHand {
			byHand = append(byHand, f.ID)
		}
		if f.ByHand && f.ofModel() {
			pass.Given = append(pass.Given, f.number())
		}
	}
	counts, err := placed(tx, byHand)
	for fine, n := range counts {
		pass.Put[l.groups[*l.fines.byID[fine].ParentID].ordinal] += n
	}
	return err
}
