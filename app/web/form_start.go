package web

import "huiyin/app/feedback"

// startQuestion is a question that new forms begin with; its texts are forms.start.OCCASION.ID.
type startQuestion struct {
	id       string
	kind     feedback.Kind
	required bool
	options  []string
	low      bool // asked only after a low score of the first question
}

// startQuestions are what a form of each occasion begins with.
var startQuestions = map[feedback.Occasion][]startQuestion{
	feedback.AfterOrder: {
		{id: "rating", kind: feedback.KindRating, required: true},
		{id: "wrong", kind: feedback.KindMultiple, options: []string{"find", "info", "page", "payment", "price", "other"}, low: true},
		{id: "more", kind: feedback.KindText},
	},
	feedback.AfterDelivery: {
		{id: "nps", kind: feedback.KindNPS, required: true},
		{id: "why", kind: feedback.KindText},
	},
	feedback.AfterChat:    {{id: "rating", kind: feedback.KindRating, required: true}, {id: "more", kind: feedback.KindText}},
	feedback.AfterSolving: {{id: "rating", kind: feedback.KindRating, required: true}, {id: "more", kind: feedback.KindText}},
	feedback.OnPage:       {{id: "rating", kind: feedback.KindRating, required: true}, {id: "more", kind: feedback.KindText}},
	feedback.ByLink: {
		{id: "rating", kind: feedback.KindRating, required: true}, {id: "more", kind: feedback.KindText},
		{id: "photos", kind: feedback.KindPhoto}, {id: "reach", kind: feedback.KindContact},
	},
	feedback.ByEmail: {{id: "nps", kind: feedback.KindNPS, required: true}, {id: "why", kind: feedback.KindText}},
}

// startForm is what a new form of an occasion asks. An occasion that there is not asks nothing, and is refused by its name.
func (s *Server) startForm(o feedback.Occasion) feedback.Definition {
	key := "forms.start." + string(o) + "."
	questions := startQuestions[o]
	if questions == nil {
		return feedback.Definition{}
	}
	d := feedback.Definition{Title: s.inEvery(key + "title"), Intro: s.inEvery(key + "intro"), Steps: []feedback.Step{{}}}
	for _, one := range questions {
		q := feedback.Question{ID: one.id, Kind: one.kind, Label: s.inEvery(key + one.id), Required: one.required}
		if one.kind == feedback.KindNPS { // each score of a rating has a word of its own
			q.Low, q.High = s.inEvery("forms.start.low"), s.inEvery("forms.start.high")
		}
		for _, name := range one.options {
			q.Options = append(q.Options, feedback.Option{ID: name, Label: s.inEvery(key + one.id + "." + name)})
		}
		if one.low {
			q.ShownIf = lowScore(questions[0].id, questions[0].kind)
		}
		d.Steps[0].Questions = append(d.Steps[0].Questions, q)
	}
	return d
}

// inEvery is a text in all languages of forms.
func (s *Server) inEvery(key string) feedback.Texts {
	t := feedback.Texts{}
	for _, locale := range feedback.Locales() {
		t[locale] = s.Texts.Text(locale, key, nil)
	}
	return t
}

// lowScore is the condition that most questions after a score have.
func lowScore(question string, k feedback.Kind) *feedback.Condition {
	value := "3"
	if k == feedback.KindNPS {
		value = "6"
	}
	return &feedback.Condition{Question: question, Op: feedback.OpAtMost, Value: value}
}
