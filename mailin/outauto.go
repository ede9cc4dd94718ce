package mailin

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"huiyin/mailin/eml"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const (
	// autoPrefix begins the outer id of the desk's own answer to a ticket's first mail.
	autoPrefix = "auto:"
	// autoStale is how old a ticket may be to be answered so: one of last week needs no number now.
	autoStale = 24 * time.Hour
)

// machines are the names of mailboxes that nobody reads.
var machines = regexp.MustCompile(`(?i)^(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|not[-_.]?reply|mailer[-_.]?daemon|post[-_.]?master|bounces?|daemon|root|nobody|notifications?|alerts?|auto[-_.]?(?:reply|mailer|confirm)|listserv|majordomo|owner[-_.].*|.*[-_.](?:no[-_.]?reply|owner|bounces?|request))(?:[+=].*)?$`)

// ReadEvents takes events of the log: a mail that begins a ticket is answered with its number, and answers that a shopper has
// not taken in a chat are sent to her. Again for the same event is harmless.
func (s *Service) ReadEvents(ctx context.Context, events []tickets.Event) error {
	for i := range events {
		e := &events[i]
		if e.TicketID == nil || s.Now().Sub(time.UnixMilli(e.At)) > autoStale {
			continue
		}
		var err error
		switch {
		case e.Type == tickets.EventTicketCreated && !e.Quiet():
			err = s.autoReply(ctx, *e.TicketID)
		case e.Type == tickets.EventUndelivered:
			err = s.chatMail(ctx, *e.TicketID, e.Data)
		}
		if f := fault.As(err); err != nil && (f == nil || f.Kind == fault.Unavailable || f.Kind == fault.TooMany) { // others say that the matter is over
			return fmt.Errorf("mail of event %d in ticket %s: %w", e.N, *e.TicketID, err)
		}
	}
	return nil
}

// autoReply says the desk's own answer in a ticket that a mail began. The message becomes a mail as every reply does.
func (s *Service) autoReply(ctx context.Context, ticket id.ID) error {
	t, err := s.Tickets.Ticket(ctx, ticket)
	if err != nil || t.Channel != tickets.ChannelEmail || !t.Status.Active() {
		return err
	}
	a, err := s.Account(ctx, t.InboxID)
	if err != nil || !a.AutoReply.On || a.SMTP.Host == "" {
		return err
	}
	clientID := autoPrefix + t.ID.String()
	if said, err := s.Tickets.SaidBySystem(ctx, clientID); said || err != nil {
		return err
	}
	mail, err := s.firstMail(ctx, t.ID)
	if mail == nil || err != nil {
		return err
	}
	if may, err := s.mayAnswer(ctx, a, mail); !may || err != nil {
		return err
	}
	body, err := s.autoText(ctx, t, a, mail)
	if err != nil {
		return err
	}
	_, err = s.Tickets.Post(ctx, tickets.Actor{Kind: tickets.ActorSystem}, tickets.Outgoing{
		TicketID: t.ID, Kind: tickets.KindReply, ClientID: clientID, Body: body,
	})
	return err
}

// firstMail is the mail that began a ticket.
func (s *Service) firstMail(ctx context.Context, ticket id.ID) (*Mail, error) {
	var first id.ID
	err := all(s.Store.Read(ctx), func(scan func(...any) error) error { return scan((*int64)(&first)) },
		`SELECT message_id FROM mail_messages WHERE ticket_id = ? ORDER BY message_id LIMIT 1`, int64(ticket))
	if first == 0 || err != nil {
		return nil, err
	}
	mails, err := s.Mails(ctx, []id.ID{first})
	return mails[first], err
}

// mayAnswer tells whether a mail may be answered by the desk itself: a person wrote it, and she was not answered so too often
// within the last hour, whatever the headers say (RFC 3834, 2).
func (s *Service) mayAnswer(ctx context.Context, a *Account, mail *Mail) (bool, error) {
	tx := s.Store.Read(ctx)
	if mail.Auto != "" || mail.Head.Silent || mail.Head.Forwarder != nil || mail.Head.Named != 0 {
		return false, nil // the last one: it names a ticket that is not its writer's, as machines do that answer from ever new addresses
	}
	back, err := s.writtenBack(tx, &mail.Head)
	if err != nil || len(back) == 0 {
		return false, err
	}
	most := orElse(a.AutoReply.PerHour, DefaultAutoPerHour)
	for _, one := range append([]eml.Address{mail.Head.From}, back...) {
		own, err := s.ownAddress(tx, one.Address)
		local, _, _ := strings.Cut(one.Address, "@")
		if own || machines.MatchString(local) || err != nil {
			return false, err
		}
		if bad, err := s.isBad(tx, one.Address); bad || err != nil {
			return false, err
		}
		var n int
		err = tx.Raw(`SELECT COUNT(*) FROM mail_recipients r JOIN mail_letters l ON l.message_id = r.message_id WHERE r.address_hash = ? AND r.created_at > ? AND l.kind = ?`,
			s.addressHash(one.Address), tickets.Millis(s.Now().Add(-time.Hour)), kindAuto).Row().Scan(&n)
		if n >= most || err != nil {
			return false, err
		}
	}
	return true, nil
}

// autoText is the inbox's own text, or the desk's, in the language in which the mail was written.
func (s *Service) autoText(ctx context.Context, t *tickets.Ticket, a *Account, mail *Mail) (string, error) {
	contact, err := s.Tickets.Contact(ctx, t.ContactID)
	if err != nil {
		return "", err
	}
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		return "", err
	}
	box, err := s.Tickets.Inbox(ctx, t.InboxID)
	if err != nil {
		return "", err
	}
	w := words{s: s, locale: localeOf(mail.Head.Subject + t.Preview), zone: shop.Zone()}
	for _, other := range []string{contact.Locale, shop.Locale} {
		if w.locale == "" {
			w.locale = other
		}
	}
	look, err := s.Tickets.Outlook(ctx, box, s.There())
	if err != nil {
		return "", err
	}
	token, err := s.Tickets.NewLink(ctx, t.ID)
	if err != nil {
		return "", err
	}
	args := map[string]any{"number": t.Number, "link": s.BaseURL.JoinPath("t", token).String(), "by": w.t("mailin.out.soon", nil)}
	key := "mailin.out.auto_soon"
	if look.AnswerBy != nil {
		key, args["by"] = "mailin.out.auto", w.moment(time.UnixMilli(*look.AnswerBy))
	}
	own := a.AutoReply.TextEN
	if strings.HasPrefix(w.locale, "zh") {
		own = a.AutoReply.TextZH
	}
	if own == "" {
		return w.t(key, args), nil
	}
	return strings.NewReplacer("{number}", strconv.FormatInt(t.Number, 10), "{link}", args["link"].(string), "{by}", args["by"].(string)).Replace(own), nil
}
