package deskmail

import (
	"context"

	"huiyin/app/mailer"
)

// ContactLetter is a letter of the shop to a contact. All words are the caller's, in Locale.
type ContactLetter struct {
	Locale, Subject, Text, Button, Link string
	// Stop is the address where she says that she wants no more of these, and StopWords what its link is called. A POST to it must
	// do so at once (RFC 8058). Empty: there is none.
	Stop, StopWords string
}

// SendContact writes a letter of the shop to a contact.
// The error is mailer.ErrUnset, or a *mailer.Error, which tells by Lasting whether to try again.
func (s *Service) SendContact(ctx context.Context, to mailer.Address, c ContactLetter) error {
	l, _ := s.begin(ctx, c.Locale, to.Name)
	l.Subject, l.Paragraphs, l.Button, l.Link, l.Stop, l.StopWords = c.Subject, []string{c.Text}, c.Button, c.Link, c.Stop, c.StopWords
	return s.send(ctx, to, l)
}
