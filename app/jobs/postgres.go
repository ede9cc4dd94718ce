package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"gorm.io/gorm"
)

const ringTimeout = 5 * time.Second

func openPostgres(o Options, config *river.Config) (engine, error) {
	inner := riverpgxv5.New(o.Pool)
	notify := func(ctx context.Context, exec riverdriver.Executor, queue string) error {
		return exec.NotifyMany(ctx, &riverdriver.NotifyManyParams{Topic: topicInsert, Payload: []string{insertNote(queue)}})
	}
	d := &driver[pgx.Tx]{Driver: inner, late: newLate(func(queue string) {
		ctx, done := context.WithTimeout(context.Background(), ringTimeout)
		defer done()
		if err := notify(ctx, inner.GetExecutor(), queue); err != nil {
			o.Log.Warn("jobs that are due may start up to 30 s late", slog.Any("error", err))
		}
	})}
	client, err := river.NewClient(d, config)
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return &riverEngine[pgx.Tx]{
		client: client, driver: d, stats: backlogPostgres,
		under: o.PgxTx,
		// PostgreSQL delivers it at the commit, and equal notes of a transaction once.
		ring: func(tx *gorm.DB, in riverdriver.ExecutorTx, queue string) error {
			return notify(tx.Statement.Context, in, queue)
		},
		before: func(context.Context) error { return nil },
	}, nil
}
