package apptest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"huiyin/app/db"
)

// Programs that send each ticket again until they are answered, through kills of the desk, make each exactly once: the answer
// that comes at last is that of the ticket that there is.
func TestPostsOfProgramsAreDoneOnceThroughKills(t *testing.T) {
	t.Parallel()
	for dialect, kills := range map[string]int{db.SQLite: 3, db.Postgres: 1} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			const programs, each = 8, 25
			desk := startOn(t, dialect, "HUIYIN_LIMIT_SCALE=1000")
			c := newCaller(desk.Base(), desk.AddAgent("shop@example.com", "Shop", "agent", agentPassword), programs)
			var done atomic.Int64
			var mu sync.Mutex
			ids, again := map[string]string{}, 0 // ticket → key
			var working sync.WaitGroup
			for p := range programs {
				working.Go(func() {
					for i := range each {
						key := fmt.Sprintf("key-%d-%d", p, i)
						body := fmt.Appendf(nil, `{"subject":%q,"body":"Where is my parcel?","contact":{"external_id":"user-%d"},"tags":["parcel"],"priority":"high"}`, key, i)
						id, tries := postUntilAnswered(t, c, key, body)
						mu.Lock()
						if other := ids[id]; other != "" {
							t.Errorf("%s and %s are one ticket", key, other)
						}
						if ids[id] = key; tries > 1 {
							again++
						}
						mu.Unlock()
						done.Add(1)
					}
				})
			}
			for n := range kills {
				waitFor(t, "some tickets to be made", func() bool { return done.Load() >= int64((n+1)*programs*each/(kills+2)) })
				desk.Kill()
				desk.Start()
			}
			working.Wait()
			if again == 0 {
				t.Error("no post had to be sent again: the test tries nothing")
			}
			kept := map[string]string{} // ticket → subject
			for cursor := ""; ; {
				text, _, err := c.call(t.Context(), http.StatusOK, "GET", "/tickets?limit=100&tag=parcel"+cursor, nil)
				if err != nil {
					t.Fatal(err)
				}
				var page struct {
					Items []struct{ ID, Subject, Priority string }
					Next  *string
				}
				if err := json.Unmarshal(text, &page); err != nil {
					t.Fatal(err)
				}
				for _, one := range page.Items {
					if kept[one.ID] = one.Subject; one.Priority != "high" {
						t.Errorf("ticket %s is half made", one.ID)
					}
				}
				if page.Next == nil {
					break
				}
				cursor = "&cursor=" + *page.Next
			}
			for id, key := range ids {
				if kept[id] != key {
					t.Errorf("ticket %s holds %q, the program was answered %q", id, kept[id], key)
				}
			}
			if len(kept) != programs*each {
				t.Errorf("%d tickets were made, want %d", len(kept), programs*each)
			}
		})
	}
}

// postUntilAnswered sends a new ticket until the desk says which it is, as programs do.
func postUntilAnswered(t *testing.T, c *caller, key string, body []byte) (id string, tries int) {
	for until := time.Now().Add(60 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		tries++
		text, _, err := c.call(t.Context(), http.StatusCreated, "POST", "/tickets", body, "Idempotency-Key", key)
		var made struct{ ID string }
		if err == nil && json.Unmarshal(text, &made) == nil && made.ID != "" {
			return made.ID, tries
		}
	}
	t.Errorf("%s is never answered", key)
	return "", tries
}
