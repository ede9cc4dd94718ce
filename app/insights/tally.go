package insights

import (
	"cmp"
	"slices"
	"strings"

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

// The kinds of roll.
const (
	rollAll    = "all"
	rollNone   = "none"
	rollGroup  = "group"
	rollFine   = "fine"
	rollAspect = "aspect"
)

// roll is a count that a subject is part of.
type roll struct {
	kind              string
	ref, day          int64
	channel, language string
	team              id.ID
}

func (r roll) compare(o roll) int {
	return cmp.Or(cmp.Compare(r.kind, o.kind), cmp.Compare(r.ref, o.ref), cmp.Compare(r.day, o.day), cmp.Compare(r.channel, o.channel),
		cmp.Compare(r.language, o.language), cmp.Compare(r.team, o.team))
}

// counted says in which counts a subject stands by all its clauses: once in each group, fine group and aspect, as of its first
// clause there; once in all; in none when not one of them belongs to a group. So all is those in groups and those in none.
func counted(rows []voice, aspects map[string]int64) []roll {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b voice) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id)) })
	type place struct {
		kind string
		ref  int64
	}
	seen := map[place]bool{}
	var out []roll
	add := func(v *voice, kind string, ref int64) {
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
			add(v, rollGroup, int64(v.group))
		}
		if v.fine != 0 {
			add(v, rollFine, int64(v.fine))
		}
	}
	return out
}

// tally is how counts change.
type tally map[roll]int

func (t tally) add(rolls []roll, n int) {
	for _, r := range rolls {
		if t[r] += n; t[r] == 0 {
			delete(t, r)
		}
	}
}

const rollsAtOnce = 100

// write changes the counts, in one order for everybody, and drops those that are zero.
func (t tally) write(tx *gorm.DB) error {
	keys := make([]roll, 0, len(t))
	for r := range t {
		keys = append(keys, r)
	}
	slices.SortFunc(keys, roll.compare)
	for part := range slices.Chunk(keys, rollsAtOnce) {
		args := make([]any, 0, 7*len(part))
		fell := false
		for _, r := range part {
			args = append(args, r.kind, r.ref, r.day, r.channel, r.language, int64(r.team), t[r])
			fell = fell || t[r] < 0
		}
		const one = `(?, ?, ?, ?, ?, ?, ?)`
		err := tx.Exec(`INSERT INTO insight_rolls (kind, ref, day, channel, language, team_id, n) VALUES `+one+strings.Repeat(`, `+one, len(part)-1)+
			` ON CONFLICT (kind, ref, day, channel, language, team_id) DO UPDATE SET n = insight_rolls.n + excluded.n`, args...).Error
		if err != nil {
			return err
		}
		if !fell {
			continue
		}
		for _, r := range part {
			if t[r] < 0 {
				if err := tx.Exec(`DELETE FROM insight_rolls WHERE kind = ? AND ref = ? AND day = ? AND channel = ? AND language = ? AND team_id = ? AND n = 0`,
					r.kind, r.ref, r.day, r.channel, r.language, int64(r.team)).Error; err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// aspectRefs gives the number of each aspect, new ones get theirs.
func aspectRefs(tx *gorm.DB, rows []voice) (map[string]int64, error) {
	refs := map[string]int64{}
	list, err := tx.Raw(`SELECT id, name FROM insight_aspects`).Rows()
	if err != nil {
		return nil, err
	}
	defer list.Close() //nolint:errcheck // read only
	last := int64(0)
	for list.Next() {
		var ref int64
		var name string
		if err := list.Scan(&ref, &name); err != nil {
			return nil, err
		}
		refs[name], last = ref, max(last, ref)
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
		if err := tx.Exec(`INSERT INTO insight_aspects (id, name) VALUES (?, ?)`, last, name).Error; err != nil {
			return nil, err
		}
	}
	return refs, nil
}
