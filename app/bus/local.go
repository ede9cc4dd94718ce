package bus

import (
	"context"
	"slices"
	"sync"
)

// Local joins several nodes within one process.
type Local struct {
	mu    sync.RWMutex
	exact map[string][]*localSub // by subject
	wild  []*localSub
}

type localSub struct {
	node    *localNode
	pattern string
	box     *mailbox
}

// NewLocal makes a bus inside the process. Each node takes a handle of its own.
func NewLocal() *Local { return &Local{exact: map[string][]*localSub{}} }

// Node makes the handle of one more node.
func (l *Local) Node() Bus { return &localNode{hub: l, resync: newResync()} }

type localNode struct {
	hub    *Local
	resync *resync

	mu     sync.Mutex
	subs   []*localSub
	closed bool
	boxes  sync.WaitGroup
}

func (n *localNode) Publish(subject string, data []byte) error {
	if err := checkPublish(subject, data); err != nil {
		return err
	}
	if n.isClosed() {
		return ErrClosed
	}
	n.hub.publish(n, subject, data)
	return nil
}

// publish copies data once, and only when somebody listens.
func (l *Local) publish(from *localNode, subject string, data []byte) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var msg message
	hand := func(s *localSub) {
		if s.node == from {
			return
		}
		if msg.subject == "" {
			msg = message{subject, slices.Clone(data)}
		}
		s.box.put(msg)
	}
	for _, s := range l.exact[subject] {
		hand(s)
	}
	for _, s := range l.wild {
		if matches(s.pattern, subject) {
			hand(s)
		}
	}
}

func (n *localNode) Subscribe(subject string, fn func(subject string, data []byte)) (func(), error) {
	if !validSubject(subject, true) {
		return nil, ErrSubject
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, ErrClosed
	}
	s := &localSub{node: n, pattern: subject, box: newMailbox(&n.boxes, fn, n.resync.lost)}
	n.subs = append(n.subs, s)
	n.hub.add(s)
	return func() { n.cancel(s) }, nil
}

func (n *localNode) cancel(s *localSub) {
	n.hub.remove(s)
	n.mu.Lock()
	n.subs = slices.DeleteFunc(n.subs, func(x *localSub) bool { return x == s })
	n.mu.Unlock()
	s.box.stop()
}

func (l *Local) add(s *localSub) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if wildcard(s.pattern) {
		l.wild = append(l.wild, s)
	} else {
		l.exact[s.pattern] = append(l.exact[s.pattern], s)
	}
}

func (l *Local) remove(s *localSub) {
	l.mu.Lock()
	defer l.mu.Unlock()
	is := func(x *localSub) bool { return x == s }
	l.wild = slices.DeleteFunc(l.wild, is)
	if left := slices.DeleteFunc(l.exact[s.pattern], is); len(left) > 0 {
		l.exact[s.pattern] = left
	} else {
		delete(l.exact, s.pattern)
	}
}

func (n *localNode) OnReconnect(fn func()) { n.resync.add(fn) }

func (n *localNode) Ping(ctx context.Context) error {
	if n.isClosed() {
		return ErrClosed
	}
	return ctx.Err()
}

func (n *localNode) Remote() bool { return false }

func (n *localNode) isClosed() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.closed
}

func (n *localNode) Close() error {
	n.mu.Lock()
	subs := n.subs
	n.subs, n.closed = nil, true
	n.mu.Unlock()
	for _, s := range subs {
		n.hub.remove(s)
		s.box.stop()
	}
	n.boxes.Wait()
	n.resync.close()
	return nil
}
