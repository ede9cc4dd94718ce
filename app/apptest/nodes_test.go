package apptest_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"huiyin/app/apptest"
	"huiyin/app/bus/bustest"
	"huiyin/app/db/dbtest"
)

// Two processes on one PostgreSQL and one NATS are one desk: the shopper is on one, her agent on the other, both see
// the conversation at once, and the death of a node loses nothing.
func TestTwoProcessesShowTheSameConversation(t *testing.T) {
	t.Parallel()
	settings := []string{
		"HUIYIN_DATABASE=" + dbtest.Postgres(t), "HUIYIN_BUS=" + bustest.NATS(t),
		"HUIYIN_KEYRING=" + filepath.Join(t.TempDir(), "keyring.json"), "HUIYIN_LIMIT_SCALE=100",
	}
	one, two := apptest.StartProcess(t, settings...), apptest.StartProcess(t, settings...)
	key := one.AddInbox("Shop", map[string]any{})
	token := two.AddAgent("lin.wei@example.com", "林薇", "agent", agentPassword)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()

	at := apptest.Switch(one.Base())
	shopper := apptest.NewClient(at.Base, key)
	if err := shopper.Start(ctx); err != nil {
		t.Fatal(err)
	}
	go shopper.Run(ctx)
	agent := apptest.NewAgent(two.Base, token, func(f apptest.Frame) (string, bool) { return "re: " + f.Body, true })
	go agent.Run(ctx)

	talk := func(from, to int) {
		for i := from; i < to; i++ {
			shopper.Send(fmt.Sprintf("message %d", i))
			waitFor(t, fmt.Sprintf("the answer to message %d", i), func() bool {
				follow(shopper, agent)
				taken, _, waiting, _ := shopper.State()
				return waiting == 0 && len(taken) == 2*(i+1)
			})
		}
	}
	talk(0, 10)
	one.Kill()
	at.To(two.Base()) // as a load balancer does
	talk(10, 15)
	one.Start()
	at.To(one.Base())
	talk(15, 20)
	judgeShopper(ctx, t, at.Base, key, shopper)
	judgeAgents(t, []*apptest.Client{shopper}, []*apptest.Agent{agent})
}
