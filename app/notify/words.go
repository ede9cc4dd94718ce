package notify

import (
	"context"
	"strconv"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// words are what rows say outside the console: numbers and links. forGroup: nobody's own settings are meant.
func (s *Service) words(ctx context.Context, locale string, rows []send, forGroup bool) (Text, error) {
	var ids []id.ID
	for _, x := range rows {
		if x.ticket != 0 {
			ids = append(ids, x.ticket)
		}
	}
	about, err := s.Tickets.Situations(ctx, ids)
	if err != nil {
		return Text{}, err
	}
	numbers := map[id.ID]int64{}
	for i := range about {
		numbers[about[i].Ticket] = about[i].Number
	}
	say := func(key string, args map[string]any) string { return s.Text(locale, key, args) }
	out := Text{Foot: s.foot(locale, forGroup), Open: say("notices.open", nil)}
	for _, x := range rows {
		if x.kind == Alert {
			alert, err := s.alert(ctx, x.subject)
			if err != nil {
				return Text{}, err
			}
			if alert != nil {
				out.Lines = append(out.Lines, Line{alert.Title(say), s.BaseURL.JoinPath(alert.Page()).String()})
			}
			continue
		}
		if x.kind == Task {
			number, err := s.TaskNumber(ctx, x.subject)
			if fault.Is(err, fault.NotFound) {
				continue
			}
			if err != nil {
				return Text{}, err
			}
			out.Lines = append(out.Lines, Line{say("notices.say.task", map[string]any{"number": number}), s.BaseURL.JoinPath("improve", strconv.FormatInt(number, 10)).String()})
			continue
		}
		out.Lines = append(out.Lines, Line{
			say("notices.say."+string(x.kind), map[string]any{"number": numbers[x.ticket]}),
			s.BaseURL.JoinPath("tickets", strconv.FormatInt(numbers[x.ticket], 10)).String(),
		})
	}
	switch len(out.Lines) {
	case 0:
		out.Title = say("notices.title.none", nil)
	case 1:
		out.Title = out.Lines[0].Text
	default:
		out.Title = say("notices.title.more", map[string]any{"n": len(out.Lines)})
	}
	return out, nil
}

func (s *Service) foot(locale string, forGroup bool) string {
	if forGroup {
		return ""
	}
	return s.Text(locale, "notices.foot", map[string]any{"link": s.BaseURL.JoinPath("preferences", "notices").String()})
}

// localeOf is the language of an agent's mails: her own, or the shop's.
func (s *Service) localeOf(ctx context.Context, a *tickets.Agent) string {
	if a.Locale != "" {
		return a.Locale
	}
	shop, err := s.Tickets.Shop(ctx)
	if err != nil || shop.Locale == "" {
		return "en"
	}
	return shop.Locale
}

// TryMail sends an agent a mail that says it is a test. The error may be a Failure.
func (s *Service) TryMail(ctx context.Context, to *tickets.Agent) error {
	locale := s.localeOf(ctx, to)
	return s.Mail(ctx, to, s.trial(locale, s.foot(locale, false)))
}

// TryTarget tells a target that this is a test. The error may be a Failure, or NotFound.
func (s *Service) TryTarget(ctx context.Context, target id.ID) error {
	to, err := s.Target(ctx, target)
	if err != nil {
		return err
	}
	if err := s.Post(ctx, *to, s.trial(to.Locale, "")); err != nil {
		return err
	}
	return s.works(ctx, Out{Target: target})
}

func (s *Service) trial(locale, foot string) Text {
	return Text{
		Title: s.Text(locale, "notices.test.title", nil), Open: s.Text(locale, "notices.open", nil), Foot: foot,
		Lines: []Line{{s.Text(locale, "notices.test.text", nil), s.BaseURL.JoinPath("notifications").String()}},
	}
}
