package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"huiyin/app/feedback"
	"huiyin/tickets/fault"
)

// formBuilderPage is where a form's questions are made. Its fields are those of form_sent.go; "builder-parts" is what changes while
// somebody works, and scripts fetch it anew after each change of order or number.
type formBuilderPage struct {
	settingsFrame
	Name, Href string
	Parts      builderView
}

// builderView is the state of the draft and its steps.
type builderView struct {
	*Words
	Error      string
	State      string
	Base       string // names the draft that the page shows
	Draft      bool   // there is something that is not published
	CanDrop    bool
	Head       []textPair // of the form as a whole
	Thanks     textPair
	Steps      []builderStep
	Kinds      []option
	Focus      string // where the person goes on
	Said       string // what was done, for who cannot see it
	CanAddStep bool
}

type builderStep struct {
	*Words
	N                 int // from 0
	ID, Wrong         string
	Title             textPair
	Questions         []builderQuestion
	Kinds             []option
	First, Last, Only bool
}

// Next is its number as people count.
func (s builderStep) Next() int { return s.N + 1 }

// builderQuestion is one question with all that can be said of it.
type builderQuestion struct {
	*Words
	ID, Element, Kind, KindText string
	Title, When                 string // its label and its condition, in the list
	Wrong                       string // what is wrong with no field of it
	Open, First, Last           bool
	KindField                   field
	Required, CanRequire        bool
	Texts                       []textPair
	HasOptions                  bool
	Options                     []builderOption
	OptionsWrong                string
	Most                        *field
	Condition                   []field
}

type builderOption struct {
	*Words
	ID, Question, Name, Element string
	N                           int
	Zh, En                      string
	Wrong                       string
	Old, First, Last            bool // Old: it can be moved and removed
}

// textPair is a text in both languages.
type textPair struct {
	*Words
	ID, Name, Label, Hint, Wrong string
	Zh, En                       string
	Rows, Max                    int // Rows 0: one line
	Required, Focus              bool
}

// Described names the elements that explain the texts.
func (t textPair) Described() string {
	return field{Hint: t.Hint, Wrong: t.Wrong, Name: "-", Prefix: t.ID}.Described()
}

func questionID(question string) string { return "q-" + question }

func stepID(n int) string { return "s-" + itoa(n) }

// builderShown is what a page of the builder shows beside what is kept.
type builderShown struct {
	change  formChange
	refused *form
}

func (s *Server) formBuilder(c echo.Context) error {
	f, err := s.formOf(c)
	if err != nil {
		return err
	}
	return s.showBuilder(c, f, draftOf(f), builderShown{change: formChange{Open: c.QueryParam("open")}})
}

// draftOf is what is being built, or what is published.
func draftOf(f *feedback.Form) feedback.Definition {
	switch {
	case f.Draft != nil:
		return *f.Draft
	case f.Definition != nil:
		return *f.Definition
	}
	return feedback.Definition{}
}

func (s *Server) showBuilder(c echo.Context, f *feedback.Form, d feedback.Definition, shown builderShown) error {
	frame, err := s.settings(c, "forms")
	if err != nil {
		return err
	}
	of(c).policy.Frames = true // of the preview
	p := formBuilderPage{settingsFrame: frame, Name: f.Name, Href: formPath(f), Parts: builderOf(frame.Words, f, &d, shown)}
	status := http.StatusOK
	if shown.refused != nil {
		status = shown.refused.status()
	}
	return s.render(c, status, "agent/form_builder", p)
}

// saveFormDraft keeps what was typed and does what the pressed button says. Scripts ask for the parts of the page that change.
func (s *Server) saveFormDraft(c echo.Context) error {
	f, d, err := s.sentForm(c)
	if err != nil {
		return err
	}
	do := c.FormValue("do")
	change := changeForm(&d, do, feedback.Kind(c.FormValue("kind."+afterColon(do))))
	change = change.after(changeKinds(&d, draftOf(f), f.Definition))
	if f, err = s.keepDraft(c, f, d); err != nil {
		return err
	}
	if c.FormValue("as") == "part" {
		return s.renderPart(c, "agent/form_builder", "builder-parts", builderOf(s.words(c), f, &d, builderShown{change: change}))
	}
	to := formPath(f) + "/builder"
	if change.Open != "" {
		to += "?open=" + url.QueryEscape(change.Open)
	}
	if change.Focus != "" {
		to += "#" + url.PathEscape(change.Focus)
	}
	return c.Redirect(http.StatusSeeOther, to)
}

// sentForm reads the form of the address and what the builder has sent for it.
func (s *Server) sentForm(c echo.Context) (*feedback.Form, feedback.Definition, error) {
	f, err := s.formOf(c)
	if err != nil {
		return nil, feedback.Definition{}, err
	}
	sent, err := c.FormParams()
	if err != nil {
		return nil, feedback.Definition{}, tooMuch(err, errBadForm)
	}
	if len(sent["item"]) == 0 { // nothing of a form came: nothing is thrown away for it
		return nil, feedback.Definition{}, fault.New(fault.Invalid, "web.error.bad_request")
	}
	d, now := sentDefinition(sent), draftOf(f)
	if base := sent.Get("base"); base != "" && base != formBase(&now) && !sameForm(&d, &now) {
		return nil, d, fault.New(fault.Conflict, "forms.changed")
	}
	return f, d, nil
}

// keepDraft keeps what is being built. What is published already makes no draft.
func (s *Server) keepDraft(c echo.Context, f *feedback.Form, d feedback.Definition) (*feedback.Form, error) {
	if f.Draft == nil && f.Definition != nil && sameForm(&d, f.Definition) {
		return f, nil
	}
	return s.Feedback.SaveDraft(c.Request().Context(), f.ID, d)
}

// formBase names a state of the draft: who builds on another one would undo what somebody else has done meanwhile.
func formBase(d *feedback.Definition) string {
	text, err := json.Marshal(d)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

func sameForm(a, b *feedback.Definition) bool {
	one, err := json.Marshal(a)
	if err != nil {
		return false
	}
	two, err := json.Marshal(b)
	return err == nil && bytes.Equal(one, two)
}

// publishForm keeps what was typed and makes it the next version. What is wrong is said at its field.
func (s *Server) publishForm(c echo.Context) error {
	f, d, err := s.sentForm(c)
	if err != nil {
		return err
	}
	changeKinds(&d, draftOf(f), f.Definition)
	d = withoutWaiting(&d)
	if f, err = s.keepDraft(c, f, d); err != nil {
		return err
	}
	if _, err = s.Feedback.Publish(c.Request().Context(), actor(c), f.ID); err != nil {
		refused := s.sent(c)
		if err := refused.refused(err); err != nil {
			return err
		}
		return s.showBuilder(c, f, d, builderShown{refused: refused})
	}
	return c.Redirect(http.StatusSeeOther, formPath(f)+"?saved=1")
}

func (s *Server) dropFormDraft(c echo.Context) error {
	f, err := s.formOf(c)
	if err != nil {
		return err
	}
	if _, err = s.Feedback.DropDraft(c.Request().Context(), f.ID); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, formPath(f)+"/builder")
}
