package outbox_test

import (
	"context"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/outbox"
)

// BenchmarkRush has 100 writers commit single events as fast as they can for 5 s beside three readers, and says what the
// readers leave undone. Run it with -benchtime 1x.
func BenchmarkRush(b *testing.B) {
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		for name, n := range map[string]int{"0readers": 0, "3readers": 3} {
			b.Run(dialect+"/"+name, func(b *testing.B) { rush(b, dbtest.Open(b, dialect), n) })
		}
	}
}

func rush(b *testing.B, d *db.DB, n int) {
	var readers []outbox.Reader[event]
	for _, name := range []string{"a", "b", "c"}[:n] {
		readers = append(readers, outbox.Reader[event]{Name: name, Handle: func(_ context.Context, tx *gorm.DB, events []event) error {
			return tx.Exec("UPDATE event_readers SET updated_at = ? WHERE name = ?", len(events), name).Error
		}})
	}
	p := pump(b, options(b, d), readers...)
	run(b, p)
	for b.Loop() {
		var written atomic.Int64
		var wg sync.WaitGroup
		before, began := cpu(b), time.Now()
		for ticket := range int64(100) {
			wg.Go(func() {
				for pos := int64(1); time.Since(began) < 5*time.Second; pos++ {
					write(b, d, ticket, pos)
					p.Wake()
					written.Add(1)
				}
			})
		}
		wg.Wait()
		took := time.Since(began)
		b.ReportMetric(float64(written.Load())/took.Seconds(), "events/s")
		b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(written.Load()), "µs-cpu/event")
		if n > 0 {
			b.ReportMetric(float64(backlog(b, p, "c")), "backlog-at-end")
			within(b, time.Minute, "the readers are through", func() bool { return backlog(b, p, "a")+backlog(b, p, "b")+backlog(b, p, "c") == 0 })
			b.ReportMetric(float64((time.Since(began) - took).Milliseconds()), "ms-to-empty")
		}
	}
}

func cpu(b *testing.B) time.Duration {
	b.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
