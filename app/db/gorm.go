package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// slowStatement is how long a statement takes before the log tells of it.
const slowStatement = time.Second

// gormConfig is alike for both dialects. Statements are prepared below gorm: by conn on SQLite, by pgx on PostgreSQL.
func gormConfig(log *slog.Logger) *gorm.Config {
	return &gorm.Config{
		SkipDefaultTransaction: true,
		TranslateError:         true,
		DisableAutomaticPing:   true,
		Logger:                 quiet{log},
	}
}

// sqliteDialect is gorm's dialect with error translation for either driver; its own knows only the one in C.
type sqliteDialect struct{ *sqlite.Dialector }

// Explain is part of gorm.Dialector. gorm's would put the values in, and gorm calls it at every Scan.
func (sqliteDialect) Explain(query string, _ ...any) string { return query }

// Translate is part of gorm.ErrorTranslator.
func (sqliteDialect) Translate(err error) error {
	var kind error
	switch sqliteCode(err) {
	case 1555, 2067, 2579: // primary key, unique, rowid
		kind = gorm.ErrDuplicatedKey
	case 787:
		kind = gorm.ErrForeignKeyViolated
	case 275:
		kind = gorm.ErrCheckConstraintViolated
	default:
		return err
	}
	return fmt.Errorf("%w: %w", kind, err)
}

// postgresDialect is gorm's dialect, made as discreet.
type postgresDialect struct{ *postgres.Dialector }

// Explain is part of gorm.Dialector; see sqliteDialect.
func (postgresDialect) Explain(query string, _ ...any) string { return query }

// Translate is part of gorm.ErrorTranslator. gorm's own makes JSON of what is no error of the server.
func (d postgresDialect) Translate(err error) error {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return d.Dialector.Translate(e)
	}
	return err
}

// quiet is gorm's logger. Errors are returned, not logged; what is logged never holds a value.
type quiet struct{ log *slog.Logger }

// LogMode is part of logger.Interface; the level is slog's.
func (q quiet) LogMode(logger.LogLevel) logger.Interface { return q }

// Info is part of logger.Interface. The values are left out.
func (q quiet) Info(ctx context.Context, msg string, _ ...any) {
	q.log.DebugContext(ctx, "gorm", "message", msg)
}

// Warn is part of logger.Interface. The values are left out.
func (q quiet) Warn(ctx context.Context, msg string, _ ...any) {
	q.log.WarnContext(ctx, "gorm", "message", msg)
}

// Error is part of logger.Interface. The values are left out; gorm returns the error as well.
func (q quiet) Error(ctx context.Context, msg string, _ ...any) {
	q.log.DebugContext(ctx, "gorm", "message", msg)
}

// Trace is part of logger.Interface: it tells of slow statements, with placeholders where the values were (Explain).
func (q quiet) Trace(ctx context.Context, begin time.Time, fc func() (string, int64), _ error) {
	if took := time.Since(begin); took >= slowStatement {
		text, rows := fc()
		q.log.WarnContext(ctx, "slow statement", "sql", text, "rows", rows, "ms", took.Milliseconds())
	}
}
