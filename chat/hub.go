package chat

import (
	"sync"

	"huiyin/tickets/id"
)

// hub is the goroutine that knows who follows what. All of its maps are its own: others hand it functions.
type hub struct {
	desk *Desk

	mu    sync.Mutex
	queue []func()
	woken chan struct{} // holds one token while queue is not empty
	over  chan struct{} // closed when the goroutine has ended

	visitors map[id.ID][]*visitor      // by contact
	agents   map[id.ID][]*agent        // by agent
	followed map[id.ID][]*agentFollow  // by ticket
	lookers  map[id.ID]int             // how many follow a ticket of this contact
	waiters  map[id.ID][]*waiter       // long polls, by contact
	watchers map[*agent]*watch         // who watches the lists
	typing   map[typingKey]*typingMark // who types
	there    presence
	lists    listing
}

func newHub(d *Desk) *hub {
	return &hub{
		desk: d, woken: make(chan struct{}, 1), over: make(chan struct{}),
		visitors: map[id.ID][]*visitor{}, agents: map[id.ID][]*agent{}, followed: map[id.ID][]*agentFollow{},
		lookers: map[id.ID]int{}, waiters: map[id.ID][]*waiter{}, watchers: map[*agent]*watch{}, typing: map[typingKey]*typingMark{},
		there: newPresence(), lists: listing{kick: make(chan struct{}, 1)},
	}
}

// do hands the hub something to do; it never blocks.
func (h *hub) do(fn func()) {
	h.mu.Lock()
	h.queue = append(h.queue, fn)
	h.mu.Unlock()
	select {
	case h.woken <- struct{}{}:
	default:
	}
}

// call hands the hub something to do and waits until it is done. False: the hub has ended and did not do it.
func (h *hub) call(fn func()) bool {
	done := make(chan struct{})
	h.do(func() {
		fn()
		close(done)
	})
	select {
	case <-done:
		return true
	case <-h.over:
		select {
		case <-done:
			return true
		default:
			return false
		}
	}
}

// run is the hub's goroutine, until stop is closed.
func (h *hub) run(stop <-chan struct{}) {
	defer close(h.over)
	var batch []func()
	for {
		h.mu.Lock()
		batch, h.queue = h.queue, batch[:0]
		h.mu.Unlock()
		for i, fn := range batch {
			fn()
			batch[i] = nil
		}
		if len(batch) > 0 {
			continue
		}
		select {
		case <-h.woken:
		case <-stop:
			return
		}
	}
}

// spread shows news to everybody here whom it concerns.
func (h *hub) spread(n *news) {
	for _, v := range h.visitors[n.Contact] {
		if v.sess.InboxID == n.Inbox {
			v.follow.take(n)
		}
	}
	for _, f := range h.followed[n.Ticket] {
		f.follow.take(n)
	}
	for _, w := range h.waiters[n.Contact] {
		if w.inbox == n.Inbox {
			w.wake()
		}
	}
	h.listNews(n)
}

// refill makes everybody who follows anything read again, because news may have been lost.
func (h *hub) refill() {
	for _, all := range h.visitors {
		for _, v := range all {
			v.follow.again()
		}
	}
	for _, all := range h.followed {
		for _, f := range all {
			f.follow.again()
		}
	}
	for _, all := range h.waiters {
		for _, w := range all {
			w.wake()
		}
	}
	h.lists.reload = len(h.watchers) > 0
	h.kickLists()
}

// without gives list without one; the map entry goes with the last.
func without[K comparable, T comparable](m map[K][]T, key K, one T) {
	list := m[key]
	for i, v := range list {
		if v == one {
			list[i] = list[len(list)-1]
			var zero T
			list[len(list)-1] = zero
			list = list[:len(list)-1]
			break
		}
	}
	if len(list) == 0 {
		delete(m, key)
		return
	}
	m[key] = list
}
