package app

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"huiyin/app/i18n"
	"huiyin/app/jobs"
	"huiyin/app/notify"
	"huiyin/app/standing"
	"huiyin/chat"
	"huiyin/tickets/id"
)

const (
	// noticesQueue is of group robots and webhooks, noticeMailQueue of mails to agents: one that hangs holds up no other work.
	noticesQueue    = "notices"
	noticeMailQueue = "notice_mail"
	noticeWorkers   = 6
	noticeTimeout   = 90 * time.Second
	busyPause       = 2 * time.Second
)

// newNotices makes what tells people. Its reader of the log bears the name "notices".
func (s *server) newNotices(texts *i18n.Bundle) *notify.Service {
	return notify.New(notify.Options{
		Store: s.Store, Tickets: s.Tickets, Sealer: s.Sealer, IDs: s.IDs, BaseURL: s.base, Now: time.Now, Log: s.Log, Text: texts.Text,
		There: s.chat.There,
		TaskNumber: func(ctx context.Context, task id.ID) (int64, error) {
			t, err := s.improve.Task(ctx, task)
			if err != nil {
				return 0, err
			}
			return t.Number, nil
		},
		Tell: func(n notify.Notice) {
			s.chat.Notify(chat.Notification{
				Agent: n.Agent, Kind: string(n.Kind), Ticket: n.Ticket, Number: n.Number, Unread: n.Unread, At: n.At, Sound: n.Sound, Desktop: n.Desktop,
			})
		},
		Mail: s.mailNotice, Post: s.postNotice, CheckTarget: s.checkTarget,
		Queue: func(tx *gorm.DB, job notify.Out, at time.Time) error {
			queue := noticesQueue
			if job.Agent != 0 {
				queue = noticeMailQueue
			}
			_, err := s.jobs.Insert(tx, job, jobs.InsertOptions{Queue: queue, At: at})
			return err
		},
	})
}

// noticeWorker sends what is due to an agent or a target.
func (s *server) noticeWorker() jobs.Worker[notify.Out] {
	return jobs.Worker[notify.Out]{Timeout: noticeTimeout, Work: func(ctx context.Context, job jobs.Job[notify.Out]) error {
		err := s.notices.Work(ctx, job.Args)
		if errors.Is(err, notify.ErrBusy) {
			return jobs.Later(busyPause)
		}
		return err
	}}
}

// alert and alertOver tell the administrators what is wrong with the desk. What happens before the desk is open is in
// the log only.
func (s *server) alert(ctx context.Context, kind string, args map[string]string) {
	s.extras.Log.WarnContext(ctx, "alert", "kind", kind)
	if s.notices != nil {
		s.notices.Alert(ctx, kind, args)
	}
}

func (s *server) alertOver(ctx context.Context, kind string) {
	if s.notices != nil {
		s.notices.AlertOver(ctx, kind)
	}
}

// alerts are those that stand, for the health page.
func (s *server) alerts(ctx context.Context) ([]standing.Alert, error) {
	list, err := s.notices.Standing(ctx)
	out := make([]standing.Alert, 0, len(list))
	for _, a := range list {
		if !strings.HasPrefix(a.Kind, "insights.") { // that says nothing of the desk's own health
			out = append(out, standing.Alert{Kind: a.Kind, Args: a.Args, Since: time.UnixMilli(a.Began)})
		}
	}
	return out, err
}
