package apptest_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"huiyin/app/apptest"
)

// A desk that is killed while a shop tells of order attempts has each of them once: in the rows, and in the counts.
func TestOrderAttemptsSurviveKills(t *testing.T) {
	t.Parallel()
	const shops, batches, each, kills = 3, 12, 150, 3
	desk := apptest.StartProcess(t, "HUIYIN_LIMIT_SCALE=1000")
	token := desk.AddAgent("boss@example.com", "Boss", "manager", agentPassword)
	var taken atomic.Int64 // batches that were acked
	var all sync.WaitGroup
	for shop := range shops {
		all.Go(func() {
			for n := range batches {
				body := attemptBatch(shop, n, each)
				for !tellAttempts(t.Context(), desk, token, body) && t.Context().Err() == nil {
					time.Sleep(20 * time.Millisecond)
				}
				taken.Add(1)
			}
		})
	}
	for n := range kills {
		waitFor(t, "some batches to be taken", func() bool { return taken.Load() >= int64((n+1)*shops*batches/(kills+2)) })
		desk.Kill()
		desk.Start()
	}
	all.Wait()
	for shop := range shops { // what was acked is known
		if answer := sayAttempts(t.Context(), desk, token, attemptBatch(shop, 0, each)); answer != fmt.Sprintf(`{"stored":0,"known":%d}`, each) {
			t.Errorf("shop %d: told again, the desk says %s", shop, answer)
		}
	}
	_, table := desk.GetAs(t, "boss@example.com", agentPassword, "/success/export?period=7")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(table, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := rows[1][2], fmt.Sprint(shops*batches*each); got != want {
		t.Errorf("%s attempts are counted, want %s", got, want)
	}
}

func attemptBatch(shop, n, each int) string {
	items := make([]string, each)
	for i := range items {
		items[i] = fmt.Sprintf(`{"id":"%d-%d-%d","outcome":"failed","reason":"payment","step":"s%d","order":"%d"}`, shop, n, i, i%5, i)
	}
	return `{"items":[` + strings.Join(items, ",") + `]}`
}

func tellAttempts(ctx context.Context, desk *apptest.Process, token, body string) bool {
	return sayAttempts(ctx, desk, token, body) != ""
}

// sayAttempts gives the answer; empty: there was none.
func sayAttempts(ctx context.Context, desk *apptest.Process, token, body string) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, desk.Base()+"/api/v1/order-attempts", strings.NewReader(body))
	if err != nil {
		return ""
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return ""
	}
	defer res.Body.Close() //nolint:errcheck // read only
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK && res.StatusCode != http.StatusCreated {
		return ""
	}
	return string(text)
}
