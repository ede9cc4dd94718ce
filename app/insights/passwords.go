package insights

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/app/insights/worker"
	"huiyin/tickets/id"
)

// nightsToRename is in how many passes in a row the machine must find another name before a group gets it.
const nightsToRename = 3

// nameKept stands in place of the nights of a group that is never named anew.
const nameKept = -1

// KeepNamesTx lets groups keep the names that they have: people speak of them by these now.
func KeepNamesTx(tx *gorm.DB, groups []id.ID) error {
	if len(groups) == 0 {
		return nil
	}
	return tx.Exec(`UPDATE insight_groups SET nights = ? WHERE id IN ?`, nameKept, int64s(groups)).Error
}

// describe gives groups their names, sizes, languages and aspects.
func (p *passing) describe(ctx context.Context) error {
	all, err := p.s.groups(p.s.Store.Read(ctx), ` WHERE g.state IN ('open', 'muted')`)
	if err != nil {
		return err
	}
	extents, err := p.s.extents(ctx)
	if err != nil {
		return err
	}
	found := map[id.ID]*worker.Described{}
	for i := range p.result.Fines {
		if f := p.rowOf(p.result.Fines[i].Number); f != nil {
			found[f.ID] = &p.result.Fines[i].Described
		}
	}
	for i := range p.result.Groups {
		if g, known := p.own[p.result.Groups[i].Number]; known {
			found[g] = &p.result.Groups[i]
		}
	}
	of := p.aboutOf()
	for i := range all {
		if g := &all[i]; g.Level == LevelFine {
			extents[*g.ParentID] = extents[*g.ParentID].with(extents[g.ID])
		}
	}
	return p.s.inPieces(ctx, len(all), settleRows, func(tx *gorm.DB, from, to int) error {
		for i := from; i < to; i++ {
			g := &all[i]
			if err := p.describeOne(tx, g, found[g.ID], of[g.ID], extents[g.ID]); err != nil {
				return err
			}
		}
		return nil
	})
}

// extent is what belongs to a fine group over all time.
type extent struct {
	size        int
	first, last int64
}

func (e *extent) with(o *extent) *extent {
	switch {
	case o == nil:
		return e
	case e == nil:
		return &extent{o.size, o.first, o.last}
	}
	return &extent{e.size + o.size, min(e.first, o.first), max(e.last, o.last)}
}

// extents counts the clauses of all fine groups, from the index alone.
func (s *Service) extents(ctx context.Context) (map[id.ID]*extent, error) {
	rows, err := s.Store.Read(ctx).Raw(`SELECT v.fine_id, COUNT(*), MIN(v.at), MAX(v.at) FROM insight_voices v WHERE v.complaint GROUP BY v.fine_id`).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	out := map[id.ID]*extent{}
	for rows.Next() {
		var fine int64
		e := &extent{}
		if err := rows.Scan(&fine, &e.size, &e.first, &e.last); err != nil {
			return nil, err
		}
		out[id.ID(fine)] = e
	}
	return out, rows.Err()
}

// about is the language and the aspect of a group.
type about struct{ language, aspect string }

// aboutOf sums the languages and aspects of the texts of this pass.
func (p *passing) aboutOf() map[id.ID]about {
	type counts struct {
		all               int
		languages, aspect map[string]int
	}
	sums := map[id.ID]*counts{}
	add := func(g id.ID, r *loaded) {
		c := sums[g]
		if c == nil {
			c = &counts{languages: map[string]int{}, aspect: map[string]int{}}
			sums[g] = c
		}
		c.all++
		c.languages[p.load.words[r.language]]++
		c.aspect[p.load.words[r.aspect]]++
	}
	for i, m := range p.result.Members {
		if f := p.rowOf(m.Fine); f != nil {
			add(f.ID, &p.load.rows[i])
			add(*f.ParentID, &p.load.rows[i])
		}
	}
	out := map[id.ID]about{}
	for g, c := range sums {
		out[g] = about{together(c.languages, c.all), most(c.aspect)}
	}
	return out
}

func (p *passing) describeOne(tx *gorm.DB, g *Group, found *worker.Described, w about, e *extent) error {
	if e == nil {
		return p.empty(tx, g)
	}
	if w.language == "" {
		w = about{g.Language, g.Aspect}
	}
	name, terms, nights := g.Name, g.Terms, 0
	if name == "" { // no phrase of it was used by several people
		name = p.aspects[w.aspect]
	}
	if found != nil {
		terms = found.Terms
		switch {
		case g.nights == nameKept && g.Name != "":
			nights = nameKept
		case found.Name == "" || found.Name == name:
		case g.Name == "" || g.nights+1 >= nightsToRename:
			name = found.Name
		default:
			nights = g.nights + 1
		}
	}
	sealedName, err := p.s.sealGroup(tx, g.ID, "name", name)
	if err != nil {
		return err
	}
	sealedTerms, err := p.s.sealTerms(tx, g.ID, terms)
	if err != nil {
		return err
	}
	// Texts join meanwhile: what has become of size and times since they were read is kept.
	return tx.Exec(`UPDATE insight_groups SET name = ?, terms = ?, nights = ?, language = ?, aspect = ?, size = size + ?,
 first_at = CASE WHEN first_at = ? OR first_at IS NULL THEN ? ELSE first_at END, last_at = CASE WHEN last_at = ? OR last_at IS NULL THEN ? ELSE last_at END, updated_at = ? WHERE id = ?`,
		sealedName, sealedTerms, nights, w.language, w.aspect, e.size-g.Size, millisOf(g.FirstAt), e.first, millisOf(g.LastAt), e.last, p.s.Now().UnixMilli(), int64(g.ID)).Error
}

// millisOf is a time in Unix ms; 0: none.
func millisOf(at *time.Time) int64 {
	if at == nil {
		return 0
	}
	return at.UnixMilli()
}

// empty deals with a group that nothing belongs to any more: it is gone unless people have made something of it.
func (p *passing) empty(tx *gorm.DB, g *Group) error {
	if g.Level == LevelGroup && (g.Title != "" || g.Pinned || g.State == Muted) || g.Level == LevelFine && (g.ofModel() || p.isNow(g)) {
		return tx.Exec(`UPDATE insight_groups SET size = 0 WHERE id = ?`, int64(g.ID)).Error
	}
	// What came into it since it was looked at keeps it.
	return tx.Exec(`UPDATE insight_groups SET size = 0, state = 'gone' WHERE id = ? AND state = 'open'
 AND NOT EXISTS (SELECT 1 FROM insight_voices v WHERE v.complaint AND v.fine_id = ?) AND NOT EXISTS (SELECT 1 FROM insight_voices v WHERE v.complaint AND v.group_id = ?)`,
		int64(g.ID), int64(g.ID), int64(g.ID)).Error
}

// isNow tells whether the new model knows a fine group.
func (p *passing) isNow(g *Group) bool {
	for number, f := range p.fine {
		if number > 0 && f.ID == g.ID {
			return true
		}
	}
	return false
}

// sample keeps the texts nearest to the middle of each group.
func (p *passing) sample(ctx context.Context) error {
	type sample struct {
		group  id.ID
		voices []id.ID
	}
	var all []sample
	add := func(g id.ID, found *worker.Described) {
		one := sample{group: g}
		for _, i := range found.Samples {
			one.voices = append(one.voices, p.load.rows[i].voice)
		}
		all = append(all, one)
	}
	for i := range p.result.Fines {
		if f := p.rowOf(p.result.Fines[i].Number); f != nil {
			add(f.ID, &p.result.Fines[i].Described)
		}
	}
	for i := range p.result.Groups {
		if g, known := p.own[p.result.Groups[i].Number]; known {
			add(g, &p.result.Groups[i])
		}
	}
	return p.s.inPieces(ctx, len(all), groupsAtOnce/2, func(tx *gorm.DB, from, to int) error {
		for _, one := range all[from:to] {
			if err := tx.Exec(`DELETE FROM insight_samples WHERE group_id = ?`, int64(one.group)).Error; err != nil {
				return err
			}
			for n, v := range one.voices {
				// One who was erased meanwhile is no sample.
				if err := tx.Exec(`INSERT INTO insight_samples (group_id, n, voice_id) SELECT ?, ?, v.id FROM insight_voices v WHERE v.id = ? AND v.body IS NOT NULL`,
					int64(one.group), n, int64(v)).Error; err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// twins offers groups of two languages to each other. One that was refused stays refused as long as it is the same pair.
func (p *passing) twins(ctx context.Context) error {
	pairs := map[id.ID]pairedWith{}
	for _, t := range p.result.Twins {
		a, b := p.own[t.A], p.own[t.B]
		if a != 0 && b != 0 {
			pairs[a], pairs[b] = pairedWith{b, t.Score}, pairedWith{a, t.Score}
		}
	}
	list, err := p.s.groups(p.s.Store.Read(ctx), ` WHERE g.level = 'group' AND g.state IN ('open', 'muted')`)
	if err != nil {
		return err
	}
	return p.s.inPieces(ctx, len(list), settleRows, func(tx *gorm.DB, from, to int) error {
		for i := from; i < to; i++ {
			g := &list[i]
			with, offered := pairs[g.ID]
			switch {
			case !offered && (g.TwinID == nil || g.TwinRefused):
			case !offered:
				if err := tx.Exec(`UPDATE insight_groups SET twin_id = NULL, twin_score = NULL WHERE id = ?`, int64(g.ID)).Error; err != nil {
					return err
				}
			case g.TwinRefused && orZero(g.TwinID) == with.group:
			default:
				if err := tx.Exec(`UPDATE insight_groups SET twin_id = ?, twin_score = ?, twin_refused = ? WHERE id = ?`, int64(with.group), with.score, false, int64(g.ID)).Error; err != nil {
					return err
				}
			}
		}
		return nil
	})
}

type pairedWith struct {
	group id.ID
	score float64
}

// ageOf is how long ago a group began, in days.
func ageOf(g *Group, now time.Time) int {
	if g.FirstAt == nil {
		return 0
	}
	return max(0, int(now.Sub(*g.FirstAt)/(24*time.Hour)))
}
