package web

import (
	"bytes"
	"net/http"
	"net/url"
	"path"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/app/feedback"
	"huiyin/tickets/fault"
)

// formThanksPage says what happens next.
type formThanksPage struct {
	Page
	Title, Thanks string
	Number        int64  // of the ticket; 0: there is none
	Link          string // to the ticket's page
	Expect        string
	Edit          string // address where the answers are changed; empty: they cannot be
	EditUntil     string
	Masked        bool
	Embed         bool
	Phone         field
	PhoneAction   string
	PhoneShown    string
	ConsentWrong  string
	Hidden        []hiddenField
	Data          formData
}

// formThanks is where a form leads that was taken. Its address holds two tokens: of the response and of the ticket.
func (s *Server) formThanks(c echo.Context) error { return s.showThanks(c, c.QueryParam, nil) }

func (s *Server) showThanks(c echo.Context, value func(string) string, refused *form) error {
	v := formVisitOf(c.Param("key"), value)
	f, _, done, err := s.formOpen(c, v)
	if done || err != nil {
		return err
	}
	p := formThanksPage{Page: s.page(c), Embed: v.embed, Masked: value("masked") != ""}
	p.Title, p.Thanks = f.Definition.Title.In(p.Locale), f.Definition.Thanks.In(p.Locale)
	p.Data = formData{Key: f.Key, Origin: v.origin, Embed: v.embed, Done: true}
	if err := s.fillThanksResponse(c, &p, f, v, value("r")); err != nil {
		return err
	}
	status := http.StatusOK
	if token := value("t"); token != "" {
		if refused == nil {
			refused = s.empty(c, nil)
		}
		status = refused.status()
		if err := s.fillThanksTicket(c, &p, v, token, refused); err != nil {
			return err
		}
		p.Hidden = []hiddenField{{"r", value("r")}, {"t", token}}
	}
	return s.render(c, status, "public/form_thanks", p)
}

// fillThanksResponse adds how the answers can be changed, and lets the browser forget what it has kept.
func (s *Server) fillThanksResponse(c echo.Context, p *formThanksPage, f *feedback.Form, v formVisit, token string) error {
	r, err := s.Feedback.ResponseByEdit(c.Request().Context(), token)
	if fault.Is(err, fault.NotFound) || err == nil && r.FormID != f.ID {
		return nil
	}
	if err != nil {
		return err
	}
	p.Data.Clear = "huiyin:form:" + f.Key + ":"
	if s.Feedback.Editable(r) {
		p.Edit = "/f/" + f.Key + v.query(p.Locale) + "&edit=" + url.QueryEscape(token)
		p.EditUntil = p.Soon(r.EditableUntil)
	}
	return nil
}

// fillThanksTicket adds the ticket's number, its page, and the wish to be told by text message.
func (s *Server) fillThanksTicket(c echo.Context, p *formThanksPage, v formVisit, token string, f *form) error {
	ctx := c.Request().Context()
	t, _, err := s.Tickets.TicketByLink(ctx, token)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	p.Number, p.Link = t.Number, "/t/"+token
	p.PhoneAction = "/f/" + url.PathEscape(v.key) + "/phone" + v.query(p.Locale)
	var page ticketPageView
	page.Page = p.Page
	if err := s.fillPhone(ctx, &page, t, f); err != nil {
		return err
	}
	if err := s.fillExpect(ctx, &page, t, f); err != nil {
		return err
	}
	p.Phone, p.PhoneShown, p.ConsentWrong, p.Expect = page.Phone, page.PhoneShown, page.ConsentWrong, page.Expect
	return nil
}

// formPhone keeps the number at which she wants to be told of an answer.
func (s *Server) formPhone(c echo.Context) error {
	ctx, token := c.Request().Context(), c.FormValue("t")
	t, _, err := s.Tickets.TicketByLink(ctx, token)
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.NotFound, "web.error.not_found")
	}
	if err != nil {
		return err
	}
	err = s.Tickets.WishText(ctx, t.ID, c.FormValue("phone"), c.FormValue("consent") != "")
	if err == nil {
		q := c.QueryParams()
		q.Set("r", c.FormValue("r"))
		q.Set("t", token)
		return c.Redirect(http.StatusSeeOther, "/f/"+url.PathEscape(c.Param("key"))+"/thanks?"+q.Encode())
	}
	s.speak(c)
	f := s.sent(c)
	if err := f.refused(err); err != nil {
		return err
	}
	return s.showThanks(c, c.FormValue, f)
}

// formsLoader is the script that shops put into their pages. Which pages may show a form is decided when the frame is asked for.
func (s *Server) formsLoader(c echo.Context) error {
	h := c.Response().Header()
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", loaderAge)
	h.Set("Content-Security-Policy", "default-src 'none'")
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	hashed, err := s.assets.URL("widget/forms.js")
	if err != nil {
		return err
	}
	h.Set("Etag", `"`+path.Base(hashed)+`"`)
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(s.assets.Content("widget/forms.js")))
	return nil
}

// shortLink leads on from the short address of a text message.
func (s *Server) shortLink(c echo.Context) error {
	h := c.Response().Header()
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Referrer-Policy", "no-referrer")
	to, err := s.Feedback.Long(c.Request().Context(), c.Param("code"))
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusFound, to)
}
