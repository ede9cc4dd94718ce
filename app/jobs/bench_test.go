package jobs_test

import (
	"syscall"
	"testing"
	"time"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/jobs"
)

// eachBench runs fn on each database.
func eachBench(b *testing.B, fn func(b *testing.B, d *db.DB)) {
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		b.Run(dialect, func(b *testing.B) { fn(b, dbtest.Open(b, dialect)) })
	}
}

// BenchmarkIdle says what waiting for jobs costs, in percent of a core, over 30 s. Run it with -benchtime 1x.
func BenchmarkIdle(b *testing.B) {
	eachBench(b, func(b *testing.B, d *db.DB) {
		start(b, d, &notebook{})
		time.Sleep(12 * time.Second) // until it dozes
		b.ResetTimer()
		before, began := cpu(b), time.Now()
		for b.Loop() {
			time.Sleep(30 * time.Second)
		}
		b.ReportMetric(100*float64(cpu(b)-before)/float64(time.Since(began)), "%core")
	})
}

func cpu(b *testing.B) time.Duration {
	b.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// BenchmarkStart says how long Start and Stop take.
func BenchmarkStart(b *testing.B) {
	eachBench(b, func(b *testing.B, d *db.DB) {
		var up, down time.Duration
		for b.Loop() {
			began := time.Now()
			c := openWith(b, options(b, d), &notebook{})
			if err := c.Start(b.Context()); err != nil {
				b.Fatal(err)
			}
			up += time.Since(began)
			began = time.Now()
			if err := c.Stop(b.Context()); err != nil {
				b.Fatal(err)
			}
			down += time.Since(began)
		}
		b.ReportMetric(float64(up.Microseconds())/float64(b.N)/1000, "start-ms/op")
		b.ReportMetric(float64(down.Microseconds())/float64(b.N)/1000, "stop-ms/op")
	})
}

// BenchmarkWork says how many jobs are inserted, each in a transaction of its own, and worked.
func BenchmarkWork(b *testing.B) {
	eachBench(b, func(b *testing.B, d *db.DB) {
		n := &notebook{}
		c := openWith(b, options(b, d), n)
		for b.Loop() {
			insert(b, d, c, "x", jobs.InsertOptions{})
		}
		inserted := b.Elapsed()
		run(b, c)
		began := time.Now()
		within(b, time.Minute*5, "all jobs", func() bool { return n.count("x") == b.N })
		b.ReportMetric(float64(b.N)/inserted.Seconds(), "inserted/s")
		b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "worked/s")
	})
}
