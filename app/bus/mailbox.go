package bus

import "sync"

const (
	// mailboxMessages and mailboxBytes bound what waits for one subscriber; what comes on top is dropped and told.
	mailboxMessages = 8192
	mailboxBytes    = 8 << 20
)

type message struct {
	subject string
	data    []byte
}

// A mailbox hands one subscription its messages in order, on a goroutine of its own, and never makes the sender wait.
type mailbox struct {
	fn   func(subject string, data []byte)
	lost func() // told of each message dropped; must not block

	mu      sync.Mutex
	waiting []message
	count   int // messages taken and not yet handed over, those of the batch under way too
	bytes   int
	stopped bool

	wake chan struct{}
}

// newMailbox starts a mailbox; wg ends with its goroutine.
func newMailbox(wg *sync.WaitGroup, fn func(string, []byte), lost func()) *mailbox {
	m := &mailbox{fn: fn, lost: lost, wake: make(chan struct{}, 1)}
	wg.Go(m.run)
	return m
}

// put takes a message or drops it when the box is full.
func (m *mailbox) put(msg message) {
	m.mu.Lock()
	if m.stopped {
		m.mu.Unlock()
		return
	}
	if m.count >= mailboxMessages || m.bytes+len(msg.data) > mailboxBytes {
		m.mu.Unlock()
		m.lost()
		return
	}
	m.waiting = append(m.waiting, msg)
	m.count++
	m.bytes += len(msg.data)
	m.mu.Unlock()
	m.nudge()
}

// stop ends the box: what still waits is thrown away. It does not wait for a running call.
func (m *mailbox) stop() {
	m.mu.Lock()
	m.stopped, m.waiting = true, nil
	m.mu.Unlock()
	m.nudge()
}

func (m *mailbox) nudge() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

func (m *mailbox) run() {
	var spare []message
	for range m.wake {
		batch, stopped := m.take(spare[:0])
		if stopped {
			return
		}
		for i := range batch {
			if !m.open() {
				return
			}
			m.fn(batch[i].subject, batch[i].data)
			m.handed(len(batch[i].data))
			batch[i] = message{}
		}
		if spare = batch; cap(spare) > 256 {
			spare = nil // a burst's memory goes back
		}
	}
}

// take empties the box and leaves it an empty slice to fill.
func (m *mailbox) take(spare []message) (batch []message, stopped bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	batch, m.waiting = m.waiting, spare
	return batch, m.stopped
}

func (m *mailbox) open() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.stopped
}

func (m *mailbox) handed(bytes int) {
	m.mu.Lock()
	m.count--
	m.bytes -= bytes
	m.mu.Unlock()
}
