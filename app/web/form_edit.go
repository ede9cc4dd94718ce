package web

import (
	"fmt"
	"html"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/app/feedback"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// formSettingsPage is one form: how it stands, how it comes into the shop, its settings, its versions.
type formSettingsPage struct {
	settingsFrame
	ID, Name, Href, Key, Link, Snippet, Secret string
	Published, Draft, Archived, Off            bool
	State                                      string
	QR                                         template.HTML
	Error                                      string
	NameField, Occasion, Quiet                 field
	Thresholds                                 []field
	Inboxes                                    []formInboxChoice
	Card                                       textPair
	Origins, Keep                              field
	OldUntil                                   int64 // until when the secret from before holds; 0: there is none
	Samples                                    []signingSample
	Versions                                   []formVersionLine
}

type formInboxChoice struct {
	ID, Name string
	On       bool
}

type formVersionLine struct {
	N             int
	At            int64
	Who, Href     string
	Current, Last bool
}

func (s *Server) feedbackForm(c echo.Context) error {
	f, err := s.formOf(c)
	if err != nil {
		return err
	}
	return s.showFeedbackForm(c, f, s.empty(c, nil))
}

// showFeedbackForm shows a form's page; what was refused stays as it was typed, the rest is what is saved.
func (s *Server) showFeedbackForm(c echo.Context, f *feedback.Form, sent *form) error {
	frame, err := s.settings(c, "forms")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	box, err := s.Tickets.Inbox(ctx, f.InboxID)
	if err != nil {
		return err
	}
	p := formSettingsPage{
		settingsFrame: frame, ID: f.ID.String(), Name: f.Name, Href: formPath(f), Key: f.Key, Link: s.BaseURL.JoinPath("f", f.Key).String(), Snippet: s.formSnippet(f), Secret: box.Secret,
		Published: f.Version > 0, Draft: f.Draft != nil, Archived: f.State == feedback.StateArchived, Off: box.DisabledAt != nil, Error: sent.General(),
	}
	p.State = p.formState(f)
	if p.QR, err = qrSVG(s.cardLink(f)); err != nil {
		return err
	}
	if p.Samples, err = formSamples(f.Key, p.Link); err != nil {
		return err
	}
	if until := box.OldSecretUntil; until != nil && *until > tickets.Millis(s.Now()) {
		p.OldUntil = *until
	}
	if p.Versions, err = s.formVersions(c, f, p.Href); err != nil {
		return err
	}
	if err := p.fill(s, c, f, box, sent); err != nil {
		return err
	}
	return s.render(c, sent.status(), "agent/form", p)
}

func (w *Words) formState(f *feedback.Form) string {
	switch {
	case f.State == feedback.StateArchived:
		return w.T("forms.state.archived")
	case f.Version == 0:
		return w.T("forms.state.new")
	case f.Draft != nil:
		return w.T("forms.state.draft", "version", f.Version)
	}
	return w.T("forms.state.published", "version", f.Version)
}

// formSnippet is what brings a form into a page of the shop.
func (s *Server) formSnippet(f *feedback.Form) string {
	return fmt.Sprintf("<div data-huiyin-form=\"%s\" data-order=\"…\" data-exp=\"…\" data-signature=\"…\"></div>\n<script async src=\"%s/forms.js\"></script>",
		html.EscapeString(f.Key), html.EscapeString(strings.TrimSuffix(s.BaseURL.String(), "/")))
}

// formVersions are the published versions, with who published them.
func (s *Server) formVersions(c echo.Context, f *feedback.Form, href string) (lines []formVersionLine, err error) {
	versions, err := s.Feedback.Versions(c.Request().Context(), f.ID)
	if err != nil || len(versions) == 0 {
		return nil, err
	}
	agents, err := s.Tickets.Agents(c.Request().Context())
	if err != nil {
		return nil, err
	}
	for _, v := range versions {
		line := formVersionLine{N: v.N, At: v.CreatedAt, Href: href + "/preview?version=" + itoa(v.N), Current: v.N == f.Version}
		for i := range agents {
			if v.AgentID != nil && agents[i].ID == *v.AgentID {
				line.Who = agents[i].Name
			}
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// fill adds the fields. Which of the page's forms was refused is told by its address.
func (p *formSettingsPage) fill(s *Server, c echo.Context, f *feedback.Form, box *tickets.Inbox, sent *form) error {
	saved := map[string]string{
		"name": f.Name, "occasion": string(f.Occasion), "quiet_days": itoa(f.Settings.QuietDays), "allowed_origins": strings.Join(box.Settings.AllowedOrigins, "\n"), "keep": "1",
		"card.zh-CN": f.Settings.Card["zh-CN"], "card.en": f.Settings.Card["en"],
	}
	whole := sent.err != nil && strings.HasSuffix(c.Path(), "/:form")
	out := *sent
	out.values = func(name string) string {
		if whole || sent.err != nil && saved[name] != "" && c.FormValue(name) != "" {
			return sent.values(name)
		}
		return saved[name]
	}
	in := func(one field) field {
		one.Label = p.T("forms.field." + one.Name)
		if one.Name != "occasion" {
			one.Hint = p.T("forms.hint." + one.Name)
		}
		return out.input(one)
	}
	p.NameField = in(field{Name: "name", Max: tickets.NameMax, Required: true, Complete: "off"})
	p.Occasion = in(field{Name: "occasion", Type: "select", Options: p.occasions()})
	p.Quiet = in(field{Name: "quiet_days", Type: "number", Required: true})
	p.Origins = in(field{Name: "allowed_origins", Type: "textarea", Rows: 2})
	p.Keep = in(field{Name: "keep", Type: "number", Required: true})
	p.Card = textPair{
		Words: p.Words, ID: "card", Name: "card", Label: p.T("forms.field.card"), Hint: p.T("forms.hint.card"), Zh: out.values("card.zh-CN"), En: out.values("card.en"),
		Wrong: out.wrong("card"), Max: feedback.CardMax,
	}
	for _, q := range scoredQuestions(f) {
		p.Thresholds = append(p.Thresholds, p.threshold(&out, f, q, whole))
	}
	return p.inboxes(s, c, f, whole)
}

// scoredQuestions are those of the published version and of the draft whose answer is a score.
func scoredQuestions(f *feedback.Form) (list []*feedback.Question) {
	seen := map[string]bool{}
	for _, d := range []*feedback.Definition{f.Definition, f.Draft} {
		if d == nil {
			continue
		}
		for _, q := range d.Questions() {
			if q.Kind.Scored() && !seen[q.ID] {
				seen[q.ID] = true
				list = append(list, q)
			}
		}
	}
	return list
}

// threshold chooses the score up to which a ticket opens; its value is the first score that opens none, 0 for never.
func (p *formSettingsPage) threshold(f *form, of *feedback.Form, q *feedback.Question, sent bool) field {
	one := field{
		Words: p.Words, Name: "thresholds." + q.ID, Type: "select", Label: p.T("forms.threshold.label", "question", q.Label.In(p.Locale)),
		Options: []option{{"0", p.T("forms.threshold.never")}}, Value: itoa(of.Settings.Threshold(q)), Wrong: f.wrong("thresholds." + q.ID),
	}
	if sent {
		one.Value = f.values(one.Name)
	}
	low, high := q.Kind.Range()
	for n := low; n <= high; n++ {
		one.Options = append(one.Options, option{itoa(n + 1), p.T("forms.threshold.at_most", "score", n, "high", high)})
	}
	return one
}

// inboxes are those whose tickets the form may be asked about.
func (p *formSettingsPage) inboxes(s *Server, c echo.Context, f *feedback.Form, sent bool) error {
	all, err := s.Tickets.Inboxes(c.Request().Context())
	if err != nil {
		return err
	}
	chosen := f.Settings.Inboxes
	if sent {
		chosen = sentInboxes(c)
	}
	for i := range all {
		if all[i].Channel != tickets.ChannelForm && (all[i].DisabledAt == nil || slices.Contains(chosen, all[i].ID)) {
			p.Inboxes = append(p.Inboxes, formInboxChoice{ID: all[i].ID.String(), Name: all[i].Name, On: slices.Contains(chosen, all[i].ID)})
		}
	}
	return nil
}

func sentInboxes(c echo.Context) (list []id.ID) {
	sent, err := c.FormParams()
	if err != nil {
		return nil
	}
	for _, one := range sent["inbox"] {
		if box, err := id.Parse(one); err == nil {
			list = append(list, box)
		}
	}
	return list
}

// saveFeedbackForm changes name, occasion and settings; they hold for every version, at once.
func (s *Server) saveFeedbackForm(c echo.Context) error {
	return s.changeFeedbackForm(c, func(f *feedback.Form) error {
		set := f.Settings
		set.QuietDays, set.Inboxes, set.Thresholds = sentNumber(c, "quiet_days"), sentInboxes(c), map[string]int{}
		for question, n := range f.Settings.Thresholds {
			set.Thresholds[question] = n
		}
		for _, q := range scoredQuestions(f) {
			if name := "thresholds." + q.ID; c.FormValue(name) != "" {
				set.Thresholds[q.ID] = sentNumber(c, name)
			}
		}
		set.Card = feedback.Texts{}
		for _, locale := range feedback.Locales() {
			keepText(set.Card, locale, c.FormValue("card."+locale))
		}
		_, err := s.Feedback.Save(c.Request().Context(), f.ID, c.FormValue("name"), feedback.Occasion(c.FormValue("occasion")), set)
		return err
	})
}

// saveFormSites says on which pages the form may stand; they are its inbox's.
func (s *Server) saveFormSites(c echo.Context) error {
	return s.changeFormInbox(c, func(box *tickets.Inbox) error {
		_, err := s.Tickets.UpdateInbox(c.Request().Context(), box.ID, box.Name, func(set *tickets.InboxSettings) {
			set.AllowedOrigins = strings.Fields(c.FormValue("allowed_origins"))
		})
		return err
	})
}

// rotateFormSecret makes a new secret; the one of before holds for some days.
func (s *Server) rotateFormSecret(c echo.Context) error {
	return s.changeFormInbox(c, func(box *tickets.Inbox) error {
		days, err := strconv.Atoi(c.FormValue("keep"))
		if err != nil {
			days = -1 // which is refused in words
		}
		_, err = s.Tickets.RotateInboxSecret(c.Request().Context(), box.ID, time.Duration(days)*24*time.Hour)
		return err
	})
}

func (s *Server) changeFormInbox(c echo.Context, change func(box *tickets.Inbox) error) error {
	return s.changeFeedbackForm(c, func(f *feedback.Form) error {
		box, err := s.Tickets.Inbox(c.Request().Context(), f.InboxID)
		if err != nil {
			return err
		}
		return change(box)
	})
}

// switchFeedbackForm ends a form, or takes it up again.
func (s *Server) switchFeedbackForm(c echo.Context) error {
	return s.changeFeedbackForm(c, func(f *feedback.Form) error {
		_, err := s.Feedback.Archive(c.Request().Context(), f.ID, c.FormValue("archived") == "1")
		return err
	})
}

// changeFeedbackForm runs a change of the form of the address and shows what was refused beside it.
func (s *Server) changeFeedbackForm(c echo.Context, change func(f *feedback.Form) error) error {
	f, err := s.formOf(c)
	if err != nil {
		return err
	}
	sent := s.sent(c)
	if err := change(f); err != nil {
		if fault.Is(err, fault.NotFound) {
			return err
		}
		if err := sent.refused(err); err != nil {
			return err
		}
		return s.showFeedbackForm(c, f, sent)
	}
	return c.Redirect(http.StatusSeeOther, formPath(f)+"?saved=1")
}
