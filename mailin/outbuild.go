package mailin

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"huiyin/mailin/eml"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

const (
	quotedMost = 20_000 // characters of the last message
	lately     = 30     // messages before a reply that are looked through for it
)

// build writes the mail of a letter at the moment in which it leaves; nil: it has nothing to say any more.
func (s *Service) build(ctx context.Context, t *try) (*OutMail, error) {
	own, err := s.messageOf(ctx, t.letterRow.message)
	if own == nil || err != nil {
		return nil, err
	}
	t.message = own
	if t.ticket, err = s.Tickets.Ticket(ctx, own.TicketID); err != nil {
		return nil, err
	}
	contact, err := s.Tickets.Contact(ctx, t.ticket.ContactID)
	if err != nil {
		return nil, err
	}
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		return nil, err
	}
	w := words{s: s, locale: contact.Locale, zone: shop.Zone()}
	if w.locale == "" {
		w.locale = shop.Locale
	}
	messages := []tickets.Message{*own}
	if t.kind == kindChat && t.ticket.Channel == tickets.ChannelChat {
		if messages, err = s.notTaken(ctx, t.ticket); len(messages) == 0 || err != nil {
			return nil, err
		}
	} else if own.State != tickets.StateAsWritten || own.Body == "" && len(own.Attachments) == 0 {
		return nil, nil
	}
	m := s.envelope(ctx, t, shop)
	p := page{w: w, mark: s.tokens.Mark(t.letterRow.ticket)}
	if t.kind == kindChat {
		if err := s.chatPage(ctx, t, messages, &p); err != nil {
			return nil, err
		}
	} else {
		p.body = own.Body
		p.signature = s.signature(ctx, t, own)
	}
	if t.said.Quote {
		if p.quoted, err = s.quoted(ctx, t, contact); err != nil {
			return nil, err
		}
	}
	m.Text, m.HTML = p.text(), p.html()
	for _, one := range messages {
		for i := range one.Attachments {
			m.Files = append(m.Files, s.outFile(ctx, &one.Attachments[i]))
		}
	}
	return m, s.answers(ctx, t, m)
}

// messageOf reads a message that its contact may see; nil: it is not there.
func (s *Service) messageOf(ctx context.Context, message id.ID) (*tickets.Message, error) {
	var ticket, seq int64
	err := all(s.Store.Read(ctx), func(scan func(...any) error) error { return scan(&ticket, &seq) },
		`SELECT ticket_id, seq FROM messages WHERE id = ? AND seq IS NOT NULL`, int64(message))
	if ticket == 0 || err != nil {
		return nil, err
	}
	found, err := s.Tickets.Visible(ctx, id.ID(ticket), seq-1, 1)
	if err != nil || len(found) == 0 || found[0].ID != message {
		return nil, err
	}
	return &found[0], nil
}

// envelope is who sends a mail to whom.
func (s *Service) envelope(ctx context.Context, t *try, shop tickets.Shop) *OutMail {
	a := t.account
	name := a.Name
	if name == "" {
		name = shop.Name
		if box, err := s.Tickets.Inbox(ctx, a.InboxID); err == nil {
			name = box.Name
		}
	}
	if agent := s.agentName(ctx, t.message); agent != "" && t.kind != kindChat {
		name = agent + " · " + name
	}
	m := &OutMail{
		From: eml.Address{Name: name, Address: a.Address}, Subject: t.said.Subject, MessageID: t.said.MessageID, Automatic: t.said.Auto,
	}
	if a.Plus == PlusYes {
		m.ReplyTo = &eml.Address{Name: m.From.Name, Address: s.tokens.Address(a.Address, t.letterRow.ticket)}
	}
	named := map[string]string{}
	for _, one := range append(slices.Clone(t.said.To), t.said.CC...) {
		named[one.Address] = one.Name
	}
	for _, r := range t.all {
		if r.reason == "known_bad" {
			continue
		}
		one := eml.Address{Name: named[r.address], Address: r.address}
		if r.role == roleTo {
			m.To = append(m.To, one)
		} else {
			m.CC = append(m.CC, one)
		}
	}
	for _, r := range t.to {
		m.Only = append(m.Only, r.address)
	}
	return m
}

func (s *Service) agentName(ctx context.Context, m *tickets.Message) string {
	if m.AuthorKind != tickets.ActorAgent {
		return ""
	}
	agent, err := s.Tickets.Agent(ctx, m.AuthorID)
	if err != nil {
		return "" // the mail leaves without a name rather than not at all
	}
	return agent.Name
}

// signature is the agent's own, then the inbox's with the agent's name in it. What nobody wrote has neither.
func (s *Service) signature(ctx context.Context, t *try, m *tickets.Message) string {
	agent, inbox := s.agentName(ctx, m), t.account.Signature
	if agent == "" {
		if strings.Contains(inbox, "{agent}") {
			return ""
		}
		return strings.TrimSpace(inbox)
	}
	own, err := s.AgentSignature(ctx, m.AuthorID)
	if err != nil {
		own = "" // the mail leaves without it rather than not at all
	}
	return strings.TrimSpace(strings.TrimSpace(own) + "\n" + strings.ReplaceAll(inbox, "{agent}", agent))
}

// answers makes a mail stand below the one that it answers, in every program that knows of threads.
func (s *Service) answers(ctx context.Context, t *try, m *OutMail) error {
	if t.said.Answers == 0 {
		if t.said.Before != "" {
			m.InReplyTo, m.References = t.said.Before, []string{t.said.Before}
		}
		return nil
	}
	mails, err := s.Mails(ctx, []id.ID{t.said.Answers})
	if err != nil || mails[t.said.Answers] == nil {
		return err
	}
	h := mails[t.said.Answers].Head
	m.InReplyTo, m.References = h.MessageID, h.References
	if h.MessageID != "" {
		m.References = chain(h.References, []string{h.MessageID})
	}
	return nil
}

// quoted is the contact's last message before the reply; nil: there is none.
func (s *Service) quoted(ctx context.Context, t *try, contact *tickets.Contact) (*quotation, error) {
	seq := *t.message.Seq
	before, err := s.Tickets.Visible(ctx, t.ticket.ID, max(0, seq-1-lately), lately)
	if err != nil {
		return nil, err
	}
	for _, m := range slices.Backward(before) {
		if m.Kind != tickets.KindContact || *m.Seq >= seq || m.Pos > t.message.Pos || m.Body == "" {
			continue
		}
		q := &quotation{who: contact.Name, at: time.UnixMilli(m.CreatedAt), text: m.Body}
		if r := []rune(q.text); len(r) > quotedMost {
			q.text = string(r[:quotedMost]) + "…"
		}
		mails, err := s.Mails(ctx, []id.ID{m.ID})
		if err != nil {
			return nil, err
		}
		if mail := mails[m.ID]; mail != nil {
			q.who, q.address = mail.Head.From.Name, mail.Head.From.Address
		}
		return q, nil
	}
	return nil, nil
}

func (s *Service) outFile(ctx context.Context, a *tickets.Attachment) OutFile {
	return OutFile{Name: a.Name, Type: a.Type, Size: a.Size, Open: func() (io.ReadCloser, error) { return s.OpenFile(ctx, a) }}
}
