package web

import (
	"context"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/app/auth"
	"huiyin/app/privacy"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// contactRoutes are a person's page and what may be done with her data.
func (s *Server) contactRoutes() []route {
	return []route{
		{http.MethodGet, "/contacts/:contact", agent, limitRead, s.contactPage},
		{http.MethodGet, "/contacts/:contact/identities/:identity", agent, limitRead, s.revealContact},
		{http.MethodPost, "/contacts/:contact/export", manager, limitExport, s.exportContact},
		{http.MethodPost, "/contacts/:contact/erasure", manager, limitWrite, s.eraseContact},
		{http.MethodPost, "/contacts/:contact/hold", manager, limitWrite, s.holdContact},
		{http.MethodPost, "/contacts/:contact/told/withdrawal", agent, limitWrite, s.withdrawTold},
		{http.MethodGet, "/settings/access", admin, limitRead, s.accessPage},
	}
}

// contactTickets is how many tickets the page shows at once.
const contactTickets = 30

// contactOrders is how many of her latest orders it shows.
const contactOrders = 30

type contactPage struct {
	deskPage
	ID            id.ID
	Contact       contactView
	Erased        bool
	JustErased    bool
	MayErase      bool   // she is a manager or an administrator
	KeptAt        *int64 // since when she is under legal hold
	IsAdmin       bool
	Consents      []tickets.Consent
	Told          bool // she wants to be told of improvements
	Tickets       []earlierView
	Next          string // address of older tickets
	Orders        []*orderView
	Error         string
	Word          string // what is to be typed
	Reason, Typed field
}

func (s *Server) contactOf(c echo.Context) (*tickets.Contact, error) {
	one, err := id.Parse(c.Param("contact"))
	if err != nil {
		return nil, fault.New(fault.NotFound, "web.error.not_found")
	}
	return s.Privacy.Living(c.Request().Context(), one)
}

func (s *Server) contactPage(c echo.Context) error { return s.showContact(c, s.empty(c, nil)) }

func (s *Server) showContact(c echo.Context, f *form) error {
	ctx := c.Request().Context()
	contact, err := s.contactOf(c)
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "contact")
	if err != nil {
		return err
	}
	p := contactPage{
		deskPage: desk, ID: contact.ID, Erased: contact.KeyID == 0, JustErased: c.QueryParam("erased") != "", Error: f.General(),
		MayErase: of(c).agent.Role != tickets.RoleAgent, Word: desk.T("privacy.erase.word"),
	}
	p.Contact = viewOfContact(p.Words, contact, "/contacts/"+contact.ID.String())
	p.KeptAt, p.IsAdmin = contact.KeptAt, desk.Me.IsAdmin()
	if p.Consents, err = s.Tickets.Consents(ctx, contact.ID); err != nil {
		return err
	}
	p.Told = slices.ContainsFunc(p.Consents, func(k tickets.Consent) bool { return k.Purpose == tickets.PurposeTold && k.WithdrawnAt == nil })
	before, _ := id.Parse(c.QueryParam("before")) // zero, from the newest, when it is none
	list, err := s.Tickets.EarlierTickets(ctx, contact.ID, before, contactTickets+1)
	if err != nil {
		return err
	}
	if len(list) > contactTickets {
		list = list[:contactTickets]
		p.Next = "/contacts/" + contact.ID.String() + "?before=" + list[contactTickets-1].ID.String()
	}
	hers, err := s.Orders.OfContact(ctx, contact.ID, nil, contactOrders)
	if err != nil {
		return err
	}
	p.Orders = viewsOfOrders(p.Words, hers)
	for i := range list {
		p.Tickets = append(p.Tickets, earlierOf(&list[i], ""))
	}
	var reasons []option
	for _, r := range privacy.Reasons() {
		reasons = append(reasons, option{string(r), p.T("privacy.reason." + string(r))})
	}
	p.Reason = f.input(field{Name: "reason", Type: "select", Label: p.T("privacy.erase.reason"), Options: reasons})
	p.Typed = f.input(field{Name: "typed", Label: p.T("privacy.erase.type", "word", p.Word), Complete: "off", Max: 40, Required: true})
	return s.render(c, f.status(), "agent/contact", p)
}

// earlierOf is a ticket in a list of a contact's.
func earlierOf(t *tickets.Ticket, suffix string) earlierView {
	view := earlierView{Number: strconv.FormatInt(t.Number, 10), Href: ticketPath(t.Number) + suffix, Text: t.Subject, Class: statusClass(t.Status), Status: t.Status}
	if view.Text == "" {
		view.Text = t.Preview
	}
	return view
}

// revealContact gives the whole of a value that the page shows in part; that she saw it is noted first.
func (s *Server) revealContact(c echo.Context) error {
	contact, err := s.contactOf(c)
	if err != nil {
		return err
	}
	return s.reveal(c, contact)
}

func (s *Server) reveal(c echo.Context, contact *tickets.Contact) error {
	for _, i := range contact.Identities {
		if i.ID.String() != c.Param("identity") {
			continue
		}
		if err := s.Privacy.Note(c.Request().Context(), of(c).agent.ID, privacy.ActionReveal, contact.ID); err != nil {
			return err
		}
		return c.JSON(http.StatusOK, map[string]string{"value": i.Value})
	}
	return fault.New(fault.NotFound, "web.error.not_found")
}

// exportContact gives all that is kept of a person as a ZIP file; that it was taken out is noted first.
func (s *Server) exportContact(c echo.Context) error {
	ctx := c.Request().Context()
	contact, err := s.contactOf(c)
	if err != nil {
		return err
	}
	out, err := s.Privacy.Export(ctx, contact.ID, privacy.ExportOptions{Notes: c.FormValue("notes") != ""})
	if err != nil {
		return err
	}
	if err := s.Privacy.Note(ctx, of(c).agent.ID, privacy.ActionExport, contact.ID); err != nil {
		return err
	}
	// an export may be large: the server's own limit is for pages
	_ = http.NewResponseController(c.Response()).SetWriteDeadline(s.Now().Add(limitExport.wait))
	h := c.Response().Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "contact-" + contact.ID.String() + ".zip"}))
	h.Set("Cache-Control", "no-store")
	c.Response().WriteHeader(http.StatusOK)
	if err := out.WriteTo(ctx, c.Response()); err != nil {
		if ctx.Err() == nil {
			s.Log.WarnContext(ctx, "an export was not given to its end", "id", of(c).id, "error", err)
		}
		panic(http.ErrAbortHandler) // the reader must not take half of it for the whole
	}
	return nil
}

func (s *Server) eraseContact(c echo.Context) error {
	contact, err := s.contactOf(c)
	if err != nil {
		return err
	}
	f := s.sent(c)
	if word := f.words.T("privacy.erase.word"); !strings.EqualFold(strings.TrimSpace(c.FormValue("typed")), word) {
		err = fault.InvalidField("typed", "invalid", "privacy.error.typed", map[string]any{"word": word})
	} else {
		err = s.erase(c, contact.ID, c.FormValue("reason"))
	}
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showContact(c, f)
	}
	return c.Redirect(http.StatusSeeOther, "/contacts/"+contact.ID.String()+"?erased=1")
}

// holdContact puts a person under legal hold, or takes her from it.
func (s *Server) holdContact(c echo.Context) error {
	contact, err := s.contactOf(c)
	if err != nil {
		return err
	}
	return s.contactChanged(c, contact.ID, s.Privacy.Keep(c.Request().Context(), auth.ActorOf(of(c).agent), contact.ID, c.FormValue("hold") != ""))
}

// withdrawTold takes back, at her word, that she wants to be told of improvements.
func (s *Server) withdrawTold(c echo.Context) error {
	contact, err := s.contactOf(c)
	if err != nil {
		return err
	}
	return s.contactChanged(c, contact.ID, s.Tickets.SetTold(c.Request().Context(), auth.ActorOf(of(c).agent), contact.ID, false, tickets.SourceAgent))
}

// contactChanged shows the page again, with why it was refused.
func (s *Server) contactChanged(c echo.Context, contact id.ID, err error) error {
	if err == nil {
		return c.Redirect(http.StatusSeeOther, "/contacts/"+contact.String())
	}
	f := s.empty(c, nil)
	if err := f.refused(err); err != nil {
		return err
	}
	return s.showContact(c, f)
}

// erase goes on when the browser has gone away: what was decided is finished.
func (s *Server) erase(c echo.Context, contact id.ID, reason string) error {
	ctx := context.WithoutCancel(c.Request().Context())
	return s.Privacy.Erase(ctx, auth.ActorOf(of(c).agent), contact, tickets.ErasureReason(reason))
}

// deleteContact is erasing by a program: ?reason=request (the default) or unneeded.
func (s *Server) deleteContact(c echo.Context) error {
	contact, err := s.contactOf(c)
	if err != nil {
		return err
	}
	reason := c.QueryParam("reason")
	if reason == "" {
		reason = string(tickets.ErasedOnRequest)
	}
	if err := s.erase(c, contact.ID, reason); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
