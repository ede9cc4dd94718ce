package bus

import (
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
)

func (b *natsBus) Publish(subject string, data []byte) error {
	if err := checkPublish(subject, data); err != nil {
		return err
	}
	return downOrClosed(b.conn.Publish(b.addr.prefix+subject, data))
}

// downOrClosed gives the client's errors our names.
func downOrClosed(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, nats.ErrConnectionClosed):
		return ErrClosed
	default:
		return fmt.Errorf("%w: %w", ErrDown, err)
	}
}

func (b *natsBus) Subscribe(subject string, fn func(subject string, data []byte)) (func(), error) {
	if !validSubject(subject, true) {
		return nil, ErrSubject
	}
	sub, err := b.subscribe(subject, fn)
	if err != nil {
		return nil, err
	}
	// Until the server has the subscription, what others send passes by; whoever subscribes and then reads the database
	// relies on there being no such gap. While the connection is cut the wait is pointless, and the resync covers it.
	if b.conn.IsConnected() {
		if err := b.conn.FlushTimeout(natsPingTimeout); err != nil {
			b.resync.lost()
		}
	}
	return func() { b.cancel(sub) }, nil
}

func (b *natsBus) subscribe(subject string, fn func(string, []byte)) (*nats.Subscription, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, ErrClosed
	}
	box := newMailbox(&b.boxes, fn, b.resync.lost)
	sub, err := b.conn.Subscribe(b.addr.prefix+subject, func(m *nats.Msg) {
		// A wildcard of ours would take the bus's own words too.
		if name := m.Subject[len(b.addr.prefix):]; name != wordResync {
			box.put(message{name, m.Data})
		}
	})
	if err != nil {
		box.stop()
		return nil, downOrClosed(err)
	}
	b.subs[sub] = box
	return sub, nil
}

func (b *natsBus) cancel(sub *nats.Subscription) {
	b.mu.Lock()
	box := b.subs[sub]
	delete(b.subs, sub)
	b.mu.Unlock()
	if box == nil {
		return
	}
	box.stop()
	if err := sub.Unsubscribe(); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
		b.log.Warn("unsubscribe", "error", err)
	}
}
