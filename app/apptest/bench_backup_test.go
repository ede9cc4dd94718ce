package apptest_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"huiyin/app/db"
)

// BenchmarkDeskBackup reports how long a shopper waits for the ack of a message, at p95, on a desk of 3,000 tickets with a
// file each: while nothing else happens, and while it is backed up again and again.
func BenchmarkDeskBackup(b *testing.B) {
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		b.Run(dialect, func(b *testing.B) {
			desk := startOn(b, dialect, "HUIYIN_LIMIT_SCALE=10000")
			a := asker{base: desk.Base(), key: desk.AddInbox("Shop", map[string]any{}), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}}}
			a.fill(b.Context(), b, 3000)
			for b.Loop() {
				idle := a.waits(b, func() { time.Sleep(10 * time.Second) })
				backups := 0
				busy := a.waits(b, func() {
					for end := time.Now().Add(10 * time.Second); time.Now().Before(end); backups++ {
						desk.Command("", "backup", filepath.Join(b.TempDir(), fmt.Sprintf("%d.huiyin", backups)))
					}
				})
				b.ReportMetric(milliseconds(idle), "p95-ms-idle")
				b.ReportMetric(milliseconds(busy), "p95-ms-backup")
				b.ReportMetric(float64(backups), "backups")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// waits is the p95 of the acks that eight shoppers wait for who write ten messages a second each while during runs.
func (a asker) waits(b *testing.B, during func()) time.Duration {
	b.Helper()
	ctx, stop := context.WithCancel(b.Context())
	var mu sync.Mutex
	var all []time.Duration
	var writing sync.WaitGroup
	for range 8 {
		var session struct{ Session string }
		if err := a.post(ctx, "/chat/v1/sessions", "", "application/json", fmt.Appendf(nil, `{"inbox":%q,"locale":"en"}`, a.key), &session); err != nil {
			b.Fatal(err)
		}
		writing.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				begun := time.Now()
				var ack struct{ Seq int64 }
				err := a.post(ctx, "/chat/v1/messages", session.Session, "application/json", fmt.Appendf(nil, `{"id":"m%d","body":"message %[1]d"}`, n), &ack)
				if ctx.Err() != nil {
					return
				}
				if err != nil {
					b.Error(err)
					return
				}
				mu.Lock()
				all = append(all, time.Since(begun))
				mu.Unlock()
				time.Sleep(100 * time.Millisecond)
			}
		})
	}
	during()
	stop()
	writing.Wait()
	slices.Sort(all)
	return all[len(all)*95/100]
}
