package web

import (
	"crypto/rand"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"huiyin/app/feedback"
)

// The builder's form has the whole definition in its fields, with or without scripts. The fields "item" say the order of steps and
// questions, as they stand in the page: s:NAME begins a step, q:ID is a question of it. What belongs to one is named by it:
//
//	title.zh-CN, intro.en, thanks.en              of the form
//	s.NAME.title.en                               of a step
//	q.ID.kind, q.ID.label.en, q.ID.max …          of a question
//	q.ID.option, q.ID.option.zh-CN, q.ID.option.en of its options: as many of each, in their order

// sentItemsMax bounds what one form may name; Definition.Check wants far less.
const sentItemsMax = 200

// sentDefinition reads what the builder has sent. What Definition.Check says is wrong may stand in it.
func sentDefinition(v url.Values) feedback.Definition {
	d := feedback.Definition{Title: sentTexts(v, "title"), Intro: sentTexts(v, "intro"), Thanks: sentTexts(v, "thanks")}
	for i, item := range v["item"] {
		kind, name, _ := strings.Cut(item, ":")
		if i >= sentItemsMax {
			break
		}
		if kind == "s" {
			d.Steps = append(d.Steps, feedback.Step{Title: sentTexts(v, "s."+name+".title")})
			continue
		}
		if len(d.Steps) == 0 {
			d.Steps = append(d.Steps, feedback.Step{})
		}
		step := &d.Steps[len(d.Steps)-1]
		step.Questions = append(step.Questions, sentQuestion(v, name))
	}
	mendConditions(&d)
	return d
}

func sentQuestion(v url.Values, question string) feedback.Question {
	name := "q." + question + "."
	q := feedback.Question{
		ID: question, Kind: feedback.Kind(v.Get(name + "kind")), Label: sentTexts(v, name+"label"), Hint: sentTexts(v, name+"hint"),
		Placeholder: sentTexts(v, name+"placeholder"), Low: sentTexts(v, name+"low"), High: sentTexts(v, name+"high"), Required: v.Get(name+"required") != "",
	}
	if most := strings.TrimSpace(v.Get(name + "max")); most != "" {
		n, err := strconv.Atoi(most)
		if err != nil || n == 0 {
			n = -1 // which Check refuses at its field
		}
		q.Max = n
	}
	if of := v.Get(name + "if"); of != "" {
		q.ShownIf = &feedback.Condition{Question: of, Op: feedback.Op(v.Get(name + "if.op")), Value: v.Get(name + "if.value")}
	}
	for i, option := range v[name+"option"] {
		one := feedback.Option{ID: option, Label: feedback.Texts{}}
		for _, locale := range feedback.Locales() {
			if texts := v[name+"option."+locale]; i < len(texts) {
				keepText(one.Label, locale, texts[i])
			}
		}
		if len(one.Label) > 0 {
			q.Options = append(q.Options, one)
		}
	}
	return q
}

func sentTexts(v url.Values, name string) feedback.Texts {
	t := feedback.Texts{}
	for _, locale := range feedback.Locales() {
		keepText(t, locale, v.Get(name+"."+locale))
	}
	if len(t) == 0 {
		return nil
	}
	return t
}

func keepText(t feedback.Texts, locale, text string) {
	if text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")); text != "" {
		t[locale] = text
	}
}

// mendConditions gives a condition that was only begun, or whose question was changed under it, what it most likely means. One that names
// no earlier question stays as it is and is refused by Check.
func mendConditions(d *feedback.Definition) {
	for _, q := range d.Questions() {
		c := q.ShownIf
		if c == nil {
			continue
		}
		of := d.Question(c.Question)
		if of == nil {
			q.ShownIf = nil // it was removed
			continue
		}
		if !slices.Contains(opsOf(of.Kind), c.Op) {
			c.Op, c.Value = opsOf(of.Kind)[0], ""
		}
		values := valuesOf(of)
		switch {
		case c.Op == feedback.OpAnswered:
			c.Value = ""
		case slices.Contains(values, c.Value) || len(values) == 0:
		case of.Kind.Scored():
			c.Value = lowScore(of.ID, of.Kind).Value
		default:
			c.Value = values[0]
		}
	}
}

// opsOf are the ways in which an answer to a kind of question can be compared, the likeliest first.
func opsOf(k feedback.Kind) []feedback.Op {
	switch {
	case k.Scored():
		return []feedback.Op{feedback.OpAtMost, feedback.OpAtLeast, feedback.OpIs, feedback.OpNot, feedback.OpAnswered}
	case k.Chosen():
		return []feedback.Op{feedback.OpIs, feedback.OpNot, feedback.OpAnswered}
	}
	return []feedback.Op{feedback.OpAnswered}
}

// valuesOf are the answers that a question can have, when they can be counted.
func valuesOf(q *feedback.Question) (values []string) {
	low, high := q.Kind.Range()
	for n := low; q.Kind.Scored() && n <= high; n++ {
		values = append(values, strconv.Itoa(n))
	}
	for i := range q.Options {
		if q.Kind.Chosen() {
			values = append(values, q.Options[i].ID)
		}
	}
	return values
}

// newFormID names a new question or option: short, and never that of one that a former version had.
func newFormID(what string) string { return what + "_" + strings.ToLower(rand.Text()[:6]) }
