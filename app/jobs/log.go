package jobs

import (
	"context"
	"log/slog"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// quiet lets River's warnings and errors through; its chatter about itself stays unsaid.
type quiet struct{ slog.Handler }

// Enabled is part of slog.Handler.
func (q *quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

// WithAttrs is part of slog.Handler.
func (q *quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return &quiet{q.Handler.WithAttrs(attrs)} }

// WithGroup is part of slog.Handler.
func (q *quiet) WithGroup(name string) slog.Handler { return &quiet{q.Handler.WithGroup(name)} }

// reporter logs failed attempts: ids and the cleaned error, never the args.
type reporter struct{ log *slog.Logger }

// HandleError is part of river.ErrorHandler.
func (r *reporter) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	attrs := []slog.Attr{
		slog.Int64("job", job.ID), slog.String("kind", job.Kind), slog.Int("attempt", job.Attempt), slog.String("error", cleanText(err.Error())),
	}
	if stack := stackOf(err); stack != "" {
		attrs = append(attrs, slog.String("stack", stack))
	}
	if job.Attempt >= job.MaxAttempts {
		r.log.LogAttrs(ctx, slog.LevelError, "a job is given up", attrs...)
	} else {
		r.log.LogAttrs(ctx, slog.LevelWarn, "a job failed and will be tried again", attrs...)
	}
	return nil
}

// HandlePanic is part of river.ErrorHandler. Workers' panics arrive as errors; this one is River's own.
func (r *reporter) HandlePanic(ctx context.Context, job *rivertype.JobRow, _ any, trace string) *river.ErrorHandlerResult {
	r.log.LogAttrs(ctx, slog.LevelError, "a job panicked", slog.Int64("job", job.ID), slog.String("kind", job.Kind), slog.String("stack", trace))
	return nil
}
