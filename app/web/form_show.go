package web

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"huiyin/app/feedback"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// formShow is what a form's page is made of.
type formShow struct {
	visit   formVisit
	form    *feedback.Form
	box     *tickets.Inbox
	asked   *feedback.Definition
	version int
	answers feedback.Answers
	old     *feedback.Response // that is given again
	expired bool               // the link has been signed, too long ago
	refused *form              // what is wrong with what was sent
	source  string             // id of the sending; empty: a new one
	preview bool               // nothing of it is kept or sent
}

// formPageView is the page.
type formPageView struct {
	Page
	Title, Intro string
	Action       string
	Hidden       []hiddenField
	Steps        []formStepView
	Photos       bool // it takes files
	Order        string
	Note         string // about the link, or what was answered before
	General      string
	Wrongs       []formWrong
	Languages    []formLanguage
	NoticeURL    string
	Embed        bool
	Again        bool // it is given again
	Data         formData
}

// formWrong is one line of the list of what is to be mended.
type formWrong struct{ ID, Label, Text string }

type formLanguage struct {
	Locale, Name, URL string
	Current           bool
}

// formData is what the page's script needs.
type formData struct {
	Key    string         `json:"key"`
	Keep   string         `json:"keep"`   // name under which the browser keeps what is typed; empty: nothing is kept
	Clear  string         `json:"clear"`  // name that is done with
	Origin string         `json:"origin"` // of the page around the frame; the only one that it talks with
	Embed  bool           `json:"embed"`
	Done   bool           `json:"done"`
	Send   string         `json:"send"` // where photos go
	Files  fileRules      `json:"files"`
	Texts  map[string]any `json:"texts"`
}

type formStepView struct {
	*Words
	N         int
	Title     string
	Questions []formQuestionView
}

// formQuestionView is a question as the page asks it.
type formQuestionView struct {
	*Words
	ID, Name, Kind               string
	Label, Hint, Placeholder     string
	Low, High                    string
	Required, Conditional, Multi bool
	IfQuestion, IfOp, IfValue    string
	Choices                      []formChoice
	Value, Wrong                 string
	Max                          int
	Accept                       string
	Kept                         []fileView
}

type formChoice struct {
	Value, Text, Under string
	Checked            bool
}

// Described names the elements that explain the question's input.
func (q formQuestionView) Described() string {
	ids := ""
	if q.Hint != "" {
		ids = q.ID + "-hint"
	}
	if q.Wrong != "" {
		ids += " " + q.ID + "-wrong"
	}
	return ids
}

// First is the id of the element that a line of the list of mistakes leads to.
func (q formQuestionView) First() string {
	if len(q.Choices) > 0 {
		return q.ID + "-" + q.Choices[0].Value
	}
	return q.ID
}

var formText = regexp.MustCompile(`'((?:feedback\.page|widget\.file)(?:\.[a-z_]+)+)'`)

// findFormTexts gives the keys of the texts that the form's script names.
func findFormTexts(script []byte) []string {
	var keys []string
	for _, m := range formText.FindAllSubmatch(script, -1) {
		keys = append(keys, string(m[1]))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// showForm renders the page.
func (s *Server) showForm(c echo.Context, show formShow) error {
	p := formPageView{Page: s.page(c), Embed: show.visit.embed, Again: show.old != nil, NoticeURL: show.box.Settings.NoticeURL}
	p.Title, p.Intro = show.asked.Title.In(p.Locale), show.asked.Intro.In(p.Locale)
	if p.NoticeURL == "" {
		p.NoticeURL = s.BaseURL.JoinPath("privacy").String()
	}
	rules, err := s.fileRules(c, p.Words)
	if err != nil {
		return err
	}
	base := "/f/" + show.form.Key
	p.Action = base + show.visit.query(p.Locale)
	p.Order = show.visit.link.Order
	p.Data = formData{
		Key: show.form.Key, Keep: "huiyin:form:" + show.form.Key + ":" + show.visit.link.Order, Origin: show.visit.origin, Embed: show.visit.embed,
		Send: base + "/uploads", Files: rules, Texts: s.Texts.Select(p.Locale, s.formTexts...),
	}
	if show.preview {
		p.Action, p.Data.Keep, p.Data.Send = "#", "", ""
	}
	if show.old != nil {
		p.Data.Keep = ""
		p.Note = p.T("feedback.page.again", "until", p.Soon(show.old.EditableUntil))
	} else if show.expired {
		p.Note = p.T("feedback.page.expired")
	}
	p.Hidden = show.hidden()
	status := http.StatusOK
	if show.refused != nil {
		status, p.General = show.refused.status(), show.refused.General()
	}
	p.fill(s, &show, rules)
	p.Languages = formLanguages(c, p.Locale)
	return s.render(c, status, "public/form", p)
}

// hidden are the fields that carry the address on. Of an expired link the order stays, as a claim.
func (show *formShow) hidden() []hiddenField {
	v, source := show.visit, show.source
	if source == "" {
		source = random(16)
	}
	list := []hiddenField{{"id", source}, {"version", strconv.Itoa(show.version)}}
	link := v.link
	if show.expired {
		link.Exp, link.Signature = "", ""
	}
	for _, one := range []hiddenField{{"order", link.Order}, {"exp", link.Exp}, {"signature", link.Signature}, {"ask", v.ask}, {"edit", v.edit}, {"visitor", v.visitor}, {"page", v.page}} {
		if one.Value != "" || one.Name == "visitor" {
			list = append(list, one)
		}
	}
	return list
}

func formLanguages(c echo.Context, current string) (out []formLanguage) {
	for _, one := range []formLanguage{{Locale: "zh-CN", Name: "中文"}, {Locale: "en", Name: "English"}} {
		u := *c.Request().URL
		q := u.Query()
		q.Set("lang", one.Locale)
		u.RawQuery = q.Encode()
		one.URL, one.Current = u.RequestURI(), one.Locale == current
		out = append(out, one)
	}
	return out
}

// fill adds the questions.
func (p *formPageView) fill(s *Server, show *formShow, rules fileRules) {
	for i := range show.asked.Steps {
		step := &show.asked.Steps[i]
		view := formStepView{Words: p.Words, N: i + 1, Title: step.Title.In(p.Locale)}
		for j := range step.Questions {
			q := p.question(s, show, &step.Questions[j], rules)
			if q.Wrong != "" {
				p.Wrongs = append(p.Wrongs, formWrong{q.First(), q.Label, q.Wrong})
			}
			view.Questions = append(view.Questions, q)
		}
		p.Steps = append(p.Steps, view)
	}
	if show.refused != nil && p.General == "" {
		p.General = show.refused.wrong("answers") + show.refused.wrong("order")
	}
	if show.refused != nil && p.General == "" && len(p.Wrongs) == 0 { // of what this form does not ask
		p.General = show.refused.any()
	}
}

func (p *formPageView) question(s *Server, show *formShow, q *feedback.Question, rules fileRules) formQuestionView {
	in := func(t feedback.Texts) string { return t.In(p.Locale) }
	v := formQuestionView{
		Words: p.Words, ID: "q-" + q.ID, Name: formAnswer + q.ID, Kind: string(q.Kind), Label: in(q.Label), Hint: in(q.Hint), Placeholder: in(q.Placeholder),
		Low: in(q.Low), High: in(q.High), Required: q.Required, Multi: q.Kind == feedback.KindMultiple, Value: show.answers.First(q.ID), Max: q.Most(),
	}
	if c := q.ShownIf; c != nil {
		v.Conditional, v.IfQuestion, v.IfOp, v.IfValue = true, formAnswer+c.Question, string(c.Op), c.Value
	}
	if show.refused != nil {
		v.Wrong = show.refused.wrong(feedback.Field(q.ID))
	}
	given := show.answers[q.ID]
	low, high := q.Kind.Range()
	for n := low; q.Kind.Scored() && n <= high; n++ {
		one := formChoice{Value: strconv.Itoa(n), Text: strconv.Itoa(n)}
		one.Checked = slices.Contains(given, one.Value)
		v.Choices = append(v.Choices, one)
	}
	if q.Kind == feedback.KindRating {
		v.nameScores(p)
	}
	for _, o := range q.Options {
		v.Choices = append(v.Choices, formChoice{Value: o.ID, Text: in(o.Label), Checked: slices.Contains(given, o.ID)})
	}
	if q.Kind == feedback.KindPhoto {
		p.Photos, v.Accept, v.Kept = true, rules.Accept, s.formPhotos(given)
		if v.Hint == "" {
			v.Hint = p.T("feedback.page.photos", "max", q.Most())
		}
	}
	if q.Kind == feedback.KindContact && v.Hint == "" {
		v.Hint = p.T("feedback.page.contact")
	}
	return v
}

// nameScores writes the words of a rating below its numbers: those of its two ends where the form has some, else each has one.
func (q *formQuestionView) nameScores(p *formPageView) {
	if q.Low != "" || q.High != "" {
		q.Choices[0].Under, q.Choices[len(q.Choices)-1].Under = q.Low, q.High
		q.Low, q.High = "", ""
		return
	}
	for i := range q.Choices {
		q.Choices[i].Under = p.T("page.rating." + q.Choices[i].Value)
	}
}

// formPhotos are the files that a question has already. They are named by what whoever sees the page has just sent.
func (s *Server) formPhotos(given []string) []fileView {
	var out []fileView
	for _, text := range given {
		if one, err := id.Parse(text); err == nil {
			out = append(out, fileView{ID: one})
		}
	}
	return out
}

// refuseAnswers shows the form again with what is wrong.
func (s *Server) refuseAnswers(c echo.Context, show formShow, err error) error {
	f := s.empty(c, nil)
	if err := f.refused(err); err != nil {
		return err
	}
	show.refused = f
	return s.showForm(c, show)
}

// noForm tells a refusal of the form as a whole from one that the form itself can mend.
func noForm(err error) *fault.Error {
	e := fault.As(err)
	if e == nil || e.Kind == fault.Invalid || e.Kind == fault.Internal || e.Kind == fault.Unavailable || e.Kind == fault.TooMany || e.Kind == fault.TooLarge {
		return nil
	}
	return e
}
