package grouping_test

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"huiyin/app/insights/grouping"
	"huiyin/app/insights/grouping/invent"
	"huiyin/app/insights/grouping/words"
)

const many = 100_000

// taught is how many groups learn from texts that were put into them.
const taught = 20

// BenchmarkDeskGrouping reports how long 100,000 mixed texts take from nothing, the most memory that this took, the nightly
// pass with 2 % new texts, what groups learn from ten texts each, the weekly pass, and one new text, all with the dictionary, whose
// loading counts, too.
func BenchmarkDeskGrouping(b *testing.B) {
	in, _ := texts(invent.Varied(many+many/50, 21))
	o := grouping.Options{Segmenter: words.NewDictionary()}
	for range b.N {
		begin, used := time.Now(), processorTime()
		g := build(b, in[:many], o)
		b.ReportMetric(time.Since(begin).Seconds(), "s/cold")
		b.ReportMetric((processorTime() - used).Seconds(), "cpu-s/cold")
		b.ReportMetric(float64(mostMemory()), "MiB/cold")
		begin, used = time.Now(), processorTime()
		next := g.Refresh(in, g.Members, nil)
		b.ReportMetric(time.Since(begin).Seconds(), "s/night")
		b.ReportMetric((processorTime() - used).Seconds(), "cpu-s/night")
		lessons := make([]grouping.Lesson, taught)
		for i, m := range next.Members {
			if l := m.Group - 1; l >= 0 && l < taught && len(lessons[l].Confirmed) < 10 {
				lessons[l].Confirmed = append(lessons[l].Confirmed, i)
			}
		}
		begin, used = time.Now(), processorTime()
		learn(next, lessons...)
		b.ReportMetric(time.Since(begin).Seconds(), "s/learn")
		b.ReportMetric((processorTime() - used).Seconds(), "cpu-s/learn")
		b.ReportMetric(float64(mostMemory()), "MiB/learn")
		begin = time.Now()
		for _, text := range in[many:] {
			next.Assign(text)
		}
		b.ReportMetric(float64(time.Since(begin).Microseconds())/float64(many/50), "µs/text")
		begin = time.Now()
		g.Retrain(in, g.Members, nil)
		b.ReportMetric(time.Since(begin).Seconds(), "s/week")
	}
	b.ReportMetric(0, "ns/op")
}

// processorTime is what this process has used: on a machine that others use, too, it says more than the clock.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// mostMemory is the highest resident set of this process so far, in MiB.
func mostMemory() int {
	content, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(content)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.Atoi(strings.Fields(rest)[0])
			return kib / 1024
		}
	}
	return 0
}
