package apptest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"huiyin/app"
	"huiyin/app/apptest"
	"huiyin/app/config"
)

var complaintKinds = []string{
	"my parcel has not arrived %s, where is the delivery", "快递%s几天了还没到，物流一直不更新",
	"the refund has not come back to my card %s", "退款%s好几周了还没到账，一直不退钱",
	"the courier was rude and shouted at my mother %s", "快递员%s态度很差，对我妈妈大喊大叫",
	"the price dropped the day after i paid %s, i want the difference", "刚买第二天就降价%s，要求退差价",
}

// A desk that is killed while complaints come in and while they are grouped has each of them once, in one group, and counts what
// its rows say. The process that groups goes with it.
func TestComplaintsAreGroupedThroughKills(t *testing.T) {
	t.Parallel()
	const each, kills = 30, 4
	desk := apptest.StartProcess(t, "HUIYIN_LIMIT_SCALE=1000", "HUIYIN_INSIGHTS_MEMORY=300")
	token := desk.AddAgent("boss@example.com", "Boss", "manager", agentPassword)
	for i := range each {
		for k, kind := range complaintKinds {
			if i*len(complaintKinds)+k == 60 {
				desk.Kill()
				desk.Start()
			}
			complain(t, desk, token, fmt.Sprintf("c-%d-%d", i, k), fmt.Sprintf(kind, strings.Repeat("again ", i%4)+string(rune('a'+i%26))))
		}
	}
	for n := range kills {
		time.Sleep(time.Duration(100+n*250) * time.Millisecond)
		desk.Kill()
		desk.Start()
	}
	waitFor(t, "the complaints to be grouped", func() bool { return groupedComplaints(t.Context(), desk, token) >= each*len(complaintKinds)*9/10 })
	desk.Stop()
	standing(t, desk, each*len(complaintKinds))
}

func complain(t *testing.T, desk *apptest.Process, token, source, text string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"subject": "help", "body": text, "source_id": source, "contact": map[string]any{"external_id": source, "name": source}})
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, desk.Base()+"/api/v1/tickets", strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			continue
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		if res.StatusCode == http.StatusCreated || res.StatusCode == http.StatusOK {
			return
		}
	}
	t.Fatal("a ticket is not taken")
}

// groupedComplaints sums what the groups count.
func groupedComplaints(ctx context.Context, desk *apptest.Process, token string) (n int) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, desk.Base()+"/api/v1/insights/groups?limit=200", nil)
	if err != nil {
		return 0
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer res.Body.Close() //nolint:errcheck // read only
	var page struct {
		Items []struct {
			Count int `json:"count"`
		} `json:"items"`
	}
	if json.NewDecoder(res.Body).Decode(&page) != nil {
		return 0
	}
	for _, one := range page.Items {
		n += one.Count
	}
	return n
}

// standing looks into a desk that stands still: each complaint once, and counts that fit the rows.
func standing(t *testing.T, p *apptest.Process, want int) {
	t.Helper()
	where := config.Desk{Data: p.Dir, Migrate: "auto", Database: config.Secret(p.Setting("HUIYIN_DATABASE")), Keyring: p.Setting("HUIYIN_KEYRING")}
	d, err := app.OpenDesk(t.Context(), where, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	for query, want := range map[string]int{
		`SELECT COUNT(DISTINCT subject_id) FROM insight_voices`:                     want,
		`SELECT COUNT(message_id) - COUNT(DISTINCT message_id) FROM insight_voices`: 0,
		`SELECT SUM(n) FROM insight_rolls WHERE kind = 'all'`:                       want,
		`SELECT SUM(n) FROM insight_days WHERE kind = 'all'`:                        want,
		`SELECT SUM(n) FROM insight_rolls WHERE kind IN ('group', 'none')`:          want,
		`SELECT SUM(n) FROM insight_rolls WHERE kind IN ('fine', 'none')`:           want,
		`SELECT COUNT(*) FROM insight_runs WHERE state = 'running'`:                 0,
		`SELECT COUNT(*) FROM insight_groups WHERE dirty`:                           0,
		`SELECT COUNT(*) FROM insight_rolls WHERE n < 0`:                            0,
		`SELECT COUNT(*) FROM insight_voices v WHERE v.fine_id <> 0 AND v.group_id <> (SELECT g.parent_id FROM insight_groups g WHERE g.id = v.fine_id)`:                                                 0,
		`SELECT COUNT(*) FROM (SELECT ref FROM insight_rolls r WHERE kind = 'group' GROUP BY ref HAVING SUM(n) <> (SELECT COUNT(DISTINCT subject_id) FROM insight_voices v WHERE v.group_id = r.ref)) x`: 0,
	} {
		var got int
		if err := d.Store.Read(t.Context()).Raw(query).Row().Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
}
