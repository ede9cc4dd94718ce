package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/app/auth"
	"huiyin/app/privacy"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// retentionRoutes are the rules of what the desk lets go by itself: chosen, looked at, and only then put in force.
func (s *Server) retentionRoutes() []route {
	return []route{
		{http.MethodGet, "/settings/retention", admin, limitRead, s.retentionPage},
		{http.MethodPost, "/settings/retention", admin, limitWrite, s.proposeRules},
		{http.MethodGet, "/settings/retention/preview", admin, limitRead, s.previewRules},
		{http.MethodPost, "/settings/retention/start", admin, limitWrite, s.adoptRules},
	}
}

// retentionRuns is how many runs the page shows.
const retentionRuns = 10

type retentionPage struct {
	settingsFrame
	Error     string
	Fields    []field
	Runs      []retentionRun
	KeepsMail bool // mails as they came are never let go
}

// retentionRun is what a run did, in words.
type retentionRun struct {
	At   int64
	Done []string
	Open bool
}

// ruleFields are the form's fields and where their numbers stand.
func ruleFields(r *privacy.Rules) []struct {
	name string
	n    *int
} {
	return []struct {
		name string
		n    *int
	}{
		{"contact_months", &r.ContactMonths}, {"ticket_months", &r.TicketMonths}, {"order_months", &r.OrderMonths}, {"visitor_days", &r.VisitorDays}, {"trail_days", &r.TrailDays}, {"mail_days", &r.MailDays}, {"access_months", &r.AccessMonths},
	}
}

func (s *Server) retentionPage(c echo.Context) error { return s.showRetention(c, nil) }

func (s *Server) showRetention(c echo.Context, refused *form) error {
	ctx := c.Request().Context()
	frame, err := s.settings(c, "retention")
	if err != nil {
		return err
	}
	rules, err := s.Privacy.Rules(ctx)
	if err != nil {
		return err
	}
	f := refused
	if f == nil {
		values := map[string]string{}
		for _, one := range ruleFields(&rules) {
			values[one.name] = strconv.Itoa(*one.n)
		}
		f = s.empty(c, values)
	}
	p := retentionPage{settingsFrame: frame, Error: f.General(), KeepsMail: rules.MailDays == 0}
	for _, one := range ruleFields(&rules) {
		p.Fields = append(p.Fields, f.input(field{
			Name: one.name, Type: "number", Class: "short", Complete: "off", Required: true, Label: p.T("privacy.rule." + one.name), Hint: p.T("privacy.rule_hint." + one.name),
		}))
	}
	runs, err := s.Privacy.Runs(ctx, retentionRuns)
	if err != nil {
		return err
	}
	for _, one := range runs {
		p.Runs = append(p.Runs, runView(p.Words, one))
	}
	return s.render(c, f.status(), "agent/retention", p)
}

func runView(w *Words, r privacy.Run) retentionRun {
	v := retentionRun{At: r.StartedAt, Open: r.EndedAt == nil}
	for _, one := range []struct {
		rule privacy.Rule
		n    int64
	}{
		{privacy.RuleContacts, r.Contacts}, {privacy.RuleTickets, r.Tickets}, {privacy.RuleOrders, r.Orders}, {privacy.RuleVisitors, r.Visitors}, {privacy.RuleTrails, r.Trails}, {privacy.RuleMails, r.Mails}, {privacy.RuleAccesses, r.Accesses},
	} {
		if one.n > 0 {
			v.Done = append(v.Done, w.T("privacy.count."+string(one.rule), "count", one.n))
		}
	}
	return v
}

// proposeRules takes the numbers and leads to what they would do.
func (s *Server) proposeRules(c echo.Context) error {
	var rules privacy.Rules
	var err error
	for _, one := range ruleFields(&rules) {
		n, wrong := strconv.Atoi(strings.TrimSpace(c.FormValue(one.name)))
		if wrong != nil || n < 0 {
			err = fault.InvalidField(one.name, "invalid", "privacy.error.number", nil)
			break
		}
		*one.n = n
	}
	if err == nil {
		err = s.Privacy.Propose(c.Request().Context(), auth.ActorOf(of(c).agent), rules)
	}
	if err != nil {
		f := s.sent(c)
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showRetention(c, f)
	}
	return c.Redirect(http.StatusSeeOther, "/settings/retention/preview")
}

type retentionPreview struct {
	settingsFrame
	Rules []previewView
	Off   []string // what is never let go
	// KeepsMail: mails as they came are among it.
	KeepsMail bool
}

// previewView is what one rule would let go now.
type previewView struct {
	Title, Count string
	Before       int64
	Sample       []sampleView
}

type sampleView struct{ Text, Href string }

// previewRules shows what the proposed rules would let go now, exactly, before they can be put in force.
func (s *Server) previewRules(c echo.Context) error {
	ctx := c.Request().Context()
	rules, err := s.Privacy.Proposed(ctx, auth.ActorOf(of(c).agent))
	if fault.Is(err, fault.NotFound) {
		return c.Redirect(http.StatusSeeOther, "/settings/retention")
	}
	if err != nil {
		return err
	}
	frame, err := s.settings(c, "retention")
	if err != nil {
		return err
	}
	found, err := s.Privacy.Preview(ctx, rules)
	if err != nil {
		return err
	}
	p := retentionPreview{settingsFrame: frame, KeepsMail: rules.MailDays == 0}
	for _, one := range found {
		p.Rules = append(p.Rules, previewOf(frame.Words, one))
	}
	for _, one := range ruleFields(&rules) {
		if *one.n == 0 {
			p.Off = append(p.Off, p.T("privacy.rule."+one.name))
		}
	}
	return s.render(c, http.StatusOK, "agent/retention_preview", p)
}

func previewOf(w *Words, one privacy.Preview) previewView {
	v := previewView{Title: w.T("privacy.rule_title." + string(one.Rule)), Count: w.T("privacy.count."+string(one.Rule), "count", one.Count), Before: one.Before.UnixMilli()}
	for _, number := range one.Numbers {
		v.Sample = append(v.Sample, sampleView{"#" + strconv.FormatInt(number, 10), ticketPath(number)})
	}
	if one.Rule == privacy.RuleContacts || one.Rule == privacy.RuleVisitors {
		for _, contact := range one.Sample {
			v.Sample = append(v.Sample, sampleOf(w, contact))
		}
	}
	return v
}

// sampleOf names a person by her code only.
func sampleOf(w *Words, contact id.ID) sampleView {
	return sampleView{contactName(w, "", tickets.VisitorCode(contact)), "/contacts/" + contact.String()}
}

func (s *Server) adoptRules(c echo.Context) error {
	err := s.Privacy.Adopt(c.Request().Context(), auth.ActorOf(of(c).agent))
	if err != nil {
		f := s.empty(c, nil)
		if err := f.refused(err); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, "/settings/retention")
	}
	return c.Redirect(http.StatusSeeOther, "/settings/retention?saved=1")
}
