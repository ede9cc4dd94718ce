package chat_test

import (
	"os"
	"strconv"
	"testing"
	"time"
)

// BenchmarkSteady holds one rate (HUIYIN_CHAT_RATE, 500 by default) for ten seconds; HUIYIN_CHAT_PROFILE names a file
// for the server's CPU profile.
const steadyFor = 10 * time.Second

func BenchmarkSteady(b *testing.B) {
	rate, err := strconv.Atoi(os.Getenv("HUIYIN_CHAT_RATE"))
	if err != nil {
		rate = 500
	}
	for range b.N {
		desk := startChild(b, "desk")
		m := &meter{}
		sides := talksOnDesk(b, desk, m)
		m.take()
		cpu := desk.cpu(b)
		sent, all := m.pace(sides, rate, steadyFor)
		cpu = desk.cpu(b) - cpu
		took, acked := m.take()
		is(b, "all arrived", all, true)
		b.ReportMetric(ms(percentile(took, .5)), "p50-ms")
		b.ReportMetric(ms(percentile(took, .95)), "p95-ms")
		b.ReportMetric(ms(percentile(acked, .5)), "ack-p50-ms")
		b.ReportMetric(ms(percentile(acked, .95)), "ack-p95-ms")
		b.ReportMetric(ms(cpu)/float64(sent), "cpu-ms/msg")
	}
}
