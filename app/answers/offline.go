package answers

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/hours"
	"huiyin/tickets/id"
)

const (
	// stale is how old a message may be to be answered by the desk: one of last night needs no notice now.
	stale = 10 * time.Minute
	// lately is how many of the newest messages tell whether an agent is in the middle of a talk.
	lately = 20
	// settle is how long after a start a missing agent may only be on her way back.
	settle = 15 * time.Second
)

// Read takes events of the log: a message of a shopper whom nobody will answer at once gets a notice of the desk.
// Again for the same event is harmless.
func (s *Service) Read(ctx context.Context, events []tickets.Event) error {
	for i := range events {
		e := &events[i]
		if e.Type != tickets.EventMessageCreated || e.ActorKind != tickets.ActorContact || e.TicketID == nil || e.Quiet() ||
			s.Now().Sub(time.UnixMilli(e.At)) > stale {
			continue
		}
		if err := s.answer(ctx, *e.TicketID); err != nil && fault.As(err) == nil {
			return fmt.Errorf("offline notice in ticket %s: %w", *e.TicketID, err)
		}
	}
	return nil
}

// answer says when to expect an answer, unless somebody is there or has answered. The notice's own id names the silence,
// so that it is said once.
func (s *Service) answer(ctx context.Context, ticket id.ID) error {
	t, err := s.Tickets.Ticket(ctx, ticket)
	if err != nil {
		return err
	}
	if t.Channel != tickets.ChannelChat || !t.Status.Active() || t.WaitingSince == nil || t.LastReplyPos > t.LastContactPos {
		return nil
	}
	box, err := s.Tickets.Inbox(ctx, t.InboxID)
	if err != nil {
		return err
	}
	look, err := s.Tickets.Outlook(ctx, box, s.There())
	if err != nil {
		return err
	}
	if look.Online || (look.Open && s.Now().Sub(s.begun) < settle) {
		return nil
	}
	if talks, err := s.talking(ctx, t); talks || err != nil {
		return err
	}
	said, err := s.Tickets.SaidBySystem(ctx, noticeID(t))
	if said || err != nil {
		return err
	}
	body, err := s.notice(ctx, t, box, look)
	if err != nil {
		return err
	}
	_, err = s.Tickets.Post(ctx, tickets.Actor{Kind: tickets.ActorSystem}, tickets.Outgoing{
		TicketID: t.ID, Kind: tickets.KindReply, ClientID: noticeID(t), Body: body,
	})
	return err
}

// talking tells whether an agent has answered a moment ago: she works late, and to say that nobody is there would be
// odd.
func (s *Service) talking(ctx context.Context, t *tickets.Ticket) (bool, error) {
	newest, err := s.Tickets.Visible(ctx, t.ID, max(0, t.LastSeq-lately), lately)
	for i := range newest {
		if newest[i].AuthorKind == tickets.ActorAgent && s.Now().Sub(time.UnixMilli(newest[i].CreatedAt)) < stale {
			return true, nil
		}
	}
	return false, err
}

// noticeID is the outer id of a silence's notice.
func noticeID(t *tickets.Ticket) string {
	return "offline:" + t.ID.String() + ":" + strconv.FormatInt(*t.WaitingSince, 36)
}

// notice is the text, in the shopper's language: the inbox's own, or the desk's.
func (s *Service) notice(ctx context.Context, t *tickets.Ticket, box *tickets.Inbox, look tickets.Outlook) (string, error) {
	contact, err := s.Tickets.Contact(ctx, t.ContactID)
	if err != nil {
		return "", err
	}
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		return "", err
	}
	token, err := s.Tickets.NewLink(ctx, t.ID)
	if err != nil {
		return "", err
	}
	locale := contact.Locale
	if locale == "" {
		locale = shop.Locale
	}
	w := wording{s: s, locale: locale, zone: shop.Zone(), now: s.Now().In(shop.Zone())}
	link := s.BaseURL.JoinPath("t", token).String()
	args := map[string]any{"opens": w.moment(look.Opens), "by": w.moment(look.AnswerBy), "number": t.Number, "link": link}
	if own := box.Settings.OfflineText; own != "" {
		return filled(own, args), nil
	}
	key := "answers.offline.away"
	switch {
	case look.AnswerBy == nil:
		key = "answers.offline.unknown"
	case look.Opens != nil:
		key = "answers.offline.closed"
	}
	return hours.Tight(s.Text(locale, key, args)) + "\n" + s.Text(locale, "answers.offline.link", args), nil
}

// filled puts the values into an inbox's own text; the address of her page is never left out.
func filled(text string, args map[string]any) string {
	if !strings.Contains(text, "{link}") {
		text += "\n{link}"
	}
	for name, value := range args {
		text = strings.ReplaceAll(text, "{"+name+"}", fmt.Sprint(value))
	}
	return text
}

// wording names moments in the shop's zone.
type wording struct {
	s      *Service
	locale string
	zone   *time.Location
	now    time.Time
}

// moment is 9:20 today, else with its day: 明天 9:20, 11月28日 9:20. Empty for none.
func (w wording) moment(ms *int64) string {
	if ms == nil {
		return ""
	}
	at := time.UnixMilli(*ms).In(w.zone)
	clock := at.Format("15:04")
	clock = strings.TrimPrefix(clock, "0")
	date := at.Format(time.DateOnly)
	switch date {
	case w.now.Format(time.DateOnly):
		return clock
	case w.now.AddDate(0, 0, 1).Format(time.DateOnly):
		return w.s.Text(w.locale, "answers.tomorrow", map[string]any{"time": clock})
	}
	day := w.s.Text(w.locale, "hours.date", map[string]any{
		"month": w.s.Text(w.locale, "hours.month."+strconv.Itoa(int(at.Month())), nil), "day": at.Day(),
	})
	return w.s.Text(w.locale, "answers.day", map[string]any{"day": day, "time": clock})
}
