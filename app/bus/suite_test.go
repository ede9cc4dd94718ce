package bus_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"huiyin/app/bus"
)

func TestOtherNodesGetWhatIsPublished(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, join func() bus.Bus) {
		a, b, c := join(), join(), join()
		inB, inC := subscribe(t, b, "ticket"), subscribe(t, c, "ticket")
		publish(t, a, "ticket", "17")
		inB.becomes(t, "ticket=17")
		inC.becomes(t, "ticket=17")
	})
}

func TestMessagesOfOnePublisherKeepTheirOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, join func() bus.Bus) {
		const publishers, messages = 4, 1000
		in := subscribe(t, join(), "p.*")
		var wg sync.WaitGroup
		for p := range publishers {
			node := join()
			wg.Go(func() {
				for n := range messages {
					if err := node.Publish(fmt.Sprintf("p.%d", p), fmt.Appendf(nil, "%d", n)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		eventually(t, "all messages", func() bool { return len(in.all()) == publishers*messages })
		next := map[string]int{}
		for _, line := range in.all() {
			subject, data, _ := strings.Cut(line, "=")
			if want := fmt.Sprint(next[subject]); data != want {
				t.Fatalf("%s: got %s, want %s", subject, data, want)
			}
			next[subject]++
		}
	})
}

func TestWildcardsMatchWords(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, join func() bus.Bus) {
		a, b := join(), join()
		word, rest, all := subscribe(t, b, "a.*"), subscribe(t, b, "a.>"), subscribe(t, b, ">")
		for _, subject := range []string{"a.x", "a.x.y", "a", "b.x", "a.z"} {
			publish(t, a, subject, "")
		}
		word.becomes(t, "a.x=", "a.z=")
		rest.becomes(t, "a.x=", "a.x.y=", "a.z=")
		all.becomes(t, "a.x=", "a.x.y=", "a=", "b.x=", "a.z=")
	})
}

func TestANodeDoesNotHearItself(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, join func() bus.Bus) {
		a, b := join(), join()
		in := subscribe(t, a, "x")
		publish(t, a, "x", "own")
		publish(t, b, "x", "other")
		in.becomes(t, "x=other")
	})
}

func TestACancelledSubscriptionIsSilent(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, join func() bus.Bus) {
		a, b := join(), join()
		in := &inbox{}
		cancel, err := b.Subscribe("x", in.add)
		if err != nil {
			t.Fatal(err)
		}
		after := subscribe(t, b, "x")
		publish(t, a, "x", "1")
		in.becomes(t, "x=1")
		cancel()
		cancel()
		publish(t, a, "x", "2")
		after.becomes(t, "x=1", "x=2")
		in.becomes(t, "x=1")
	})
}

func TestDataBelongsToThePublisherAgainAfterPublish(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, join func() bus.Bus) {
		a, b := join(), join()
		in := subscribe(t, b, "x")
		data := []byte("first")
		if err := a.Publish("x", data); err != nil {
			t.Fatal(err)
		}
		copy(data, "XXXXX")
		in.becomes(t, "x=first")
	})
}

func TestSizeAndSubjectAreChecked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, join func() bus.Bus) {
		a, b := join(), join()
		in := subscribe(t, b, "x")
		if err := a.Publish("x", make([]byte, bus.MaxData+1)); !errors.Is(err, bus.ErrTooLarge) {
			t.Errorf("one byte too many: got %v, want ErrTooLarge", err)
		}
		for _, s := range []string{"", ".", "a.", ".a", "a..b", "a b", "a.*", "a.>", "_resync", "a.é", strings.Repeat("a", bus.MaxSubject+1)} {
			if err := a.Publish(s, nil); !errors.Is(err, bus.ErrSubject) {
				t.Errorf("publish to %q: got %v, want ErrSubject", s, err)
			}
		}
		for _, s := range []string{"", "a.>.b", "a*", "_resync", "a.\n"} {
			if _, err := b.Subscribe(s, in.add); !errors.Is(err, bus.ErrSubject) {
				t.Errorf("subscribe to %q: got %v, want ErrSubject", s, err)
			}
		}
		largest := strings.Repeat("x", bus.MaxData)
		publish(t, a, "x", largest)
		in.becomes(t, "x="+largest)
	})
}

func TestPingAnswersUntilClose(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, join func() bus.Bus) {
		b := join()
		if err := b.Ping(t.Context()); err != nil {
			t.Errorf("open: %v", err)
		}
		over, cancel := context.WithCancel(t.Context())
		cancel()
		if err := b.Ping(over); err == nil {
			t.Error("cancelled context: no error")
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		if err := b.Ping(t.Context()); !errors.Is(err, bus.ErrClosed) {
			t.Errorf("closed: got %v, want ErrClosed", err)
		}
		if err := b.Publish("x", nil); !errors.Is(err, bus.ErrClosed) {
			t.Errorf("publish: got %v, want ErrClosed", err)
		}
		if _, err := b.Subscribe("x", func(string, []byte) {}); !errors.Is(err, bus.ErrClosed) {
			t.Errorf("subscribe: got %v, want ErrClosed", err)
		}
	})
}
