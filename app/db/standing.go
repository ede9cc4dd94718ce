package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

// Size is how many bytes the database takes on its disk.
func (d *DB) Size(ctx context.Context) (size int64, err error) {
	if d.dialect == Postgres {
		err = d.read(ctx).Raw("SELECT pg_database_size(current_database())").Scan(&size).Error
		return size, err
	}
	for _, suffix := range []string{"", "-wal"} {
		info, err := os.Stat(d.backend.(*sqliteDB).path + suffix)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("db: size: %w", err)
		}
		size += info.Size()
	}
	return size, nil
}

// NewestID is the largest id of all tables; 0 when there is none. A process begins its own ids behind it, whatever the
// clock says: it may have been set back while nobody served.
func (d *DB) NewestID(ctx context.Context) (newest int64, err error) {
	err = d.Snapshot(ctx, func(look *Snapshot) error {
		tables, err := look.Tables(ctx)
		if err != nil {
			return err
		}
		parts := []string{"SELECT 0 AS id"}
		for _, t := range tables {
			if slices.Contains(t.Columns, "id") && !strings.HasPrefix(t.Name, "river_") {
				parts = append(parts, "SELECT max(id) AS id FROM "+t.Name)
			}
		}
		return d.read(ctx).Raw("SELECT max(id) FROM (" + strings.Join(parts, " UNION ALL ") + ") AS ids").Scan(&newest).Error
	})
	if err != nil {
		return 0, fmt.Errorf("db: look for the newest id: %w", err)
	}
	return newest, nil
}

// Held is a lease or a node's number that somebody holds now.
type Held struct {
	Name   string // the lease's; of a node its number
	Holder string
	Until  time.Time
}

// Leases lists the leases that are held, by name.
func (d *DB) Leases(ctx context.Context) ([]Held, error) {
	return d.held(ctx, "SELECT name, holder, until FROM leases")
}

// Nodes lists the processes that hold a node's number, by number. On SQLite there is one process and no list.
func (d *DB) Nodes(ctx context.Context) ([]Held, error) {
	return d.held(ctx, "SELECT CAST(node AS TEXT) AS name, holder, until FROM nodes")
}

func (d *DB) held(ctx context.Context, list string) ([]Held, error) {
	now, args := d.clock()
	var rows []struct {
		Name, Holder string
		Until        int64
	}
	if err := d.read(ctx).Raw("SELECT name, holder, until FROM ("+list+") AS l WHERE until > "+now+" ORDER BY length(name), name", args...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("db: leases: %w", err)
	}
	held := make([]Held, len(rows))
	for i, r := range rows {
		held[i] = Held{Name: r.Name, Holder: r.Holder, Until: time.UnixMilli(r.Until)}
	}
	return held, nil
}
