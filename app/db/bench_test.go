package db_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
)

// BenchmarkGroupCommit is the chat's hot path in small: three statements a request, each acked after the flush.
func BenchmarkGroupCommit(b *testing.B) {
	d, err := db.Open(context.Background(), db.Options{Path: filepath.Join(b.TempDir(), "bench.db")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = d.Close() })
	if err := d.Write(context.Background(), benchSchema); err != nil {
		b.Fatal(err)
	}
	for _, goroutines := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("goroutines=%d", goroutines), func(b *testing.B) {
			var next atomic.Int64
			var wg sync.WaitGroup
			start := time.Now()
			for range goroutines {
				wg.Go(func() {
					for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
						if err := d.Write(context.Background(), benchAppend(n)); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "requests/s")
		})
	}
}

// BenchmarkOpenMigrated is what a start costs when there is nothing to migrate.
func BenchmarkOpenMigrated(b *testing.B) {
	start := func(b *testing.B, o db.Options) {
		b.Helper()
		d, err := db.Open(context.Background(), o)
		must(b, err)
		_, err = d.Migrate(context.Background())
		must(b, err)
		must(b, d.Close())
	}
	b.Run(db.SQLite, func(b *testing.B) {
		o := db.Options{Path: filepath.Join(b.TempDir(), "huiyin.db")}
		start(b, o)
		for b.Loop() {
			start(b, o)
		}
	})
	b.Run(db.Postgres, func(b *testing.B) {
		o := db.Options{DSN: dbtest.Postgres(b)}
		start(b, o)
		for b.Loop() {
			start(b, o)
		}
	})
}

func benchSchema(tx *gorm.DB) error {
	for _, q := range []string{
		"CREATE TABLE conv (id INTEGER PRIMARY KEY, last_seq INTEGER NOT NULL, at INTEGER NOT NULL)",
		"CREATE TABLE msg (id INTEGER PRIMARY KEY, conv INTEGER NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL)",
		"CREATE UNIQUE INDEX msg_seq ON msg (conv, seq)",
		"CREATE TABLE ev (n INTEGER PRIMARY KEY AUTOINCREMENT, conv INTEGER NOT NULL, type TEXT NOT NULL, at INTEGER NOT NULL)",
		"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i < 200) INSERT INTO conv SELECT i, 0, 0 FROM c",
	} {
		if err := tx.Exec(q).Error; err != nil {
			return err
		}
	}
	return nil
}

func benchAppend(n int64) func(tx *gorm.DB) error {
	body := make([]byte, 120)
	return func(tx *gorm.DB) error {
		var seq int64
		conv := n%200 + 1
		err := tx.Raw("UPDATE conv SET last_seq = last_seq + 1, at = ? WHERE id = ? RETURNING last_seq", n, conv).Scan(&seq).Error
		if err != nil {
			return err
		}
		if err := tx.Exec("INSERT INTO msg (conv, seq, body) VALUES (?, ?, ?)", conv, seq, body).Error; err != nil {
			return err
		}
		return tx.Exec("INSERT INTO ev (conv, type, at) VALUES (?, 'message.created', ?)", conv, n).Error
	}
}
