package apptest_test

import (
	"path/filepath"
	"testing"
	"time"

	"huiyin/app/apptest"
	"huiyin/app/bus/bustest"
	"huiyin/app/db/dbtest"
	"huiyin/app/insights"
)

// Of two nodes one looks at all texts. When it is killed, the other does so within about a minute, and each text is counted once.
func TestAPassWhoseNodeIsKilledIsTakenUpByAnother(t *testing.T) {
	t.Parallel()
	const texts = 8000
	settings := []string{
		"HUIYIN_DATABASE=" + dbtest.Postgres(t), "HUIYIN_BUS=" + bustest.NATS(t), "HUIYIN_KEYRING=" + filepath.Join(t.TempDir(), "keyring.json"),
		"HUIYIN_INSIGHTS_MEMORY=300",
	}
	one, two := apptest.NewProcess(t, settings...), apptest.NewProcess(t, settings...)
	groups := sayMany(t, one, texts)
	last := func() (r insights.Run) {
		list, err := groups.Runs(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) > 0 {
			r = list[0]
		}
		return r
	}
	one.Start()
	two.Start()
	waitWithin(t, time.Minute, "a node to be at the pass", func() bool {
		return last().State == insights.RunRunning && (len(children(one.PID())) > 1 || len(children(two.PID())) > 1)
	})
	broken, victim, other := last(), one, two
	if len(children(two.PID())) > 1 {
		victim, other = two, one
	}
	victim.Kill()
	killed := time.Now()
	if r := last(); r.ID != broken.ID || r.State != insights.RunRunning {
		t.Fatalf("the pass was over when its node was killed: %+v", r)
	}
	waitWithin(t, 2*time.Minute, "the other node to take it up", func() bool { return last().ID != broken.ID })
	t.Logf("taken up after %s", time.Since(killed).Round(time.Second))
	if took := time.Since(killed); took > 75*time.Second {
		t.Errorf("taken up after %s", took)
	}
	waitWithin(t, 2*time.Minute, "the pass", func() bool { return last().State == insights.RunDone })
	other.Stop()
	standing(t, other, texts)
}
