package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"huiyin/app/feedback"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// formSettingsRoutes are the settings of feedback forms: the list, a form's page, its builder, preview and card.
func (s *Server) formSettingsRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/settings/forms", manager, limitRead, s.feedbackForms},
		{post, "/settings/forms", manager, limitWrite, s.addFeedbackForm},
		{get, "/settings/forms/:form", manager, limitRead, s.feedbackForm},
		{post, "/settings/forms/:form", manager, limitWrite, s.saveFeedbackForm},
		{post, "/settings/forms/:form/state", manager, limitWrite, s.switchFeedbackForm},
		{post, "/settings/forms/:form/sites", admin, limitWrite, s.saveFormSites},
		{post, "/settings/forms/:form/secret", admin, limitWrite, s.rotateFormSecret},
		{get, "/settings/forms/:form/builder", manager, limitRead, s.formBuilder},
		{post, "/settings/forms/:form/draft", manager, limitWrite, s.saveFormDraft},
		{post, "/settings/forms/:form/draft/removal", manager, limitWrite, s.dropFormDraft},
		{post, "/settings/forms/:form/versions", manager, limitWrite, s.publishForm},
		{get, "/settings/forms/:form/preview", manager, limitRead, s.formPreview},
		{get, "/settings/forms/:form/card", manager, limitRead, s.formCard},
		{get, "/settings/forms/:form/qr.png", manager, limitRead, s.formQR},
	}
}

const formsPath = "/settings/forms"

func formPath(f *feedback.Form) string { return formsPath + "/" + f.ID.String() }

// formsPage is the list of the forms, and the form of a new one.
type formsPage struct {
	settingsFrame
	Forms                    []formLine
	Archived                 []formLine
	Error                    string
	NewName, Occasion, Inbox field
}

type formLine struct {
	Name, Href, Builder, Link, Report, What string
	Published, Draft                        bool
	Version                                 int
}

func (s *Server) feedbackForms(c echo.Context) error {
	return s.showForms(c, s.empty(c, map[string]string{"occasion": string(feedback.AfterOrder)}))
}

func (s *Server) showForms(c echo.Context, f *form) error {
	frame, err := s.settings(c, "forms")
	if err != nil {
		return err
	}
	list, err := s.Feedback.Forms(c.Request().Context())
	if err != nil {
		return err
	}
	boxes, err := s.formInboxes(c)
	if err != nil {
		return err
	}
	p := formsPage{settingsFrame: frame, Error: f.General()}
	for i := range list {
		one := &list[i]
		line := formLine{
			Name: one.Name, Href: formPath(one), Builder: formPath(one) + "/builder", Published: one.Version > 0, Draft: one.Draft != nil, Version: one.Version,
			What: p.T("forms.occasion." + string(one.Occasion)),
		}
		if line.Published {
			line.Report = "/feedback?form=" + one.ID.String()
		}
		for _, box := range boxes {
			if box.ID == one.InboxID && box.Name != one.Name {
				line.What += " · " + box.Name
			}
		}
		if one.State == feedback.StateArchived {
			p.Archived = append(p.Archived, line)
			continue
		}
		if line.Published {
			line.Link = s.BaseURL.JoinPath("f", one.Key).String()
		}
		p.Forms = append(p.Forms, line)
	}
	inboxes := []option{{"", p.T("forms.inbox.new")}}
	for _, box := range boxes {
		inboxes = append(inboxes, option{box.ID.String(), box.Name})
	}
	p.NewName = f.input(field{Name: "name", Label: p.T("forms.field.name"), Hint: p.T("forms.hint.name"), Max: tickets.NameMax, Required: true, Complete: "off"})
	p.Occasion = f.input(field{Name: "occasion", Type: "select", Label: p.T("forms.field.occasion"), Hint: p.T("forms.hint.start"), Options: p.occasions()})
	p.Inbox = f.input(field{Name: "inbox", Type: "select", Label: p.T("forms.field.inbox"), Hint: p.T("forms.hint.inbox"), Options: inboxes})
	return s.render(c, f.status(), "agent/forms", p)
}

func (w *Words) occasions() (list []option) {
	for _, o := range feedback.Occasions() {
		list = append(list, option{string(o), w.T("forms.occasion." + string(o))})
	}
	return list
}

// formInboxes are the inboxes for forms that are not switched off.
func (s *Server) formInboxes(c echo.Context) (list []tickets.Inbox, err error) {
	all, err := s.Tickets.Inboxes(c.Request().Context())
	for i := range all {
		if all[i].Channel == tickets.ChannelForm && all[i].DisabledAt == nil {
			list = append(list, all[i])
		}
	}
	return list, err
}

// addFeedbackForm makes a form that asks what its occasion's forms begin with, and leads to the builder.
func (s *Server) addFeedbackForm(c echo.Context) error {
	f, occasion := s.sent(c), feedback.Occasion(c.FormValue("occasion"))
	n := feedback.NewForm{
		Name: c.FormValue("name"), Occasion: occasion, Settings: feedback.Settings{QuietDays: feedback.DefaultQuietDays}, Definition: s.startForm(occasion),
	}
	var err error
	if box := c.FormValue("inbox"); box != "" {
		if n.InboxID, err = id.Parse(box); err != nil {
			err = fault.InvalidField("inbox", "inbox", "feedback.error.inbox", nil)
		}
	}
	var made *feedback.Form
	if err == nil {
		made, err = s.Feedback.Create(c.Request().Context(), n)
	}
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showForms(c, f)
	}
	return c.Redirect(http.StatusSeeOther, formPath(made)+"/builder")
}

// formOf is the form that the address names. Errors: NotFound.
func (s *Server) formOf(c echo.Context) (*feedback.Form, error) {
	form, err := id.Parse(c.Param("form"))
	if err != nil {
		return nil, fault.New(fault.NotFound, "feedback.error.unknown_form")
	}
	return s.Feedback.Form(c.Request().Context(), form)
}
