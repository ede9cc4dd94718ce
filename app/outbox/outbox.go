package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"gorm.io/gorm"
)

const (
	// DefaultBatch is how many events a reader gets at most when it names no Batch. Handlers write: more rows in one
	// transaction would hold up the chat.
	DefaultBatch = 100

	pace         = 50 * time.Millisecond // least time between two looks at the log
	pollAlone    = 30 * time.Second      // looks without a Wake: other programs may write too
	pollTogether = 10 * time.Second
)

// Reader is one that reacts to events. Either Handle or Work is set.
type Reader[E any] struct {
	Name  string // of its row in event_readers, for ever
	Batch int    // zero: DefaultBatch
	// FromNow lets a new reader begin with what happens next. Otherwise it begins with the first event there is.
	FromNow bool
	// Handle deals with events within the transaction that moves the cursor. All of its writes go through tx, and it is
	// quick; like every function given to Write it may run more than once.
	Handle func(ctx context.Context, tx *gorm.DB, events []E) error
	// Work deals with events outside of a transaction. It is repeated when the process dies before the cursor has moved.
	Work func(ctx context.Context, events []E) error
}

// Options are what New needs.
type Options[E any] struct {
	Write    func(ctx context.Context, fn func(tx *gorm.DB) error) error
	Read     func(ctx context.Context) *gorm.DB
	Postgres bool // the database gives numbers before the commit
	// Number gives an event's n.
	Number func(event *E) int64
	// Lease asks that this node alone hold a name for the next ttl; Release gives it back. Nil: there is one node.
	Lease   func(ctx context.Context, name string, ttl time.Duration) (held bool, err error)
	Release func(ctx context.Context, name string) error
	Now     func() time.Time
	Log     *slog.Logger
}

// Pump drains the log to its readers.
type Pump[E any] struct {
	o       Options[E]
	readers []*reader[E]
}

// New makes a pump. It refuses readers without or with the same name and those that do not have one of Handle and Work.
func New[E any](o Options[E], readers []Reader[E]) (*Pump[E], error) {
	if (o.Lease == nil) != (o.Release == nil) {
		return nil, errors.New("outbox: Lease and Release go together")
	}
	p := &Pump[E]{o: o}
	seen := map[string]bool{}
	for _, r := range readers {
		if r.Name == "" || seen[r.Name] {
			return nil, fmt.Errorf("outbox: reader name %q is empty or taken", r.Name)
		}
		if (r.Handle == nil) == (r.Work == nil) {
			return nil, fmt.Errorf("outbox: reader %s needs either Handle or Work", r.Name)
		}
		seen[r.Name] = true
		p.readers = append(p.readers, newReader(o, r))
	}
	return p, nil
}

// Run hands over events until ctx ends, and returns when every handler has returned.
func (p *Pump[E]) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, r := range p.readers {
		wg.Go(func() { r.run(ctx) })
	}
	wg.Wait()
}

// Wake says that events have been committed. It never blocks; it may be called before and after Run.
func (p *Pump[E]) Wake() {
	for _, r := range p.readers {
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
}

// Backlog tells for each reader how far it is behind: the newest number less its cursor, which counts numbers that were
// rolled back too. It asks for two index entries, whatever the size of the log.
func (p *Pump[E]) Backlog(ctx context.Context) (map[string]int64, error) {
	var cursors []struct {
		Name   string
		Cursor int64
	}
	// The cursors first: read afterwards they could be ahead of the newest number.
	err := p.o.Read(ctx).Table(readersTable).Find(&cursors).Error
	newest, err2 := newestNumber(p.o.Read(ctx))
	if err := errors.Join(err, err2); err != nil {
		return nil, fmt.Errorf("outbox: backlog: %w", err)
	}
	backlog := map[string]int64{}
	for _, r := range p.readers {
		if !r.FromNow {
			backlog[r.Name] = newest
		} else {
			backlog[r.Name] = 0
		}
	}
	for _, c := range cursors {
		if _, ours := backlog[c.Name]; ours {
			backlog[c.Name] = max(0, newest-c.Cursor)
		}
	}
	return backlog, nil
}

// Failures tells for each reader how often in a row its handler has failed on this node.
func (p *Pump[E]) Failures() map[string]int64 {
	failures := map[string]int64{}
	for _, r := range p.readers {
		failures[r.Name] = r.failures.Load()
	}
	return failures
}
