package insights_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/insights"
	"huiyin/app/insights/grouping/invent"
	"huiyin/app/insights/worker"
)

// TestMain makes this program the child where a measurement has started it as such.
func TestMain(m *testing.M) {
	if os.Getenv("HUIYIN_TEST_WORKER") != "" {
		worker.Low()
		if err := worker.Serve(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// BenchmarkPass measures passes over 100,000 texts with all that the desk writes, the worker in a process of its own, and one new
// text from its arrival to its group. Run it with -benchtime 1x.
func BenchmarkPass(b *testing.B) {
	const n = 100_000
	d := newDesk(b, dbtest.Open(b, db.SQLite))
	path, err := os.Executable()
	must(b, err)
	child := &worker.Process{Command: []string{path}, Env: []string{"HUIYIN_TEST_WORKER=1"}, Log: slog.New(slog.NewTextHandler(b.Output(), nil))}
	defer child.Close()
	d.Worker, d.Memory, d.Writers = child, 640, 5
	began := time.Now()
	list := invent.Varied(n, 1)
	for from := 0; from < n; from += 100 {
		var some []insights.Said
		for _, c := range list[from : from+100] {
			some = append(some, insights.Said{Source: insights.FromImport, Subject: d.IDs.Next(), Channel: "chat", Text: c.Text, Blames: true, At: d.At})
		}
		_, err := d.Take(context.Background(), some)
		must(b, err)
	}
	b.ReportMetric(float64(time.Since(began).Microseconds())/n, "µs/taken")
	for b.Loop() {
		for _, kind := range []worker.Kind{worker.Cold, worker.Nightly, worker.Weekly} {
			d.At = d.At.Add(24 * time.Hour)
			began := time.Now()
			r, err := d.PassNow(context.Background(), kind)
			must(b, err)
			b.ReportMetric(time.Since(began).Seconds(), string(kind)+"-s")
			b.ReportMetric(float64(r.Moved)/n*100, string(kind)+"-%moved")
		}
		for i := range 2 { // the first one loads the model
			_, err := d.Take(context.Background(), []insights.Said{{Source: insights.FromImport, Subject: d.IDs.Next(), Channel: "chat", Text: "my parcel is lost " + word(i+1), At: d.At}})
			must(b, err)
			began := time.Now()
			d.assign()
			b.ReportMetric(float64(time.Since(began).Milliseconds()), fmt.Sprintf("text%d-ms", i+1))
		}
	}
}
