package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
	"gorm.io/gorm"
)

const ringTimeout = 5 * time.Second

func openPostgres(o Options, config *river.Config, term *tenure) (engine, error) {
	inner := riverpgxv5.New(o.Pool)
	notify := func(ctx context.Context, exec riverdriver.Executor, queue string) error {
		return exec.NotifyMany(ctx, &riverdriver.NotifyManyParams{Topic: topicInsert, Payload: []string{insertNote(queue)}})
	}
	d := &driver[pgx.Tx]{Driver: inner, term: term, late: newLate(func(queue string) {
		ctx, done := context.WithTimeout(context.Background(), ringTimeout)
		defer done()
		if err := notify(ctx, inner.GetExecutor(), queue); err != nil {
			o.Log.Warn("jobs that are due may start up to 30 s late", slog.Any("error", err))
		}
	})}
	if term != nil {
		config.ID = term.id
		term.take = func(ctx context.Context, runner string) error {
			exec := inner.GetExecutor()
			queues, err := takeUp(ctx, exec, func(job *rivertype.JobRow) bool { return ranBy(job) == runner })
			for _, queue := range queues {
				err = errors.Join(err, notify(ctx, exec, queue))
			}
			return err
		}
	}
	client, err := river.NewClient(d, config)
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return &riverEngine[pgx.Tx]{
		client: client, driver: d, term: term, stats: backlogPostgres,
		under: o.PgxTx,
		// PostgreSQL delivers it at the commit, and equal notes of a transaction once.
		ring: func(tx *gorm.DB, in riverdriver.ExecutorTx, queue string) error {
			return notify(tx.Statement.Context, in, queue)
		},
	}, nil
}
