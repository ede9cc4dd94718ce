package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"huiyin/mailin"
	"huiyin/mailin/probe"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// mailboxRoutes are the pages of the e-mail inboxes and what can be done there.
func (s *Server) mailboxRoutes() []route {
	const one = "/settings/inboxes/:inbox/mail"
	return []route{
		{http.MethodGet, "/settings/inboxes/email", admin, limitRead, s.newMailboxPage},
		{http.MethodPost, "/settings/inboxes/email", admin, limitWrite, s.addMailbox},
		{http.MethodGet, one, admin, limitRead, s.mailboxPage},
		{http.MethodPost, one, admin, limitWrite, s.saveMailbox},
		{http.MethodGet, one + "/health", admin, limitRead, s.mailboxHealth},
		{http.MethodPost, one + "/fetch", admin, limitWrite, s.fetchMailbox},
		{http.MethodPost, one + "/state", admin, limitWrite, s.switchMailbox},
		{http.MethodPost, one + "/test", admin, limitTry, s.tryMailbox},
		{http.MethodGet, one + "/consent", admin, limitRead, s.askConsent},
		{http.MethodGet, "/settings/mail/oauth", admin, limitSignIn, s.consented},
	}
}

// mailLine is an e-mail inbox in the list.
type mailLine struct{ Name, Href, Address, Tag, Kind string }

func mailboxPath(inbox id.ID) string { return "/settings/inboxes/" + inbox.String() + "/mail" }

// mailLines are the e-mail inboxes; one without a mailbox yet says so.
func (s *Server) mailLines(c echo.Context, inboxes []tickets.Inbox) (lines []mailLine, err error) {
	accounts, err := s.Mailboxes.Accounts(c.Request().Context())
	if err != nil {
		return nil, err
	}
	by := map[id.ID]*mailin.Account{}
	for i := range accounts {
		by[accounts[i].InboxID] = &accounts[i]
	}
	w := s.words(c)
	for i := range inboxes {
		box := &inboxes[i]
		if box.Channel != tickets.ChannelEmail {
			continue
		}
		l := mailLine{Name: box.Name, Href: mailboxPath(box.ID), Address: w.T("mailbox.none")}
		if a := by[box.ID]; a != nil {
			if l.Address = a.Address; !a.Active {
				l.Tag, l.Kind = w.T("mailbox.off"), "warn"
			}
			st, err := s.Mailboxes.Standing(c.Request().Context(), box.ID)
			if err != nil {
				return nil, err
			}
			if st.FailingSince != 0 && a.Active {
				l.Tag, l.Kind = w.T("mailbox.failing"), "bad"
			}
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// mailboxOf is the e-mail inbox of the address with its mailbox; one that was never filled in is empty. Errors: NotFound.
func (s *Server) mailboxOf(c echo.Context) (*tickets.Inbox, *mailin.Account, error) {
	missing := fault.New(fault.NotFound, "error.inbox.not_found")
	inbox, err := id.Parse(c.Param("inbox"))
	if err != nil {
		return nil, nil, missing
	}
	box, err := s.Tickets.Inbox(c.Request().Context(), inbox)
	if err != nil {
		return nil, nil, err
	}
	if box.Channel != tickets.ChannelEmail {
		return nil, nil, missing
	}
	a, err := s.Mailboxes.Account(c.Request().Context(), inbox)
	if fault.Is(err, fault.NotFound) {
		return box, &mailin.Account{InboxID: inbox, Processed: mailin.DefaultProcessed, Older: mailin.OlderLeave}, nil
	}
	return box, a, err
}

// healthView is how the reading of a mailbox goes; the part "mail-health" shows it and js/elements/live-part.js keeps it fresh.
type healthView struct {
	*Words
	Href              string
	Active, Set       bool
	PolledAt, Since   int64
	Waiting, Left     int
	Failed            int
	Why, Mend, Server string
}

func (s *Server) healthOf(c echo.Context, a *mailin.Account) (healthView, error) {
	w := s.words(c)
	h := healthView{Words: w, Href: mailboxPath(a.InboxID), Active: a.Active, Set: a.Address != ""}
	if !h.Set {
		return h, nil
	}
	st, err := s.Mailboxes.Standing(c.Request().Context(), a.InboxID)
	if err != nil {
		return h, err
	}
	h.PolledAt, h.Since, h.Waiting, h.Left, h.Failed = st.PolledAt, st.FailingSince, int(st.Waiting), int(st.LeftThere), int(st.Failed)
	if st.FailingSince != 0 {
		h.Why, h.Mend = w.T("mailbox.why."+string(st.Reason), "host", a.IMAP.Host, "folder", folderOf(a)), w.T("mailbox.mend."+string(st.Reason))
		h.Server = probe.Scrub(st.Server, a.IMAP.Password, a.IMAP.User)
	}
	return h, nil
}

func folderOf(a *mailin.Account) string {
	if a.Folder == "" {
		return "INBOX"
	}
	return a.Folder
}

func (s *Server) mailboxHealth(c echo.Context) error {
	_, a, err := s.mailboxOf(c)
	if err != nil {
		return err
	}
	h, err := s.healthOf(c, a)
	if err != nil {
		return err
	}
	return s.renderPart(c, "agent/mailbox", "mail-health", h)
}

func (s *Server) fetchMailbox(c echo.Context) error {
	box, _, err := s.mailboxOf(c)
	if err == nil {
		err = s.Mailboxes.FetchNow(c.Request().Context(), box.ID)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, mailboxPath(box.ID))
}

// switchMailbox lets mails be fetched, or not.
func (s *Server) switchMailbox(c echo.Context) error {
	box, a, err := s.mailboxOf(c)
	if err != nil {
		return err
	}
	a.Active = c.FormValue("on") == "1"
	if err := s.Mailboxes.Save(c.Request().Context(), *a); err != nil {
		f := s.sent(c)
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showMailbox(c, box, a, mailboxShown{refused: f})
	}
	return c.Redirect(http.StatusSeeOther, mailboxPath(box.ID)+"?saved=1")
}
