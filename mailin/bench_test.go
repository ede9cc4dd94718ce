package mailin_test

import (
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
)

// resident is how much memory the process has, in bytes; zero where the system does not say.
func resident(b *testing.B) int64 {
	b.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// watchResident gives, when it is asked, the most that the process had since.
func watchResident(b *testing.B) (peak func() int64) {
	b.Helper()
	stop, most := make(chan struct{}), make(chan int64)
	go func() {
		top := int64(0)
		for {
			top = max(top, resident(b))
			select {
			case <-stop:
				most <- top
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return func() int64 { close(stop); return <-most }
}

// BenchmarkDeskMailIntake reads 3,000 mails of 5 KB from a real mailbox over one connection: stored, put away on the server,
// parsed, and a message of a ticket each, durably. Four of five answer a mail that came before, as mails do.
func BenchmarkDeskMailIntake(b *testing.B) {
	const mails = 3000
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		b.Run(dialect, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				d := newDesk(b, dbtest.Open(b, dialect))
				d.mailbox()
				text := strings.Repeat("A line of a mail that has some words in it, as people write them.\r\n", 70)
				for i := range mails {
					more := []string{}
					if i%5 != 0 {
						more = append(more, fmt.Sprintf("References: <m%d@home.test>", i-i%5))
					}
					d.server.Deliver("support@shop.test", "INBOX", letter(fmt.Sprintf("m%d@home.test", i), fmt.Sprintf("Shopper %d <s%d@home.test>", i/5, i/5), "About my order", text, more...))
				}
				b.StartTimer()
				debug.FreeOSMemory()
				idle, peak := resident(b), watchResident(b)
				begun := time.Now()
				stop := d.run()
				d.settled(mails)
				took := time.Since(begun)
				b.ReportMetric(float64(peak()-idle)/(1<<20), "MiB-above-idle")
				b.StopTimer()
				stop()
				if n := d.count(`SELECT COUNT(*) FROM tickets`); n != mails/5 {
					b.Fatalf("%d tickets", n)
				}
				b.ReportMetric(mails/took.Seconds(), "mails/s")
				b.StartTimer()
			}
		})
	}
}
