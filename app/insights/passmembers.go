package insights

import (
	"context"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"huiyin/app/insights/worker"
	"huiyin/tickets/id"
)

// groupsAtOnce are made in one transaction.
const groupsAtOnce = 20

// moveRows texts are moved in one transaction of a pass, which has time: the chat writes in between.
const moveRows = 10

// makeGroups makes rows for fine groups and groups that are new.
func (p *passing) makeGroups(ctx context.Context) error {
	named := map[int]*worker.Described{}
	for i := range p.result.Groups {
		named[p.result.Groups[i].Number] = &p.result.Groups[i]
	}
	var fresh []*worker.Fine
	for i := range p.result.Fines {
		f := &p.result.Fines[i]
		was := f.Was
		if f.Number < 0 {
			was = f.Number
		}
		switch known := p.load.fines.of(was); {
		case known != nil:
			p.fine[f.Number] = known
		case f.Number > 0:
			fresh = append(fresh, f)
		}
	}
	for some := range slices.Chunk(fresh, groupsAtOnce) {
		var fine map[int]*Group
		var own map[int]id.ID
		err := p.inPieces(ctx, 1, 1, func(tx *gorm.DB, _, _ int) (err error) {
			fine, own, err = p.makeSome(tx, some, named)
			return err
		})
		if err != nil {
			return err
		}
		maps.Copy(p.fine, fine)
		p.own = own
	}
	return nil
}

// makeSome makes some fine groups, and the groups that are new with them.
func (p *passing) makeSome(tx *gorm.DB, some []*worker.Fine, named map[int]*worker.Described) (fine map[int]*Group, own map[int]id.ID, err error) {
	fine, own = map[int]*Group{}, maps.Clone(p.own)
	for _, f := range some {
		parent, err := p.parent(tx, own, f, named)
		if err != nil {
			return nil, nil, err
		}
		row := &Group{ID: p.s.IDs.Next(), Level: LevelFine, ParentID: &parent, Name: f.Name, Terms: f.Terms, State: Open}
		if err := p.s.insertGroup(tx, row); err != nil {
			return nil, nil, err
		}
		fine[f.Number] = row
	}
	return fine, own, nil
}

// parent gives the group of a new fine group: one that is there, wherever it was merged to meanwhile, or a new one.
func (p *passing) parent(tx *gorm.DB, own map[int]id.ID, f *worker.Fine, named map[int]*worker.Described) (id.ID, error) {
	if known, made := own[f.Group]; made {
		g, err := p.s.groupTx(tx, known)
		if err != nil {
			return 0, err
		}
		return g.ID, nil
	}
	row := &Group{ID: p.s.IDs.Next(), Level: LevelGroup, State: Open, Name: f.Name, Terms: f.Terms}
	if d := named[f.Group]; d != nil {
		row.Name, row.Terms = d.Name, d.Terms
	}
	own[f.Group] = row.ID
	return row.ID, p.s.insertGroup(tx, row)
}

// moveVoices writes where texts belong, of those that have moved or that nobody had looked at.
func (p *passing) moveVoices(ctx context.Context) error {
	var moved []int
	for i, m := range p.result.Members {
		row := &p.load.rows[i]
		to := id.ID(0)
		if f := p.rowOf(m.Fine); f != nil {
			to = f.ID
		}
		if row.unseen || to != row.fine {
			moved = append(moved, i)
		}
	}
	return p.inPieces(ctx, len(moved), moveRows, func(tx *gorm.DB, from, to int) error {
		return p.moveSome(tx, moved[from:to])
	})
}

// rowOf is the row of a fine group that the worker names; nil: none.
func (p *passing) rowOf(number int) *Group {
	if number == 0 {
		return nil
	}
	if f := p.fine[number]; f != nil {
		return f
	}
	if number < 0 {
		return p.load.fines.of(number)
	}
	if p.run.Kind != worker.Cold {
		return p.load.fines.of(number)
	}
	return nil
}

func (p *passing) moveSome(tx *gorm.DB, some []int) error {
	wanted := map[id.ID]int{}
	voices := make([]id.ID, len(some))
	for n, i := range some {
		voices[n] = p.load.rows[i].voice
		wanted[voices[n]] = i
	}
	rows, err := voicesWhere(tx, ` WHERE v.id IN ?`, int64s(voices))
	if err != nil {
		return err
	}
	to := map[id.ID]target{}
	for i := range rows {
		m := p.result.Members[wanted[rows[i].id]]
		if f := p.rowOf(m.Fine); f != nil {
			to[rows[i].id] = target{f.ID, scoreOf(m)}
		} else {
			to[rows[i].id] = target{0, scoreOf(m)}
		}
	}
	return p.s.assignTx(tx, rows, to)
}

// target is where a clause belongs.
type target struct {
	fine  id.ID
	score float64
}

// assignTx puts clauses into fine groups and those into the groups that hold them at this moment. What a person has put somewhere
// stays there, but counts as looked at.
func (s *Service) assignTx(tx *gorm.DB, rows []voice, to map[id.ID]target) error {
	fines := map[id.ID]id.ID{0: 0}
	var of, wanted []id.ID
	for i := range rows {
		of = append(of, rows[i].subject)
		wanted = append(wanted, to[rows[i].id].fine)
	}
	list, err := s.groups(tx, ` WHERE g.id IN ?`, int64s(unique(wanted)))
	if err != nil {
		return err
	}
	for i := range list {
		fines[list[i].ID] = orZero(list[i].ParentID)
	}
	all, err := takeSubjects(tx, of)
	if err != nil {
		return err
	}
	newest, oldest := map[id.ID]int64{}, map[id.ID]int64{}
	err = all.each(func(v *voice) bool {
		t, mine := to[v.id]
		if !mine {
			return false
		}
		v.score = t.score
		if v.fixed {
			return true
		}
		v.fine, v.group = t.fine, fines[t.fine]
		if t.fine != 0 {
			newest[t.fine] = max(newest[t.fine], v.at)
			if oldest[t.fine] == 0 || v.at < oldest[t.fine] {
				oldest[t.fine] = v.at
			}
		}
		return true
	})
	if err != nil {
		return err
	}
	if err := all.done(); err != nil {
		return err
	}
	for _, fine := range slices.Sorted(maps.Keys(newest)) {
		if err := tx.Exec(`UPDATE insight_groups SET last_at = CASE WHEN last_at IS NULL OR last_at < ? THEN ? ELSE last_at END,
 first_at = CASE WHEN first_at IS NULL OR first_at > ? THEN ? ELSE first_at END, state = CASE WHEN state = 'gone' THEN 'open' ELSE state END WHERE id IN ?`,
			newest[fine], newest[fine], oldest[fine], oldest[fine], []int64{int64(fine), int64(fines[fine])}).Error; err != nil {
			return err
		}
	}
	return nil
}

// takeModel lets the new model hold: its file, the numbers of its fine groups and that the run is done are one step. What came
// meanwhile, by the model of before, is asked for anew.
func (p *passing) takeModel(ctx context.Context) (err error) {
	if p.model, err = p.s.putModel(ctx, p.result.Model); err != nil {
		return err
	}
	err = p.s.write(ctx, func(tx *gorm.DB) error {
		if err := p.goesOn(tx); err != nil {
			return err
		}
		if p.run.Kind == worker.Cold {
			if err := tx.Exec(`UPDATE insight_groups SET engine = NULL WHERE level = 'fine' AND engine IS NOT NULL`).Error; err != nil {
				return err
			}
		}
		for _, number := range slices.Sorted(maps.Keys(p.fine)) {
			if number > 0 {
				if err := tx.Exec(`UPDATE insight_groups SET engine = ? WHERE id = ?`, number, int64(p.fine[number].ID)).Error; err != nil {
					return err
				}
			}
		}
		if err := tx.Exec(`UPDATE insight_runs SET state = 'done', kind = ?, reason = ?, texts = ?, moved = ?, model = ? WHERE id = ?`,
			string(p.run.Kind), p.run.Reason, p.run.Texts, p.run.Moved, p.model, int64(p.run.ID)).Error; err != nil {
			return err
		}
		return p.s.queue(tx, Assigning{})
	})
	if err != nil {
		return err
	}
	p.run.State, p.run.model = RunDone, p.model
	return nil
}

// end notes that nothing of the pass is left to do.
func (p *passing) end(ctx context.Context) error {
	ended := time.UnixMilli(p.s.Now().UnixMilli())
	p.run.EndedAt = &ended
	return p.s.write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE insight_runs SET ended_at = ? WHERE id = ?`, ended.UnixMilli(), int64(p.run.ID)).Error
	})
}
