package db

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgxpool"
	"gorm.io/gorm"
)

// The dialects.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// ErrClosed is returned by Write once Close has begun.
var ErrClosed = errors.New("db: the database is closed")

// Options say which database to open.
type Options struct {
	DSN  string       // empty: SQLite at Path; else postgres://…
	Path string       // the SQLite file; created when missing, its folder is not
	Log  *slog.Logger // nil: slog.Default
}

// DB is an open database.
type DB struct {
	dialect string
	log     *slog.Logger
	backend

	ctx  context.Context // ends with Close
	stop context.CancelFunc
	wg   sync.WaitGroup // renewals of LeaseNode
	node atomic.Pointer[NodeLease]
	once sync.Once
	cerr error
}

// backend is what the two kinds of database do differently.
type backend interface {
	write(ctx context.Context, fn func(tx *gorm.DB) error) error
	read(ctx context.Context) *gorm.DB
	sqlDB() *sql.DB
	ping(ctx context.Context) error
	lockMigrations(ctx context.Context) (migrationLock, error)
	close() error
}

// Open opens the database. It does not migrate, but it refuses a database of a newer program.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	d := &DB{log: o.Log}
	d.ctx, d.stop = context.WithCancel(context.Background())
	var err error
	switch {
	case o.DSN == "":
		d.dialect = SQLite
		d.backend, err = openSQLite(ctx, o.Path, o.Log)
	case strings.HasPrefix(o.DSN, "postgres://"), strings.HasPrefix(o.DSN, "postgresql://"):
		d.dialect = Postgres
		d.backend, err = openPostgres(ctx, o.DSN, o.Log)
	default: // the address may hold a password: it is not repeated
		err = errors.New("db: the database address is neither empty nor postgres://user:password@host/name: check --database")
	}
	if err != nil {
		d.stop()
		return nil, err
	}
	if _, err := d.applied(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Dialect is SQLite or Postgres.
func (d *DB) Dialect() string { return d.dialect }

// Read gives the readers' side: it sees what has been committed, and on SQLite it cannot write.
func (d *DB) Read(ctx context.Context) *gorm.DB { return d.read(ctx) }

// SQL is the pool that may write: on SQLite of one connection, shared with Write. Never use it inside a Write.
func (d *DB) SQL() *sql.DB { return d.sqlDB() }

// PgxPool is the pool of PostgreSQL connections, nil on SQLite.
func (d *DB) PgxPool() *pgxpool.Pool {
	if p, ok := d.backend.(*postgresDB); ok {
		return p.pool
	}
	return nil
}

// Ping tells whether the database answers.
func (d *DB) Ping(ctx context.Context) error {
	if d.ctx.Err() != nil {
		return ErrClosed
	}
	return d.ping(ctx)
}

// Close refuses new writes, finishes those that wait and closes the connections.
func (d *DB) Close() error {
	d.once.Do(func() {
		d.stop()
		d.wg.Wait()
		d.cerr = d.close()
	})
	return d.cerr
}
