package apptest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app"
	"huiyin/app/apptest"
	"huiyin/app/config"
	"huiyin/app/db"
	"huiyin/app/web/api/apitest"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// caller calls the API of a desk over connections that stay open.
type caller struct {
	base, token string
	client      *http.Client
}

func newCaller(base, token string, conns int) *caller {
	var way http.RoundTripper = &http.Transport{MaxIdleConns: conns, MaxIdleConnsPerHost: conns}
	if conns == 1 { // a test's; what is measured is not held up
		way = apitest.Answers(way)
	}
	return &caller{base, token, &http.Client{Transport: way}}
}

// call gives the answer's body and how long it took; another status than want is an error.
func (c *caller) call(ctx context.Context, want int, method, path string, body []byte, headers ...string) ([]byte, time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	begun := time.Now()
	res, err := c.client.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer res.Body.Close() //nolint:errcheck // read only
	text, err := io.ReadAll(res.Body)
	took := time.Since(begun)
	if err == nil && res.StatusCode != want {
		err = fmt.Errorf("%s %s: %d %.300s", method, path, res.StatusCode, text)
	}
	return text, took, err
}

// shares gives the times that half and 95 of a hundred were not over, in milliseconds.
func shares(all []time.Duration) (p50, p95 float64) {
	slices.Sort(all)
	return milliseconds(all[len(all)/2]), milliseconds(all[len(all)*95/100])
}

// BenchmarkDeskNewTickets reports how many tickets of new contacts 32 programs make over HTTP, each durable when it is
// answered, and how long one waits.
func BenchmarkDeskNewTickets(b *testing.B) {
	const programs, span = 32, 8 * time.Second
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		b.Run(dialect, func(b *testing.B) {
			desk := startOn(b, dialect, "HUIYIN_LIMIT_SCALE=10000")
			c := newCaller(desk.Base(), desk.AddAgent("shop@example.com", "Shop", "agent", agentPassword), programs)
			var n atomic.Int64
			for b.Loop() {
				var mu sync.Mutex
				var all []time.Duration
				var working sync.WaitGroup
				begun, used := time.Now(), cpuTime(b, desk.PID())
				for range programs {
					working.Go(func() {
						var mine []time.Duration
						for time.Since(begun) < span {
							i := n.Add(1)
							body := fmt.Appendf(nil, `{"subject":"包裹没有收到","body":"订单显示已签收,但是我没有收到包裹,请帮我查一下。",`+
								`"contact":{"external_id":"user-%d","email":"user%[1]d@example.com","name":"韩梅梅"},"order":"%[2]d","source_id":"s%[1]d"}`, i, 202600000000+i)
							_, took, err := c.call(b.Context(), http.StatusCreated, "POST", "/tickets", body)
							if err != nil {
								b.Error(err)
								return
							}
							mine = append(mine, took)
						}
						mu.Lock()
						all = append(all, mine...)
						mu.Unlock()
					})
				}
				working.Wait()
				b.ReportMetric(float64(len(all))/time.Since(begun).Seconds(), "tickets/s")
				p50, p95 := shares(all)
				b.ReportMetric(p50, "p50-ms")
				b.ReportMetric(p95, "p95-ms")
				b.ReportMetric(milliseconds(cpuTime(b, desk.PID())-used)/float64(len(all)), "cpu-ms/ticket")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkDeskTicketLists reports how long a program waits for the first page of the tickets, of all and of those that meet
// a condition, on a desk of 1,000 and of 100,000.
func BenchmarkDeskTicketLists(b *testing.B) {
	desk := apptest.NewProcess(b, "HUIYIN_LIMIT_SCALE=10000")
	var shelf shelf
	for _, size := range []int{1_000, 100_000} {
		desk.Kill()
		shelf.fill(b, desk.Dir, size)
		desk.Start()
		rest(b, desk)
		c := newCaller(desk.Base(), shelf.token, 1)
		for name, query := range shelf.queries() {
			b.Run(fmt.Sprintf("%d/%s", size, name), func(b *testing.B) {
				for b.Loop() {
					all := make([]time.Duration, 0, 300)
					for range 320 {
						text, took, err := c.call(b.Context(), http.StatusOK, "GET", "/tickets?"+query.Encode(), nil)
						if err != nil {
							b.Fatal(err)
						}
						var page struct{ Items []json.RawMessage }
						if json.Unmarshal(text, &page) != nil || len(page.Items) == 0 {
							b.Fatalf("an empty page: %.200s", text)
						}
						all = append(all, took)
					}
					p50, p95 := shares(all[20:]) // the first ones prepare statements
					b.ReportMetric(p50, "p50-ms")
					b.ReportMetric(p95, "p95-ms")
				}
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// rest waits until the desk has nothing left to do: after a start it reads what happened meanwhile.
func rest(b *testing.B, desk *apptest.Process) {
	b.Helper()
	for until := time.Now().Add(2 * time.Minute); time.Now().Before(until); {
		before := cpuTime(b, desk.PID())
		time.Sleep(time.Second)
		if cpuTime(b, desk.PID())-before < 100*time.Millisecond {
			return
		}
	}
	b.Fatal("the desk does not come to rest")
}

// shelf is a desk full of tickets.
type shelf struct {
	n                    int // tickets
	token                string
	agent, team, contact string
}

// queries are lists of a desk's tickets by what programs ask for.
func (s *shelf) queries() map[string]url.Values {
	return map[string]url.Values{
		"all": {}, "status": {"status": {"open"}}, "two states": {"status": {"new,open"}}, "assignee": {"assignee": {s.agent}},
		"nobody and open": {"assignee": {"none"}, "status": {"open"}}, "team": {"team": {s.team}}, "tag": {"tag": {"rare"}},
		"tag and status": {"tag": {"common"}, "status": {"pending"}}, "contact": {"contact": {s.contact}},
		"last message": {"sort": {"-last_message_at"}}, "oldest": {"sort": {"created_at"}},
		"by order": {"q": {"202600000500"}}, "by name": {"q": {"韩梅0007"}}, "by mail": {"q": {"user7@example.com"}},
	}
}

// fill adds tickets of other programs' contacts until there are size of them, most of them finished long ago.
func (s *shelf) fill(b *testing.B, dir string, size int) {
	b.Helper()
	ctx := context.Background()
	desk, err := app.OpenDesk(ctx, config.Desk{Data: dir, Migrate: "auto"}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer desk.Close() //nolint:errcheck // it only reads from here on
	if s.token == "" {
		s.open(ctx, b, desk)
	}
	box, err := desk.Tickets.DefaultInbox(ctx)
	if err != nil {
		b.Fatal(err)
	}
	for s.n < size {
		first := s.n
		err := desk.Store.Write(ctx, func(tx *gorm.DB) error {
			for i := first; i < min(first+100, size); i++ {
				person := i / 4
				p, _, err := desk.Tickets.ContactForTx(tx, tickets.ContactRef{
					ExternalID: fmt.Sprint("user-", person), Email: fmt.Sprintf("user%d@example.com", person), Name: fmt.Sprintf("韩梅%04d", person%1000),
				})
				if err != nil {
					return err
				}
				s.contact = p.ID.String()
				if _, err = desk.Tickets.ReceiveTx(tx, tickets.Inbound{
					InboxID: box.ID, ContactID: p.ID, Subject: "包裹没有收到", Body: "订单显示已签收,但是我没有收到包裹。", Order: fmt.Sprint(202600000000 + i),
				}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		s.n = min(first+100, size)
	}
	s.settle(ctx, b, desk)
}

// open makes who works at the desk and what she works with.
func (s *shelf) open(ctx context.Context, b *testing.B, desk *app.Desk) {
	b.Helper()
	a, err := desk.Tickets.CreateAgent(ctx, tickets.NewAgent{Email: "shop@example.com", Name: "Shop", Role: tickets.RoleAgent})
	if err != nil {
		b.Fatal(err)
	}
	if s.token, err = desk.Auth.AddTokenOf(ctx, a.ID, "bench"); err != nil {
		b.Fatal(err)
	}
	team, err := desk.Tickets.CreateTeam(ctx, "Parcels")
	if err != nil {
		b.Fatal(err)
	}
	s.agent, s.team = a.ID.String(), team.ID.String()
}

// settle spreads states, people, teams and tags over the tickets, as years of work do: the numbers of ids are even enough.
func (s *shelf) settle(ctx context.Context, b *testing.B, desk *app.Desk) {
	b.Helper()
	err := desk.Store.Write(ctx, func(tx *gorm.DB) error {
		for _, text := range []string{
			`UPDATE tickets SET status = CASE WHEN number % 10 > 1 THEN 'closed' WHEN number % 20 = 0 THEN 'pending' WHEN number % 20 = 1 THEN 'new' ELSE 'open' END`,
			`UPDATE tickets SET assignee_id = ` + s.agent + ` WHERE number % 50 = 3`,
			`UPDATE tickets SET team_id = ` + s.team + ` WHERE number % 5 = 1`,
		} {
			if err := tx.Exec(text).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	one, err := desk.Tickets.Filter(ctx, tickets.Filter{Limit: 1})
	if err != nil || len(one.Items) == 0 {
		b.Fatal("no tickets: ", err)
	}
	agent, _ := id.Parse(s.agent) // it is one
	if _, err := desk.Tickets.SetTags(ctx, tickets.Actor{Kind: tickets.ActorAgent, ID: agent}, one.Items[0].ID, []string{"common", "rare"}); err != nil {
		b.Fatal(err)
	}
	err = desk.Store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`INSERT INTO ticket_tags (ticket_id, tag_id) SELECT t.id, g.id FROM tickets t, tags g
 WHERE g.id = (SELECT MIN(id) FROM tags) AND t.number % 3 = 0 OR g.id = (SELECT MAX(id) FROM tags) AND t.number % 200 = 0 ON CONFLICT DO NOTHING`).Error
	})
	if err != nil {
		b.Fatal(err)
	}
}
