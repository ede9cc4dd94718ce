package privacy

import (
	"context"
	"encoding/json"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Rule is a sort of what the desk lets go by itself when it has become old.
type Rule string

// The rules, in the order in which a run follows them: what is light first.
const (
	RuleTrails   Rule = "trails"   // what the shop's pages said, in sessions that nobody used for so many days
	RuleAccesses Rule = "accesses" // lines of the access record
	RuleMails    Rule = "mails"    // mails as they came, of which messages were made
	RuleOrders   Rule = "orders"   // orders whose buyer nobody knows: all but what is counted
	RuleVisitors Rule = "visitors" // visitors of the chat who never wrote, with session, contact and key
	RuleTickets  Rule = "tickets"  // texts and files of finished tickets that nobody touched
	RuleContacts Rule = "contacts" // people without a message, a visit or an order
)

// AllRules are all of them.
func AllRules() []Rule {
	return []Rule{RuleTrails, RuleAccesses, RuleMails, RuleOrders, RuleVisitors, RuleTickets, RuleContacts}
}

// Rules says after which time each rule lets go; zero: never.
type Rules struct {
	TrailDays     int `json:"trail_days"`
	AccessMonths  int `json:"access_months"`
	MailDays      int `json:"mail_days"`
	OrderMonths   int `json:"order_months"`
	VisitorDays   int `json:"visitor_days"`
	TicketMonths  int `json:"ticket_months"`
	ContactMonths int `json:"contact_months"`
}

// DefaultRules hold until somebody has chosen. What people wrote is never let go unasked; who never wrote, and what her
// browser said by the way, serves nobody. The access record is kept for the three years that PIPL article 56 asks for.
// A mail as it came holds what its message hides (numbers of cards and identity cards), so it goes as soon as a month has
// shown that the message is right. An order of nobody can still become somebody's while it is talked about; after three years
// no claim comes of it, and its number serves nobody.
var DefaultRules = Rules{TrailDays: 30, VisitorDays: 90, AccessMonths: 36, MailDays: 30, OrderMonths: 36}

// Limits of the rules beside zero.
const (
	daysMax, monthsMax = 3650, 240
	visitorDaysMin     = 7 // a shopper who looks and comes back next week finds her chat
	accessMonthsMin    = 6
)

// Check refuses what would let go too soon. Errors: Invalid, with the fields' names as in JSON.
func (r Rules) Check() error {
	for _, one := range []struct {
		field          string
		n, least, most int
	}{
		{"trail_days", r.TrailDays, 1, daysMax}, {"access_months", r.AccessMonths, accessMonthsMin, monthsMax}, {"mail_days", r.MailDays, 1, daysMax},
		{"order_months", r.OrderMonths, 1, monthsMax}, {"visitor_days", r.VisitorDays, visitorDaysMin, daysMax},
		{"ticket_months", r.TicketMonths, 1, monthsMax}, {"contact_months", r.ContactMonths, 1, monthsMax},
	} {
		if one.n != 0 && (one.n < one.least || one.n > one.most) {
			return fault.InvalidField(one.field, "invalid", "privacy.error.rule", map[string]any{"min": one.least, "max": one.most})
		}
	}
	return nil
}

// before is the time before which a rule lets go; false: never.
func (r Rules) before(rule Rule, now time.Time) (time.Time, bool) {
	days, months := 0, 0
	switch rule {
	case RuleTrails:
		days = r.TrailDays
	case RuleAccesses:
		months = r.AccessMonths
	case RuleMails:
		days = r.MailDays
	case RuleOrders:
		months = r.OrderMonths
	case RuleVisitors:
		days = r.VisitorDays
	case RuleTickets:
		months = r.TicketMonths
	case RuleContacts:
		months = r.ContactMonths
	}
	return now.AddDate(0, -months, -days), days+months > 0
}

// rulesSetting holds the Rules, proposalSetting the ones that somebody has looked at and not switched on yet.
const (
	rulesSetting    = "retention"
	proposalSetting = "retention_proposal"
	proposalHolds   = time.Hour
)

// proposal is a change of the rules whose effect somebody has been shown.
type proposal struct {
	Rules Rules `json:"rules"`
	By    id.ID `json:"by"`
	At    int64 `json:"at"`
}

// Rules gives the rules in force.
func (s *Service) Rules(ctx context.Context) (Rules, error) {
	r := DefaultRules
	raw, set, err := s.Tickets.Setting(ctx, rulesSetting)
	if err != nil || !set {
		return r, err
	}
	return r, json.Unmarshal(raw, &r)
}

// Propose keeps a change of the rules, so that its effect can be looked at. Nothing changes yet. Errors: Denied
// (administrators may), Invalid.
func (s *Service) Propose(ctx context.Context, a tickets.Actor, r Rules) error {
	if a.Role != tickets.RoleAdmin {
		return fault.New(fault.Denied, "error.denied")
	}
	if err := r.Check(); err != nil {
		return err
	}
	return s.setSetting(ctx, proposalSetting, proposal{r, a.ID, tickets.Millis(s.Now())})
}

// Proposed gives what this agent has proposed within the last hour. Errors: NotFound.
func (s *Service) Proposed(ctx context.Context, a tickets.Actor) (Rules, error) {
	var p proposal
	raw, set, err := s.Tickets.Setting(ctx, proposalSetting)
	if err == nil && set {
		err = json.Unmarshal(raw, &p)
	}
	if err != nil {
		return Rules{}, err
	}
	if p.By != a.ID || s.Now().Sub(time.UnixMilli(p.At)) > proposalHolds {
		return Rules{}, fault.New(fault.NotFound, "privacy.error.proposal")
	}
	return p.Rules, nil
}

// Adopt puts what this agent has proposed, and so has been shown, in force. Errors: Denied, NotFound (nothing was
// proposed, or too long ago).
func (s *Service) Adopt(ctx context.Context, a tickets.Actor) error {
	if a.Role != tickets.RoleAdmin {
		return fault.New(fault.Denied, "error.denied")
	}
	r, err := s.Proposed(ctx, a)
	if err != nil {
		return err
	}
	if err := s.setSetting(ctx, rulesSetting, r); err != nil {
		return err
	}
	return s.setSetting(ctx, proposalSetting, proposal{})
}

func (s *Service) setSetting(ctx context.Context, name string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.Tickets.SetSetting(ctx, name, raw)
}
