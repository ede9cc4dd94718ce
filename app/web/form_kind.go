package web

import (
	"slices"
	"strings"

	"huiyin/app/feedback"
)

// changeKinds makes whole what was sent with another kind than before. A question that is published becomes a new one by it:
// what was answered to the old one keeps its version and its counts, and a score is never counted on another scale. It gives
// the new names by the old ones, of those whose kind has changed.
func changeKinds(d *feedback.Definition, before feedback.Definition, published *feedback.Definition) map[string]string {
	changed := map[string]string{}
	for _, q := range d.Questions() {
		was := before.Question(q.ID)
		if was == nil || was.Kind == q.Kind {
			continue
		}
		fitKind(q)
		old := q.ID
		if published != nil && published.Question(old) != nil {
			q.ID = newFormID(string(q.Kind))
		}
		changed[old] = q.ID
	}
	if len(changed) == 0 {
		return nil
	}
	for _, q := range d.Questions() {
		if q.ShownIf != nil && changed[q.ShownIf.Question] != "" {
			q.ShownIf.Question = changed[q.ShownIf.Question]
		}
	}
	mendConditions(d)
	return changed
}

// fitKind takes away what a question of its kind does not have. Options wait in the draft: whoever goes through the kinds by
// keyboard comes past those that have none.
func fitKind(q *feedback.Question) {
	q.Max = 0
	if !q.Kind.Scored() {
		q.Low, q.High = nil, nil
	}
	if q.Kind != feedback.KindText && q.Kind != feedback.KindContact {
		q.Placeholder = nil
	}
}

// withoutWaiting is a draft without the options that wait in questions of a kind that has none.
func withoutWaiting(d *feedback.Definition) feedback.Definition {
	out := *d
	out.Steps = slices.Clone(d.Steps)
	for i := range out.Steps {
		out.Steps[i].Questions = slices.Clone(out.Steps[i].Questions)
		for j := range out.Steps[i].Questions {
			if q := &out.Steps[i].Questions[j]; !q.Kind.Chosen() {
				q.Options = nil
			}
		}
	}
	return out
}

// after is the change as it is told once kinds have changed too.
func (c formChange) after(kinds map[string]string) formChange {
	for old, now := range kinds {
		if c.Focus == "" {
			c.Focus, c.Said, c.Item = field{Name: kindName(now)}.ID(), "forms.builder.kind_changed", now
		}
		if c.Open == "" || c.Open == old {
			c.Open = now
		}
		if c.Item == old {
			c.Item = now
		}
		if rest, ok := strings.CutPrefix(c.Focus, questionID(old)+"-"); ok {
			c.Focus = questionID(now) + "-" + rest
		}
	}
	return c
}

// changeOption moves an option within its question; where it was dragged, it stands there already.
func changeOption(d *feedback.Definition, verb, name string) formChange {
	question, option, _ := strings.Cut(name, ":")
	q := d.Question(question)
	if q == nil {
		return formChange{}
	}
	for i := range q.Options {
		if q.Options[i].ID != option {
			continue
		}
		to := i + map[string]int{"up": -1, "down": 1}[verb]
		if to < 0 || to >= len(q.Options) || verb != "place" && to == i {
			return formChange{}
		}
		q.Options[i], q.Options[to] = q.Options[to], q.Options[i]
		return formChange{Open: question, Focus: optionID(question, to) + "-" + verb, Said: "forms.builder.option_moved", Item: question, Place: to + 1, Count: len(q.Options)}
	}
	return formChange{}
}

func kindName(question string) string { return "q." + question + ".kind" }

func optionID(question string, n int) string { return questionID(question) + "-option-" + itoa(n+1) }
