package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"huiyin/app/feedback"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// responseView is one response as managers read it.
type responseView struct {
	At           int64
	Score        string // the first scores, in words
	Bad          bool
	Source       string
	Order        string
	Verified     bool
	Contact      string // address of her page
	Ticket       string // address of the ticket that it opened
	TicketNumber string
	Answers      []answerView
	Erased       bool
}

type answerView struct{ Question, Answer string }

type responsesPage struct {
	deskPage
	FormName string
	Back     string
	Score    string // only those with it; empty: all
	List     []responseView
	Next     string
}

// responsesPage lists the responses behind a number of the report.
func (s *Server) responsesPage(c echo.Context) error {
	desk, err := s.desk(c, "feedback")
	if err != nil {
		return err
	}
	view, _, err := s.feedbackOf(c)
	if err != nil {
		return err
	}
	if view.form == nil {
		return fault.New(fault.NotFound, "web.error.not_found")
	}
	p := responsesPage{deskPage: desk, FormName: view.form.Name, Back: view.address("/feedback")}
	f := feedback.Filter{Limit: responsesShown + 1}
	pairs := []string{}
	for _, kind := range []feedback.Kind{feedback.KindRating, feedback.KindNPS} {
		n, err := strconv.Atoi(c.QueryParam(scoreParam(kind)))
		if err != nil {
			continue
		}
		p.Score = strconv.Itoa(n)
		pairs = append(pairs, scoreParam(kind), p.Score)
		if kind == feedback.KindRating {
			f.MinRating, f.MaxRating = &n, &n
		} else {
			f.MinNPS, f.MaxNPS = &n, &n
		}
	}
	f.After, _ = id.Parse(c.QueryParam("before")) // zero, from the newest, when it is none
	list, last, err := s.responses(c, view, p.Words, f)
	if err != nil {
		return err
	}
	if len(list) > responsesShown {
		list = list[:responsesShown]
		p.Next = view.address("/feedback/responses", append(pairs, "before", last[responsesShown-1].String())...)
	}
	p.List = list
	return s.render(c, http.StatusOK, "agent/responses", p)
}

// responses reads responses of a view and puts them into words; their ids come beside.
func (s *Server) responses(c echo.Context, v feedbackView, w *Words, f feedback.Filter) (out []responseView, ids []id.ID, err error) {
	ctx := c.Request().Context()
	f.Form, f.From, f.To, f.Source, f.Agent = v.form.ID, tickets.Millis(v.From), tickets.Millis(v.To), v.source, v.agent
	list, err := s.Feedback.Responses(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	versions := map[int]*feedback.Definition{}
	for i := range list {
		r := &list[i]
		if versions[r.Version] == nil {
			if versions[r.Version], err = s.Feedback.Definition(ctx, r.FormID, r.Version); err != nil {
				return nil, nil, err
			}
		}
		one, err := s.responseView(c, w, r, versions[r.Version])
		if err != nil {
			return nil, nil, err
		}
		out, ids = append(out, one), append(ids, r.ID)
	}
	return out, ids, nil
}

func (s *Server) responseView(c echo.Context, w *Words, r *feedback.Response, d *feedback.Definition) (responseView, error) {
	v := responseView{
		At: r.CreatedAt, Source: w.T("report.source." + string(r.Source)), Order: r.Order, Verified: r.OrderVerified, Erased: r.Answers == nil,
		Contact: "/contacts/" + r.ContactID.String(),
	}
	switch {
	case r.Rating != nil:
		v.Score, v.Bad = w.T("report.stars", "score", strconv.Itoa(*r.Rating)), *r.Rating <= 2
	case r.NPS != nil:
		v.Score, v.Bad = w.T("report.points", "score", strconv.Itoa(*r.NPS)), *r.NPS <= 6
	}
	for _, q := range d.Questions() {
		if said := q.Said(r.Answers[q.ID], w.Locale); said != "" && !q.Kind.Scored() {
			v.Answers = append(v.Answers, answerView{q.Label.In(w.Locale), said})
		}
	}
	if r.TicketID == nil {
		return v, nil
	}
	t, err := s.Tickets.Ticket(c.Request().Context(), *r.TicketID)
	if fault.Is(err, fault.NotFound) {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	v.Ticket, v.TicketNumber = ticketPath(t.Number), strconv.FormatInt(t.Number, 10)
	return v, nil
}

// saidView is what the part "response-list" shows.
type saidView struct {
	*Words
	List []responseView
}

// Said is the list of responses of the page.
func (p feedbackPage) Said(list []responseView) saidView { return saidView{p.Words, list} }

// Said is the list of responses of the page.
func (p responsesPage) Said(list []responseView) saidView { return saidView{p.Words, list} }
