package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// ticketAct runs what a form of the page asks for; one that is refused is shown again with what is wrong.
func (s *Server) ticketAct(c echo.Context, fn func(t *tickets.Ticket, who *tickets.Contact) (to string, err error)) error {
	t, who, err := s.byLink(c)
	if err != nil {
		return err
	}
	to, err := fn(t, who)
	if err == nil {
		return c.Redirect(http.StatusSeeOther, to)
	}
	f := s.sent(c)
	if err := f.refused(err); err != nil {
		return err
	}
	return s.showTicketPage(c, t, who, f)
}

// ticketAnswer takes what she writes, with files or without. A chat has one open ticket: what she writes on the page of an
// older one goes there, and so does she.
func (s *Server) ticketAnswer(c echo.Context) error {
	t, who, err := s.byLink(c)
	if err != nil {
		return err
	}
	a, err := s.readAnswer(c, who)
	to := ""
	if err == nil {
		to, err = s.receiveAnswer(c, t, who, a)
	}
	if err == nil {
		return c.Redirect(http.StatusSeeOther, to)
	}
	f := &form{values: a.value, words: s.words(c), header: c.Response().Header()}
	if err := f.refused(err); err != nil {
		return err
	}
	return s.showTicketPage(c, t, who, f, s.keptFiles(c, who, a.files)...)
}

func (s *Server) receiveAnswer(c echo.Context, t *tickets.Ticket, who *tickets.Contact, a *pageAnswer) (to string, err error) {
	ctx, source := c.Request().Context(), a.value("id")
	if source == "" || len(source) > tickets.ClientIDMax {
		return "", fault.InvalidField("body", "invalid", "page.again", nil)
	}
	in := tickets.Inbound{InboxID: t.InboxID, SourceID: "page:" + source, ContactID: who.ID, Body: a.value("body"), Attachments: a.files}
	if t.Channel != tickets.ChannelChat {
		in.TicketID = t.ID
	}
	got, err := s.Tickets.Receive(ctx, in)
	if err != nil {
		return "", err
	}
	to = "/t/" + c.Param("token")
	if got.Ticket.ID != t.ID {
		token, err := s.Tickets.NewLink(ctx, got.Ticket.ID)
		if err != nil {
			return "", err
		}
		to = "/t/" + token
	}
	to += "?sent=1"
	if len(got.Masked) > 0 {
		to += "&masked=1"
	}
	return to + "#latest", nil
}

func (s *Server) ticketRate(c echo.Context) error {
	return s.ticketAct(c, func(t *tickets.Ticket, _ *tickets.Contact) (string, error) {
		score, _ := strconv.Atoi(c.FormValue("score")) // zero is refused by name
		_, err := s.Tickets.Rate(c.Request().Context(), t.ID, score, c.FormValue("comment"))
		return "/t/" + c.Param("token") + "#rating", err
	})
}

func (s *Server) ticketPhone(c echo.Context) error {
	return s.ticketAct(c, func(t *tickets.Ticket, _ *tickets.Contact) (string, error) {
		err := s.Tickets.WishText(c.Request().Context(), t.ID, c.FormValue("phone"), c.FormValue("consent") != "")
		return "/t/" + c.Param("token") + "#phone", err
	})
}

func (s *Server) ticketPhoneForget(c echo.Context) error {
	return s.ticketAct(c, func(t *tickets.Ticket, _ *tickets.Contact) (string, error) {
		return "/t/" + c.Param("token") + "#phone", s.Tickets.UnwishText(c.Request().Context(), t.ID)
	})
}

// ticketTold keeps that she wants to hear of an improvement: a tick of its own, that she has set herself.
func (s *Server) ticketTold(c echo.Context) error {
	return s.ticketAct(c, func(_ *tickets.Ticket, who *tickets.Contact) (string, error) {
		if c.FormValue("told") == "" {
			return "", fault.InvalidField("told", "required", "page.told.tick", nil)
		}
		return "/t/" + c.Param("token") + "#told", s.tell(c, who, true)
	})
}

func (s *Server) ticketUntold(c echo.Context) error {
	return s.ticketAct(c, func(_ *tickets.Ticket, who *tickets.Contact) (string, error) {
		return "/t/" + c.Param("token") + "#told", s.tell(c, who, false)
	})
}

func (s *Server) tell(c echo.Context, who *tickets.Contact, wants bool) error {
	return s.Tickets.SetTold(c.Request().Context(), tickets.Actor{Kind: tickets.ActorContact, ID: who.ID}, who.ID, wants, tickets.SourceTicket)
}

// linkView is the new address of a ticket's page, for the agent who asked for it.
type linkView struct {
	deskPage
	Number int64
	Back   string
	URL    string
}

// newTicketLink makes an address of the ticket's page, which is shown once: only a hash of it is kept.
func (s *Server) newTicketLink(c echo.Context) error {
	t, err := s.ticketOf(c)
	if err != nil {
		return err
	}
	token, err := s.Tickets.NewLink(c.Request().Context(), t.ID)
	if err != nil {
		return err
	}
	url := s.BaseURL.JoinPath("t", token).String()
	if wantsJSON(c) {
		return c.JSON(http.StatusOK, map[string]string{"url": url})
	}
	return s.showOnce(c, once{For: "link", Secret: url, ID: t.ID.String()}, ticketPath(t.Number)+"/link")
}

// ticketLinkPage shows the address that was made just now, for the only time; without one it leads back to the ticket.
func (s *Server) ticketLinkPage(c echo.Context) error {
	t, err := s.ticketOf(c)
	if err != nil {
		return err
	}
	made := s.takeOnce(c, "link")
	if made.Secret == "" || made.ID != t.ID.String() {
		return c.Redirect(http.StatusSeeOther, ticketPath(t.Number))
	}
	desk, err := s.desk(c, "")
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "agent/link", linkView{deskPage: desk, Number: t.Number, Back: ticketPath(t.Number), URL: made.Secret})
}

// revokeTicketLinks ends all addresses of the ticket's page.
func (s *Server) revokeTicketLinks(c echo.Context) error {
	return s.change(c, func(a tickets.Actor, t *tickets.Ticket) error {
		return s.Tickets.RevokeLinks(c.Request().Context(), a, t.ID)
	})
}
