package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/app/attempts"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// missedMost is how many attempts a page lists.
const missedMost = 50

// talkedBefore is how long before an attempt a contact may have written for her ticket to stand beside it.
const talkedBefore = time.Hour

// alarmRow is a fall of the success rate in words.
type alarmRow struct {
	Href, What, Why string
	Began           int64
	Until           int64 // 0: it stands
}

func (p *successPage) alarmRow(a *attempts.Alarm) alarmRow { return alarmOf(p.Words, a) }

func alarmOf(w *Words, a *attempts.Alarm) alarmRow {
	out := alarmRow{
		Href: "/success/alarms/" + a.ID.String(), Began: a.BeganAt,
		What: w.T("success.alarm.what", "rate", rateText(a.Rate()), "usual", rateText(a.Expected()), "count", a.OK+a.Missed),
		Why:  w.T("success.alarm.why", "step", stepName(w, a.Step), "reason", reasonName(w, a.Reason)),
	}
	if a.OverAt != nil {
		out.Until = *a.OverAt
	}
	return out
}

// fillAlarms adds what was told, what is usual now, and the settings.
func (s *Server) fillAlarms(c echo.Context, p *successPage, refused *form) error {
	ctx := c.Request().Context()
	list, err := s.Attempts.Alarms(ctx, p.Origin, alarmsMost)
	if err != nil {
		return err
	}
	for i := range list {
		p.Alarms = append(p.Alarms, p.alarmRow(&list[i]))
	}
	usual, err := s.Attempts.Usual(ctx, p.Origin, p.Now)
	if err != nil {
		return err
	}
	if p.Usual = p.T("success.usual.none"); usual.From != "" {
		p.Usual = p.T("success.usual."+usual.From, "rate", rateText(usual.Rate()), "attempts", p.Number(usual.All()))
	}
	set, err := s.Attempts.Settings(ctx)
	if err != nil {
		return err
	}
	f := refused
	p.On = set.On
	if f == nil {
		values := map[string]string{}
		for _, one := range successFields(&set) {
			values[one.name] = strconv.Itoa(*one.n)
		}
		f = s.empty(c, values)
	} else {
		p.On = c.FormValue("on") != ""
	}
	p.Error = f.General()
	for _, one := range successFields(&set) {
		p.Fields = append(p.Fields, f.input(field{
			Name: one.name, Type: "number", Class: "short", Complete: "off", Required: true, Label: p.T("success.set." + one.name), Hint: p.T("success.hint." + one.name),
		}))
	}
	return nil
}

// attemptLine is one attempt in words.
type attemptLine struct {
	At                          int64
	Outcome, Step, Reason       string
	Device, Order, Detail, Page string
	Contact, ContactHref        string
	Ticket                      string // "#12"
	TicketHref                  string
	Claimed                     bool // a page said so
	Class                       string
}

func attemptLineOf(w *Words, k *attempts.Kept) attemptLine {
	class, reason := map[attempts.Outcome]string{attempts.OK: "good", attempts.Failed: "bad", attempts.Abandoned: "warn"}[k.Outcome], reasonName(w, k.Reason)
	if k.Outcome == attempts.OK {
		reason = w.T("success.outcome.ok")
	}
	return attemptLine{
		Class: class,
		At:    k.At, Outcome: w.T("success.outcome." + string(k.Outcome)), Step: stepName(w, k.Step), Reason: reason, Device: w.T("success.device." + k.Device),
		Order: k.Order, Detail: k.Detail, Page: k.Page, Claimed: k.Origin == attempts.FromShop,
	}
}

type missedPage struct {
	deskPage
	Back, What string
	Lines      []attemptLine
	Most       int // there may be more; 0: these are all
}

// missedPage lists the newest attempts of a line of the tables that did not come about.
func (s *Server) missedPage(c echo.Context) error {
	view, err := s.successOf(c)
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "success")
	if err != nil {
		return err
	}
	f := attempts.Filter{Origin: view.Origin, From: view.From, To: view.To}
	p := missedPage{deskPage: desk, Back: "/success" + view.query(), What: desk.Date(view.From.UnixMilli()) + " – " + desk.Date(view.To.AddDate(0, 0, -1).UnixMilli())}
	for _, one := range []struct {
		param string
		word  **string
		name  func(string) string
	}{
		{"step", &f.Step, func(word string) string { return stepName(desk.Words, word) }},
		{"reason", &f.Reason, func(word string) string { return reasonName(desk.Words, word) }},
		{"device", &f.Device, func(word string) string { return desk.T("success.device." + word) }},
	} {
		if c.QueryParams().Has(one.param) {
			word := c.QueryParam(one.param)
			*one.word = &word
			p.What += " · " + desk.T("success.column."+one.param) + " " + one.name(word)
		}
	}
	if p.Lines, err = s.attemptLines(c, desk.Words, f); err != nil {
		return err
	}
	if len(p.Lines) == missedMost {
		p.Most = missedMost
	}
	return s.render(c, http.StatusOK, "agent/success_missed", p)
}

// attemptLines reads attempts with whom they were of, and her newest ticket if she has written in it since.
func (s *Server) attemptLines(c echo.Context, w *Words, f attempts.Filter) ([]attemptLine, error) {
	ctx := c.Request().Context()
	list, err := s.Attempts.Missed(ctx, f, missedMost)
	if err != nil {
		return nil, err
	}
	var out []attemptLine
	names, first := map[id.ID]string{}, map[id.ID]*tickets.Ticket{}
	for i := range list {
		k := &list[i]
		line := attemptLineOf(w, k)
		if k.Contact != 0 {
			if _, known := names[k.Contact]; !known {
				if names[k.Contact], first[k.Contact], err = s.whoTried(c, w, k.Contact); err != nil {
					return nil, err
				}
			}
			line.Contact, line.ContactHref = names[k.Contact], "/contacts/"+k.Contact.String()
			if t := first[k.Contact]; t != nil && t.LastMessageAt >= k.At-talkedBefore.Milliseconds() {
				line.Ticket, line.TicketHref = "#"+strconv.FormatInt(t.Number, 10), ticketPath(t.Number)
			}
		}
		out = append(out, line)
	}
	return out, nil
}

// whoTried gives a contact's name and her newest ticket.
func (s *Server) whoTried(c echo.Context, w *Words, contact id.ID) (string, *tickets.Ticket, error) {
	ctx := c.Request().Context()
	p, err := s.Tickets.Contact(ctx, contact)
	if fault.Is(err, fault.NotFound) {
		return w.T("console.somebody"), nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	page, err := s.Tickets.EarlierTickets(ctx, contact, 0, 1)
	if err != nil || len(page) == 0 {
		return contactName(w, p.Name, tickets.VisitorCode(p.ID)), nil, err
	}
	return contactName(w, p.Name, tickets.VisitorCode(p.ID)), &page[0], nil
}

type alarmPage struct {
	deskPage
	Back    string
	Alarm   alarmRow
	Origin  string
	Tickets []begunRow
	Lines   []attemptLine
}

// begunRow is a ticket that was begun while the rate was low.
type begunRow struct {
	Href, Number, Text, Channel string
	At                          int64
}

// alarmPage shows a fall of the success rate with what people wrote and what failed in the same minutes.
func (s *Server) alarmPage(c echo.Context) error {
	ctx := c.Request().Context()
	one, err := id.Parse(c.Param("alarm"))
	if err != nil {
		return fault.New(fault.NotFound, "attempts.error.alarm")
	}
	a, err := s.Attempts.Alarm(ctx, one)
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "success")
	if err != nil {
		return err
	}
	p := alarmPage{deskPage: desk, Back: "/success?origin=" + a.Origin + "#alarms", Alarm: alarmOf(desk.Words, a), Origin: desk.T("success.origin." + a.Origin)}
	from, to := time.UnixMilli(a.BeganAt), time.UnixMilli(a.End(desk.Now)+1)
	begun, err := s.Tickets.Begun(ctx, from, to, missedMost)
	if err != nil {
		return err
	}
	for i := range begun {
		t := &begun[i]
		text := t.Subject
		if text == "" {
			text = t.Preview
		}
		p.Tickets = append(p.Tickets, begunRow{Href: ticketPath(t.Number), Number: "#" + strconv.FormatInt(t.Number, 10), Text: text, Channel: desk.T("console.channel." + string(t.Channel)), At: t.CreatedAt})
	}
	if p.Lines, err = s.attemptLines(c, desk.Words, attempts.Filter{Origin: a.Origin, From: from, To: to}); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "agent/success_alarm", p)
}

const (
	attemptsBeside = 5                  // in a ticket's panel
	attemptsFor    = 7 * 24 * time.Hour // older ones say nothing of what she writes now
)

// fillAttempts adds what she tried to order last, so that nobody asks her.
func (s *Server) fillAttempts(c echo.Context, v *threadView, _ people) error {
	list, err := s.Attempts.Of(c.Request().Context(), v.ContactID, v.Ticket.Order, attemptsBeside)
	for i := range list {
		if list[i].At > v.Words.Now.Add(-attemptsFor).UnixMilli() {
			v.Attempts = append(v.Attempts, attemptLineOf(v.Words, &list[i]))
		}
	}
	return err
}
