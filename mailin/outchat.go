package mailin

import (
	"context"
	"encoding/json"
	"strings"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// chatMost is how many answers of a chat one mail carries.
const chatMost = 50

// chatMail makes one letter of the answers that a shopper has not taken in a chat, where an address is known to be hers. The
// letter bears the newest of them, so that there is one a silence.
func (s *Service) chatMail(ctx context.Context, ticket id.ID, data string) error {
	var told struct{ Seq int64 }
	if err := json.Unmarshal([]byte(data), &told); err != nil {
		return err
	}
	t, err := s.Tickets.Ticket(ctx, ticket)
	if err != nil || t.Channel != tickets.ChannelChat || t.KeyID == 0 || t.ContactRead >= told.Seq {
		return err
	}
	if waits, err := s.Tickets.StillUndelivered(ctx, ticket); !waits || err != nil {
		return err
	}
	newest, err := s.Tickets.Visible(ctx, ticket, told.Seq-1, 1)
	if err != nil || len(newest) == 0 {
		return err
	}
	return s.Store.Write(ctx, func(tx *gorm.DB) error { return s.tellByMail(ctx, tx, t, newest[0].ID) })
}

// tellByMail makes the letter that carries what a contact has not taken of a ticket whose own way is no mail. It bears the
// message's id. Where no address is known to be hers, or no mailbox can send, there is none: the ticket's page has the answer.
func (s *Service) tellByMail(ctx context.Context, tx *gorm.DB, t *tickets.Ticket, message id.ID) error {
	to, err := s.contactAddress(tx, t.ContactID)
	if err != nil || len(to) == 0 {
		return err
	}
	if bad, err := s.isBad(tx, to[0].Address); bad || err != nil {
		return err
	}
	a, err := s.sendsFor(tx, t)
	if a == nil || err != nil {
		return err
	}
	desk := s.Tickets.Within(tx)
	contact, err := desk.ContactTx(tx, t.ContactID)
	if err != nil {
		return err
	}
	shop, err := desk.Shop(ctx)
	if err != nil {
		return err
	}
	w := words{s: s, locale: contact.Locale, zone: shop.Zone()}
	if w.locale == "" {
		w.locale = shop.Locale
	}
	name := a.Name
	if name == "" {
		name = shop.Name
	}
	l := &letterRow{message: message, ticket: t.ID, kind: kindChat, said: letterSaid{
		Answer: Answer{To: to, Subject: w.t("mailin.out.chat_subject", map[string]any{"shop": name, "number": t.Number})},
	}}
	if last, err := s.lastMail(tx, t.ID, newestID); err != nil {
		return err
	} else if last != nil { // she has answered the last one by mail
		l.said.Answers = last.message
	}
	return s.enqueue(tx, t, l, a)
}

// notTaken are the answers of a chat that its shopper has not read.
func (s *Service) notTaken(ctx context.Context, t *tickets.Ticket) (out []tickets.Message, err error) {
	said, err := s.Tickets.Visible(ctx, t.ID, t.ContactRead, tickets.PageMax)
	for _, m := range said {
		if m.Kind == tickets.KindReply && m.AuthorKind == tickets.ActorAgent && m.State == tickets.StateAsWritten && len(out) < chatMost {
			out = append(out, m)
		}
	}
	return out, err
}

// chatPage writes what a mail with answers of a chat says: each under its agent's name, and where the chat goes on.
func (s *Service) chatPage(ctx context.Context, t *try, messages []tickets.Message, p *page) error {
	var b strings.Builder
	b.WriteString(p.w.t("mailin.out.chat_intro", nil))
	for i := range messages {
		m := &messages[i]
		b.WriteString("\n\n")
		if name := s.agentName(ctx, m); name != "" {
			b.WriteString(p.w.t("mailin.out.chat_said", map[string]any{"name": name}) + "\n")
		}
		b.WriteString(m.Body)
		for _, f := range m.Attachments {
			b.WriteString("\n[" + f.Name + "]")
		}
	}
	token, err := s.Tickets.NewLink(ctx, t.ticket.ID)
	if err != nil {
		return err
	}
	b.WriteString("\n\n" + p.w.t("mailin.out.chat_more", map[string]any{"link": s.BaseURL.JoinPath("t", token).String()}))
	p.body = b.String()
	return nil
}
