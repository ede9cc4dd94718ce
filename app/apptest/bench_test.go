package apptest_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"huiyin/app/apptest"
)

// BenchmarkDeskStart reports the time from the start of the process to the first 200 of /readyz on a migrated database, the
// best of three.
func BenchmarkDeskStart(b *testing.B) {
	desk := apptest.StartProcess(b)
	best := time.Hour
	for b.Loop() {
		for range 3 {
			desk.Kill()
			best = min(best, desk.Start())
		}
	}
	b.ReportMetric(float64(best.Microseconds())/1000, "ms-to-ready")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkDeskIdle reports what a desk without work costs over a minute.
func BenchmarkDeskIdle(b *testing.B) {
	const span = time.Minute
	desk := apptest.StartProcess(b)
	time.Sleep(5 * time.Second) // the start is no idling
	for b.Loop() {
		before := cpuTime(b, desk.PID())
		time.Sleep(span)
		used := cpuTime(b, desk.PID()) - before
		b.ReportMetric(100*used.Seconds()/span.Seconds(), "%core")
		b.ReportMetric(residentMiB(b, desk.PID()), "MiB-rss")
	}
	b.ReportMetric(0, "ns/op")
}

// cpuTime is what a process has used of the processor (proc(5), stat: utime and stime in hundredths of a second).
func cpuTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	stat := readProc(b, pid, "stat")
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	var ticks int64
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// residentMiB is the memory that a process holds.
func residentMiB(b *testing.B, pid int) float64 {
	b.Helper()
	for line := range strings.Lines(readProc(b, pid, "status")) {
		if kb, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.ParseFloat(strings.Fields(kb)[0], 64)
			if err != nil {
				b.Fatal(err)
			}
			return n / 1024
		}
	}
	b.Fatal("the process has no VmRSS")
	return 0
}

func readProc(b *testing.B, pid int, file string) string {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	if err != nil {
		b.Skipf("needs the proc file system: %v", err)
	}
	return string(text)
}
