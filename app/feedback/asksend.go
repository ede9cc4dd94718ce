package feedback

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// How an asking leaves.
const (
	askTries = 5
	askLife  = 30 * 24 * time.Hour // of the signed order in its link
)

// GiveUpError says that an asking would fail again: its reason is a word of the program.
type GiveUpError struct {
	Reason string
	Err    error
}

// Error describes it for a log.
func (g *GiveUpError) Error() string { return fmt.Sprintf("%s: %v", g.Reason, g.Err) }

// Unwrap gives the cause.
func (g *GiveUpError) Unwrap() error { return g.Err }

// Work sends one asking. It counts as sent before it goes, so that a process that dies asks nobody twice; a failure that may pass brings it
// back, and the job is to be tried again.
func (s *Service) Work(ctx context.Context, job Asking) error {
	a, err := s.takeAsk(ctx, job.Ask)
	if a == nil || err != nil {
		return err
	}
	err = s.sendAsk(ctx, a)
	var over *GiveUpError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &over) || a.Attempts+1 >= askTries:
		reason := "failed"
		if over != nil {
			reason = over.Reason
		}
		return errors.Join(s.endAsk(ctx, a, AskFailed, reason), noted(over, err))
	}
	return errors.Join(s.endAsk(ctx, a, AskWaiting, ""), err)
}

// noted keeps an error that nobody has foreseen.
func noted(over *GiveUpError, err error) error {
	if over != nil {
		return nil
	}
	return err
}

// takeAsk marks an asking as sent and gives it; nil: it is not to be sent any more.
func (s *Service) takeAsk(ctx context.Context, ask id.ID) (a *Ask, err error) {
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		a, err = s.oneAsk(tx, ` WHERE a.id = ?`, int64(ask))
		if fault.Is(err, fault.NotFound) {
			a = nil
			return nil
		}
		if err != nil {
			return err
		}
		done := tx.Exec(`UPDATE form_asks SET state = ? WHERE id = ? AND state = ?`, AskSent, int64(ask), AskWaiting)
		if done.RowsAffected == 0 {
			a = nil
		}
		return done.Error
	})
	return a, err
}

func (s *Service) endAsk(ctx context.Context, a *Ask, state, reason string) error {
	return s.Store.Write(context.WithoutCancel(ctx), func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE form_asks SET state = ?, reason = ?, attempts = attempts + 1 WHERE id = ?`, state, reason, int64(a.ID)).Error
	})
}

func (s *Service) sendAsk(ctx context.Context, a *Ask) error {
	tx := s.Store.Read(ctx)
	f, err := s.Form(ctx, a.FormID)
	if err != nil {
		return err
	}
	box, err := s.Tickets.Inbox(ctx, f.InboxID)
	if err != nil {
		return err
	}
	who, err := s.living(tx, a.ContactID)
	if fault.Is(err, fault.Conflict) {
		return &GiveUpError{"erased", err}
	}
	if err != nil {
		return err
	}
	if f.State != StateActive || box.DisabledAt != nil || who.Blocked {
		return &GiveUpError{"over", errors.New("the form is over, or she is blocked")}
	}
	if refuses, err := s.refuses(tx, who.ID); refuses || err != nil {
		if err != nil {
			return err
		}
		return &GiveUpError{"refused_by_her", errors.New("she has said that she wants no more")}
	}
	locale, shop, err := s.speaks(ctx, who)
	if err != nil {
		return err
	}
	link := s.askAddress(f, box, a)
	if a.Source == SourceChat {
		return s.askInChat(ctx, a, s.Text(locale, "feedback.ask.chat", map[string]any{"link": link}))
	}
	to := verified(who, tickets.IdentityEmail)
	if to == "" || s.Send == nil {
		return &GiveUpError{"address", errors.New("she has no verified address")}
	}
	args := map[string]any{"shop": shop, "form": f.Definition.Title.In(locale), "order": a.Order}
	text := "feedback.ask.solved"
	if a.Order != "" {
		text = "feedback.ask.delivered"
	}
	return s.Send(ctx, Letter{
		Contact: who.ID, Email: to, Name: who.Name, Locale: locale, Subject: s.Text(locale, "feedback.ask.subject", args), Text: s.Text(locale, text, args),
		Button: s.Text(locale, "feedback.ask.button", args), Link: link,
		Stop: s.stopAddress(a, locale), StopWords: s.Text(locale, "feedback.stop.link", nil),
	})
}

// speaks gives the language in which somebody is asked, and the shop's name.
func (s *Service) speaks(ctx context.Context, who *tickets.Contact) (locale, name string, err error) {
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		return "", "", err
	}
	locale = shop.Locale
	for _, one := range Locales() {
		if who.Locale != "" && strings.HasPrefix(one, strings.ToLower(who.Locale[:min(2, len(who.Locale))])) {
			locale = one
		}
	}
	if name = shop.Name; name == "" {
		name = s.Text(locale, "web.name", nil)
	}
	return locale, name, nil
}

// askAddress is the form's address for whom is asked: it says by whom it was opened, and which order is hers.
func (s *Service) askAddress(f *Form, box *tickets.Inbox, a *Ask) string {
	u, err := url.Parse(s.Address(f, box, a.Order, s.Now().Add(askLife)))
	if err != nil {
		return s.BaseURL.JoinPath("f", f.Key).String() // never: it was made from an address
	}
	q := u.Query()
	q.Set("ask", s.token(tokenAsk, a.ID))
	u.RawQuery = q.Encode()
	return u.String()
}

// askInChat says it in the chat, as the desk itself.
func (s *Service) askInChat(ctx context.Context, a *Ask, text string) error {
	_, err := s.Tickets.Post(ctx, tickets.Actor{Kind: tickets.ActorSystem}, tickets.Outgoing{
		TicketID: *a.TicketID, Kind: tickets.KindReply, ClientID: "form:" + a.ID.String(), Body: text,
	})
	if e := fault.As(err); e != nil && e.Kind != fault.Internal && e.Kind != fault.Unavailable {
		return &GiveUpError{"ticket", err}
	}
	return err
}
