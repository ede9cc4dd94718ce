package web

import (
	"context"
	"html/template"
	"strconv"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/hours"
)

// fillTalk adds what was said.
func (s *Server) fillTalk(ctx context.Context, p *ticketPageView, t *tickets.Ticket, _ *form) error {
	after := max(0, t.LastSeq-pageMessages)
	p.Earlier = after > 0
	said, err := s.Tickets.Visible(ctx, t.ID, after, pageMessages)
	if err != nil {
		return err
	}
	agents, err := s.Tickets.Agents(ctx)
	if err != nil {
		return err
	}
	folk := people{words: p.Words, all: agents, byID: byID(agents)}
	day := ""
	for i := range said {
		m := &said[i]
		v := pageMessage{Words: p.Words, Class: string(m.AuthorKind), Text: linkify(m.Body), Files: s.fileViews(m.Attachments), At: m.CreatedAt}
		if m.Seq != nil {
			v.Seq = *m.Seq
		}
		switch m.AuthorKind {
		case tickets.ActorContact:
			v.Name = p.T("page.you")
			if m.GuestID != nil {
				v.Class = "agent guest" // stands with those who write to her
				if v.Name, err = s.guestName(ctx, p.Words, *m.GuestID); err != nil {
					return err
				}
			}
		case tickets.ActorAgent:
			v.Name = folk.name(m.AuthorID)
		default:
			v.Name = p.T("page.auto")
		}
		if m.State != tickets.StateAsWritten {
			v.Class, v.Files = v.Class+" gone", nil
			v.Text = []segment{{Text: p.T("page.gone")}}
			if m.State == tickets.StateErased {
				v.Text = []segment{{Text: p.T("page.erased")}}
			}
		}
		if d := p.Day(m.CreatedAt); d != day {
			v.Day, day = d, d
		}
		p.Entries = append(p.Entries, v)
	}
	return nil
}

// fillExpect says when an answer can be expected, while one is waited for.
func (s *Server) fillExpect(ctx context.Context, p *ticketPageView, t *tickets.Ticket, _ *form) error {
	box, err := s.Tickets.Inbox(ctx, t.InboxID)
	if err != nil {
		return err
	}
	//nolint:gosec // digits and the signs that a telephone knows
	p.Hotline, p.Dial = box.Settings.Hotline, template.URL(tickets.DialURI(box.Settings.Hotline))
	p.HoursLines = box.Settings.Hours.Lines(p.Now, p.Zone, func(key string, args map[string]any) string {
		return p.texts.Text(p.Locale, key, args)
	})
	if t.WaitingSince == nil || !t.Status.Active() {
		return nil
	}
	look, err := s.Tickets.Outlook(ctx, box, s.There())
	if err != nil {
		return err
	}
	switch {
	case look.Online:
		p.Expect = p.T("page.expect.online")
	case look.AnswerBy == nil:
		p.Expect = p.T("page.expect.unknown")
	case look.Opens != nil:
		p.Expect = hours.Tight(p.T("page.expect.closed", "opens", p.Soon(*look.Opens), "by", p.Soon(*look.AnswerBy)))
	default:
		p.Expect = hours.Tight(p.T("page.expect.by", "by", p.Soon(*look.AnswerBy)))
	}
	return nil
}

// Soon names a moment ahead: 9:20 today, else with its day.
func (w *Words) Soon(ms int64) string {
	at, now := w.at(ms), w.Now.In(w.Zone)
	clock := at.Format("15:04")
	if clock[0] == '0' {
		clock = clock[1:]
	}
	switch at.Format(time.DateOnly) {
	case now.Format(time.DateOnly):
		return clock
	case now.AddDate(0, 0, 1).Format(time.DateOnly):
		return w.T("answers.tomorrow", "time", clock)
	}
	day := w.T("hours.date", "month", w.T("hours.month."+strconv.Itoa(int(at.Month()))), "day", at.Day())
	return w.T("answers.day", "day", day, "time", clock)
}

// fillRating adds the form of one to five, with what she has given already.
func (s *Server) fillRating(ctx context.Context, p *ticketPageView, t *tickets.Ticket, f *form) error {
	p.Scores = []int{1, 2, 3, 4, 5}
	rating, err := s.Tickets.Rating(ctx, t.ID)
	if err != nil {
		return err
	}
	comment := field{Name: "comment", Type: "textarea", Rows: 3, Label: p.T("page.rating.comment"), Max: 1000}
	if p.Rated = rating != nil; p.Rated {
		p.Score, comment.Value = rating.Score, rating.Comment
	}
	shown := f.input(comment)
	if f.err == nil {
		shown.Value = comment.Value
	} else if n, err := strconv.Atoi(f.values("score")); err == nil {
		p.Score = n
	}
	p.Comment, p.ScoreWrong = shown, f.wrong("score")
	return nil
}

// fillPhone adds the number at which she is told, or the form for one.
func (s *Server) fillPhone(ctx context.Context, p *ticketPageView, t *tickets.Ticket, f *form) error {
	wish, err := s.Tickets.TextWish(ctx, t.ID)
	if err != nil {
		return err
	}
	if wish != nil {
		p.PhoneShown = masked(tickets.IdentityPhone, wish.Phone)
	}
	p.Phone = f.input(field{Name: "phone", Type: "tel", Label: p.T("page.phone.label"), Hint: p.T("page.phone.hint"), Max: 32, Complete: "tel", Required: true})
	p.ConsentWrong = f.wrong("consent")
	return nil
}

// fillTold adds whether she wants to hear of an improvement.
func (s *Server) fillTold(ctx context.Context, p *ticketPageView, t *tickets.Ticket, f *form) (err error) {
	p.ToldWrong = f.wrong("told")
	p.Told, err = s.Tickets.Told(ctx, t.ContactID)
	return err
}
