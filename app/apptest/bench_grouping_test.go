package apptest_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"huiyin/app"
	"huiyin/app/apptest"
	"huiyin/app/config"
	"huiyin/app/insights"
	"huiyin/app/insights/grouping/invent"
	"huiyin/app/insights/insightstest"
	"huiyin/tickets"
)

// BenchmarkDeskGroupingBesideChat has 20,000 texts grouped from nothing while eight shoppers write ten messages a second each, and
// reports the p95 of their acks from the beginning of the pass to its end, that of a while after it, and the most memory of desk and child together. Where the machine lets it,
// both are held within a gibibyte by a control group of memory, without swap; kills there are an error. Run it with -benchtime 1x.
func BenchmarkDeskGroupingBesideChat(b *testing.B) {
	const texts = 20_000
	for range b.N {
		desk := apptest.NewProcess(b, "HUIYIN_LIMIT_SCALE=10000")
		groups := sayMany(b, desk, texts)
		desk.Set("HUIYIN_INSIGHTS_MEMORY=640")
		desk.Start() // and the first pass begins
		limit := limitMemory(b, desk.PID(), 1<<30)
		a := asker{base: desk.Base(), key: desk.AddInbox("Shop", map[string]any{}), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}}}
		begun := time.Now()
		most := 0
		busy := a.waits(b, func() {
			for {
				most = max(most, together(desk.PID()))
				if list, err := groups.Runs(b.Context(), 1); err != nil {
					b.Fatal(err)
				} else if len(list) > 0 && list[0].State == insights.RunDone {
					return
				}
				if time.Since(begun) > 5*time.Minute {
					b.Fatal("the texts are not grouped")
				}
				time.Sleep(250 * time.Millisecond)
			}
		})
		b.ReportMetric(time.Since(begun).Seconds(), "s")
		b.ReportMetric(milliseconds(busy), "p95-ms-grouping")
		b.ReportMetric(float64(most), "MiB")
		time.Sleep(20 * time.Second) // what comes after a pass: costs, rises
		idle := a.waits(b, func() { time.Sleep(10 * time.Second) })
		b.ReportMetric(milliseconds(idle), "p95-ms-idle")
		limit()
	}
	b.ReportMetric(0, "ns/op")
}

// sayMany fills a desk that stands still with complaints of the last weeks that nobody has looked at, and gives what knows of its
// passes.
func sayMany(b testing.TB, p *apptest.Process, n int) *insights.Service {
	b.Helper()
	where := config.Desk{Data: p.Dir, Migrate: "auto", Database: config.Secret(p.Setting("HUIYIN_DATABASE")), Keyring: p.Setting("HUIYIN_KEYRING")}
	d, err := app.OpenDesk(b.Context(), where, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = d.Close() })
	f := &insightstest.Filler{T: b, Store: d.Store, Sealer: d.Sealer, IDs: d.IDs, Zone: tickets.DefaultShop.Zone()}
	now := time.Now()
	for part := range slices.Chunk(invent.Varied(n, 3), 1000) {
		f.Together(func() {
			for i, c := range part {
				f.Say(insights.Voice{Channel: "chat", Language: c.Language, Body: c.Text, At: now.AddDate(0, 0, -1-i%60)}, nil)
			}
		})
	}
	f.Count()
	return d.InsightsAt(time.Now)
}

// children are the processes that a process has started, itself first.
func children(pid int) []int {
	all := []int{pid}
	list, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, file := range list {
		content, _ := os.ReadFile(file)
		for _, word := range strings.Fields(string(content)) {
			if child, err := strconv.Atoi(word); err == nil {
				all = append(all, children(child)...)
			}
		}
	}
	return all
}

// together is the resident memory of a process and of those that it has started, in MiB.
func together(pid int) (mib int) {
	for _, one := range children(pid) {
		content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", one))
		if f := strings.Fields(string(content)); len(f) > 1 {
			pages, _ := strconv.Atoi(f[1])
			mib += pages * os.Getpagesize() >> 20
		}
	}
	return mib
}

// limitMemory puts a process and all that it starts into a control group of so much memory and no swap, and gives what looks at it at
// the end. Where that may not be done it says so and limits nothing.
func limitMemory(b *testing.B, pid, bytes int) func() {
	b.Helper()
	set := map[string]string{"memory.max": strconv.Itoa(bytes), "memory.swap.max": "0"}
	folder, kills := fmt.Sprintf("/sys/fs/cgroup/huiyin-bench-%d", pid), "memory.events"
	if _, err := os.Stat("/sys/fs/cgroup/memory"); err == nil {
		folder, kills = fmt.Sprintf("/sys/fs/cgroup/memory/huiyin-bench-%d", pid), "memory.oom_control"
		set = map[string]string{"memory.limit_in_bytes": strconv.Itoa(bytes), "memory.swappiness": "0"}
	}
	err := os.Mkdir(folder, 0o755)
	for name, value := range set {
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name), []byte(value), 0o600)
		}
	}
	for _, one := range children(pid) {
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, "cgroup.procs"), []byte(strconv.Itoa(one)), 0o600)
		}
	}
	if err != nil {
		b.Logf("no control group limits the memory: %v", err)
		return func() { _ = os.Remove(folder) }
	}
	b.Cleanup(func() { _ = os.Remove(folder) })
	return func() {
		content, err := os.ReadFile(filepath.Join(folder, kills))
		if err != nil {
			b.Error(err)
		}
		for line := range strings.Lines(string(content)) {
			if f := strings.Fields(line); len(f) == 2 && f[0] == "oom_kill" && f[1] != "0" {
				b.Errorf("the system killed %s processes within the limit", f[1])
			}
		}
	}
}
