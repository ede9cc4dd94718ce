package worker

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"huiyin/app/insights/grouping"
	"huiyin/app/insights/grouping/lexicon"
	"huiyin/app/insights/grouping/words"
)

// same is the share of texts, of those that either holds, that two fine groups must have in common to be one.
const same = .5

// newGroups is added to the model's number of a group that the caller does not know.
const newGroups = 1 << 40

// arranging brings what the engine found to what the caller knows: fine groups keep their numbers and their groups, texts
// that are kept stay.
type arranging struct {
	*Result
	pass     *Pass
	texts    []Text
	grouping *grouping.Grouping
	lexicon  *lexicon.Lexicon

	was     map[int]int // new number of a fine group → the one before
	group   map[int]int // fine group → group
	learned map[int]int // the same, of fine groups that hold what groups have learned to claim
}

func (a *arranging) arrange() (*Result, error) {
	a.identify()
	a.learn()
	members := a.grouping.Members
	a.Members = make([]Member, len(members))
	for i := range members {
		t, m := &a.texts[i], &members[i]
		if t.Keep {
			m.Fine, m.Group = a.now(t.Fine), t.Group
		} else if m.Fine != 0 {
			m.Group = a.group[m.Fine]
		}
		a.Members[i] = Member{m.Fine, m.Score}
		if t.Keep && words.Key(words.Normal(t.Body)) == "" {
			m.Fine, m.Group = 0, 0 // nothing is left to describe its group by
		}
		if t.Known && !t.Keep && a.before(m.Fine) != t.Fine {
			a.Moved++
		}
	}
	a.describe()
	a.twins()
	var b bytes.Buffer
	err := a.grouping.Encode(&b)
	a.Model = b.Bytes()
	return a.Result, err
}

// identify finds out which fine groups were there before, and of which groups all of them are.
func (a *arranging) identify() {
	a.was, a.group = map[int]int{}, map[int]int{}
	if a.pass.Kind == Cold {
		a.match()
	}
	a.parents()
}

// before is the number that a fine group had before.
func (a *arranging) before(fine int) int {
	if a.pass.Kind != Cold {
		return fine
	}
	return a.was[fine]
}

// now is the number of a fine group that had one before. After a cold build the model has forgotten some, whose texts are
// kept all the same: their number is the one before, below 0.
func (a *arranging) now(fine int) int {
	if a.pass.Kind != Cold || fine <= 0 {
		return fine
	}
	for n, was := range a.was {
		if was == fine {
			return n
		}
	}
	return -fine
}

// match finds, after a cold build, which fine groups were there before: the pairs that have the most in common first.
func (a *arranging) match() {
	type pair struct{ now, was int }
	both, now, was := map[pair]int{}, map[int]int{}, map[int]int{}
	for i, m := range a.grouping.Members {
		t := &a.texts[i]
		if m.Fine != 0 {
			now[m.Fine]++
		}
		if t.Fine != 0 {
			was[t.Fine]++
		}
		if m.Fine != 0 && t.Fine != 0 {
			both[pair{m.Fine, t.Fine}]++
		}
	}
	jaccard := func(p pair) float64 { return float64(both[p]) / float64(now[p.now]+was[p.was]-both[p]) }
	pairs := slices.SortedFunc(maps.Keys(both), func(x, y pair) int {
		return cmp.Or(cmp.Compare(jaccard(y), jaccard(x)), cmp.Compare(x.now, y.now), cmp.Compare(x.was, y.was))
	})
	taken := map[int]bool{}
	for _, p := range pairs {
		learns := a.learned[p.now] // what a group claims goes to no other
		if jaccard(p) >= same && a.was[p.now] == 0 && !taken[p.was] && (learns == 0 || learns == a.pass.Parents[p.was]) {
			a.was[p.now], taken[p.was] = p.was, true
		}
	}
}

// parents gives every fine group its group: the one that the caller knows, or, of one that is new after a cold build, the one
// from which most of its texts come, else that of the model.
func (a *arranging) parents() {
	from := map[int]map[int]int{} // of a fine group: how many texts of each group it has
	for i, m := range a.grouping.Members {
		if m.Fine == 0 {
			continue
		}
		if from[m.Fine] == nil {
			from[m.Fine] = map[int]int{}
			a.group[m.Fine] = newGroups + m.Group
		}
		from[m.Fine][a.texts[i].Group]++
	}
	for fine := range a.group {
		if parent := a.learned[fine]; parent != 0 {
			a.group[fine] = parent
			continue
		}
		if parent := a.pass.Parents[a.before(fine)]; parent != 0 {
			a.group[fine] = parent
			continue
		}
		if a.pass.Kind != Cold {
			continue
		}
		all := 0
		for _, n := range from[fine] {
			all += n
		}
		for _, group := range slices.Sorted(maps.Keys(from[fine])) {
			if group != 0 && float64(from[fine][group]) >= same*float64(all) {
				a.group[fine] = group
			}
		}
	}
}

// describe names fine groups and groups.
func (a *arranging) describe() {
	for _, d := range a.grouping.Describe(grouping.FineGroups) {
		a.Fines = append(a.Fines, Fine{Described: described(d), Was: a.before(d.ID), Group: number(a.group[d.ID])})
	}
	for _, d := range a.grouping.Describe(grouping.Groups) {
		one := described(d)
		one.Number = number(d.ID)
		a.Groups = append(a.Groups, one)
	}
}

func described(d grouping.Description) Described {
	return Described{Number: d.ID, Name: d.Name, Terms: d.Terms, Size: d.Size, Samples: d.Samples}
}

// number is that of a group as the caller sees it: below 0 for a new one.
func number(group int) int {
	if group > newGroups {
		return newGroups - group
	}
	return group
}
