package mailin

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"

	"gorm.io/gorm"

	"huiyin/mailin/eml"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// ChooseTx keeps to whom a reply that was just written goes as mail; it is for tickets.Outgoing.Also. It leaves when the reply
// is said. Errors: Invalid (to, cc, subject).
func (s *Service) ChooseTx(tx *gorm.DB, p tickets.Posted, a Answer) error {
	if p.Duplicate || p.Message.Kind != tickets.KindReply {
		return nil
	}
	a, err := s.checkedAnswer(tx, a)
	if err != nil {
		return err
	}
	l := &letterRow{message: p.Message.ID, ticket: p.Ticket.ID, inbox: p.Ticket.InboxID, kind: kindAnswer, state: letterChosen, said: letterSaid{Answer: a}}
	fresh, err := s.insertLetter(tx, p.Ticket.KeyID, l)
	if err == nil && !fresh {
		err = errors.New("mailin: the reply has become a letter before it was said to whom it goes")
	}
	return err
}

// checkedAnswer brings a choice into the form in which it is kept: each address once.
func (s *Service) checkedAnswer(tx *gorm.DB, a Answer) (Answer, error) {
	w := wrong{fault.New(fault.Invalid, "error.invalid")}
	var seen []string
	check := func(field string, people []eml.Address) (out []eml.Address, err error) {
		for _, one := range people {
			one.Name, one.Address = strings.TrimSpace(one.Name), strings.TrimSpace(one.Address)
			plain := normalAddress(one.Address)
			own, err := s.ownAddress(tx, plain)
			switch {
			case err != nil:
				return nil, err
			case !addressOK(plain), len([]rune(one.Name)) > tickets.NameMax, strings.ContainsFunc(one.Name, unicode.IsControl):
				w.add(field, "invalid", "mailin.error.recipient", map[string]any{"text": cutLine(one.Address, 100)})
			case own:
				w.add(field, "own", "mailin.error.own", map[string]any{"text": one.Address})
			case !slices.Contains(seen, plain):
				out, seen = append(out, one), append(seen, plain)
			}
		}
		return out, nil
	}
	var err error
	if a.To, err = check("to", a.To); err != nil {
		return a, err
	}
	if a.CC, err = check("cc", a.CC); err != nil {
		return a, err
	}
	if len(a.To) == 0 && len(w.e.Fields) == 0 {
		w.add("to", "required", "mailin.error.nobody", nil)
	}
	if len(seen) > RecipientsMost {
		w.add("cc", "too_many", "mailin.error.many", map[string]any{"max": RecipientsMost})
	}
	a.Subject = strings.TrimSpace(a.Subject)
	if len([]rune(a.Subject)) > subjectMost || strings.ContainsFunc(a.Subject, unicode.IsControl) {
		w.add("subject", "too_long", "mailin.error.line", map[string]any{"max": subjectMost})
	}
	return a, w.err()
}

// subjectMost is how long an answer's subject may be: that of a ticket, with what answerSubject adds.
const subjectMost = tickets.SubjectMax + 30

// Choosing is ChooseTx of an answer, as tickets.Outgoing.Also wants it.
func (s *Service) Choosing(a Answer) func(tx *gorm.DB, p tickets.Posted) error {
	return func(tx *gorm.DB, p tickets.Posted) error { return s.ChooseTx(tx, p, a) }
}

// Chosen gives to whom a reply of a ticket was to go, also of one that was taken back since; nil where nobody chose.
func (s *Service) Chosen(ctx context.Context, ticket, message id.ID) (*Answer, error) {
	rows, err := s.letters(s.Store.Read(ctx), `WHERE message_id = ? AND ticket_id = ? AND state = ?`, int64(message), int64(ticket), letterChosen)
	if err != nil || len(rows) == 0 || rows[0].gone {
		return nil, err
	}
	return &rows[0].said.Answer, nil
}
