package worker

import (
	"bytes"
	"fmt"

	"huiyin/app/insights/grouping"
	"huiyin/app/insights/grouping/lexicon"
	"huiyin/app/insights/grouping/words"
)

// engine does the work, in whichever process.
type engine struct {
	dictionary *words.Dictionary
	name       string // of the model that it holds
	model      *grouping.Model
}

func newEngine() *engine { return &engine{dictionary: words.NewDictionary()} }

// lexiconWith is that of Huiyin with a shop's own lines.
func lexiconWith(own string) (*lexicon.Lexicon, error) {
	if own == "" {
		return lexicon.Shops()
	}
	return lexicon.With(own)
}

// load takes a model. Errors: grouping.ErrForm.
func (e *engine) load(name string, model []byte, l lexical) error {
	o, err := e.options(l, 0)
	if err != nil {
		return err
	}
	m, err := grouping.Decode(bytes.NewReader(model), o)
	if err != nil {
		return err
	}
	e.name, e.model = name, m
	return nil
}

func (e *engine) assign(texts []string) []Member {
	out := make([]Member, len(texts))
	for i, text := range texts {
		m := e.model.Assign(grouping.Text{Body: text})
		out[i] = Member{m.Fine, m.Score}
	}
	return out
}

// begin gives the model that a pass carries on, by which new texts are grouped meanwhile; nil: it builds one. Errors:
// grouping.ErrForm.
func (e *engine) begin(p *Pass) (*grouping.Model, error) {
	if p.Kind == Cold {
		return nil, nil
	}
	stored := p.Model
	p.Model = nil // bulky, and read once
	if err := e.load(p.Name, stored, lexical{p.Lexicon, p.Plain}); err != nil {
		return nil, fmt.Errorf("%s pass: %w", p.Kind, err)
	}
	return e.model, nil
}

// pass groups all texts. It changes nothing of the engine and nothing of the model: others assign meanwhile.
func (e *engine) pass(p *Pass, m *grouping.Model, texts []Text) (*Result, error) {
	o, err := e.options(lexical{p.Lexicon, p.Plain}, p.Writers)
	if err != nil {
		return nil, err
	}
	in := make([]grouping.Text, len(texts))
	for i := range texts {
		in[i] = grouping.Text{Body: texts[i].Body, Writer: texts[i].Writer}
	}
	var g *grouping.Grouping
	if p.Kind != Cold {
		g = carry(m, p.Kind, in, texts)
	} else if g, err = grouping.Build(in, o); err != nil {
		return nil, fmt.Errorf("%s pass over %d texts: %w", p.Kind, len(texts), err)
	}
	r := &arranging{Result: &Result{}, pass: p, texts: texts, grouping: g, lexicon: o.Lexicon}
	return r.arrange()
}

// carry takes memberships over. The model knows of a group only whether its texts stay: parents are the caller's.
func carry(m *grouping.Model, kind Kind, in []grouping.Text, texts []Text) *grouping.Grouping {
	const moves, stays = 1, 2
	known := 0
	for known < len(texts) && texts[known].Known {
		known++
	}
	before := make([]grouping.Member, known)
	for i := range before {
		t := &texts[i]
		if t.Fine == 0 {
			continue
		}
		before[i] = grouping.Member{Fine: t.Fine, Group: moves}
		if t.Keep {
			before[i].Group = stays
		}
	}
	if kind == Weekly {
		return m.Retrain(in, before, []int{stays})
	}
	return m.Refresh(in, before, []int{stays})
}
