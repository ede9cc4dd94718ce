package feedback

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Submission is what comes in of somebody who has answered.
type Submission struct {
	Key     string // of the form
	Version int    // that she saw; 0: the published one
	Answers Answers
	// DropHidden drops answers to questions that are not shown, instead of refusing them.
	DropHidden bool
	Link       Link   // of the order
	Edit       string // token of the response that is given again
	Ask        string // token of the asking
	Visitor    string // token of whom photos were taken for
	// Trusted says that a program of the shop sends it: its order is hers without a signature, and Contact holds.
	Trusted bool
	// Contact gives a contact whom a program of the shop names; it is called in the transaction. nil: none is named.
	Contact  func(tx *gorm.DB) (*tickets.Contact, error)
	SourceID string // the sender's own id, random or within Scope; the same again gives the first answer. Empty: never deduped
	Scope    string // whose ids they are
	Source   Source
	Page     string
	Locale   string
	Name     string                // a claim, of a new contact
	Claims   []tickets.NewIdentity // what she is said to be reached by, beside her answers
}

// Receipt says what became of a submission.
type Receipt struct {
	Response  *Response
	FormKey   string
	Ticket    *tickets.Ticket // that the response has; nil: it is only counted
	Opened    bool            // just now
	Replaced  bool            // it was given again
	Duplicate bool            // it was there already, and nothing was changed
	Masked    bool            // a number was masked in it
	Edit      string          // token, while it is editable
}

const (
	sourceMax = 200
	orderMax  = 64
)

// errAgain says that another transaction was faster; a second look finds what it wrote.
var errAgain = fmt.Errorf("feedback: the same response has just been stored: %w", gorm.ErrDuplicatedKey)

// Prepared is a Submission that was checked.
type Prepared struct{ *entry }

// entry is a Submission that was checked, before the transaction.
type entry struct {
	Submission
	form    *Form
	box     *tickets.Inbox
	asked   *Definition // the version that was answered
	n       int
	answers Answers
	masked  bool
	order   string
	signed  bool // the order is hers
	hash    []byte
	source  []byte
	edit    id.ID
	ask     id.ID
	visitor id.ID
	files   []id.ID
	at      int64
}

// Submit takes a response, all of it in one transaction, and returns when it is durably stored. The same source id again changes nothing
// and gives what was stored. A signed order that was answered before is answered again within 24 hours, and not after.
//
// Errors: Invalid (fields "answers.ID", "order", "source_id"), NotFound (form, version, response), Denied ("feedback.error.forged",
// "feedback.error.expired"), Conflict ("feedback.error.over", "feedback.error.answered": the time to change it is over).
func (s *Service) Submit(ctx context.Context, in Submission) (*Receipt, error) {
	p, err := s.Prepare(ctx, in)
	if err != nil {
		return nil, err
	}
	return s.SubmitPrepared(ctx, p)
}

// Prepare is the part of Submit that needs no transaction.
func (s *Service) Prepare(ctx context.Context, in Submission) (Prepared, error) {
	e, err := s.prepare(ctx, in)
	return Prepared{e}, err
}

// SubmitTx is the rest of Submit inside a transaction of the caller. An error that is gorm.ErrDuplicatedKey is worth trying again in another.
func (s *Service) SubmitTx(tx *gorm.DB, p Prepared) (*Receipt, error) { return s.submit(tx, p.entry) }

// SubmitPrepared is the rest of Submit.
func (s *Service) SubmitPrepared(ctx context.Context, p Prepared) (*Receipt, error) {
	var err error
	for range 3 {
		var out *Receipt
		err = s.Store.Write(ctx, func(tx *gorm.DB) (err error) {
			out, err = s.submit(tx, p.entry)
			return err
		})
		if err == nil {
			return out, nil
		}
		if !errors.Is(err, errAgain) {
			return nil, err
		}
	}
	return nil, err
}

// prepare does what needs no transaction.
func (s *Service) prepare(ctx context.Context, in Submission) (*entry, error) {
	if err := s.MayWrite(); err != nil {
		return nil, err
	}
	f, box, err := s.Open(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	e := &entry{Submission: in, form: f, box: box, n: f.Version, asked: f.Definition, at: s.millis()}
	if in.Version != 0 && in.Version != f.Version {
		if e.asked, err = s.Definition(ctx, f.ID, in.Version); err != nil {
			return nil, err
		}
		e.n = in.Version
	}
	if err := s.proves(e); err != nil {
		return nil, err
	}
	if !known(Sources(), e.Source) {
		e.Source = SourceLink
	}
	e.Locale = tickets.LocaleTag(e.Locale)
	e.Page = tickets.PageAddress(e.Page)
	e.edit, e.ask, e.visitor = s.untoken(tokenEdit, in.Edit), s.untoken(tokenAsk, in.Ask), s.untoken(tokenVisitor, in.Visitor)
	if in.Edit != "" && e.edit == 0 {
		return nil, fault.New(fault.NotFound, "feedback.error.unknown_response")
	}
	if e.SourceID != "" {
		e.source = s.Sealer.Hash(hashSource, f.ID.String()+"\x00"+e.Scope+"\x00"+e.SourceID)
	}
	return e, s.read(ctx, e)
}

// proves judges what the submission says of an order. Errors: Invalid (order, source_id), Denied.
func (s *Service) proves(e *entry) error {
	e.order = strings.TrimSpace(e.Link.Order)
	switch {
	case !utf8.ValidString(e.order) || utf8.RuneCountInString(e.order) > orderMax || e.order != strings.Join(strings.Fields(e.order), " "):
		return fault.InvalidField("order", "invalid", "feedback.error.order", map[string]any{"max": orderMax})
	case !utf8.ValidString(e.SourceID) || len(e.SourceID) > sourceMax:
		return fault.InvalidField("source_id", "invalid", "feedback.error.source", map[string]any{"max": sourceMax})
	}
	e.hash = s.orderHash(e.order)
	switch proof := e.form.Proves(e.box, e.Link, s.Now()); {
	case e.Trusted:
		e.signed = e.hash != nil
	case proof == ProofForged:
		return fault.New(fault.Denied, "feedback.error.forged")
	case proof == ProofExpired:
		return fault.New(fault.Denied, "feedback.error.expired")
	default:
		e.signed = proof == ProofSigned
	}
	return nil
}

// read reads the answers.
func (s *Service) read(ctx context.Context, e *entry) (err error) {
	e.answers, e.masked, err = e.asked.Answer(e.Answers, Reading{
		DropHidden: e.DropHidden, Order: e.order,
		Phone: func(text string) bool {
			_, err := s.Tickets.TextNumber(ctx, text)
			return err == nil
		},
	})
	if err != nil {
		return err
	}
	for _, q := range e.asked.Questions() {
		if q.Kind != KindPhoto {
			continue
		}
		for _, v := range e.answers[q.ID] {
			file, err := id.Parse(v)
			if err != nil {
				return err // Answer has looked
			}
			e.files = append(e.files, file)
		}
	}
	return nil
}

// submit is the transaction.
func (s *Service) submit(tx *gorm.DB, e *entry) (*Receipt, error) {
	if e.source != nil {
		old, err := s.oneResponse(tx, ` WHERE r.form_id = ? AND r.source_hash = ?`, int64(e.form.ID), e.source)
		if err == nil {
			return s.duplicate(tx, e, old)
		}
		if !fault.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	old, err := s.earlier(tx, e)
	if err != nil {
		return nil, err
	}
	if old != nil {
		return s.again(tx, e, old)
	}
	return s.first(tx, e)
}

// duplicate answers what is stored already. Whoever only knows an id that a shop's page made up learns no token by it.
func (s *Service) duplicate(tx *gorm.DB, e *entry, old *Response) (*Receipt, error) {
	out := &Receipt{Response: old, FormKey: e.form.Key, Duplicate: true, Masked: e.masked}
	if e.Scope == "" || e.signed {
		out.Edit = s.EditToken(old.ID)
	}
	return out, s.withTicket(tx, out)
}

// withTicket adds the ticket that a response has.
func (s *Service) withTicket(tx *gorm.DB, r *Receipt) (err error) {
	if r.Response.TicketID != nil {
		r.Ticket, err = s.Tickets.TicketTx(tx, *r.Response.TicketID)
	}
	return err
}

// first stores a response that is none's successor.
func (s *Service) first(tx *gorm.DB, e *entry) (*Receipt, error) {
	r := &Response{
		ID: s.IDs.Next(), FormID: e.form.ID, Version: e.n, Revision: 1, Source: e.Source, Locale: e.Locale, Order: e.order, OrderVerified: e.signed, Page: e.Page,
		Answers: e.answers, CreatedAt: e.at, UpdatedAt: e.at, EditableUntil: e.at + EditFor.Milliseconds(),
	}
	r.Rating, r.NPS = e.asked.scores(e.answers)
	who, err := s.whose(tx, e, r)
	if err != nil {
		return nil, err
	}
	r.ContactID = who.ID
	if err := s.insert(tx, e, r, who.KeyID); err != nil {
		return nil, err
	}
	if r.AskID != nil {
		if err := tx.Exec(`UPDATE form_asks SET response_id = ? WHERE id = ?`, int64(r.ID), int64(*r.AskID)).Error; err != nil {
			return nil, err
		}
	}
	out := &Receipt{Response: r, FormKey: e.form.Key, Masked: e.masked, Edit: s.EditToken(r.ID)}
	if e.opens(e.answers) {
		if err := s.tell(tx, e, out, who, false); err != nil {
			return nil, err
		}
	}
	return out, s.noted(tx, e, out)
}

func (s *Service) insert(tx *gorm.DB, e *entry, r *Response, key id.ID) error {
	answers, err := s.sealAnswers(tx, key, tableResponses, r.ID, r.Answers)
	if err != nil {
		return err
	}
	order, err := s.sealed(tx, key, tableResponses, "order_no", r.ID, r.Order)
	if err != nil {
		return err
	}
	page, err := s.sealed(tx, key, tableResponses, "page", r.ID, r.Page)
	if err != nil {
		return err
	}
	done := tx.Exec(`INSERT INTO form_responses (id, form_id, n, revision, contact_id, ask_id, about_id, agent_id, channel, locale, order_no, order_hash, order_verified,
 source_hash, page, rating, nps, answers, created_at, updated_at, editable_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		int64(r.ID), int64(r.FormID), r.Version, r.Revision, int64(r.ContactID), (*int64)(r.AskID), (*int64)(r.AboutID), (*int64)(r.AgentID), string(r.Source), r.Locale,
		order, e.hash, r.OrderVerified, e.source, page, r.Rating, r.NPS, answers, r.CreatedAt, r.UpdatedAt, r.EditableUntil)
	if done.Error == nil && done.RowsAffected == 0 {
		return errAgain
	}
	return done.Error
}

// scores are those of the first question of each kind.
func (d *Definition) scores(a Answers) (rating, nps *int) {
	for _, q := range d.Questions() {
		n, ok := a.score(q.ID)
		switch {
		case !ok:
		case q.Kind == KindRating && rating == nil:
			rating = &n
		case q.Kind == KindNPS && nps == nil:
			nps = &n
		}
	}
	return rating, nps
}
