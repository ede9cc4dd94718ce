package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"huiyin/app/feedback"
	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// formRoutes are the doors of feedback forms as shoppers meet them: a page, the same in a frame of a shop's page, and the script that
// puts it there. They set no cookie and know nobody but by what a link has signed.
func (s *Server) formRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/forms.js", public, limitAsset, s.formsLoader},
		{get, "/f/:key", public, limitForm, s.formPage},
		{post, "/f/:key", public, limitFormPost, s.formSubmit},
		{post, "/f/:key/uploads", public, limitFormPost, s.formUpload},
		{get, "/f/:key/thanks", public, limitForm, s.formThanks},
		{post, "/f/:key/phone", public, limitForm, s.formPhone},
		{get, "/s/:code", public, limitShort, s.shortLink},
		{get, "/asks/:token", public, limitForm, s.askStop},
		{post, "/asks/:token", public, limitForm, s.stopAsking},
	}
}

// formVisit is what a form's address and hidden fields say.
type formVisit struct {
	key, ask, edit, visitor string
	link                    feedback.Link
	embed                   bool
	origin                  string // of the page around the frame
	source                  feedback.Source
	page                    string
}

func formVisitOf(key string, value func(string) string) formVisit {
	v := formVisit{
		key: key, ask: value("ask"), edit: value("edit"), visitor: value("visitor"), embed: value("embed") != "", origin: value("origin"), page: value("page"),
		link: feedback.Link{Order: value("order"), Exp: value("exp"), Signature: value("signature")}, source: feedback.SourceLink,
	}
	switch {
	case v.embed:
		v.source = feedback.SourceEmbed
	case value("src") == string(feedback.SourceQR):
		v.source = feedback.SourceQR
	}
	return v
}

// submission is the part of a submission that the visit gives.
func (v formVisit) submission(locale string) feedback.Submission {
	return feedback.Submission{Key: v.key, Link: v.link, Ask: v.ask, Edit: v.edit, Visitor: v.visitor, Source: v.source, Page: v.page, Locale: locale, DropHidden: true}
}

// query is what an address of the form carries on: the language and the frame, nothing of the order.
func (v formVisit) query(locale string) string {
	q := url.Values{"lang": {locale}}
	if v.embed {
		q.Set("embed", "1")
		q.Set("origin", v.origin)
	}
	if v.source == feedback.SourceQR {
		q.Set("src", string(v.source))
	}
	return "?" + q.Encode()
}

// formOpen finds the form of an address and says who may frame it. What cannot be shown is answered, and done is true then.
func (s *Server) formOpen(c echo.Context, v formVisit) (f *feedback.Form, box *tickets.Inbox, done bool, err error) {
	c.Response().Header().Set("Referrer-Policy", "same-origin") // nobody else; our own forms are known by it
	c.Response().Header().Set("X-Robots-Tag", "noindex, nofollow")
	s.speak(c)
	f, box, err = s.Feedback.Open(c.Request().Context(), v.key)
	if box != nil && v.embed {
		if !s.framed(c, box, v.origin) {
			return nil, nil, true, s.refuseFrame(c, http.StatusForbidden, "origin")
		}
	}
	e := fault.As(err)
	switch {
	case err == nil:
		return f, box, false, nil
	case e == nil || e.Kind == fault.Internal:
		return nil, nil, false, err
	case e.Kind == fault.NotFound && v.embed:
		return nil, nil, true, s.refuseFrame(c, http.StatusNotFound, "key")
	}
	return nil, nil, true, s.refuseFeedback(c, v, e)
}

// framed lets the inbox's sites frame the page. It tells whether the page around is one of them.
func (s *Server) framed(c echo.Context, box *tickets.Inbox, around string) bool {
	sites := s.framers(box)
	s.seeSite(c, box, around)
	if around != s.BaseURL.Scheme+"://"+c.Request().Host && !slices.Contains(sites, around) {
		return false
	}
	of(c).policy.FrameAncestors = append([]string{"'self'"}, sites...)
	return true
}

// formRefusedPage says why there is no form, and what can be done.
type formRefusedPage struct {
	Page
	Message string
	Without string // the form without the order; empty: there is none
	Data    formData
}

func (s *Server) refuseFeedback(c echo.Context, v formVisit, e *fault.Error) error {
	p := formRefusedPage{Page: s.page(c), Message: s.say(c, e.Key, e.Args), Data: formData{Origin: v.origin, Done: true, Embed: v.embed}}
	if e.Kind == fault.Denied {
		p.Without = "/f/" + url.PathEscape(v.key) + v.query(p.Locale)
	}
	return s.render(c, statuses[e.Kind], "public/form_refused", p)
}

// formPage shows a form: empty, or with what was answered when that can still be changed.
func (s *Server) formPage(c echo.Context) error {
	v := formVisitOf(c.Param("key"), c.QueryParam)
	f, box, done, err := s.formOpen(c, v)
	if done || err != nil {
		return err
	}
	ctx, proof := c.Request().Context(), f.Proves(box, v.link, s.Now())
	if proof == feedback.ProofForged {
		return s.refuseFeedback(c, v, fault.New(fault.Denied, "feedback.error.forged"))
	}
	old, err := s.formerResponse(c, f, v, proof)
	if err != nil {
		return err
	}
	if old != nil && !s.Feedback.Editable(old) {
		return s.refuseFeedback(c, v, fault.New(fault.Conflict, "feedback.error.answered"))
	}
	show := formShow{visit: v, form: f, box: box, asked: f.Definition, version: f.Version, old: old, expired: proof == feedback.ProofExpired}
	if old != nil {
		show.answers = old.Answers
		if show.asked, err = s.Feedback.Definition(ctx, f.ID, old.Version); err != nil {
			return err
		}
		show.version = old.Version
	} else if c.Request().Method == http.MethodGet && c.Request().Header.Get("Sec-Purpose") == "" && c.Request().Header.Get("Purpose") == "" {
		if err := s.Feedback.Opened(ctx, f, v.source, v.ask); err != nil {
			s.Log.WarnContext(ctx, "count a form's page", "error", err)
		}
	}
	return s.showForm(c, show)
}

// formerResponse gives what whoever holds the address has answered already, or nil.
func (s *Server) formerResponse(c echo.Context, f *feedback.Form, v formVisit, proof feedback.Proof) (*feedback.Response, error) {
	ctx := c.Request().Context()
	switch {
	case v.edit != "":
		r, err := s.Feedback.ResponseByEdit(ctx, v.edit)
		if err == nil && r.FormID != f.ID {
			err = fault.New(fault.NotFound, "feedback.error.unknown_response")
		}
		return r, err
	case proof == feedback.ProofSigned:
		return s.Feedback.ResponseOfOrder(ctx, f.ID, v.link.Order)
	case v.ask != "":
		return s.Feedback.AskedResponse(ctx, f.ID, v.ask)
	}
	return nil, nil
}
