package apptest_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"huiyin/app/apptest"
	"huiyin/app/db"
)

// hookLog takes webhooks slowly and remembers the number of each delivery.
type hookLog struct {
	*httptest.Server
	mu    sync.Mutex
	taken map[string]int // deliveries of message.created, by X-Huiyin-Delivery
}

func newHookLog(t *testing.T) *hookLog {
	t.Helper()
	l := &hookLog{taken: map[string]int{}}
	l.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		l.mu.Lock()
		if r.Header.Get("X-Huiyin-Event") == "message.created" {
			l.taken[r.Header.Get("X-Huiyin-Delivery")]++
		}
		l.mu.Unlock()
		time.Sleep(15 * time.Millisecond) // so that others wait behind it
	}))
	t.Cleanup(l.Close)
	return l
}

func (l *hookLog) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.taken)
}

// A desk that is killed while webhooks wait, and while one is on its way, sends each of them after all, under the number
// that it had; only what was on its way may come twice.
func TestWebhooksThatWaitSurviveKills(t *testing.T) {
	t.Parallel()
	const shoppers, each, kills = 6, 10, 3
	receiver := newHookLog(t)
	desk := apptest.StartProcess(t, "HUIYIN_ALLOW_INNER=127.0.0.1", "HUIYIN_LIMIT_SCALE=100")
	key := desk.AddInbox("Shop", map[string]any{})
	desk.AddAgent("boss@example.com", "Boss", "admin", agentPassword)
	form := url.Values{"url": {receiver.URL}, "event": {"message.created"}}
	if status, body := desk.PostAs(t, "boss@example.com", agentPassword, "/settings/webhooks", form); status != http.StatusOK {
		t.Fatalf("add a webhook: %d %s", status, body)
	}
	for i := range shoppers {
		shopper := apptest.NewClient(desk.Base, key)
		if err := shopper.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		for n := range each {
			shopper.Send(fmt.Sprintf("message %d of shopper %d", n, i))
		}
		go shopper.Run(t.Context())
	}
	for n := range kills {
		waitFor(t, "some webhooks to arrive", func() bool { return receiver.count() >= (n+1)*shoppers*each/(kills+2) })
		desk.Kill()
		if receiver.count() == shoppers*each {
			t.Fatal("all had arrived before the kill: the test tries nothing")
		}
		desk.Start()
	}
	waitFor(t, "every webhook", func() bool { return receiver.count() >= shoppers*each })
	waitFor(t, "the log of deliveries to be settled", func() bool {
		return deliveries(t, desk, `state <> 'sent'`)[0] == ""
	})
	receiver.mu.Lock()
	defer receiver.mu.Unlock()
	want := slices.Sorted(slices.Values(deliveries(t, desk, `event = 'message.created'`)))
	if got := slices.Sorted(maps.Keys(receiver.taken)); !slices.Equal(got, want) || len(want) != shoppers*each {
		t.Errorf("%d deliveries came, the desk has %d, want %d and the same ones", len(got), len(want), shoppers*each)
	}
	twice := 0
	for _, n := range receiver.taken {
		twice += n - 1
	}
	if twice > kills {
		t.Errorf("%d came once more than needed, with %d kills and one on its way at a time", twice, kills)
	}
}

// deliveries gives the ids of the desk's deliveries; an empty one alone when there are none.
func deliveries(t *testing.T, desk *apptest.Process, where string) (ids []string) {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{Path: filepath.Join(desk.Dir, "huiyin.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close() //nolint:errcheck // read only
	if err := d.Read(t.Context()).Raw(`SELECT COALESCE(group_concat(id, ' '), '') FROM webhook_deliveries WHERE ` + where).Scan(&ids).Error; err != nil {
		t.Fatal(err)
	}
	return strings.Split(ids[0], " ")
}
