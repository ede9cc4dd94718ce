package mailin

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"huiyin/mailin/eml"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Proposed gives to whom a reply in a ticket goes where the agent chooses nobody else: to whoever wrote the newest mail, and
// to all whom she wrote to beside the desk. The ticket's contact is not among them where the mail was not hers. Errors:
// NotFound.
func (s *Service) Proposed(ctx context.Context, ticket id.ID) (Answer, error) {
	t, err := s.Tickets.Ticket(ctx, ticket)
	if err != nil {
		return Answer{}, err
	}
	a, _, err := s.propose(s.Store.Read(ctx), t, newestID)
	return a, err
}

// newestID is behind every id.
const newestID id.ID = 1<<63 - 1

// lastMail is the newest mail that somebody wrote in a ticket, or in one that was merged into it, before a message: a reply that was
// held back answers what its writer had seen, and does not go to whoever wrote meanwhile.
type lastMail struct {
	message id.ID
	head    Head
}

func (s *Service) lastMail(tx *gorm.DB, ticket, before id.ID) (*lastMail, error) {
	var m lastMail
	var sealed []byte
	err := all(tx, func(scan func(...any) error) error { return scan((*int64)(&m.message), &sealed) },
		`WITH RECURSIVE part(id) AS (SELECT id FROM tickets WHERE id = ? UNION SELECT t.id FROM tickets t JOIN part p ON t.merged_into = p.id)
 SELECT mm.message_id, mm.head FROM part JOIN mail_messages mm ON mm.ticket_id = part.id JOIN messages m ON m.id = mm.message_id
 WHERE m.kind = 'contact' AND m.state = '' AND mm.message_id < ? ORDER BY mm.message_id DESC LIMIT 1`, int64(ticket), int64(before))
	if m.message == 0 || err != nil {
		return nil, err
	}
	there, err := openJSON(tx, s.Sealer, "head", m.message, sealed, false, &m.head)
	if !there || err != nil {
		return nil, err
	}
	return &m, nil
}

// propose is Proposed inside a transaction, for a reply; it tells too which mail is answered, if there is one.
func (s *Service) propose(tx *gorm.DB, t *tickets.Ticket, before id.ID) (Answer, *lastMail, error) {
	last, err := s.lastMail(tx, t.ID, before)
	if err != nil {
		return Answer{}, nil, err
	}
	a := Answer{Quote: true}
	subject := t.Subject
	if last != nil {
		h := &last.head
		subject = h.Subject
		if h.Guessed {
			h.ReplyTo, h.To, h.CC = nil, nil, nil
		}
		if a.To, err = s.writtenBack(tx, h); err != nil {
			return a, nil, err
		}
		if len(a.To) > 0 {
			taken := []string{normalAddress(a.To[0].Address), normalAddress(h.From.Address)}
			if a.CC, err = s.others(tx, append(slices.Clone(h.To), h.CC...), taken); err != nil {
				return a, nil, err
			}
		}
	}
	if len(a.To) == 0 {
		if a.To, err = s.contactAddress(tx, t.ContactID); err != nil {
			return a, nil, err
		}
	}
	a.Subject = answerSubject(subject, t.Number)
	return a, last, nil
}

// writtenBack is where an answer to a mail goes: where its writer asks for it, when that is one address and not ours, else
// to herself. A list's address that stands there is not asked for by her.
func (s *Service) writtenBack(tx *gorm.DB, h *Head) ([]eml.Address, error) {
	var candidates []eml.Address
	if len(h.ReplyTo) == 1 {
		candidates = append(candidates, h.ReplyTo[0])
	}
	for _, one := range append(candidates, h.From) {
		own, err := s.ownAddress(tx, one.Address)
		if err != nil {
			return nil, err
		}
		if !own && addressOK(normalAddress(one.Address)) {
			if one.Name == "" {
				one.Name = h.From.Name
			}
			return []eml.Address{one}, nil
		}
	}
	return nil, nil
}

// others are people without those who are taken, the desk's own addresses and what is no address, each once.
func (s *Service) others(tx *gorm.DB, people []eml.Address, taken []string) (out []eml.Address, err error) {
	for _, one := range people {
		plain := normalAddress(one.Address)
		if slices.Contains(taken, plain) || !addressOK(plain) || len(out) >= RecipientsMost-1 {
			continue
		}
		own, err := s.ownAddress(tx, plain)
		if err != nil {
			return nil, err
		}
		if !own {
			out, taken = append(out, one), append(taken, plain)
		}
	}
	return out, nil
}

// contactAddress is the address of a contact that is known to be hers.
func (s *Service) contactAddress(tx *gorm.DB, contact id.ID) ([]eml.Address, error) {
	p, err := s.living(tx, contact)
	if err != nil {
		return nil, err
	}
	for _, one := range p.Identities {
		own, err := s.ownAddress(tx, one.Value)
		if one.Kind == tickets.IdentityEmail && one.Verified && !own {
			return []eml.Address{{Name: p.Name, Address: one.Value}}, err
		}
	}
	return nil, nil
}

var answerPrefix = regexp.MustCompile(`(?i)^(?:(?:re|aw|sv|antw|回复|答复|回覆|答覆)\s*(?:\[\d+\])?\s*[:：]\s*)+`)

// answerSubject is the subject of an answer: unchanged but for one "Re:" and the ticket's number.
func answerSubject(subject string, number int64) string {
	mark := "[#" + strconv.FormatInt(number, 10) + "]"
	subject = answerPrefix.ReplaceAllString(strings.TrimSpace(subject), "")
	if !strings.Contains(subject, mark) {
		subject = strings.TrimSpace(cutLine(subject, tickets.SubjectMax) + " " + mark)
	}
	return "Re: " + subject
}
