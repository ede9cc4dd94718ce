package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

const (
	poolConns      = 16               // unless the address says pool_max_conns
	connectTimeout = 10 * time.Second // unless the address says connect_timeout
	closeTimeout   = 10 * time.Second // for connections that somebody still holds
	minServer      = 130000           // pg_snapshot_xmin and its like came with 13
	keysSchema     = "huiyin_keys"    // of the data keys, which dumps leave out
)

// postgresDB is the backend on a PostgreSQL server.
type postgresDB struct {
	pool *pgxpool.Pool
	sql  *sql.DB // over the same pool
	base *gorm.DB
	log  *slog.Logger

	writes sync.RWMutex // held for reading by each write
	closed bool
}

func openPostgres(ctx context.Context, dsn string, log *slog.Logger) (*postgresDB, error) {
	config, err := poolConfig(dsn)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	p := &postgresDB{pool: pool, sql: stdlib.OpenDBFromPool(pool), log: log}
	if err = p.checkServer(ctx); err == nil {
		p.base, err = gorm.Open(postgresDialect{&postgres.Dialector{Config: &postgres.Config{Conn: p.sql}}}, gormConfig(log))
	}
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func poolConfig(dsn string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil { // pgx leaves the password out of this error
		return nil, fmt.Errorf("db: the database address cannot be read: check --database: %w", err)
	}
	if !strings.Contains(dsn, "pool_max_conns=") {
		config.MaxConns = poolConns
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	params := config.ConnConfig.RuntimeParams
	if params["search_path"] == "" {
		params["search_path"] = `"$user",public`
	}
	params["search_path"] += "," + keysSchema
	if params["application_name"] == "" {
		params["application_name"] = "huiyin"
	}
	if params["jit"] == "" { // a desk's statements end before compiling one for them would pay
		params["jit"] = "off"
	}
	return config, nil
}

// checkServer connects, and says what to do when that fails.
func (p *postgresDB) checkServer(ctx context.Context) error {
	var version int
	err := p.pool.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version)
	var refusal *pgconn.PgError
	switch {
	case errors.As(err, &refusal):
		return fmt.Errorf("db: PostgreSQL refused: %s (%s): check user, password and database name in --database",
			refusal.Message, refusal.Code)
	case err != nil:
		return fmt.Errorf("db: PostgreSQL does not answer: start it or check host and port in --database: %w", lineError{err})
	case version < minServer:
		return fmt.Errorf("db: PostgreSQL %d is too old: version %d or newer is needed", version/10000, minServer/10000)
	}
	return nil
}

// lineError is an error of pgx, which takes a line for each address that it tried, in one line.
type lineError struct{ error }

// Error joins the lines.
func (e lineError) Error() string { return strings.Join(strings.Fields(e.error.Error()), " ") }

// Unwrap gives the cause.
func (e lineError) Unwrap() error { return e.error }

func (p *postgresDB) read(ctx context.Context) *gorm.DB { return p.base.WithContext(ctx) }

func (p *postgresDB) sqlDB() *sql.DB { return p.sql }

func (p *postgresDB) ping(ctx context.Context) error { return p.pool.Ping(ctx) }

// close waits for writes and for connections that are in use, but not for ever.
func (p *postgresDB) close() error {
	closed := make(chan error, 1)
	go func() {
		p.writes.Lock()
		p.closed = true
		p.writes.Unlock()
		err := p.sql.Close()
		p.pool.Close()
		closed <- err
	}()
	select {
	case err := <-closed:
		return err
	case <-time.After(closeTimeout):
		return errors.New("db: connections were still in use when the database was closed")
	}
}
