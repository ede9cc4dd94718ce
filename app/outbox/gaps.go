package outbox

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// gaps decides how far a reader may go where numbers are missing; doc.go tells why. It belongs to one reader's goroutine.
type gaps struct {
	settled int64               // what is missing up to here will never come
	below   int64               // the largest number given out when the writers were listed
	writers map[string]struct{} // of those, who still holds the lock
}

// waiting tells whether there are writers to wait for.
func (g *gaps) waiting() bool { return len(g.writers) > 0 }

// found notes who held the lock after newest had been seen.
func (g *gaps) found(newest int64, writers []string) {
	g.below, g.writers = newest, map[string]struct{}{}
	for _, w := range writers {
		g.writers[w] = struct{}{}
	}
	g.settle()
}

// still notes who holds the lock now. Rows have to be read after that list, not before.
func (g *gaps) still(writers []string) {
	now := map[string]struct{}{}
	for _, w := range writers {
		if _, known := g.writers[w]; known {
			now[w] = struct{}{}
		}
	}
	g.writers = now
	g.settle()
}

func (g *gaps) settle() {
	if len(g.writers) == 0 {
		g.settled = max(g.settled, g.below)
	}
}

// prefix counts the numbers, ascending and after the cursor, that may be handed over.
func (g *gaps) prefix(cursor int64, numbers []int64) int {
	last := cursor
	for i, n := range numbers {
		if n > last+1 && n-1 > g.settled {
			return i
		}
		last = n
	}
	return len(numbers)
}

// writersQuery names the transactions that hold the lock which comes before a number. A transaction's changes are
// visible before its locks are released.
const writersQuery = `SELECT DISTINCT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = 'events'::regclass AND mode = 'RowExclusiveLock' AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`

func openWriters(db *gorm.DB) ([]string, error) {
	var writers []string
	if err := db.Raw(writersQuery).Scan(&writers).Error; err != nil {
		return nil, fmt.Errorf("list writers: %w", err)
	}
	return writers, nil
}

// next reads the events that may be handed over now. held says that there are more, behind a missing number.
func (r *reader[E]) next(ctx context.Context) (events []E, held bool, err error) {
	if !r.o.Postgres {
		events, _, err = r.read(ctx)
		return events, false, err
	}
	if r.gaps.waiting() {
		writers, err := openWriters(r.o.Read(ctx))
		if err != nil {
			return nil, false, err
		}
		r.gaps.still(writers)
	}
	events, numbers, err := r.read(ctx)
	if err != nil {
		return nil, false, err
	}
	safe := r.gaps.prefix(r.cursor, numbers)
	if safe < len(events) && !r.gaps.waiting() {
		writers, err := openWriters(r.o.Read(ctx))
		if err != nil {
			return nil, false, err
		}
		r.gaps.found(numbers[len(numbers)-1], writers)
		if !r.gaps.waiting() { // whoever it was has ended: look again
			if events, numbers, err = r.read(ctx); err != nil {
				return nil, false, err
			}
			safe = r.gaps.prefix(r.cursor, numbers)
		}
	}
	return events[:safe], safe < len(events), nil
}

// read gives the visible events after the cursor, and their numbers.
func (r *reader[E]) read(ctx context.Context) (events []E, numbers []int64, err error) {
	err = r.o.Read(ctx).Table(eventsTable).Where("n > ?", r.cursor).Order("n").Limit(r.bite).Find(&events).Error
	if err != nil {
		return nil, nil, fmt.Errorf("read events: %w", err)
	}
	numbers = make([]int64, len(events))
	for i := range events {
		numbers[i] = r.o.Number(&events[i])
	}
	return events, numbers, nil
}
