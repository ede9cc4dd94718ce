package demo

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// testServices gives what the shop needs, on a database; the desk's clock is real.
func testServices(t *testing.T, d *db.DB) Services {
	t.Helper()
	ids := id.NewMaker(0, time.Now)
	store := tickets.Store{Write: d.Write, Read: d.Read, After: db.After}
	sealer, err := seal.Open(t.Context(), seal.Options{
		DB: seal.Store{Write: d.Write, Read: d.Read}, RingPath: filepath.Join(t.TempDir(), "keyring.json"), Now: time.Now, NewID: ids.Next,
	})
	if err != nil {
		t.Fatal(err)
	}
	at := func(now func() time.Time) *tickets.Service {
		return tickets.New(tickets.Options{Store: store, Sealer: sealer, IDs: ids, Now: now})
	}
	desk := at(time.Now)
	return Services{
		Tickets: desk, New: at, Now: time.Now, Origins: []string{"http://shop.example.com"},
		AddAgent: func(ctx context.Context, email, name string, role tickets.Role, password string) (*tickets.Agent, error) {
			if len(password) < 10 {
				t.Errorf("password %q is too short", password)
			}
			return desk.CreateAgent(ctx, tickets.NewAgent{Email: email, Name: name, Role: role, PasswordHash: "$argon2id$test"})
		},
	}
}

func openShop(t *testing.T, services Services) *Shop {
	t.Helper()
	shop, err := Open(t.Context(), services)
	if err != nil {
		t.Fatal(err)
	}
	return shop
}

// everything reads all tickets of the desk, newest first.
func everything(t *testing.T, s *tickets.Service) []tickets.TicketRow {
	t.Helper()
	var all []tickets.TicketRow
	q := tickets.ListQuery{List: tickets.ListAll, Limit: 200}
	for {
		page, err := s.List(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Items...)
		if q.Cursor = page.Next; q.Cursor == "" {
			return all
		}
	}
}

func TestTheShopFillsADesk(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		services := testServices(t, d)
		shop := openShop(t, services)
		calls, last := 0, 0
		start := time.Now()
		err := shop.Fill(t.Context(), func(done, total int) {
			if calls++; done != last+1 || total != threadCount {
				t.Errorf("progress %d of %d after %d", done, total, last)
			}
			last = done
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: filled in %s", d.Dialect(), time.Since(start).Round(time.Millisecond))
		if calls != threadCount {
			t.Errorf("%d calls of progress, want %d", calls, threadCount)
		}
		all := everything(t, services.Tickets)
		checkTickets(t, all)
		checkConversations(t, services.Tickets, all)
	})
}

func checkTickets(t *testing.T, all []tickets.TicketRow) {
	t.Helper()
	if len(all) != threadCount {
		t.Fatalf("%d tickets, want %d", len(all), threadCount)
	}
	numbers := map[int64]time.Time{}
	status := map[tickets.Status]int{}
	named := 0
	for _, row := range all {
		status[row.Status]++
		numbers[row.Number] = time.UnixMilli(row.CreatedAt)
		if row.Preview == "" {
			t.Errorf("#%d has no preview", row.Number)
		}
		if row.ContactName != "" {
			named++
		}
	}
	if status[tickets.StatusNew] != waitingCount || status[tickets.StatusOpen] != openCount ||
		status[tickets.StatusPending] != pendingCount+snoozedCount || status[tickets.StatusSpam] == 0 {
		t.Errorf("statuses: %v", status)
	}
	if named < threadCount/2 {
		t.Errorf("%d tickets of shoppers with a name", named)
	}
	for n, at := range numbers {
		if before, ok := numbers[n-1]; ok && before.After(at) {
			t.Errorf("#%d was begun before #%d", n, n-1)
		}
	}
}

func checkConversations(t *testing.T, s *tickets.Service, all []tickets.TicketRow) {
	t.Helper()
	planned := map[string]bool{}
	for _, file := range testLibrary(t).scenarios {
		for _, sc := range file {
			planned[sc.name] = true
		}
	}
	messages, notes := 0, 0
	for _, row := range all {
		entries, err := s.Timeline(t.Context(), row.ID, 0, 200)
		if err != nil {
			t.Fatal(err)
		}
		at := int64(0)
		for _, e := range entries {
			if e.Event.At < at {
				t.Errorf("#%d goes back in time", row.Number)
			}
			at = e.Event.At
			if e.Message == nil {
				continue
			}
			messages++
			if e.Message.Kind == tickets.KindNote {
				notes++
			}
			if e.Message.Body == "" || strings.ContainsAny(e.Message.Body, "{}") || e.Message.CreatedAt > time.Now().UnixMilli() {
				t.Errorf("#%d: %q at %s", row.Number, e.Message.Body, time.UnixMilli(e.Message.CreatedAt))
			}
		}
	}
	if messages < 4*threadCount || notes < threadCount/5 {
		t.Errorf("%d messages, %d of them notes", messages, notes)
	}
}

func TestASecondStartFindsTheShopAndAddsNothing(t *testing.T) {
	t.Parallel()
	services := testServices(t, dbtest.Open(t, "sqlite"))
	first := openShop(t, services)
	second := openShop(t, services)
	if err := second.Fill(t.Context(), nil, nil); err != nil {
		t.Fatal(err)
	}
	if n := len(everything(t, services.Tickets)); n != 0 {
		t.Errorf("the second start wrote %d tickets", n)
	}
	a, errA := first.Inbox(t.Context(), zh)
	b, errB := second.Inbox(t.Context(), zh)
	if errA != nil || errB != nil || a.Key != b.Key || a.Key == "" {
		t.Errorf("inboxes %+v (%v) and %+v (%v)", a, errA, b, errB)
	}
}

func TestADeskThatIsNoDemoIsLeftAlone(t *testing.T) {
	t.Parallel()
	services := testServices(t, dbtest.Open(t, "sqlite"))
	_, err := services.Tickets.CreateAgent(t.Context(), tickets.NewAgent{Email: "a@example.com", Name: "A", Role: tickets.RoleAdmin, PasswordHash: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), services); !errors.Is(err, ErrOtherDesk) {
		t.Errorf("got %v, want ErrOtherDesk", err)
	}
}

func TestFillEndsWithItsContext(t *testing.T) {
	t.Parallel()
	services := testServices(t, dbtest.Open(t, "sqlite"))
	shop := openShop(t, services)
	ctx, cancel := context.WithCancel(t.Context())
	err := shop.Fill(ctx, func(done, _ int) {
		if done == 5 {
			cancel()
		}
	}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if n := len(everything(t, services.Tickets)); n < 5 || n > 5+2*players+2 {
		t.Errorf("%d tickets after 5 were done", n)
	}
}

func TestSignInsAreThoseOfTheAgents(t *testing.T) {
	t.Parallel()
	services := testServices(t, dbtest.Open(t, "sqlite"))
	for _, in := range openShop(t, services).SignIns() {
		agent, err := services.Tickets.AgentByEmail(t.Context(), in.Email)
		if err != nil || agent.Role != in.Role || agent.Name != in.Name || in.Password == "" {
			t.Errorf("%+v: agent %+v, %v", in, agent, err)
		}
	}
}
