package main

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/app"
	"huiyin/app/demo"
	"huiyin/app/feedback"
	"huiyin/app/web"
	"huiyin/tickets"
)

// sampleForm is what the sample shop asks after an order. Its questions are those of demo.Opinion.
func sampleForm() feedback.Definition {
	both := func(zh, en string) feedback.Texts { return feedback.Texts{"zh-CN": zh, "en": en} }
	return feedback.Definition{
		Title: both("这次下单顺利吗？", "How was ordering?"), Thanks: both("谢谢您，我们会认真看每一条。", "Thank you. We read every word."),
		Steps: []feedback.Step{{Questions: []feedback.Question{
			{ID: "ordering", Kind: feedback.KindRating, Required: true, Label: both("给这次下单打个分", "Please rate how ordering went"), Low: both("很不顺", "Very bad"), High: both("很顺利", "Very good")},
			{
				ID: "trouble", Kind: feedback.KindMultiple, Label: both("哪里不顺？", "What went wrong?"),
				ShownIf: &feedback.Condition{Question: "ordering", Op: feedback.OpAtMost, Value: "3"},
				Options: []feedback.Option{
					{ID: "payment", Label: both("付款", "Paying")}, {ID: "page", Label: both("页面", "The page")},
					{ID: "price", Label: both("价格或优惠", "Price or discount")}, {ID: "delivery", Label: both("发货", "Delivery")},
				},
			},
			{ID: "more", Kind: feedback.KindText, Label: both("还想说什么？", "Anything else?"), Hint: both("可以不填。", "You may leave it empty."), Max: 500},
		}}},
	}
}

// openForm makes the form of the sample shop, or finds that of an earlier start on the same data.
func (s *showing) openForm(ctx context.Context, desk *app.Desk) error {
	forms := desk.FeedbackAt(time.Now, s.texts)
	known, err := forms.Forms(ctx)
	if err != nil {
		return err
	}
	if len(known) > 0 {
		s.form = &known[0]
		return nil
	}
	f, err := forms.Create(ctx, feedback.NewForm{
		Name: s.text("demo.form", nil), Occasion: feedback.AfterOrder, Definition: sampleForm(), Settings: feedback.Settings{QuietDays: feedback.DefaultQuietDays},
	})
	if err != nil {
		return err
	}
	if s.form, err = forms.Publish(ctx, tickets.Actor{Kind: tickets.ActorSystem}, f.ID); err != nil {
		return err
	}
	_, err = desk.Tickets.UpdateInbox(ctx, f.InboxID, f.Name, func(set *tickets.InboxSettings) { set.AllowedOrigins = s.origins })
	return err
}

// shopForm is the form as the shop's server knows it.
func (s *showing) shopForm(ctx context.Context, _ string) (web.DemoForm, error) {
	select {
	case <-s.opened:
	case <-ctx.Done():
		return web.DemoForm{}, ctx.Err()
	}
	box, err := s.tickets.Inbox(ctx, s.form.InboxID)
	if err != nil {
		return web.DemoForm{}, err
	}
	return web.DemoForm{Key: s.form.Key, Secret: box.Secret}, nil
}

// Tickets of the shop's past that came by its form are solved but for those of the last day.
const (
	opinionOpen     = 24 * time.Hour
	opinionAnswered = 3 * time.Hour
)

// opinions is where the answers of the shop's past go.
func (s *showing) opinions(desk *app.Desk) demo.Opinions {
	var clock time.Time
	forms := desk.FeedbackAt(func() time.Time { return clock }, s.texts)
	return func(ctx context.Context, now time.Time, o demo.Opinion) error {
		clock = now
		for range 1 + len(o.Answers) { // she, and others who only look at the form after their order
			if err := forms.Opened(ctx, s.form, feedback.SourceEmbed, ""); err != nil {
				return err
			}
		}
		got, err := forms.Submit(ctx, feedback.Submission{
			Key: s.form.Key, Link: feedback.Link{Order: o.Order}, Answers: o.Answers, Locale: o.Locale, Source: feedback.SourceEmbed, Trusted: true, SourceID: o.Order,
			Contact: func(tx *gorm.DB) (*tickets.Contact, error) {
				p, _, err := desk.Tickets.ContactForTx(tx, tickets.ContactRef{ExternalID: o.Shopper, Name: o.Name, Email: o.Email, Locale: o.Locale})
				return p, err
			},
		})
		if err != nil || got.Ticket == nil || time.Since(now) < opinionOpen {
			return err
		}
		clock = now.Add(opinionAnswered)
		_, err = desk.TicketsAt(func() time.Time { return clock }).SetStatus(ctx, tickets.Actor{Kind: tickets.ActorSystem}, got.Ticket.ID, tickets.StatusSolved)
		return err
	}
}
