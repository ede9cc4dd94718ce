package feedback

import (
	"strings"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// whose finds who has answered: by what a program of the shop says, by the asking, by the signed order, by whom photos were taken for.
// Anybody else is new: what she says of herself is a claim, which finds nobody.
func (s *Service) whose(tx *gorm.DB, e *entry, r *Response) (*tickets.Contact, error) {
	p, err := s.knownBy(tx, e, r)
	if err != nil {
		return nil, err
	}
	claims := append(e.claims(), e.Claims...)
	if p == nil {
		return s.Tickets.CreateContactTx(tx, tickets.NewContact{Name: e.Name, Locale: e.Locale, Identities: claims})
	}
	for _, claim := range claims {
		if err := s.Tickets.AddIdentityTx(tx, p.ID, claim); err != nil && !fault.Is(err, fault.Conflict) {
			return nil, err
		}
	}
	return p, nil
}

// knownBy gives the contact who is known, or nil. One who was erased is not.
func (s *Service) knownBy(tx *gorm.DB, e *entry, r *Response) (*tickets.Contact, error) {
	if e.Contact != nil {
		p, err := e.Contact(tx)
		if p != nil || err != nil {
			return p, err
		}
	}
	if e.ask != 0 {
		a, err := s.oneAsk(tx, ` WHERE a.id = ? AND a.form_id = ?`, int64(e.ask), int64(e.form.ID))
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		if err == nil {
			r.AskID, r.AboutID, r.AgentID, r.Source = &a.ID, a.TicketID, a.AgentID, a.Source
			if p, err := s.ifLiving(tx, a.ContactID); p != nil || err != nil {
				return p, err
			}
		}
	}
	if e.signed {
		owner, err := s.OrderContact(tx, e.order)
		if err != nil {
			return nil, err
		}
		if p, err := s.ifLiving(tx, owner); p != nil || err != nil {
			return p, err
		}
	}
	return s.ifLiving(tx, e.visitor)
}

// ifLiving gives a contact who was not erased; nil for zero.
func (s *Service) ifLiving(tx *gorm.DB, contact id.ID) (*tickets.Contact, error) {
	if contact == 0 {
		return nil, nil
	}
	p, err := s.living(tx, contact)
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return p, err
}

// claims are what she said in answer to how she can be reached.
func (e *entry) claims() (out []tickets.NewIdentity) {
	for _, q := range e.asked.Questions() {
		text := e.answers.First(q.ID)
		if q.Kind != KindContact || text == "" {
			continue
		}
		kind := tickets.IdentityPhone
		if strings.Contains(text, "@") {
			kind = tickets.IdentityEmail
		}
		out = append(out, tickets.NewIdentity{Kind: kind, Value: text})
	}
	return out
}
