package jobs

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/riverqueue/river/riverdriver"
)

// bell is LISTEN and NOTIFY within the process. Notes that are equal and not yet heard count once, so it holds no more
// than a few for each queue.
type bell struct {
	mu        sync.Mutex
	listeners []*listener
}

// ring gives every listener of the topic a note for each payload.
func (b *bell) ring(topic string, payloads ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.listeners {
		for _, p := range payloads {
			l.put(riverdriver.Notification{Topic: topic, Payload: p})
		}
	}
}

// listener is a riverdriver.Listener on a bell. River reads from it on one goroutine.
type listener struct {
	bell   *bell
	topics []string
	notes  []riverdriver.Notification
	wake   chan struct{} // made by Connect
}

// put is called under the bell's lock.
func (l *listener) put(n riverdriver.Notification) {
	if !slices.Contains(l.topics, n.Topic) || slices.Contains(l.notes, n) {
		return
	}
	l.notes = append(l.notes, n)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Connect is part of riverdriver.Listener.
func (l *listener) Connect(context.Context) error {
	l.bell.mu.Lock()
	defer l.bell.mu.Unlock()
	if slices.Contains(l.bell.listeners, l) {
		return errors.New("jobs: the listener is connected already")
	}
	l.topics, l.notes, l.wake = nil, nil, make(chan struct{}, 1)
	l.bell.listeners = append(l.bell.listeners, l)
	return nil
}

// Close is part of riverdriver.Listener.
func (l *listener) Close(context.Context) error {
	l.bell.mu.Lock()
	defer l.bell.mu.Unlock()
	l.bell.listeners = slices.DeleteFunc(l.bell.listeners, func(x *listener) bool { return x == l })
	return nil
}

// Listen is part of riverdriver.Listener.
func (l *listener) Listen(_ context.Context, topic string) error {
	l.bell.mu.Lock()
	defer l.bell.mu.Unlock()
	if !slices.Contains(l.topics, topic) {
		l.topics = append(l.topics, topic)
	}
	return nil
}

// Unlisten is part of riverdriver.Listener.
func (l *listener) Unlisten(_ context.Context, topic string) error {
	l.bell.mu.Lock()
	defer l.bell.mu.Unlock()
	l.topics = slices.DeleteFunc(l.topics, func(x string) bool { return x == topic })
	return nil
}

// WaitForNotification is part of riverdriver.Listener.
func (l *listener) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	for {
		if n := l.next(); n != nil {
			return n, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-l.wake:
		}
	}
}

func (l *listener) next() *riverdriver.Notification {
	l.bell.mu.Lock()
	defer l.bell.mu.Unlock()
	if len(l.notes) == 0 {
		return nil
	}
	n := l.notes[0]
	l.notes = l.notes[1:]
	return &n
}

// Ping is part of riverdriver.Listener.
func (l *listener) Ping(ctx context.Context) error { return ctx.Err() }

// Schema is part of riverdriver.Listener.
func (l *listener) Schema() string { return "" }

// SetAfterConnectExec is part of riverdriver.Listener; River's tests use it.
func (l *listener) SetAfterConnectExec(string) {}
