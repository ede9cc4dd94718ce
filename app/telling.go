package app

import (
	"context"
	"errors"
	"math"
	"time"

	"gorm.io/gorm"

	"huiyin/app/i18n"
	"huiyin/app/improve"
	"huiyin/app/improve/effect"
	"huiyin/app/improve/telling"
	"huiyin/app/jobs"
	"huiyin/app/privacy"
	"huiyin/tickets/id"
)

const (
	// tellingQueue tells of one task after the other, apart from all that waits for nobody.
	tellingQueue   = "telling"
	tellingTimeout = 2 * time.Minute
)

// newTelling makes what tells those who complained.
func (s *server) newTelling(texts *i18n.Bundle) *telling.Service {
	return telling.New(telling.Options{
		Store: s.Store, Tickets: s.Tickets, Insights: s.insights, Sealer: s.Sealer, IDs: s.IDs, Now: time.Now, Log: s.Log, BaseURL: s.base, Text: texts.Text,
		Task:        s.taskToTell,
		ByMail:      s.mailboxes.Alone,
		MailsAnHour: s.mailboxes.MailsAnHour,
		Queue: func(tx *gorm.DB, job telling.Job) error {
			_, err := s.jobs.Insert(tx, job, jobs.InsertOptions{Queue: tellingQueue, Unique: true})
			return err
		},
	})
}

// taskToTell is a task as those who complained are told of it. Whoever complained on the day of the change is told too.
func (s *server) taskToTell(ctx context.Context, task id.ID) (telling.Task, error) {
	t, err := s.improve.Task(ctx, task)
	if err != nil {
		return telling.Task{}, err
	}
	out := telling.Task{ID: t.ID, Number: t.Number, Title: t.Title, Groups: t.Groups}
	if e := t.Effect; e != nil && (e.Verdict == effect.Worked || e.Verdict == effect.Fell) && e.Ratio < 1 {
		out.Fall = new(int(math.Round((1 - e.Ratio) * 100)))
	}
	if t.State != improve.RolledOut && t.State != improve.Verified {
		return out, nil
	}
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		return out, err
	}
	day, err := time.ParseInLocation(time.DateOnly, t.ChangeDay, shop.Zone())
	if err != nil {
		day = time.UnixMilli(t.StateAt)
	}
	out.Changed = day.AddDate(0, 0, 1)
	if now := time.Now(); out.Changed.After(now) {
		out.Changed = now
	}
	return out, nil
}

// tellingWorker tells for a while; the rest comes in another turn.
func (s *server) tellingWorker() jobs.Worker[telling.Job] {
	return jobs.Worker[telling.Job]{Timeout: tellingTimeout, Work: func(ctx context.Context, job jobs.Job[telling.Job]) error {
		later, err := s.telling.Work(ctx, job.Args)
		if err == nil && later > 0 {
			return jobs.Later(later)
		}
		return err
	}}
}

// toldPart is what an export holds of what a person was told.
func toldPart(d *Desk, texts *i18n.Bundle) privacy.Part {
	return privacy.Part{Name: "told", Each: func(ctx context.Context, contact id.ID, locale string, fn func(privacy.Record) error) error {
		aliases, err := d.Tickets.Aliases(ctx, contact)
		if err != nil {
			return err
		}
		list, err := telling.ToldTo(d.Store.Read(ctx), append(aliases, contact))
		for _, one := range list {
			r := privacy.Record{When: one.At, Title: texts.Text(locale, "telling.export", nil), Data: map[string]any{"at": one.At, "way": one.Way, "answer": one.Answer, "answered_at": one.AnsweredAt}}
			if one.Answer != "" {
				r.Lines = []string{texts.Text(locale, "told."+string(one.Answer), nil)}
			}
			err = errors.Join(err, fn(r))
		}
		return err
	}}
}
