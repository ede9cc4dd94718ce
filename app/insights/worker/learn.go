package worker

import (
	"maps"
	"slices"

	"huiyin/app/insights/grouping"
	"huiyin/app/insights/grouping/words"
)

// heirs teach a group in place of the texts that nobody can read any more.
const heirs = 20

// learn lets groups learn from the texts that people have put into them by hand. After a cold build nobody knows any more what
// was claimed: it is as all else that the group holds.
func (a *arranging) learn() {
	lessons, refused := a.confirmed()
	for group, fine := range a.learnedBefore() {
		l := lessons[group]
		if l == nil {
			l = &grouping.Lesson{}
			lessons[group] = l
		}
		l.Fine = fine
		if !l.Teaches() && a.pass.Put[group] >= grouping.FewestConfirmed { // they were not taken back, but forgotten
			l.Heirs = a.oldest(fine, heirs)
		}
	}
	if len(lessons) == 0 {
		return
	}
	for fine, group := range a.group {
		if l := lessons[group]; l != nil {
			l.Own = append(l.Own, fine)
			if slices.Contains(a.pass.Given, a.before(fine)) {
				l.Given = append(l.Given, fine)
			}
		}
	}
	all := grouping.Lessons{Refused: refused, Stays: make([]bool, len(a.texts))}
	for i := range a.texts {
		fine := a.grouping.Members[i].Fine
		all.Stays[i] = a.texts[i].Keep || fine != 0 && slices.Contains(a.pass.Given, a.before(fine))
	}
	order := slices.Sorted(maps.Keys(lessons))
	for _, group := range order {
		slices.Sort(lessons[group].Own)
		all.Groups = append(all.Groups, *lessons[group])
	}
	a.learned = map[int]int{}
	for j, fine := range a.grouping.Learn(all) {
		if fine != 0 {
			a.learned[fine] = order[j]
		}
	}
	a.identify()
}

// confirmed are the texts that people have put into each group, of those that say the same one, and those that they have put into
// none.
func (a *arranging) confirmed() (lessons map[int]*grouping.Lesson, refused []int) {
	lessons = map[int]*grouping.Lesson{}
	type put struct {
		group int
		key   string
	}
	said := map[put]bool{}
	for i := range a.texts {
		t := &a.texts[i]
		if !t.Put {
			continue
		}
		one := put{t.Group, words.Key(words.Normal(t.Body))}
		switch {
		case one.key == "" || said[one]:
		case t.Group == 0:
			refused = append(refused, i)
		default:
			if lessons[t.Group] == nil {
				lessons[t.Group] = &grouping.Lesson{}
			}
			lessons[t.Group].Confirmed = append(lessons[t.Group].Confirmed, i)
		}
		said[one] = true
	}
	return lessons, refused
}

// oldest gives some of the texts that were in a fine group, of those that say the same one.
func (a *arranging) oldest(fine, most int) (list []int) {
	said := map[string]bool{}
	for i := range a.texts {
		if t := &a.texts[i]; t.Fine == fine && t.Known && len(list) < most {
			if key := words.Key(words.Normal(t.Body)); key != "" && !said[key] {
				said[key] = true
				list = append(list, i)
			}
		}
	}
	return list
}

// learnedBefore gives, for each group, the fine group in which the model holds what that group has learned to claim.
func (a *arranging) learnedBefore() map[int]int {
	before := map[int]int{}
	for _, fine := range a.grouping.Learned() {
		group := a.pass.Parents[fine]
		if group != 0 && before[group] == 0 && !slices.Contains(a.pass.Given, fine) {
			before[group] = fine
		}
	}
	return before
}
