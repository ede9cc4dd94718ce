package feedback

import (
	"database/sql"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Ask is one time that the desk has asked somebody for an answer.
type Ask struct {
	ID         id.ID
	FormID     id.ID
	ContactID  id.ID
	TicketID   *id.ID // that the answer is to be about
	AgentID    *id.ID // whose work that was
	Source     Source // the way it goes: email, chat
	Order      string
	State      string
	Attempts   int
	At         int64
	OpenedAt   *int64
	ResponseID *id.ID
}

// The states of an asking.
const (
	AskWaiting = "waiting" // for its job
	AskSent    = "sent"
	AskFailed  = "failed" // given up; the reason is a word of the program
)

// Asking is the job that sends one asking.
type Asking struct {
	Ask id.ID `json:"ask"`
}

// Kind names the job.
func (Asking) Kind() string { return "form_ask" }

// Letter is a mail that asks for an answer. Its texts are in Locale.
type Letter struct {
	Contact               id.ID
	Email, Name, Locale   string
	Subject, Text, Button string
	Link                  string
	Stop                  string // address of the page where she says that she wants no more of these
	StopWords             string
}

const selectAsk = `SELECT a.id, a.form_id, a.contact_id, a.ticket_id, a.agent_id, a.channel, a.order_no, a.state, a.attempts, a.at, a.opened_at, a.response_id FROM form_asks a`

// oneAsk gives an asking. Errors: NotFound.
func (s *Service) oneAsk(tx *gorm.DB, where string, args ...any) (*Ask, error) {
	a, order := &Ask{}, []byte(nil)
	err := tx.Raw(selectAsk+where, args...).Row().Scan((*int64)(&a.ID), (*int64)(&a.FormID), (*int64)(&a.ContactID), &a.TicketID, &a.AgentID, (*string)(&a.Source),
		&order, &a.State, &a.Attempts, &a.At, &a.OpenedAt, &a.ResponseID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "feedback.error.unknown_ask")
	}
	if err != nil {
		return nil, err
	}
	a.Order, err = s.open(tx, "form_asks", "order_no", a.ID, order)
	return a, err
}

// Asks tells whether a form is asked of a ticket or order that came by an inbox; zero: by none.
func (f *Form) asks(inbox id.ID, occasions ...Occasion) bool {
	return f.State == StateActive && f.Version > 0 && slices.Contains(occasions, f.Occasion) &&
		(len(f.Settings.Inboxes) == 0 || inbox == 0 || slices.Contains(f.Settings.Inboxes, inbox))
}

// AskOfOrder asks a contact about an order of hers that was delivered, if a form wants it, she has a verified address and has not said that
// she wants no more, and no form asked her within its quiet days. Again it changes nothing. It belongs into the transaction of a reader of the log.
func (s *Service) AskOfOrder(tx *gorm.DB, contact id.ID, order string) error {
	return s.ask(tx, contact, Ask{Order: order, Source: SourceEmail}, 0, AfterDelivery, ByEmail)
}

// askOfTicket asks the contact of a ticket that was solved.
func (s *Service) askOfTicket(tx *gorm.DB, ticket id.ID) error {
	t, err := s.Tickets.TicketTx(tx, ticket)
	if fault.Is(err, fault.NotFound) || err == nil && (t.Status != tickets.StatusSolved || t.KeyID == 0) {
		return nil
	}
	if err != nil {
		return err
	}
	a := Ask{TicketID: &t.ID, AgentID: t.AssigneeID, Source: SourceEmail}
	occasions := []Occasion{AfterSolving}
	if t.Channel == tickets.ChannelChat {
		a.Source, occasions = SourceChat, []Occasion{AfterChat, AfterSolving}
	}
	return s.ask(tx, t.ContactID, a, t.InboxID, occasions...)
}

// ask writes the row and queues the job, where the rules allow it.
func (s *Service) ask(tx *gorm.DB, contact id.ID, a Ask, inbox id.ID, occasions ...Occasion) error {
	forms, err := s.readForms(tx, ` WHERE f.state = ? AND f.version > 0 ORDER BY f.id`, StateActive)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(forms, func(f Form) bool { return f.asks(inbox, occasions...) })
	if i < 0 || s.Queue == nil {
		return nil
	}
	who, err := s.ifLiving(tx, contact)
	if who == nil || err != nil || who.Blocked {
		return err
	}
	if a.Source == SourceEmail && verified(who, tickets.IdentityEmail) == "" {
		return nil
	}
	form := &forms[i]
	if a.AgentID == nil && a.TicketID == nil && a.Order == "" {
		return nil
	}
	if refuses, err := s.refuses(tx, who.ID); refuses || err != nil {
		return err
	}
	quiet, err := s.quiet(tx, who.ID, form.Settings.QuietDays)
	if quiet || err != nil {
		return err
	}
	return s.insertAsk(tx, form, who, a)
}

// quiet tells whether somebody was asked, by any form, within the days.
func (s *Service) quiet(tx *gorm.DB, contact id.ID, days int) (bool, error) {
	var n int
	since := tickets.Millis(s.Now().Add(-time.Duration(days) * 24 * time.Hour))
	err := tx.Raw(`SELECT COUNT(*) FROM form_asks a JOIN contacts p ON p.id = a.contact_id WHERE (p.id = ? OR p.merged_into = ?) AND a.at > ? AND a.state <> ?`,
		int64(contact), int64(contact), since, AskFailed).Row().Scan(&n)
	return n > 0, err
}

func (s *Service) insertAsk(tx *gorm.DB, f *Form, who *tickets.Contact, a Ask) error {
	a.ID, a.At = s.IDs.Next(), s.millis()
	order, err := s.sealed(tx, who.KeyID, "form_asks", "order_no", a.ID, a.Order)
	if err != nil {
		return err
	}
	done := tx.Exec(`INSERT INTO form_asks (id, form_id, contact_id, ticket_id, agent_id, channel, order_no, order_hash, state, reason, attempts, next_at, at)
 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0, ?, ?) ON CONFLICT DO NOTHING`, int64(a.ID), int64(f.ID), int64(who.ID), (*int64)(a.TicketID), (*int64)(a.AgentID),
		string(a.Source), order, s.orderHash(a.Order), AskWaiting, a.At, a.At)
	if done.Error != nil || done.RowsAffected == 0 {
		return done.Error
	}
	if err := addRolls(tx, []roll{{form: f.ID, at: quarter(a.At), source: a.Source, agent: orZero(a.AgentID), value: CountAsked, n: 1}}); err != nil {
		return err
	}
	return s.Queue(tx, Asking{Ask: a.ID})
}

func orZero(one *id.ID) id.ID {
	if one == nil {
		return 0
	}
	return *one
}

// verified gives a verified identity of a contact, or "".
func verified(p *tickets.Contact, kind tickets.IdentityKind) string {
	for _, i := range p.Identities {
		if i.Kind == kind && i.Verified {
			return i.Value
		}
	}
	return ""
}
