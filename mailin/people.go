package mailin

import (
	"context"
	"strings"
	"unicode"

	"gorm.io/gorm"

	"huiyin/mailin/eml"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// participantsMost is how many people one mail brings into a ticket.
const participantsMost = 20

// writer gives the contact whose address the mail comes from, and makes her where nobody has it.
func (s *Service) writer(tx *gorm.DB, l *letter) (*tickets.Contact, error) {
	if l.writer != 0 {
		return s.living(tx, l.writer)
	}
	return s.person(tx, l.From, localeOf(l.body+l.Subject))
}

func (s *Service) living(tx *gorm.DB, contact id.ID) (*tickets.Contact, error) {
	p, err := s.Tickets.ContactTx(tx, contact)
	for err == nil && p.MergedInto != nil {
		p, err = s.Tickets.ContactTx(tx, *p.MergedInto)
	}
	return p, err
}

// person gives the contact who is known by an address, and makes one where there is none.
func (s *Service) person(tx *gorm.DB, a eml.Address, locale string) (*tickets.Contact, error) {
	p, err := s.Tickets.ContactByIdentityTx(tx, tickets.IdentityEmail, a.Address)
	if p != nil || err != nil {
		return p, err
	}
	name, err := tickets.OptionalLine("name", cutLine(a.Name, tickets.NameMax), tickets.NameMax)
	if err != nil {
		name = ""
	}
	n := tickets.NewContact{Name: name, Locale: locale}
	if _, ok := tickets.NormalEmail(a.Address); ok {
		n.Identities = []tickets.NewIdentity{{Kind: tickets.IdentityEmail, Value: a.Address, Verified: true}}
	}
	if name == "" { // what stands before the @ tells people apart
		local, _, _ := strings.Cut(withoutPlus(a.Address), "@")
		n.Name = cutLine(visibleOnly(local), tickets.NameMax)
	}
	return s.Tickets.CreateContactTx(tx, n)
}

// writerNow finds or makes the writer in a transaction of her own: her files are stored before her mail is entered. Two mails of
// somebody new may be read at once; the second look finds whom the other has made.
func (s *Service) writerNow(ctx context.Context, l *letter) (writer id.ID, err error) {
	for range 3 {
		err = s.Store.Write(ctx, func(tx *gorm.DB) error {
			p, err := s.person(tx, l.From, localeOf(l.body+l.Subject))
			if err == nil {
				writer = p.ID
			}
			return err
		})
		if !fault.Is(err, fault.Conflict) {
			break
		}
	}
	return writer, err
}

// localeOf guesses the language in which somebody writes.
func localeOf(text string) string {
	han, letters := 0, 0
	for _, r := range firstBytes(text, 4000) {
		switch {
		case unicode.Is(unicode.Han, r):
			han++
		case unicode.IsLetter(r):
			letters++
		}
	}
	switch {
	case 3*han > letters:
		return "zh-CN"
	case letters > 0:
		return "en"
	}
	return ""
}

// bringIn makes those to whom the mail was sent too participants of its ticket.
func (s *Service) bringIn(tx *gorm.DB, l *letter, t *tickets.Ticket, writer *tickets.Contact) error {
	var people []id.ID
	for _, a := range append(append([]eml.Address{}, l.To...), l.CC...) {
		if len(people) == participantsMost {
			break
		}
		if _, ok := tickets.NormalEmail(a.Address); !ok {
			continue
		}
		mine, err := s.ownAddress(tx, a.Address)
		if err != nil {
			return err
		}
		if mine {
			continue
		}
		p, err := s.person(tx, a, "")
		if err != nil {
			return err
		}
		if p.ID != writer.ID && p.ID != t.ContactID {
			people = append(people, p.ID)
		}
	}
	if len(people) == 0 {
		return nil
	}
	_, err := s.Tickets.AddParticipantsTx(tx, tickets.Actor{Kind: tickets.ActorContact, ID: writer.ID}, t.ID, people)
	return err
}

// ownAddress tells whether an address is one of the desk's own inboxes.
func (s *Service) ownAddress(tx *gorm.DB, address string) (bool, error) {
	accounts, err := s.known(tx)
	for i := range accounts {
		if accounts[i].own(address) {
			return true, err
		}
	}
	return false, err
}
