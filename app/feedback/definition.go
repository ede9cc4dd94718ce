package feedback

import (
	"strconv"
	"strings"
)

// Kind is what a question asks for.
type Kind string

// The kinds of question.
const (
	KindRating   Kind = "rating"   // 1 to 5
	KindNPS      Kind = "nps"      // 0 to 10
	KindSingle   Kind = "single"   // one option
	KindMultiple Kind = "multiple" // any options
	KindText     Kind = "text"
	KindContact  Kind = "contact" // an e-mail address or a phone number, a claim
	KindPhoto    Kind = "photo"
)

// Kinds are all of them, in the order of the builder.
func Kinds() []Kind {
	return []Kind{KindRating, KindNPS, KindSingle, KindMultiple, KindText, KindContact, KindPhoto}
}

// Texts are a text in the languages of the desk: "zh-CN", "en".
type Texts map[string]string

// In gives the text in a language, or in the one that there is.
func (t Texts) In(locale string) string {
	if text := t[locale]; text != "" {
		return text
	}
	for _, other := range Locales() {
		if text := t[other]; text != "" {
			return text
		}
	}
	return ""
}

// Locales are the languages that a form may speak, the shop's first.
func Locales() []string { return []string{"zh-CN", "en"} }

// Definition is what a version of a form asks.
type Definition struct {
	Title  Texts  `json:"title"`
	Intro  Texts  `json:"intro,omitempty"`
	Thanks Texts  `json:"thanks,omitempty"` // of the thanks page; empty: the desk's own words
	Steps  []Step `json:"steps"`
}

// Step is one page of a form.
type Step struct {
	Title     Texts      `json:"title,omitempty"`
	Questions []Question `json:"questions"`
}

// Question is one thing that is asked. ID stays the same from version to version, so that counts go on.
type Question struct {
	ID          string     `json:"id"` // a-z, 0-9, _
	Kind        Kind       `json:"kind"`
	Label       Texts      `json:"label"`
	Hint        Texts      `json:"hint,omitempty"`
	Placeholder Texts      `json:"placeholder,omitempty"`
	Low         Texts      `json:"low,omitempty"`  // what the lowest score means
	High        Texts      `json:"high,omitempty"` // what the highest score means
	Required    bool       `json:"required,omitempty"`
	Options     []Option   `json:"options,omitempty"`
	ShownIf     *Condition `json:"shown_if,omitempty"`
	Max         int        `json:"max,omitempty"` // code points of a text, photos; 0: TextMax, PhotosMax
}

// Option is one choice of a question.
type Option struct {
	ID    string `json:"id"` // as a question's
	Label Texts  `json:"label"`
}

// Op says how a condition compares.
type Op string

// The ways to compare. All but is answered for a question without an answer by no.
const (
	OpIs       Op = "is"  // the answer, or one of several
	OpNot      Op = "not" // answered, and not so
	OpAtMost   Op = "at_most"
	OpAtLeast  Op = "at_least"
	OpAnswered Op = "answered"
)

// Ops are all of them, in the order of the builder.
func Ops() []Op { return []Op{OpIs, OpNot, OpAtMost, OpAtLeast, OpAnswered} }

// Condition says when a question is shown: by an earlier one's answer.
type Condition struct {
	Question string `json:"question"`
	Op       Op     `json:"op"`
	Value    string `json:"value,omitempty"` // an option, or a score
}

// Answers are what was answered, by question: a score, options, a text, an address, or ids of files. A question without an answer
// is not in it.
type Answers map[string][]string

// First gives a question's only answer, or "".
func (a Answers) First(question string) string {
	if v := a[question]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// holds tells whether a question with this condition is shown.
func (c *Condition) holds(a Answers) bool {
	if c == nil {
		return true
	}
	values := a[c.Question]
	if len(values) == 0 {
		return false
	}
	switch c.Op {
	case OpAnswered:
		return true
	case OpIs, OpNot:
		found := false
		for _, v := range values {
			found = found || v == c.Value
		}
		return found == (c.Op == OpIs)
	}
	got, err1 := strconv.Atoi(values[0])
	than, err2 := strconv.Atoi(c.Value)
	if err1 != nil || err2 != nil {
		return false
	}
	return c.Op == OpAtMost && got <= than || c.Op == OpAtLeast && got >= than
}

// Questions are all questions, in order.
func (d *Definition) Questions() []*Question {
	var out []*Question
	for i := range d.Steps {
		for j := range d.Steps[i].Questions {
			out = append(out, &d.Steps[i].Questions[j])
		}
	}
	return out
}

// Question gives a question by its id, or nil.
func (d *Definition) Question(id string) *Question {
	for _, q := range d.Questions() {
		if q.ID == id {
			return q
		}
	}
	return nil
}

// Range is the lowest and the highest score of a question; 0, 0: it has none.
func (k Kind) Range() (low, high int) {
	switch k {
	case KindRating:
		return 1, 5
	case KindNPS:
		return 0, 10
	}
	return 0, 0
}

// Scored tells whether the answer is a score.
func (k Kind) Scored() bool { return k == KindRating || k == KindNPS }

// Chosen tells whether the answer is one of the question's options.
func (k Kind) Chosen() bool { return k == KindSingle || k == KindMultiple }

// option tells whether a question has an option.
func (q *Question) option(id string) bool {
	for i := range q.Options {
		if q.Options[i].ID == id {
			return true
		}
	}
	return false
}

// Most is how long a text may be, or how many photos there may be.
func (q *Question) Most() int {
	switch {
	case q.Max > 0:
		return q.Max
	case q.Kind == KindPhoto:
		return PhotosMax
	}
	return TextMax
}

// score is a question's score among the answers.
func (a Answers) score(question string) (int, bool) {
	n, err := strconv.Atoi(a.First(question))
	return n, err == nil
}

// said joins what was answered, for a person.
func (q *Question) said(values []string, locale string) string {
	switch {
	case q.Kind.Scored():
		_, high := q.Kind.Range()
		return values[0] + " / " + strconv.Itoa(high)
	case q.Kind.Chosen():
		var names []string
		for _, v := range values {
			for i := range q.Options {
				if q.Options[i].ID == v {
					names = append(names, q.Options[i].Label.In(locale))
				}
			}
		}
		between := ", "
		if strings.HasPrefix(locale, "zh") {
			between = "、"
		}
		return strings.Join(names, between)
	case q.Kind == KindPhoto:
		return strconv.Itoa(len(values))
	}
	return values[0]
}

// Said is what was answered, for a person; empty where nothing was.
func (q *Question) Said(values []string, locale string) string {
	if len(values) == 0 {
		return ""
	}
	return q.said(values, locale)
}
