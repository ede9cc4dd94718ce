package feedback

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"huiyin/tickets/fault"
)

// Limits of a form.
const (
	StepsMax     = 10
	QuestionsMax = 50
	OptionsMax   = 30
	TextMax      = 2000 // code points of an answer, and the default
	TextsMax     = 8000 // of all texts of a form together: they go into one message
	PhotosMax    = 5
	labelMax     = 200
	hintMax      = 300
	introMax     = 1000
	idMax        = 32
)

var idForm = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)

// wrongs gathers what is wrong, each with its place.
type wrongs struct{ fields []fault.Field }

func (w *wrongs) add(name, code string, args map[string]any) {
	w.fields = append(w.fields, fault.Field{Name: name, Code: code, Key: "feedback.error." + code, Args: args})
}

func (w *wrongs) err() error {
	if len(w.fields) == 0 {
		return nil
	}
	e := fault.New(fault.Invalid, "error.invalid")
	e.Fields = w.fields
	return e
}

// Check says what is wrong with a definition. Fields are named by their place: title, steps.0, steps.0.questions.1.label,
// steps.0.questions.1.options.2, steps.0.questions.1.shown_if. Errors: Invalid.
func (d *Definition) Check() error {
	w := &wrongs{}
	w.text("title", d.Title, labelMax, true)
	w.text("intro", d.Intro, introMax, false)
	w.text("thanks", d.Thanks, introMax, false)
	switch {
	case len(d.Steps) == 0:
		w.add("steps", "steps_none", nil)
	case len(d.Steps) > StepsMax:
		w.add("steps", "steps_many", map[string]any{"max": StepsMax})
	}
	before := map[string]*Question{}
	texts := 0
	for i := range d.Steps {
		step := &d.Steps[i]
		place := "steps." + strconv.Itoa(i)
		w.text(place+".title", step.Title, labelMax, false)
		if len(step.Questions) == 0 {
			w.add(place, "step_empty", nil)
		}
		for j := range step.Questions {
			q := &step.Questions[j]
			q.check(w, place+".questions."+strconv.Itoa(j), before)
			if q.Kind == KindText {
				texts += q.Most()
			}
		}
	}
	if len(before) > QuestionsMax {
		w.add("steps", "questions_many", map[string]any{"max": QuestionsMax})
	}
	if texts > TextsMax {
		w.add("steps", "texts_long", map[string]any{"max": TextsMax})
	}
	return w.err()
}

func (q *Question) check(w *wrongs, place string, before map[string]*Question) {
	switch {
	case !idForm.MatchString(q.ID):
		w.add(place+".id", "id", map[string]any{"max": idMax})
	case before[q.ID] != nil:
		w.add(place+".id", "id_twice", nil)
	}
	w.text(place+".label", q.Label, labelMax, true)
	w.text(place+".hint", q.Hint, hintMax, false)
	w.text(place+".placeholder", q.Placeholder, labelMax, false)
	w.text(place+".low", q.Low, labelMax/4, false)
	w.text(place+".high", q.High, labelMax/4, false)
	if !known(Kinds(), q.Kind) {
		w.add(place+".kind", "kind", nil)
	}
	most := TextMax
	if q.Kind == KindPhoto {
		most = PhotosMax
	}
	if q.Max < 0 || q.Max > most {
		w.add(place+".max", "max", map[string]any{"max": most})
	}
	q.checkOptions(w, place)
	q.checkCondition(w, place, before)
	before[q.ID] = q
}

func (q *Question) checkOptions(w *wrongs, place string) {
	switch n := len(q.Options); {
	case !q.Kind.Chosen() && n > 0:
		w.add(place+".options", "options_none", nil)
	case q.Kind.Chosen() && n < 2:
		w.add(place+".options", "options_few", nil)
	case n > OptionsMax:
		w.add(place+".options", "options_many", map[string]any{"max": OptionsMax})
	}
	seen := map[string]bool{}
	for i := range q.Options {
		at := place + ".options." + strconv.Itoa(i)
		one := &q.Options[i]
		switch {
		case !idForm.MatchString(one.ID):
			w.add(at, "id", map[string]any{"max": idMax})
		case seen[one.ID]:
			w.add(at, "id_twice", nil)
		}
		seen[one.ID] = true
		w.text(at, one.Label, labelMax, true)
	}
}

// checkCondition wants a condition to name an earlier question, and an answer that it can have.
func (q *Question) checkCondition(w *wrongs, place string, before map[string]*Question) {
	c := q.ShownIf
	if c == nil {
		return
	}
	place += ".shown_if"
	of := before[c.Question]
	if of == nil {
		w.add(place, "if_question", nil)
		return
	}
	low, high := of.Kind.Range()
	n, err := strconv.Atoi(c.Value)
	number := err == nil && strconv.Itoa(n) == c.Value && of.Kind.Scored() && n >= low && n <= high
	switch {
	case !known(Ops(), c.Op):
		w.add(place, "if_op", nil)
	case c.Op == OpAnswered:
	case (c.Op == OpAtMost || c.Op == OpAtLeast) && !number, of.Kind.Scored() && !number, of.Kind.Chosen() && !of.option(c.Value):
		w.add(place, "if_value", nil)
	case !of.Kind.Scored() && !of.Kind.Chosen():
		w.add(place, "if_op", nil) // of a text only whether it was answered
	}
}

// text checks a text in all languages. Required: in one at least.
func (w *wrongs) text(place string, t Texts, most int, required bool) {
	some := false
	for locale, text := range t {
		switch {
		case !known(Locales(), locale):
			w.add(place, "locale", nil)
		case !utf8.ValidString(text):
			w.add(place, "invalid", nil)
		case utf8.RuneCountInString(text) > most:
			w.add(place, "too_long", map[string]any{"max": most})
		}
		some = some || strings.TrimSpace(text) != ""
	}
	if required && !some {
		w.add(place, "required", nil)
	}
}

func known[T comparable](all []T, one T) bool {
	for _, v := range all {
		if v == one {
			return true
		}
	}
	return false
}
