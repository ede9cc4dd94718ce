package web

import (
	"errors"
	"strconv"
	"strings"

	"huiyin/app/feedback"
	"huiyin/tickets/fault"
)

// Lengths that inputs allow; Definition.Check has the last word.
const (
	labelInput = 200
	hintInput  = 300
	introInput = 1000
	endInput   = 50
)

func itoa(n int) string { return strconv.Itoa(n) }

func afterColon(text string) string {
	_, rest, _ := strings.Cut(text, ":")
	return rest
}

// builderWords makes the parts of the builder, with what is wrong at each place.
type builderWords struct {
	*Words
	wrong   map[string]string // by the places of Definition.Check
	focused bool              // the first mistake has the focus
	refused bool
}

// unfinished are mistakes of who is not done yet; they are told when she publishes.
var unfinished = map[string]bool{"required": true, "steps_none": true, "step_empty": true, "options_few": true}

// newBuilderWords judges a draft. What is unfinished is told only after a refusal.
func newBuilderWords(w *Words, d *feedback.Definition, refused *form) *builderWords {
	b := &builderWords{Words: w, wrong: map[string]string{}, refused: refused != nil}
	var e *fault.Error
	if !errors.As(d.Check(), &e) {
		return b
	}
	for _, one := range e.Fields {
		if b.refused || !unfinished[one.Code] {
			b.wrong[one.Name] = w.texts.Text(w.Locale, one.Key, one.Args)
		}
	}
	return b
}

// builderOf is the builder's page of a draft.
func builderOf(w *Words, f *feedback.Form, d *feedback.Definition, shown builderShown) builderView {
	judged := withoutWaiting(d)
	b := newBuilderWords(w, &judged, shown.refused)
	v := builderView{Words: w, Base: formBase(d), Error: b.wrong["steps"], Draft: f.Draft != nil, CanDrop: f.Draft != nil && f.Version > 0, Focus: shown.change.Focus}
	if shown.refused != nil && v.Error == "" {
		if v.Error = shown.refused.General(); v.Error == "" {
			v.Error = w.T("forms.builder.mend", "count", len(b.wrong))
		}
	}
	switch {
	case f.Version == 0:
		v.State = w.T("forms.state.new")
	case v.Draft:
		v.State = w.T("forms.state.draft", "version", f.Version)
	default:
		v.State = w.T("forms.state.published", "version", f.Version)
	}
	v.Head = []textPair{
		b.pair("title", "title", d.Title, textPair{Label: w.T("forms.field.title"), Max: labelInput, Required: true}),
		b.pair("intro", "intro", d.Intro, textPair{Label: w.T("forms.field.intro"), Hint: w.T("forms.hint.intro"), Rows: 2, Max: introInput}),
	}
	for _, k := range feedback.Kinds() {
		v.Kinds = append(v.Kinds, option{string(k), w.T("forms.kind." + string(k))})
	}
	n := 0
	for i := range d.Steps {
		v.Steps = append(v.Steps, b.step(d, i, v.Kinds, shown.change.Open, &n))
		for j := range v.Steps[i].Questions {
			v.Steps[i].Questions[j].kinds(v.Kinds, f.Definition)
		}
	}
	v.Thanks = b.pair("thanks", "thanks", d.Thanks, textPair{Label: w.T("forms.field.thanks"), Hint: w.T("forms.hint.thanks"), Rows: 2, Max: introInput})
	v.CanAddStep = len(d.Steps) < feedback.StepsMax
	v.Said = b.said(d, shown.change)
	return v
}

// said tells what a change has done.
func (b *builderWords) said(d *feedback.Definition, change formChange) string {
	if change.Said == "" {
		return ""
	}
	i, j := questionPlace(d, change.Item)
	if i >= 0 && change.Place > 0 {
		return b.T(change.Said, "place", change.Place, "count", change.Count)
	}
	if step, ok := strings.CutPrefix(change.Item, "s-"); ok && i < 0 {
		n, _ := strconv.Atoi(step)
		return b.T(change.Said, "step", n+1)
	}
	if i < 0 {
		return b.T(change.Said)
	}
	return b.T(change.Said, "kind", b.T("forms.kind."+string(d.Steps[i].Questions[j].Kind)), "step", i+1, "place", j+1, "count", len(d.Steps[i].Questions))
}

func (b *builderWords) pair(name, place string, t feedback.Texts, p textPair) textPair {
	p.Words, p.Name, p.Zh, p.En, p.Wrong = b.Words, name, t["zh-CN"], t["en"], b.wrong[place]
	if p.ID == "" {
		p.ID = name
	}
	if p.Wrong != "" && b.refused && !b.focused {
		p.Focus, b.focused = true, true
	}
	return p
}

func (b *builderWords) step(d *feedback.Definition, i int, kinds []option, open string, n *int) builderStep {
	step, place := &d.Steps[i], "steps."+itoa(i)
	v := builderStep{
		Words: b.Words, N: i, ID: stepID(i), Wrong: b.wrong[place], Kinds: kinds, First: i == 0, Last: i == len(d.Steps)-1, Only: len(d.Steps) == 1,
		Title: b.pair("s."+itoa(i)+".title", place+".title", step.Title, textPair{
			ID: stepID(i) + "-title", Label: b.T("forms.field.step_title"), Max: labelInput,
		}),
	}
	for j := range step.Questions {
		*n++
		q := b.question(d, &step.Questions[j], place+".questions."+itoa(j))
		q.First, q.Last = v.First && j == 0, v.Last && j == len(step.Questions)-1
		q.Open = q.Open || q.ID == open
		q.Title = itoa(*n) + ". " + q.Title
		v.Questions = append(v.Questions, q)
	}
	return v
}

func (b *builderWords) question(d *feedback.Definition, q *feedback.Question, place string) builderQuestion {
	name, element := "q."+q.ID+".", questionID(q.ID)
	v := builderQuestion{
		Words: b.Words, ID: q.ID, Element: element, Kind: string(q.Kind), KindText: b.T("forms.kind." + string(q.Kind)), Title: q.Label.In(b.Locale),
		Required: q.Required, HasOptions: q.Kind.Chosen(), OptionsWrong: b.wrong[place+".options"], Wrong: b.wrong[place+".id"] + b.wrong[place+".kind"],
	}
	if v.Title == "" {
		v.Title = b.T("forms.builder.untitled")
	}
	add := func(what string, t feedback.Texts, p textPair) {
		p.ID, p.Label = element+"-"+what, b.T("forms.field."+what)
		v.Texts = append(v.Texts, b.pair(name+what, place+"."+what, t, p))
	}
	add("label", q.Label, textPair{Max: labelInput, Required: true})
	add("hint", q.Hint, textPair{Max: hintInput})
	if q.Kind.Scored() {
		add("low", q.Low, textPair{Max: endInput})
		add("high", q.High, textPair{Max: endInput})
	}
	if q.Kind == feedback.KindText || q.Kind == feedback.KindContact {
		add("placeholder", q.Placeholder, textPair{Max: labelInput})
	}
	v.Most = b.most(q, place)
	v.Options = b.options(q, place)
	v.Condition, v.When = b.condition(d, q, place)
	v.Open = b.anyWrong(place + ".")
	return v
}

// kinds is the field of the question's kind.
func (q *builderQuestion) kinds(all []option, published *feedback.Definition) {
	q.KindField = field{Words: q.Words, Name: kindName(q.ID), Type: "select", Label: q.T("forms.builder.kind"), Options: all, Value: q.Kind}
	if published != nil && published.Question(q.ID) != nil {
		q.KindField.Hint = q.T("forms.hint.kind")
	}
}

func (b *builderWords) anyWrong(place string) bool {
	for at := range b.wrong {
		if strings.HasPrefix(at, place) {
			return true
		}
	}
	return false
}

// most is the field of how long a text may be, or how many photos there may be.
func (b *builderWords) most(q *feedback.Question, place string) *field {
	f := field{Words: b.Words, Name: "q." + q.ID + ".max", Type: "number", Wrong: b.wrong[place+".max"]}
	switch q.Kind {
	case feedback.KindText:
		f.Label, f.Hint = b.T("forms.field.max"), b.T("forms.hint.max", "max", feedback.TextMax)
	case feedback.KindPhoto:
		f.Label, f.Hint = b.T("forms.field.photos"), b.T("forms.hint.photos", "max", feedback.PhotosMax)
	default:
		return nil
	}
	if q.Max > 0 {
		f.Value = itoa(q.Max)
	}
	return &f
}

// options are those of a question and empty ones to fill in, at least two in all; of a kind that has none, those that wait.
func (b *builderWords) options(q *feedback.Question, place string) (list []builderOption) {
	for i := range q.Options {
		one := &q.Options[i]
		list = append(list, builderOption{
			ID: one.ID, Zh: one.Label["zh-CN"], En: one.Label["en"], Wrong: b.wrong[place+".options."+itoa(i)], Old: true, First: i == 0, Last: i == len(q.Options)-1,
		})
	}
	if !q.Kind.Chosen() {
		for i := range list {
			list[i].Name = "q." + q.ID + ".option"
		}
		return list
	}
	for empty := 0; empty < 1 || len(list) < 2; empty++ {
		list = append(list, builderOption{ID: newFormID("o")})
	}
	for i := range list {
		list[i].Words, list[i].N, list[i].Question, list[i].Name = b.Words, i+1, q.ID, "q."+q.ID+".option"
		list[i].Element = optionID(q.ID, i)
	}
	list[len(list)-1].Element = questionID(q.ID) + "-more"
	return list
}

// condition is when a question is shown: by which earlier one, how it is compared, with what. It is said in words too.
func (b *builderWords) condition(d *feedback.Definition, q *feedback.Question, place string) (fields []field, when string) {
	c := q.ShownIf
	questions, earlier := []option{{"", b.T("forms.if.always")}}, true
	for i, one := range d.Questions() {
		if one.ID == q.ID {
			earlier = false
			continue
		}
		if earlier || (c != nil && c.Question == one.ID) { // a later one is named until somebody mends it
			questions = append(questions, option{one.ID, itoa(i+1) + ". " + one.Label.In(b.Locale)})
		}
	}
	name := "q." + q.ID + ".if"
	first := field{Words: b.Words, Name: name, Type: "select", Label: b.T("forms.field.if"), Options: questions, Wrong: b.wrong[place+".shown_if"]}
	if len(questions) == 1 {
		return nil, ""
	}
	if c == nil {
		first.Hint = b.T("forms.hint.if")
		return []field{first}, ""
	}
	first.Value = c.Question
	of := d.Question(c.Question)
	if of == nil {
		return []field{first}, ""
	}
	op := field{Words: b.Words, Name: name + ".op", Type: "select", Label: b.T("forms.field.op"), Value: string(c.Op)}
	for _, one := range opsOf(of.Kind) {
		op.Options = append(op.Options, option{string(one), b.T("forms.op." + string(one))})
	}
	fields, when = []field{first, op}, b.T("forms.when", "question", of.Label.In(b.Locale), "op", b.T("forms.op."+string(c.Op)), "value", "")
	if values := valuesOf(of); len(values) > 0 && c.Op != feedback.OpAnswered {
		value := field{Words: b.Words, Name: name + ".value", Type: "select", Label: b.T("forms.field.value"), Value: c.Value}
		for i, one := range values {
			text := one
			if of.Kind.Chosen() {
				text = of.Options[i].Label.In(b.Locale)
			}
			value.Options = append(value.Options, option{one, text})
			if one == c.Value {
				when = b.T("forms.when", "question", of.Label.In(b.Locale), "op", b.T("forms.op."+string(c.Op)), "value", text)
			}
		}
		fields = append(fields, value)
	}
	return fields, strings.TrimSpace(when)
}
