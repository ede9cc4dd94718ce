package deskmail

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"huiyin/app/mailer"
	"huiyin/tickets"
)

// Letter is what a mail says, before it becomes text or a page.
type Letter struct {
	Locale     string
	Shop       string
	Subject    string
	Greeting   string
	Paragraphs []string
	Button     string // of the link
	Link       string // empty: there is none
	Foot       string
	Stop       string // where to say that no more of these are wanted; empty: there is no such place
	StopWords  string
}

// Text is the letter as plain text.
func (l Letter) Text() string {
	parts := append([]string{l.Greeting}, l.Paragraphs...)
	if l.Link != "" {
		parts = append(parts, strings.TrimSpace(l.Button+"\n"+l.Link))
	}
	foot := l.Foot
	if l.Stop != "" {
		foot = strings.TrimSpace(foot + "\n\n" + l.StopWords + "\n" + l.Stop)
	}
	if foot != "" {
		parts = append(parts, "-- \n"+foot)
	}
	return strings.Join(parts, "\n\n") + "\n"
}

// message makes a mail of a letter.
func (s *Service) message(_ context.Context, to mailer.Address, l Letter) (mailer.Message, error) {
	html, err := s.HTML(l)
	if err != nil {
		return mailer.Message{}, err
	}
	// Nobody's holiday answers it (RFC 3834; the other one is Exchange's).
	headers := map[string]string{"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
	if l.Stop != "" { // mail programs show a button of their own for it (RFC 8058)
		headers["List-Unsubscribe"], headers["List-Unsubscribe-Post"] = "<"+l.Stop+">", "List-Unsubscribe=One-Click"
	}
	return mailer.Message{To: to, Subject: l.Subject, Text: l.Text(), HTML: html, Headers: headers}, nil
}

// say gives a text of the mails with the shop's name.
type say func(key string, pairs ...string) string

// begin makes a letter with what all have.
func (s *Service) begin(ctx context.Context, locale, name string) (Letter, say) {
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		s.Log.WarnContext(ctx, "read the shop's settings", "error", err) // the last known ones do
	}
	if locale == "" {
		locale = shop.Locale
	}
	if shop.Name == "" {
		shop.Name = s.Text(locale, "web.name", nil)
	}
	text := func(key string, pairs ...string) string {
		args := map[string]any{"shop": shop.Name, "name": name}
		for i := 0; i+1 < len(pairs); i += 2 {
			args[pairs[i]] = pairs[i+1]
		}
		return s.Text(locale, key, args)
	}
	l := Letter{Locale: locale, Shop: shop.Name, Greeting: text("mail.letter.hello_nobody"), Foot: text("mail.letter.foot")}
	if name != "" {
		l.Greeting = text("mail.letter.hello")
	}
	return l, text
}

// newPassword is the letter to an agent who forgot hers.
func (s *Service) newPassword(ctx context.Context, who *tickets.Agent, token string) Letter {
	l, text := s.begin(ctx, who.Locale, who.Name)
	l.Subject, l.Button = text("mail.password.subject"), text("mail.password.button")
	l.Paragraphs = []string{text("mail.password.asked"), text("mail.password.once"), text("mail.password.not_you")}
	l.Link = s.BaseURL.JoinPath("passwords", token).String()
	return l
}

// invited is the letter to somebody who may become an agent. Her language is not known: the shop's is the best guess.
func (s *Service) invited(ctx context.Context, who Invited) Letter {
	l, text := s.begin(ctx, "", who.Name)
	shop, _ := s.Tickets.Shop(ctx)
	until := time.UnixMilli(who.ExpiresAt).In(shop.Zone()).Format("2006-01-02 15:04")
	l.Subject, l.Button = text("mail.invitation.subject"), text("mail.invitation.button")
	l.Paragraphs = []string{text("mail.invitation.asked"), text("mail.invitation.until", "time", until), text("mail.invitation.not_you")}
	l.Link = s.BaseURL.JoinPath("invitations", who.Token).String()
	return l
}

// notice is a letter whose words are the caller's.
func (s *Service) notice(ctx context.Context, who *tickets.Agent, subject, body, link string) Letter {
	l, text := s.begin(ctx, who.Locale, who.Name)
	l.Subject, l.Link, l.Button = subject, link, text("mail.notice.button")
	for one := range strings.SplitSeq(strings.ReplaceAll(body, "\r\n", "\n"), "\n") {
		if one = strings.TrimSpace(one); one != "" {
			l.Paragraphs = append(l.Paragraphs, one)
		}
	}
	return l
}

// trial is the letter of the settings' test button.
func (s *Service) trial(ctx context.Context, locale, name string) Letter {
	l, text := s.begin(ctx, locale, name)
	l.Subject, l.Paragraphs = text("mail.trial.subject"), []string{text("mail.trial.works"), text("mail.trial.next")}
	return l
}

func isIPv4(host string) bool { a, err := netip.ParseAddr(host); return err == nil && a.Is4() }
func isIPv6(host string) bool { a, err := netip.ParseAddr(host); return err == nil && a.Is6() }
