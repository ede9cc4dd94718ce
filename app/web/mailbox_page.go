package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/mailin"
	"huiyin/mailin/preset"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// newMailboxPage adds an e-mail inbox: first the address, then what its provider wants.
type newMailboxPage struct {
	settingsFrame
	mailboxForm
	Asked    bool // the address is known, the rest is asked for
	Preset   string
	Provider string
	Help     string
	Presets  []presetView
}

// mailboxPage is one e-mail inbox.
type mailboxPage struct {
	settingsFrame
	mailboxForm
	Name     string
	Href     string
	Disabled bool
	Set      bool
	Active   bool
	Health   healthView
	Failed   []failedMail
	Test     testView
	Consent  string // address at which the provider is asked; empty: it takes a password
	Agreed   bool   // the provider has agreed
	Note     string // what has come of a consent that failed
	Help     string
}

// mailboxShown is what a page shows beside what is kept.
type mailboxShown struct {
	refused *form
	steps   []stepView
	note    string
}

func (s *Server) newMailboxPage(c echo.Context) error {
	address := strings.TrimSpace(c.QueryParam("address"))
	if !strings.Contains(address, "@") {
		return s.showNewMailbox(c, nil, preset.Provider{}, address)
	}
	p, chosen := preset.Named(c.QueryParam("preset"))
	if !chosen {
		p = preset.Guess(address, s.LookupMX(c.Request().Context(), address[strings.LastIndex(address, "@")+1:]))
	}
	return s.showNewMailbox(c, nil, p, address)
}

// showNewMailbox shows the first page without a provider, else the second.
func (s *Server) showNewMailbox(c echo.Context, refused *form, p preset.Provider, address string) error {
	frame, err := s.settings(c, "inboxes")
	if err != nil {
		return err
	}
	values := mailboxValues(proposed(p, address), "")
	if p.SignIn == preset.OAuth && c.QueryParam("sign_in") == "password" {
		values["sign_in"] = "password"
	}
	values["inbox_name"] = frame.T("mailbox.name_proposed")
	f := s.empty(c, values)
	if refused != nil {
		f = refused
	}
	page := newMailboxPage{settingsFrame: frame, mailboxForm: s.newMailboxForm(f, &mailin.Account{}), Asked: p.Name != "", Preset: p.Name}
	if page.Asked {
		page.Provider, page.Help, page.Code = frame.T("mailbox.preset."+p.Name), frame.T("mailbox.preset_help."+p.Name), p.SignIn == preset.Code
		page.named(p.SignIn)
	}
	for _, one := range preset.All() {
		page.Presets = append(page.Presets, presetView{one.Name, frame.T("mailbox.preset." + one.Name), one.Name == p.Name})
	}
	return s.render(c, f.status(), "agent/mailbox_new", page)
}

// named calls the password what the provider calls it.
func (m *mailboxForm) named(way preset.SignIn) {
	if way == preset.Code {
		m.Password.Label = m.T("mailbox.field.code")
	}
}

// addMailbox makes the inbox, switched off: the test that follows switches it on.
func (s *Server) addMailbox(c echo.Context) error {
	f := s.sent(c)
	a, err := sentMailbox(c, &mailin.Account{})
	var box *tickets.Inbox
	if err == nil {
		box, err = s.Mailboxes.Add(c.Request().Context(), tickets.NewInbox{Name: c.FormValue("inbox_name")}, a)
	} else if check := s.Mailboxes.Check(a); check != nil {
		err = joinFields(err, check)
	}
	if err != nil {
		if err := f.refused(renamed(err)); err != nil {
			return err
		}
		p, _ := preset.Named(c.FormValue("preset"))
		if p.Name == "" {
			p, _ = preset.Named(preset.Another)
		}
		return s.showNewMailbox(c, f, p, c.FormValue("address"))
	}
	if a.OAuth != nil {
		return c.Redirect(http.StatusSeeOther, mailboxPath(box.ID)+"?saved=1")
	}
	return c.Redirect(http.StatusSeeOther, mailboxPath(box.ID)+"?saved=1&begin=1#test")
}

// renamed says of an inbox's name that it is the field inbox_name: name is the sender's.
func renamed(err error) error {
	e := fault.As(err)
	if e == nil {
		return err
	}
	out := *e
	out.Fields = nil
	for _, one := range e.Fields {
		if one.Name == "name" {
			one.Name = "inbox_name"
		}
		out.Fields = append(out.Fields, one)
	}
	return &out
}

// joinFields tells all that is wrong at once.
func joinFields(err, more error) error {
	e, m := fault.As(err), fault.As(more)
	if e == nil || m == nil {
		return errors.Join(err, more)
	}
	out := *e
	out.Fields = append(append([]fault.Field{}, e.Fields...), m.Fields...)
	return &out
}

func (s *Server) mailboxPage(c echo.Context) error {
	box, a, err := s.mailboxOf(c)
	if err != nil {
		return err
	}
	shown := mailboxShown{}
	if c.QueryParam("consent") != "" {
		shown.note = s.words(c).T("mailbox.consent.failed")
	}
	return s.showMailbox(c, box, a, shown)
}

func (s *Server) showMailbox(c echo.Context, box *tickets.Inbox, a *mailin.Account, shown mailboxShown) error {
	frame, err := s.settings(c, "inboxes")
	if err != nil {
		return err
	}
	f := s.empty(c, mailboxValues(a, box.Name))
	if shown.refused != nil && shown.refused.err != nil && c.FormValue("address") != "" {
		f = shown.refused
	}
	p := mailboxPage{
		settingsFrame: frame, mailboxForm: s.newMailboxForm(f, a), Name: box.Name, Href: mailboxPath(box.ID), Disabled: box.DisabledAt != nil,
		Set: a.Address != "", Active: a.Active, Note: shown.note,
	}
	if shown.refused != nil {
		p.Error = shown.refused.General()
	}
	if p.Health, err = s.healthOf(c, a); err != nil {
		return err
	}
	if p.Failed, err = s.failedMails(c, a.InboxID); err != nil {
		return err
	}
	provider, _ := preset.Named(a.Preset)
	p.Code = provider.SignIn == preset.Code
	p.named(provider.SignIn)
	if provider.Name != "" {
		p.Help = p.T("mailbox.preset_help." + provider.Name)
	}
	if a.OAuth != nil {
		p.Consent, p.Agreed = p.Href+"/consent", a.OAuth.Refresh != ""
	}
	p.Test = testView{Words: frame.Words, Href: p.Href, Steps: shown.steps, Begin: c.QueryParam("begin") != "" && a.Address != "", Start: !a.Active}
	return s.render(c, f.status(), "agent/mailbox", p)
}

// saveMailbox changes everything that the page shows.
func (s *Server) saveMailbox(c echo.Context) error {
	box, old, err := s.mailboxOf(c)
	if err != nil {
		return err
	}
	f := s.sent(c)
	if err := s.changeMailbox(c, box, old); err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showMailbox(c, box, old, mailboxShown{refused: f})
	}
	return c.Redirect(http.StatusSeeOther, mailboxPath(box.ID)+"?saved=1")
}

func (s *Server) changeMailbox(c echo.Context, box *tickets.Inbox, old *mailin.Account) error {
	ctx := c.Request().Context()
	a, err := sentMailbox(c, old)
	if check := s.Mailboxes.Check(a); err != nil && check != nil {
		err = joinFields(err, check)
	} else if err == nil {
		err = check
	}
	if err != nil {
		return err
	}
	if name := c.FormValue("inbox_name"); name != box.Name {
		if err := s.renameInbox(c, box.ID, name); err != nil {
			return err
		}
	}
	return s.Mailboxes.Save(ctx, a)
}

func (s *Server) renameInbox(c echo.Context, inbox id.ID, name string) error {
	_, err := s.Tickets.UpdateInbox(c.Request().Context(), inbox, name, func(*tickets.InboxSettings) {})
	if err != nil {
		return renamed(err)
	}
	return nil
}
