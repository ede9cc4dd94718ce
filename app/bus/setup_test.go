package bus_test

import (
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"huiyin/app/bus"
	"huiyin/app/bus/bustest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what has to come; nothing is waited for that long when all is well.
const patience = 10 * time.Second

// each runs the suite's test on both kinds of bus. join gives the handle of one more node.
func each(t *testing.T, test func(t *testing.T, join func() bus.Bus)) {
	t.Run("local", func(t *testing.T) {
		t.Parallel()
		hub := bus.NewLocal()
		test(t, func() bus.Bus { return closing(t, hub.Node()) })
	})
	t.Run("nats", func(t *testing.T) {
		t.Parallel()
		url := bustest.NATS(t)
		test(t, func() bus.Bus { return open(t, url) })
	})
}

func open(t *testing.T, url string) bus.Bus {
	t.Helper()
	b, err := bus.Open(url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return closing(t, b)
}

func closing(t *testing.T, b bus.Bus) bus.Bus {
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// An inbox collects what a subscription gets.
type inbox struct {
	mu  sync.Mutex
	got []string
}

func (i *inbox) add(subject string, data []byte) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.got = append(i.got, subject+"="+string(data))
}

func (i *inbox) all() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.got)
}

func subscribe(t *testing.T, b bus.Bus, subject string) *inbox {
	t.Helper()
	in := &inbox{}
	if _, err := b.Subscribe(subject, in.add); err != nil {
		t.Fatal(err)
	}
	return in
}

func publish(t *testing.T, b bus.Bus, subject, data string) {
	t.Helper()
	if err := b.Publish(subject, []byte(data)); err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %s for: %s", patience, what)
		}
	}
}

func (i *inbox) becomes(t *testing.T, want ...string) {
	t.Helper()
	eventually(t, fmt.Sprint(want), func() bool { return len(i.all()) >= len(want) })
	if got := i.all(); !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
}
