package mailin

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/emersion/go-msgauth/authres"

	"huiyin/mailin/eml"
	"huiyin/mailin/quote"
	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// passedSubject is how programs begin the subject of a mail that is passed on.
var passedSubject = regexp.MustCompile(`(?i)^\s*(?:(?:fwd?|fw|wg|tr|rv|enc|doorst|vs|vb|pd|i|转发|轉寄|轉發|転送|전달)\s*[:：]|\[fwd:)`)

// passedOn makes the mail that an agent passes on its first writer's. An address can be forged, so it is done only where the
// mailbox's own server has found the agent's to be true.
func (s *Service) passedOn(ctx context.Context, l *letter) error {
	agent, err := s.Tickets.AgentByEmail(ctx, l.From.Address)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil || agent.DisabledAt != nil || !l.proved {
		return err
	}
	first, files := l.first()
	if _, ok := tickets.NormalEmail(first.From.Address); !ok || l.account.own(first.From.Address) || strings.EqualFold(first.From.Address, l.From.Address) {
		return nil
	}
	by := l.From
	l.forwarder = &by
	l.From, l.ReplyTo, l.To, l.CC = first.From, nil, nil, nil
	l.passed, l.Attachments = first.Text, files
	if first.HTML != "" {
		l.HTML = first.HTML
	}
	return nil
}

// first is the mail that another one passes on, whole as an attachment or quoted, and the attachments of both.
func (l *letter) first() (m eml.Message, files []eml.Attachment) {
	for i := range l.Attachments {
		if a := &l.Attachments[i]; a.Type == "message/rfc822" {
			inner := eml.Parse(a.Content)
			text := strings.TrimSpace(replyOf(inner))
			if text == "" {
				text = strings.TrimSpace(inner.Whole)
			}
			return eml.Message{From: inner.From, Text: text, HTML: inner.HTML}, slices.Concat(l.Attachments, inner.Attachments)
		}
	}
	if !passedSubject.MatchString(l.Subject) {
		return m, nil
	}
	p, ok := quote.PassedOn(l.Whole)
	if !ok {
		return m, nil
	}
	return eml.Message{From: eml.Address{Name: p.Name, Address: normalAddress(p.Address)}, Text: p.Text}, l.Attachments
}

// proved tells whether the server of this name says that the mail is from the domain that it names (RFC 8601, 7489). Only its newest
// word counts: servers put theirs on top, and what stands below may be anybody's.
func proved(m *eml.Message, server string) bool {
	if server == "" {
		return false
	}
	_, domain, _ := strings.Cut(normalAddress(m.From.Address), "@")
	for _, header := range m.Header.All("Authentication-Results") {
		name, results, err := authres.Parse(header)
		if err != nil || !strings.EqualFold(name, server) {
			continue
		}
		return slices.ContainsFunc(results, func(r authres.Result) bool {
			switch r := r.(type) {
			case *authres.DMARCResult:
				return r.Value == authres.ResultPass && (r.From == "" || strings.EqualFold(r.From, domain))
			case *authres.DKIMResult:
				return r.Value == authres.ResultPass && aligned(domain, r.Domain)
			}
			return false
		})
	}
	return false
}

// aligned tells whether a signature of one domain speaks for another: the same, or one that it lies in.
func aligned(domain, signed string) bool {
	signed = strings.ToLower(signed)
	return signed != "" && (domain == signed || strings.Contains(signed, ".") && strings.HasSuffix(domain, "."+signed))
}
