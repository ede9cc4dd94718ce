package app

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"huiyin/app/blob"
	"huiyin/app/config"
	"huiyin/app/files"
	"huiyin/app/jobs"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// FinishFile is the job that makes the small picture of an uploaded one.
type FinishFile struct {
	File id.ID `json:"file"`
}

// Kind names the job.
func (FinishFile) Kind() string { return "finish_file" }

// SweepFiles is the job that deletes files which nobody sent, and makes up for what was forgotten.
type SweepFiles struct{}

// Kind names the job.
func (SweepFiles) Kind() string { return "sweep_files" }

const (
	filesQueue   = "files" // one at a time: a picture takes a lot of memory while it is decoded
	filesSweep   = 10 * time.Minute
	filesTimeout = 5 * time.Minute
	// filesPatience is how long a bucket may take to answer at start.
	filesPatience = 20 * time.Second
)

// bucketOf gives what opens the bucket in which the desk's files lie; nil when they lie in the data folder.
func bucketOf(cfg config.Desk) func(context.Context) (blob.Store, error) {
	address := cfg.Files.Reveal()
	if address == "" {
		return nil
	}
	return func(ctx context.Context) (blob.Store, error) {
		ctx, cancel := context.WithTimeout(ctx, filesPatience)
		defer cancel()
		return blob.OpenBucket(ctx, address)
	}
}

// openFiles opens the file store and makes the service over it.
func (s *server) openFiles() error {
	var store blob.Store = blob.Folder{Dir: s.cfg.FilesFolder()}
	if open := bucketOf(s.cfg.Desk); open != nil {
		bucket, err := open(context.Background())
		if err != nil {
			return err
		}
		store = bucket
	}
	s.blobs = store
	s.files = files.New(files.Options{
		Keeps:    s.keptFiles,
		MayWrite: s.standing.MayWrite, Store: store, Tickets: s.Tickets, Sealer: s.Sealer, Read: s.DB.Read, NewID: s.IDs.Next, Now: time.Now, Log: s.Log,
		Enqueue: func(ctx context.Context, file id.ID) error {
			return s.DB.Write(ctx, func(tx *gorm.DB) error {
				_, err := s.jobs.Insert(tx, FinishFile{File: file}, jobs.InsertOptions{Queue: filesQueue})
				return err
			})
		},
	})
	return nil
}

// keptFiles tells which files of the store others need who keep theirs there too.
func (s *server) keptFiles(ctx context.Context, names []string) ([]string, error) {
	var all []string
	var errs []error
	for _, of := range []func(context.Context, []string) ([]string, error){s.orders.FilesOf, s.oldTexts.FilesOf, s.improve.FilesOf, s.insights.FilesOf} {
		some, err := of(ctx, names)
		all, errs = append(all, some...), append(errs, err)
	}
	return all, errors.Join(errs...)
}

// copyFile copies a file of a message for another contact.
func (s *server) copyFile(ctx context.Context, a *tickets.Attachment, contact id.ID) (*tickets.Attachment, error) {
	return s.files.CopyFor(ctx, a, contact)
}

func (s *server) registerFiles(c *jobs.Client) error {
	return errors.Join(
		jobs.Register(c, jobs.Worker[FinishFile]{Timeout: filesTimeout, Work: func(ctx context.Context, job jobs.Job[FinishFile]) error {
			return s.files.Finish(ctx, job.Args.File)
		}}),
		jobs.Register(c, jobs.Worker[SweepFiles]{Timeout: filesTimeout, Work: func(ctx context.Context, _ jobs.Job[SweepFiles]) error {
			return s.files.Sweep(ctx)
		}}),
		c.Periodic(jobs.Periodic{Args: SweepFiles{}, Every: filesSweep, OnStart: true, Queue: filesQueue}),
	)
}
