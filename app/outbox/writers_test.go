package outbox_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/outbox"
)

func TestNoEventIsSkippedUnderConcurrentWriters(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, d *db.DB) {
		const tickets, writers, rounds = 5, 5, 60
		// stands for the tickets' rows: it gives positions, and its row lock gives order
		if _, err := d.SQL().ExecContext(t.Context(), "CREATE TABLE positions (ticket BIGINT PRIMARY KEY, n BIGINT NOT NULL)"); err != nil {
			t.Fatal(err)
		}
		in := &diary{}
		p := pump(t, options(t, d), outbox.Reader[event]{Name: "r", Batch: 20, Work: in.work})
		run(t, p)
		var wg sync.WaitGroup
		var mu sync.Mutex
		var committed []int64
		for range writers {
			wg.Go(func() {
				for range rounds {
					rows, err := writeSlowly(d, rand.Int64N(tickets))
					p.Wake()
					if !errors.Is(err, errNo) && err != nil {
						t.Error(err)
					}
					if err == nil {
						mu.Lock()
						committed = append(committed, numbers(rows)...)
						mu.Unlock()
					}
				}
			})
		}
		wg.Wait()
		within(t, patience, "all", func() bool { return len(in.all()) >= len(committed) })
		slices.Sort(committed)
		same(t, in.numbers(), committed)
		last := map[int64]int64{}
		for _, e := range in.all() {
			if last[*e.TicketID]++; *e.Pos != last[*e.TicketID] {
				t.Fatalf("ticket %d: got position %d, want %d", *e.TicketID, *e.Pos, last[*e.TicketID])
			}
		}
	})
}

// writeSlowly writes one or two events of a ticket behind the ticket's row lock, with pauses in every place, and fails
// now and then.
func writeSlowly(d *db.DB, ticket int64) (rows []event, err error) {
	pause := func() {
		if d.Dialect() == db.Postgres {
			time.Sleep(rand.N(8 * time.Millisecond))
		}
	}
	fail := rand.IntN(8) == 0
	err = d.Write(context.Background(), func(tx *gorm.DB) error {
		rows = nil
		pause()
		for range 1 + rand.IntN(2) {
			var pos int64
			err := tx.Raw(`INSERT INTO positions (ticket, n) VALUES (?, 1) ON CONFLICT (ticket) DO UPDATE SET n = positions.n + 1 RETURNING n`,
				ticket).Scan(&pos).Error
			if err != nil {
				return err
			}
			row := event{TicketID: &ticket, Pos: &pos, Type: "test", ActorKind: "system", At: 1}
			if err := tx.Create(&row).Error; err != nil {
				return err
			}
			rows = append(rows, row)
			pause()
		}
		if fail {
			return errNo
		}
		return nil
	})
	return rows, err
}
