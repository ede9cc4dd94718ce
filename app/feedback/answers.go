package feedback

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/mask"
)

// Reading says how answers are read.
type Reading struct {
	// DropHidden drops answers to questions that are not shown: without scripts a page shows them all. Otherwise they are refused.
	DropHidden bool
	// Order is a number that is never masked.
	Order string
	// Phone tells whether a text is a phone number.
	Phone func(text string) bool
}

// Answer reads what was answered into the form in which it is kept: only questions that are shown, texts without control
// characters, card and identity numbers masked. Errors: Invalid, with fields "answers.ID" of code unknown, hidden, required,
// invalid, too_long, too_many.
func (d *Definition) Answer(in Answers, how Reading) (out Answers, masked bool, err error) {
	w, out := &wrongs{}, Answers{}
	for name := range in {
		if d.Question(name) == nil {
			w.add(Field(cut(name, idMax)), "unknown", nil)
		}
	}
	for _, q := range d.Questions() {
		values := given(in[q.ID])
		if !q.ShownIf.holds(out) {
			if len(values) > 0 && !how.DropHidden {
				w.add(Field(q.ID), "hidden", nil)
			}
			continue
		}
		if len(values) == 0 {
			if q.Required {
				w.add(Field(q.ID), q.missing(), nil)
			}
			continue
		}
		kept, hid := q.answer(w, values, how)
		if masked = masked || hid; len(kept) > 0 {
			out[q.ID] = kept
		}
	}
	if len(w.fields) == 0 && len(out) == 0 {
		w.add("answers", "nothing", nil)
	}
	return out, masked, w.err()
}

// Field names the field of a question's answer.
func Field(question string) string { return strings.Join([]string{"answers", question}, ".") }

// missing is the code that says how a required question is answered.
func (q *Question) missing() string {
	switch {
	case q.Kind.Scored(), q.Kind.Chosen():
		return "required_choice"
	case q.Kind == KindPhoto:
		return "required_photo"
	}
	return "required"
}

// given drops what nobody can see.
func given(values []string) []string {
	var out []string
	for _, v := range values {
		if tickets.Visible(v) {
			out = append(out, v)
		}
	}
	return out
}

func (q *Question) answer(w *wrongs, values []string, how Reading) (kept []string, masked bool) {
	place := Field(q.ID)
	if q.Kind != KindMultiple && q.Kind != KindPhoto && len(values) > 1 {
		w.add(place, "invalid_choice", nil)
		return nil, false
	}
	switch q.Kind {
	case KindRating, KindNPS:
		low, high := q.Kind.Range()
		n, err := strconv.Atoi(values[0])
		if err != nil || n < low || n > high {
			w.add(place, "score", map[string]any{"low": low, "high": high})
			return nil, false
		}
		return []string{strconv.Itoa(n)}, false
	case KindSingle, KindMultiple:
		return q.chosen(w, place, values), false
	case KindText:
		return q.text(w, place, values[0], how.Order)
	case KindContact:
		return contact(w, place, values[0], how.Phone), false
	case KindPhoto:
		if len(values) > q.Most() {
			w.add(place, "too_many", map[string]any{"max": q.Most()})
			return nil, false
		}
		for _, v := range values {
			if _, err := id.Parse(v); err != nil {
				w.add(place, "photo", nil)
				return nil, false
			}
		}
		return values, false
	}
	return nil, false
}

// chosen gives the options in the order of the question, each once.
func (q *Question) chosen(w *wrongs, place string, values []string) (kept []string) {
	for _, v := range values {
		if !q.option(v) {
			w.add(place, "invalid_choice", nil)
			return nil
		}
	}
	for i := range q.Options {
		if known(values, q.Options[i].ID) {
			kept = append(kept, q.Options[i].ID)
		}
	}
	return kept
}

func (q *Question) text(w *wrongs, place, text, order string) (kept []string, masked bool) {
	switch n := utf8.RuneCountInString(text); {
	case !utf8.ValidString(text):
		w.add(place, "invalid", nil)
		return nil, false
	case n > 4*q.Most(): // not even normalised
		w.add(place, "too_long", map[string]any{"max": q.Most(), "got": n})
		return nil, false
	}
	text = strings.TrimSpace(norm.NFC.String(tickets.WithoutControls(text)))
	if n := utf8.RuneCountInString(text); n > q.Most() {
		w.add(place, "too_long", map[string]any{"max": q.Most(), "got": n})
		return nil, false
	}
	text, found := mask.Text(text, func(number string) bool { return order != "" && number == tickets.BareOrder(order) })
	return []string{text}, len(found) > 0
}

// contact takes an e-mail address or a phone number as it was typed.
func contact(w *wrongs, place, text string, phone func(string) bool) []string {
	text = strings.TrimSpace(norm.NFKC.String(text))
	ok := utf8.ValidString(text) && utf8.RuneCountInString(text) <= 254
	if ok && strings.Contains(text, "@") {
		_, ok = tickets.NormalEmail(text)
	} else if ok {
		ok = phone != nil && phone(text)
	}
	if !ok {
		w.add(place, "contact", nil)
		return nil
	}
	return []string{text}
}

// cut gives the first n code points.
func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// named gives the fields of a refusal under another name, and passes other errors.
func named(err error, name string) error {
	e := fault.As(err)
	if e == nil || len(e.Fields) == 0 {
		return err
	}
	out := *e
	out.Fields = nil
	for _, f := range e.Fields {
		f.Name = name
		out.Fields = append(out.Fields, f)
	}
	return &out
}
