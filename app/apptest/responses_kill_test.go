package apptest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"huiyin/app/db"
)

// answered is what a shop's page sends for a shopper, and what the desk said to it.
type answered struct {
	body map[string]any
	key  string // Idempotency-Key
	low  bool   // the score
	did  receipt
}

type receipt struct {
	ID     string
	Ticket *int64
	tries  int
}

// ways are how pages send responses: for a signed order or for nobody known, and what makes them safe to send again.
var ways = []func(form shopForm, one string, a *answered){
	func(form shopForm, one string, a *answered) { form.sign(a.body, one) },
	func(form shopForm, one string, a *answered) { form.sign(a.body, one); a.key = "key-" + one },
	func(form shopForm, one string, a *answered) { a.body["inbox"], a.body["source_id"] = form.Inbox, one },
	func(form shopForm, one string, a *answered) { a.body["inbox"], a.key = form.Inbox, "key-"+one },
}

func (f shopForm) sign(body map[string]any, order string) {
	link := f.link(order)
	exp, _ := strconv.ParseInt(link.Get("exp"), 10, 64) // of link
	body["order"], body["exp"], body["signature"] = order, exp, link.Get("signature")
}

// Responses that pages post while the desk is killed again and again are posted again until they are answered: each is there
// once, with the id that was answered, and has a ticket exactly when its score is low.
func TestSoakPostedResponsesSurviveKills(t *testing.T) {
	t.Parallel()
	each, kills := 10, map[string]int{db.SQLite: 3, db.Postgres: 2}
	if os.Getenv("HUIYIN_SOAK") != "" {
		each, kills = 150, map[string]int{db.SQLite: 15, db.Postgres: 8}
	}
	for dialect, n := range kills {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			desk := startOn(t, dialect, "HUIYIN_LIMIT_SCALE=1000")
			token := desk.AddAgent("boss@example.com", "Boss", "admin", agentPassword)
			form := addForm(t, desk, token, map[string]any{})
			pages := 2 * len(ways)
			all := make([]answered, pages*each)
			var taken, again atomic.Int64
			var working sync.WaitGroup
			for page := range pages {
				working.Go(func() {
					for i := range each {
						a := &all[page*each+i]
						one := fmt.Sprintf("R-%d-%d", page, i)
						a.low = i%3 == 0
						stars := "5"
						if a.low {
							stars = "2"
						}
						a.body = map[string]any{"answers": map[string]any{"stars": stars}, "locale": "en", "page": "https://shop.test/done"}
						ways[page%len(ways)](form, one, a)
						a.did = postedUntilAnswered(t, desk.Base(), form.Key, a)
						if taken.Add(1); a.did.tries > 1 {
							again.Add(1)
						}
					}
				})
			}
			for kill := range n {
				waitFor(t, "some responses to be taken", func() bool { return taken.Load() >= int64((kill+1)*len(all)/(n+2)) })
				desk.Kill()
				desk.Start()
			}
			working.Wait()
			if again.Load() == 0 {
				t.Error("no response had to be posted again: the test tries nothing")
			}
			judgeResponses(t, newCaller(desk.Base(), token, 1), all)
			for i := range all { // told once more, the desk says which it is
				if a := &all[i]; a.key != "" || a.body["source_id"] != nil {
					if did := postedUntilAnswered(t, desk.Base(), form.Key, a); did.ID != a.did.ID {
						t.Errorf("%v is answered with %s, it was %s", a.body, did.ID, a.did.ID)
					}
				}
			}
			judgeResponses(t, newCaller(desk.Base(), token, 1), all)
		})
	}
}

// postedUntilAnswered posts a response until the desk says that it has it.
func postedUntilAnswered(t *testing.T, base, form string, a *answered) (did receipt) {
	body, err := json.Marshal(a.body)
	if err != nil {
		t.Error(err)
		return did
	}
	client := &http.Client{Timeout: 20 * time.Second}
	last := ""
	for until := time.Now().Add(90 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		did.tries++
		status, text, err := posted(t.Context(), client, base, form, a.key, body)
		if err == nil && (status == http.StatusOK || status == http.StatusCreated) && json.Unmarshal(text, &did) == nil && did.ID != "" {
			return did
		}
		if last = fmt.Sprintf("%d %.300s %v", status, text, err); status >= 400 && status < 500 && status != http.StatusConflict {
			break
		}
	}
	t.Errorf("a response is never taken: %s: %s", body, last)
	return did
}

func posted(ctx context.Context, client *http.Client, base, form, key string, body []byte) (status int, text []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api/v1/forms/"+form+"/responses", bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close() //nolint:errcheck // read only
	text, err = io.ReadAll(res.Body)
	return res.StatusCode, text, err
}

// judgeResponses holds what the desk keeps against what it said.
func judgeResponses(t *testing.T, c *caller, all []answered) {
	t.Helper()
	said := map[string]*answered{}
	lows := 0
	for i := range all {
		a := &all[i]
		if said[a.did.ID] != nil {
			t.Errorf("%v and %v are one response", a.body, said[a.did.ID].body)
		}
		if said[a.did.ID] = a; a.low {
			lows++
		}
		if a.low != (a.did.Ticket != nil) {
			t.Errorf("%v: ticket %v", a.body, a.did.Ticket)
		}
	}
	numbers := map[string]int64{}
	walk(t, c, "/tickets?limit=100", func(item map[string]any) { numbers[item["id"].(string)] = int64(item["number"].(float64)) })
	if len(numbers) != lows {
		t.Errorf("%d tickets, %d low scores", len(numbers), lows)
	}
	kept, opened := 0, map[string]bool{}
	walk(t, c, "/responses?limit=100", func(item map[string]any) {
		kept++
		id := item["id"].(string)
		a := said[id]
		if a == nil {
			t.Errorf("nobody was told of the response %v", item)
			return
		}
		delete(said, id)
		if order, _ := item["order"].(string); a.body["order"] != nil && (order != a.body["order"] || item["order_verified"] != true) {
			t.Errorf("%v has the order %v", a.body, item["order"])
		}
		if want := map[bool]float64{true: 2, false: 5}[a.low]; item["rating"] != want || len(item["answers"].(map[string]any)) != 1 {
			t.Errorf("%v is kept as %v", a.body, item)
		}
		ticket, _ := item["ticket"].(string)
		if a.low && (opened[ticket] || numbers[ticket] != *a.did.Ticket) {
			t.Errorf("%v has the ticket %q, it was answered %d", a.body, ticket, *a.did.Ticket)
		}
		if opened[ticket] = true; !a.low && ticket != "" {
			t.Errorf("%v has the ticket %s", a.body, ticket)
		}
	})
	for _, a := range said {
		t.Errorf("%v was answered and is lost", a.body)
	}
	if kept != len(all) {
		t.Errorf("%d responses, want %d", kept, len(all))
	}
}
