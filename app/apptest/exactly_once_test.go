package apptest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"huiyin/app/apptest"
	"huiyin/app/db/dbtest"
)

// storm is how hard a run treats the desk.
type storm struct {
	shoppers, agents, messages, kills int
	between                           time.Duration // from one kill to the next
}

func stormOfThisRun() storm {
	if os.Getenv("HUIYIN_SOAK") != "" {
		return storm{shoppers: 200, agents: 8, messages: 40, kills: 5, between: 6 * time.Second}
	}
	return storm{shoppers: 40, agents: 4, messages: 12, kills: 2, between: 2 * time.Second}
}

// Every acknowledged message is there once, in order, on both sides, although connections are cut at random and the
// desk is killed with -9; nothing that was not acknowledged counts as sent.
func TestSoakEveryAckedMessageIsThereOnceInOrderOnBothSides(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		weather(t, stormOfThisRun(), apptest.StartProcess(t, "HUIYIN_LIMIT_SCALE=100"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		weather(t, stormOfThisRun(), apptest.StartProcess(t, "HUIYIN_LIMIT_SCALE=100", "HUIYIN_DATABASE="+dbtest.Postgres(t)))
	})
}

func weather(t *testing.T, s storm, desk *apptest.Process) {
	key := desk.AddInbox("Shop", map[string]any{})
	proxy := apptest.NewProxy(t, func() string { return desk.Addr })
	base := func() string { return "http://" + proxy.Addr() }
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()

	var running sync.WaitGroup
	run, stopClients := context.WithCancel(ctx)
	defer func() { stopClients(); running.Wait() }()
	shoppers := make([]*apptest.Client, s.shoppers)
	for i := range shoppers {
		shoppers[i] = apptest.NewClient(base, key)
		if err := shoppers[i].Start(ctx); err != nil {
			t.Fatal(err)
		}
		running.Go(func() { shoppers[i].Run(run) })
	}
	agents := make([]*apptest.Agent, s.agents)
	for i := range agents {
		token := desk.AddAgent(fmt.Sprintf("agent%d@example.com", i), fmt.Sprintf("Agent %d", i), "agent", "a long enough password")
		agents[i] = apptest.NewAgent(base, token, func(f apptest.Frame) (string, bool) {
			return "re: " + f.Body, rand.IntN(3) == 0
		})
		running.Go(func() { agents[i].Run(run) })
	}

	calm := make(chan struct{})
	go proxy.Storm(calm, 200*time.Millisecond, 0.1)
	talk(ctx, t, s, shoppers, agents, desk)
	close(calm)
	settle(ctx, t, shoppers, agents)
	t.Logf("%d shoppers, %d agents, %d connections cut, %d kills", s.shoppers, s.agents, proxy.Cuts(), s.kills)
	for _, c := range shoppers {
		judgeShopper(ctx, t, base, key, c)
	}
	judgeAgents(t, shoppers, agents)
}

// talk lets every shopper write while the desk is killed and started again.
func talk(ctx context.Context, t *testing.T, s storm, shoppers []*apptest.Client, agents []*apptest.Agent, desk *apptest.Process) {
	t.Helper()
	pause := time.Duration(s.kills+1) * s.between / time.Duration(s.messages)
	var writers sync.WaitGroup
	for i, c := range shoppers {
		writers.Go(func() {
			for n := range s.messages {
				c.Send(fmt.Sprintf("shopper %d says %d", i, n))
				follow(c, agents[i%len(agents)])
				select {
				case <-ctx.Done():
					return
				case <-time.After(pause/2 + rand.N(pause)):
				}
			}
		})
	}
	for range s.kills {
		time.Sleep(s.between)
		desk.Kill()
		desk.Start()
	}
	writers.Wait()
}

// follow subscribes the agent to the tickets that the shopper knows of.
func follow(c *apptest.Client, a *apptest.Agent) {
	taken, _, _, _ := c.State()
	for _, m := range taken {
		a.Subscribe(m.Ticket)
	}
}

// settle waits until nobody waits for an ack and both sides have seen everything.
func settle(ctx context.Context, t *testing.T, shoppers []*apptest.Client, agents []*apptest.Agent) {
	t.Helper()
	deadline := time.Now().Add(90 * time.Second)
	var quiet int
	last := -1
	for time.Now().Before(deadline) && ctx.Err() == nil {
		waiting, seen := 0, 0
		for i, c := range shoppers {
			follow(c, agents[i%len(agents)])
			taken, acked, w, _ := c.State()
			waiting += w
			seen += len(taken)
			waiting += missing(taken, acked)
		}
		for _, a := range agents {
			taken, _, w, _ := a.State()
			waiting += w
			for _, list := range taken {
				seen += len(list)
			}
		}
		if waiting == 0 && seen == last {
			if quiet++; quiet >= 10 {
				return
			}
		} else {
			quiet = 0
		}
		last = seen
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("the clients did not settle: somebody still waits for an ack or for her own message")
}

func missing(taken []apptest.Taken, acked map[string]int64) (n int) {
	have := map[string]bool{}
	for _, m := range taken {
		have[m.ID] = true
	}
	for id := range acked {
		if !have[id] {
			n++
		}
	}
	return n
}

// judgeShopper compares what the shopper took live with what a fresh visit of the same session is told.
func judgeShopper(ctx context.Context, t *testing.T, base func() string, key string, c *apptest.Client) {
	t.Helper()
	taken, acked, _, faults := c.State()
	for _, f := range faults {
		t.Error(f)
	}
	next := map[string]int64{}
	once := map[string]int64{}
	for _, m := range taken {
		if next[m.Ticket]++; m.Seq != next[m.Ticket] {
			t.Errorf("ticket %s: took seq %d where %d was due", m.Ticket, m.Seq, next[m.Ticket])
		}
		if m.ID == "" {
			continue
		}
		if _, twice := once[m.ID]; twice {
			t.Errorf("message %s was taken twice", m.ID)
		}
		once[m.ID] = m.Seq
	}
	for id, seq := range acked {
		if once[id] != seq {
			t.Errorf("message %s was acked as %d and stands as %d", id, seq, once[id])
		}
	}
	again := c.Again(ctx, base, key, len(taken))
	if len(again) != len(taken) {
		t.Fatalf("a fresh visit took %d messages, the live one %d", len(again), len(taken))
	}
	for i := range taken {
		if taken[i] != again[i] {
			t.Errorf("place %d: live %+v, afresh %+v", i, taken[i], again[i])
		}
	}
}

// judgeAgents holds every agent's timeline against what the shoppers see and against her own acks.
func judgeAgents(t *testing.T, shoppers []*apptest.Client, agents []*apptest.Agent) {
	t.Helper()
	public := map[string][]apptest.Frame{}
	for _, a := range agents {
		taken, acked, _, faults := a.State()
		for _, f := range faults {
			t.Error(f)
		}
		places := map[string]int{}
		for ticket, list := range taken {
			for _, f := range list {
				if f.Type == "message" && f.Seq != nil {
					public[ticket] = append(public[ticket], f)
				}
				if f.ID != "" && f.Kind == "reply" {
					places[f.ID]++
				}
			}
		}
		for id := range acked {
			if places[id] != 1 {
				t.Errorf("reply %s was acked and stands %d times", id, places[id])
			}
		}
	}
	for i, c := range shoppers {
		taken, _, _, _ := c.State()
		at := map[string]int{}
		for _, m := range taken {
			list, n := public[m.Ticket], at[m.Ticket]
			at[m.Ticket]++
			if n >= len(list) || *list[n].Seq != m.Seq || list[n].Body != m.Body {
				t.Fatalf("shopper %d, ticket %s: her message %d (%q) is not what her agent sees in that place", i, m.Ticket, m.Seq, m.Body)
			}
		}
		for ticket, n := range at {
			if n != len(public[ticket]) {
				t.Errorf("shopper %d sees %d messages, her agent %d", i, n, len(public[ticket]))
			}
		}
	}
}
