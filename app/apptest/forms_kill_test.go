package apptest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"huiyin/app/apptest"
	"huiyin/app/db"
)

func tempFile(t testing.TB, content []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file.json")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// post sends a form as a browser without scripts does, and tells whether it was taken.
func post(ctx context.Context, client *http.Client, base, key string, values url.Values) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/f/"+key, strings.NewReader(values.Encode()))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close() //nolint:errcheck // read only
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, err
}

func poster(conns int) *http.Client {
	return &http.Client{
		Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConns: conns, MaxIdleConnsPerHost: conns},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// A form that is sent while the desk is killed again and again is sent again until it is taken: each is there once, and so is its ticket.
func TestFormsSurviveKills(t *testing.T) {
	t.Parallel()
	const senders, each, kills = 6, 12, 3
	desk := apptest.StartProcess(t, "HUIYIN_LIMIT_SCALE=1000")
	token := desk.AddAgent("boss@example.com", "Boss", "admin", agentPassword)
	form := addForm(t, desk, token, map[string]any{})
	var taken atomic.Int64
	var working sync.WaitGroup
	for sender := range senders {
		working.Go(func() {
			client := poster(1)
			for i := range each {
				order := fmt.Sprintf("K-%d-%d", sender, i)
				values := form.link(order)
				values.Set("id", "k"+order)
				values.Set("a.stars", "1")
				values.Set("a.say", "说明 "+order)
				for t.Context().Err() == nil {
					status, err := post(t.Context(), client, desk.Base(), form.Key, values)
					if err == nil && status == http.StatusSeeOther {
						taken.Add(1)
						break
					}
					time.Sleep(20 * time.Millisecond)
				}
				time.Sleep(15 * time.Millisecond)
			}
		})
	}
	for range kills {
		before := taken.Load()
		for taken.Load() < before+senders && t.Context().Err() == nil {
			time.Sleep(5 * time.Millisecond)
		}
		desk.Kill()
		desk.Start()
	}
	working.Wait()
	c := newCaller(desk.Base(), token, 1)
	responses, tickets := map[string]int{}, map[string]int{}
	walk(t, c, "/responses?limit=100", func(item map[string]any) { responses[item["order"].(string)]++ })
	walk(t, c, "/tickets?limit=100", func(item map[string]any) { tickets[item["order"].(string)]++ })
	for name, found := range map[string]map[string]int{"responses": responses, "tickets": tickets} {
		if len(found) != senders*each {
			t.Errorf("%d %s, want %d", len(found), name, senders*each)
		}
		for order, n := range found {
			if n != 1 {
				t.Errorf("%s: %d %s", order, n, name)
			}
		}
	}
}

// walk goes through all pages of a list.
func walk(t testing.TB, c *caller, path string, take func(map[string]any)) {
	t.Helper()
	for cursor := ""; ; {
		text, _, err := c.call(t.Context(), http.StatusOK, "GET", path+cursor, nil)
		if err != nil {
			t.Fatal(err)
		}
		var page struct {
			Items []map[string]any
			Next  *string
		}
		if err := json.Unmarshal(text, &page); err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			take(item)
		}
		if page.Next == nil {
			return
		}
		cursor = "&cursor=" + *page.Next
	}
}

// BenchmarkDeskFormPosts reports how long a shopper waits whose form comes in while 500 a second are sent, whether one was lost, and how many
// a second the desk takes at most. One in ten opens a ticket.
func BenchmarkDeskFormPosts(b *testing.B) {
	const senders, rate, span = 64, 500, 8 * time.Second
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		b.Run(dialect, func(b *testing.B) {
			desk := startOn(b, dialect, "HUIYIN_LIMIT_SCALE=100000")
			token := desk.AddAgent("boss@example.com", "Boss", "admin", agentPassword)
			form := addForm(b, desk, token, map[string]any{})
			var n, lost atomic.Int64
			client := poster(senders)
			send := func() time.Duration {
				i := n.Add(1)
				values := form.link(fmt.Sprintf("B-%d", i))
				values.Set("id", fmt.Sprintf("bench-%d-%d", i, time.Now().UnixNano()))
				values.Set("a.stars", "5")
				if i%10 == 0 {
					values.Set("a.stars", "1")
				}
				begun := time.Now()
				status, err := post(b.Context(), client, desk.Base(), form.Key, values)
				if err != nil || status != http.StatusSeeOther {
					lost.Add(1)
				}
				return time.Since(begun)
			}
			for b.Loop() {
				all, took := drive(senders, span, rate, send)
				p50, p95 := shares(all)
				b.ReportMetric(float64(len(all))/took.Seconds(), "posts/s")
				b.ReportMetric(p50, "p50-ms")
				b.ReportMetric(p95, "p95-ms")
				before := cpuTime(b, desk.PID())
				most, took := drive(senders, span/2, 0, send)
				b.ReportMetric(float64((cpuTime(b, desk.PID())-before).Microseconds())/1000/float64(len(most)), "cpu-ms/post")
				b.ReportMetric(float64(len(most))/took.Seconds(), "most/s")
			}
			stored := 0
			walk(b, newCaller(desk.Base(), token, 1), "/responses?limit=199", func(map[string]any) { stored++ })
			b.ReportMetric(float64(n.Load()-int64(stored)), "lost")
			b.ReportMetric(float64(lost.Load()), "refused")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// drive lets senders work for a span, at a rate or as fast as they can, and gives what each sending took.
func drive(senders int, span time.Duration, rate int, send func() time.Duration) (all []time.Duration, took time.Duration) {
	var mu sync.Mutex
	var working sync.WaitGroup
	var next atomic.Int64
	begun := time.Now()
	for range senders {
		working.Go(func() {
			var mine []time.Duration
			for time.Since(begun) < span {
				if rate > 0 {
					due := begun.Add(time.Duration(next.Add(1)) * time.Second / time.Duration(rate))
					time.Sleep(time.Until(due))
				}
				mine = append(mine, send())
			}
			mu.Lock()
			all = slices.Concat(all, mine)
			mu.Unlock()
		})
	}
	working.Wait()
	return all, time.Since(begun)
}
