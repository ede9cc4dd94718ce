package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"huiyin/mailin"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// failedMail is a mail of which nothing could be made.
type failedMail struct {
	mailin.FailedMail
	Href   string // of the mail; empty: it is not kept any more
	Ticket string // address of the ticket that has it as a file
}

func (s *Server) failedRoutes() []route {
	const one = "/settings/inboxes/:inbox/mail/failed/:mail"
	return []route{
		{http.MethodGet, one, admin, limitRead, s.failedRaw},
		{http.MethodPost, one, admin, limitWrite, s.retryMail},
	}
}

// failedMails are the newest of an inbox.
func (s *Server) failedMails(c echo.Context, inbox id.ID) (out []failedMail, err error) {
	list, err := s.Mailboxes.FailedMails(c.Request().Context(), inbox)
	for _, one := range list {
		f := failedMail{FailedMail: one}
		if one.Kept {
			f.Href = mailboxPath(inbox) + "/failed/" + one.ID.String()
		}
		if t, err := s.Tickets.Ticket(c.Request().Context(), one.Ticket); err == nil {
			f.Ticket = ticketPath(t.Number)
		}
		out = append(out, f)
	}
	return out, err
}

// failedOf is the inbox and the mail of an address.
func (s *Server) failedOf(c echo.Context) (inbox, failed id.ID, err error) {
	box, _, err := s.mailboxOf(c)
	if err != nil {
		return 0, 0, err
	}
	if failed, err = id.Parse(c.Param("mail")); err != nil {
		return 0, 0, fault.New(fault.NotFound, "mailin.error.raw_gone")
	}
	return box.ID, failed, nil
}

// failedRaw is such a mail as it came.
func (s *Server) failedRaw(c echo.Context) error {
	inbox, failed, err := s.failedOf(c)
	if err != nil {
		return err
	}
	raw, err := s.Mailboxes.Raw(c.Request().Context(), inbox, failed)
	if err != nil {
		return err
	}
	return s.rawMail(c, raw, failed.String()+".eml")
}

func (s *Server) retryMail(c echo.Context) error {
	inbox, failed, err := s.failedOf(c)
	if err != nil {
		return err
	}
	if err := s.Mailboxes.Retry(c.Request().Context(), inbox, failed); err != nil {
		return err
	}
	return s.done(c, mailboxPath(inbox)+"?saved=1", nil)
}
