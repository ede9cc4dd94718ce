package mailin

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"huiyin/mailin/eml"
	"huiyin/tickets"
)

// Alone gives what lets a message of the desk itself go as a mail to a ticket's contact and to nobody else, for
// tickets.Outgoing.Also: in the thread of her mails, else to an address that is known to be hers. nil: she cannot be reached so,
// or no mailbox can send.
func (s *Service) Alone(ctx context.Context, t *tickets.Ticket, contact *tickets.Contact) (func(tx *gorm.DB, p tickets.Posted) error, error) {
	tx := s.Store.Read(ctx)
	if a, err := s.sendsFor(tx, t); a == nil || err != nil {
		return nil, err
	}
	to, err := s.contactAddress(tx, contact.ID)
	if err != nil {
		return nil, err
	}
	if t.Channel == tickets.ChannelEmail {
		proposed, _, err := s.propose(tx, t, newestID)
		if err != nil {
			return nil, err
		}
		if len(proposed.To) > 0 && isHers(contact, proposed.To[0]) {
			to = proposed.To[:1]
		}
	}
	if len(to) == 0 {
		return nil, nil
	}
	if bad, err := s.isBad(tx, normalAddress(to[0].Address)); bad || err != nil {
		return nil, err
	}
	return s.Choosing(Answer{To: to}), nil
}

func isHers(contact *tickets.Contact, a eml.Address) bool {
	return slices.ContainsFunc(contact.Identities, func(one tickets.Identity) bool {
		return one.Kind == tickets.IdentityEmail && normalAddress(one.Value) == normalAddress(a.Address)
	})
}

// MailsAnHour is how many mails all mailboxes that can send may send in an hour.
func (s *Service) MailsAnHour(ctx context.Context) (n int, err error) {
	rows, err := s.rows(s.Store.Read(ctx), `ORDER BY inbox_id`)
	for i := range rows {
		if a := &rows[i].Account; a.SMTP.Host != "" {
			n += orElse(a.PerHour, DefaultPerHour)
		}
	}
	return n, err
}
