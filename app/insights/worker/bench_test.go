package worker_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"huiyin/app/insights/grouping/invent"
	"huiyin/app/insights/worker"
)

// BenchmarkPassWithTextsInBetween reports, for each kind of pass over 100,000 texts within its 640 MiB, the most memory of the child
// alone and with a new text every 200 ms, and how long the slowest of these took. Run it with -benchtime 1x.
func BenchmarkPassWithTextsInBetween(b *testing.B) {
	const n = 100_000
	p := process(b)
	p.Plain = func() bool { return false }
	texts := make([]worker.Text, n)
	for i, c := range invent.Varied(n, 21) {
		texts[i] = worker.Text{Body: c.Text, Writer: fmt.Sprint(i)}
	}
	for b.Loop() {
		first, err := p.Pass(b.Context(), worker.Pass{Kind: worker.Cold, Writers: 5, Memory: 640}, each(texts))
		must(b, err)
		for i, m := range first.Members {
			texts[i].Known, texts[i].Fine = true, m.Fine
		}
		m := worker.Model{Name: "before", Read: func(context.Context) ([]byte, error) { return first.Model, nil }}
		for _, kind := range []worker.Kind{worker.Nightly, worker.Weekly, worker.Cold} {
			pass := worker.Pass{Kind: kind, Name: m.Name, Model: first.Model, Writers: 5, Memory: 640}
			for _, ask := range []bool{false, true} {
				began, over := time.Now(), make(chan error)
				go func() {
					_, err := p.Pass(b.Context(), pass, each(texts))
					over <- err
				}()
				name := string(kind) + map[bool]string{true: "+texts"}[ask]
				most, slowest := 0, time.Duration(0)
				for running := true; running; time.Sleep(200 * time.Millisecond) {
					select {
					case err := <-over:
						must(b, err)
						running = false
					default:
						most = max(most, mostMemory(b))
						if ask {
							asked := time.Now()
							_, err := p.Assign(b.Context(), m, []string{"快递几天了还没到，物流一直不更新"})
							must(b, err)
							slowest = max(slowest, time.Since(asked))
						}
					}
				}
				b.ReportMetric(time.Since(began).Seconds(), "s/"+name)
				b.ReportMetric(float64(most), "MiB/"+name)
				if ask {
					b.ReportMetric(float64(slowest.Milliseconds()), "ms-slowest/"+name)
				}
			}
		}
	}
	b.ReportMetric(0, "ns/op")
}

// mostMemory is the highest resident set so far of the children that there are, in MiB.
func mostMemory(b *testing.B) (mib int) {
	for _, pid := range children(b) {
		content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		for line := range strings.Lines(string(content)) {
			if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
				var kib int
				_, _ = fmt.Sscan(rest, &kib)
				mib = max(mib, kib>>10)
			}
		}
	}
	return mib
}
