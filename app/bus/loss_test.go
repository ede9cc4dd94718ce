package bus_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"huiyin/app/bus"
	"huiyin/app/bus/bustest"
)

func TestASlowSubscriberHoldsUpNobodyAndIsTold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, join func() bus.Bus) {
		const flood = 20_000 // over the mailbox's bound
		publisher, slow, quick := join(), join(), join()
		var told atomic.Int64
		slow.OnReconnect(func() { told.Add(1) })
		quick.OnReconnect(func() { t.Error("the quick node lost nothing and was told of a loss") })

		release := make(chan struct{})
		var got, quickGot atomic.Int64
		mustSubscribe(t, slow, "x", func(string, []byte) { <-release; got.Add(1) })
		mustSubscribe(t, quick, "x", func(string, []byte) { quickGot.Add(1) })
		start := time.Now()
		for n := range flood {
			publish(t, publisher, "x", "hint")
			for int64(n)-quickGot.Load() > 4000 { // a publisher this fast outruns anybody's goroutine
				time.Sleep(time.Millisecond)
			}
		}
		eventually(t, "the quick subscriber has all", func() bool { return quickGot.Load() == flood })
		if took := time.Since(start); took > patience {
			t.Errorf("publishing beside a stuck subscriber took %s", took)
		}
		eventually(t, "the slow one is told of its loss", func() bool { return told.Load() > 0 })
		close(release)
		eventually(t, "what fitted in arrives", func() bool { return got.Load() >= 1000 })
		if got.Load() == flood {
			t.Error("the slow subscriber got everything: its queue is not bounded")
		}
	})
}

func TestEachLossIsFollowedByACall(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, join func() bus.Bus) {
		publisher, slow := join(), join()
		var told atomic.Int64
		release := make(chan struct{})
		slow.OnReconnect(func() { told.Add(1) })
		mustSubscribe(t, slow, "x", func(string, []byte) { <-release })
		overflow := func() {
			for range 20_000 {
				publish(t, publisher, "x", "")
			}
		}
		overflow()
		eventually(t, "first call", func() bool { return told.Load() >= 1 })
		before := told.Load()
		overflow()
		eventually(t, "a call after the second loss", func() bool { return told.Load() > before })
		close(release)
	})
}

func mustSubscribe(t *testing.T, b bus.Bus, subject string, fn func(string, []byte)) {
	t.Helper()
	if _, err := b.Subscribe(subject, fn); err != nil {
		t.Fatal(err)
	}
}

func TestAfterTheServerIsBackMessagesFlowAndAllAreTold(t *testing.T) {
	t.Parallel()
	server := bustest.Own(t)
	a, b := open(t, server.URL()), open(t, server.URL())
	var toldA, toldB atomic.Int64
	a.OnReconnect(func() { toldA.Add(1) })
	b.OnReconnect(func() { toldB.Add(1) })
	in := subscribe(t, b, "x")
	publish(t, a, "x", "before")
	in.becomes(t, "x=before")
	if toldA.Load()+toldB.Load() != 0 {
		t.Error("told of a loss at the first connect")
	}

	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "publish says that it is down", func() bool { return errors.Is(a.Publish("x", nil), bus.ErrDown) })
	if err := a.Ping(t.Context()); !errors.Is(err, bus.ErrDown) {
		t.Errorf("ping: got %v, want ErrDown", err)
	}
	late := subscribe(t, b, "late") // while it is down
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "both nodes are told", func() bool { return toldA.Load() > 0 && toldB.Load() > 0 })
	eventually(t, "both nodes ping", func() bool { return a.Ping(t.Context()) == nil && b.Ping(t.Context()) == nil })
	publish(t, a, "x", "after")
	publish(t, a, "late", "too")
	in.becomes(t, "x=before", "x=after")
	late.becomes(t, "late=too")
}

func TestANodeMayStartBeforeTheServer(t *testing.T) {
	t.Parallel()
	server := bustest.Own(t)
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	a, b := open(t, server.URL()), open(t, server.URL())
	if err := a.Ping(t.Context()); !errors.Is(err, bus.ErrDown) {
		t.Errorf("ping: got %v, want ErrDown", err)
	}
	in := subscribe(t, b, "x")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "both nodes ping", func() bool { return a.Ping(t.Context()) == nil && b.Ping(t.Context()) == nil })
	publish(t, a, "x", "1")
	in.becomes(t, "x=1")
}

// A node that alone was cut off has published into the void; the others saw nothing happen and have to be told.
func TestWhenANodeComesBackTheOthersAreTold(t *testing.T) {
	t.Parallel()
	server := bustest.Own(t)
	wire := newWire(t, server.URL())
	cut, other := open(t, wire.url()), open(t, server.URL())
	var told atomic.Int64
	other.OnReconnect(func() { told.Add(1) })
	if err := cut.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	wire.cut()
	eventually(t, "publish says that it is down", func() bool { return errors.Is(cut.Publish("x", nil), bus.ErrDown) })
	if told.Load() != 0 {
		t.Error("the other node was told too early")
	}
	wire.mend()
	eventually(t, "the other node is told", func() bool { return told.Load() > 0 })
}
