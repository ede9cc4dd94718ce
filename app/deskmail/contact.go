package deskmail

import (
	"context"

	"huiyin/app/mailer"
)

// SendContact writes a letter of the shop to a contact: subject, text and the button's words are the caller's, in the letter's language.
// The error is mailer.ErrUnset, or a *mailer.Error, which tells by Lasting whether to try again.
func (s *Service) SendContact(ctx context.Context, to mailer.Address, locale, subject, text, button, link string) error {
	l, _ := s.begin(ctx, locale, to.Name)
	l.Subject, l.Paragraphs, l.Button, l.Link = subject, []string{text}, button, link
	return s.send(ctx, to, l)
}
