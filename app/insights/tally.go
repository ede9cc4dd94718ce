package insights

import (
	"cmp"
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// voice is what counts of a clause.
type voice struct {
	id, subject, team         id.ID
	channel, language, aspect string
	complaint, fixed          bool
	fine, group               id.ID
	score                     float64
	at, day                   int64
}

// counted says in which counts a subject stands by all its clauses: once in each group, fine group and aspect, as of its first
// clause there; once in all; in none when not one of them belongs to a group. So all is those in groups and those in none.
func counted(rows []voice, aspects map[string]id.ID) []roll {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b voice) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id)) })
	type place struct {
		kind string
		ref  id.ID
	}
	seen := map[place]bool{}
	var out []roll
	add := func(v *voice, kind string, ref id.ID) {
		if p := (place{kind, ref}); !seen[p] {
			seen[p] = true
			out = append(out, roll{kind, ref, v.day, v.channel, v.language, v.team})
		}
	}
	grouped := slices.ContainsFunc(rows, func(v voice) bool { return v.complaint && v.group != 0 })
	for i := range rows {
		v := &rows[i]
		if !v.complaint {
			continue
		}
		add(v, rollAll, 0)
		add(v, rollAspect, aspects[v.aspect])
		if !grouped {
			add(v, rollNone, 0)
		}
		if v.group != 0 {
			add(v, rollGroup, v.group)
		}
		if v.fine != 0 {
			add(v, rollFine, v.fine)
		}
	}
	return out
}

// tally is how counts change.
type tally = map[roll]int

// weigh adds n to each of the counts.
func weigh(t tally, rolls []roll, n int) {
	for _, r := range rolls {
		t[r] += n
	}
}

// aspectRefs gives the number of each aspect, new ones get theirs.
func aspectRefs(tx *gorm.DB, rows []voice) (map[string]id.ID, error) {
	refs := map[string]id.ID{}
	list, err := tx.Raw(`SELECT id, name FROM insight_aspects`).Rows()
	if err != nil {
		return nil, err
	}
	defer list.Close() //nolint:errcheck // read only
	last := id.ID(0)
	for list.Next() {
		var ref int64
		var name string
		if err := list.Scan(&ref, &name); err != nil {
			return nil, err
		}
		refs[name], last = id.ID(ref), max(last, id.ID(ref))
	}
	if err := list.Err(); err != nil {
		return nil, err
	}
	for i := range rows {
		name := rows[i].aspect
		if _, known := refs[name]; known {
			continue
		}
		last++
		refs[name] = last
		if err := tx.Exec(`INSERT INTO insight_aspects (id, name) VALUES (?, ?)`, int64(last), name).Error; err != nil {
			return nil, err
		}
	}
	return refs, nil
}
