package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"gorm.io/gorm"

	"huiyin/app/attempts"
	"huiyin/app/blob"
	"huiyin/app/config"
	"huiyin/app/db"
	"huiyin/app/feedback"
	"huiyin/app/files"
	"huiyin/app/i18n"
	"huiyin/app/idempotency"
	"huiyin/app/improve"
	"huiyin/app/improve/telling"
	"huiyin/app/insights"
	"huiyin/app/jobs"
	"huiyin/app/orders"
	"huiyin/app/privacy"
	"huiyin/app/sms"
	"huiyin/chat"
	"huiyin/mailin"
	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// ResumeErasures is the job that finishes what an interrupted erasure has left.
type ResumeErasures struct{}

// Kind names the job.
func (ResumeErasures) Kind() string { return "resume_erasures" }

// Retain is the job that lets go what the retention rules say.
type Retain struct{}

// Kind names the job.
func (Retain) Kind() string { return "retain" }

const (
	retainEvery     = time.Hour
	erasuresResume  = 5 * time.Minute
	erasuresTimeout = 30 * time.Minute
)

func (s *server) registerErasures(c *jobs.Client) error {
	return errors.Join(
		jobs.Register(c, jobs.Worker[ResumeErasures]{Timeout: erasuresTimeout, Work: func(ctx context.Context, _ jobs.Job[ResumeErasures]) error {
			return s.privacy.Resume(ctx)
		}}),
		jobs.Register(c, jobs.Worker[Retain]{Timeout: erasuresTimeout, Work: func(ctx context.Context, _ jobs.Job[Retain]) error {
			return s.privacy.Retain(ctx)
		}}),
		c.Periodic(jobs.Periodic{Args: Retain{}, Every: retainEvery}),
		c.Periodic(jobs.Periodic{Args: ResumeErasures{}, Every: erasuresResume, OnStart: true}),
	)
}

// finishErasures ends at the start what a process that died has left; the job by the clock looks only once in its span.
func (s *server) finishErasures(ctx context.Context) {
	if err := s.privacy.Resume(ctx); err != nil && ctx.Err() == nil {
		s.Log.ErrorContext(ctx, "erasures are not finished yet and will be resumed", "error", err)
	}
}

// newPrivacy makes the service that forgets people; f has their files, told cuts off a contact's screens, renew takes
// dropped data keys out of the keys that lie beside the backups.
func newPrivacy(d *Desk, f *files.Service, texts *i18n.Bundle, told func(id.ID), renew func(context.Context) error) *privacy.Service {
	return privacy.New(privacy.Options{
		Store: d.Store, Tickets: d.Tickets, IDs: d.IDs, Now: time.Now, Log: d.Log, DropFile: f.DeleteContent, Told: told, Texts: texts,
		Scrub: func(ctx context.Context) error { return errors.Join(renew(ctx), d.DB.Scrub(ctx)) },
		OpenFile: func(ctx context.Context, a *tickets.Attachment) (io.ReadCloser, error) {
			return f.Open(ctx, a, files.Original)
		},
		Parts: []privacy.Part{ordersPart(d.Orders(), texts), attemptsPart(d.AttemptsAt(time.Now), texts), toldPart(d, texts)},
		Forget: func(tx *gorm.DB, who tickets.Erased) error {
			return errors.Join(
				chat.Forget(tx, who.Contacts, time.Now()), sms.Forget(tx, who.Tickets), mailin.Forget(tx, d.Sealer, who),
				attempts.Forget(tx, who.Contacts), feedback.Forget(tx, who),
				improve.Forget(tx, who), telling.Forget(tx, who.Contacts), idempotency.Forget(tx, who.Contacts), orders.Forget(tx, who.Contacts), insights.Forget(tx, who),
			)
		},
		ForgetRest: func(ctx context.Context, contact id.ID) error {
			return mailin.ForgetRest(ctx, d.Store, d.Sealer, contact)
		},
		ForgetVisitors: func(tx *gorm.DB, contacts []id.ID) error {
			return errors.Join(telling.Forget(tx, contacts), improve.Forget(tx, tickets.Erased{Contacts: contacts}), chat.ForgetVisitors(tx, contacts), attempts.Forget(tx, contacts), feedback.ForgetVisitors(tx, contacts), orders.Forget(tx, contacts), insights.Forget(tx, tickets.Erased{Contacts: contacts}))
		},
		ForgetTrails: chat.ForgetTrails,
		ForgetOrders: func(tx *gorm.DB, list []id.ID) (int, error) { return orders.ForgetNobodys(tx, d.Sealer, list) },
		DropMails:    func(tx *gorm.DB, mails []id.ID) (int, error) { return mailin.DropRaw(tx, d.Sealer, mails) },
		Mail: func(ctx context.Context, message id.ID) (*mailin.Whole, error) {
			return mailin.WholeOf(d.Store.Read(ctx), d.Sealer, message)
		},
	})
}

// eraseAgain brings people whose keys a restored backup lacks, because they were erased after it was made, to the state
// that they were in. It runs before anybody may serve from the place; broken off, the restore is called again. Files in a
// bucket go with the sweep of the first start.
func eraseAgain(ctx context.Context, database *db.DB, cfg config.Desk, log *slog.Logger) error {
	d := &Desk{Log: log, DB: database, IDs: id.NewMaker(0, time.Now)}
	d.Store = tickets.Store{Write: database.Write, Read: database.Read, After: db.After}
	var err error
	d.Sealer, err = seal.Open(ctx, seal.Options{
		DB: seal.Store{Write: database.Write, Read: database.Read}, RingPath: cfg.KeyringFile(), Now: time.Now, NewID: d.IDs.Next, Log: log,
	})
	if err != nil {
		return err
	}
	d.Tickets = d.TicketsAt(time.Now)
	local := &files.Service{Options: files.Options{Store: blob.Folder{Dir: cfg.FilesFolder()}}}
	erased, err := newPrivacy(d, local, nil, nil, noBackups).Sweep(ctx)
	if err == nil && erased > 0 {
		log.Info("people who were erased after this backup was made are erased in it too", "contacts", erased)
	}
	return err
}

// noBackups is for a place in which none were made yet.
func noBackups(context.Context) error { return nil }
