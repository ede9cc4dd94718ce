package demo

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const (
	players = 8                    // threads played at once
	rest    = 2 * time.Millisecond // after each step: chat goes first
)

// Fill plays the shop's past, oldest first, and returns when all is there or ctx ends. It can run while the desk
// serves. progress, which may be nil, is told how many conversations there are by now, ofYear how many days of the last year; calls come one at a time. A shop
// that an earlier start filled is left as it is.
func (s *Shop) Fill(ctx context.Context, progress, ofYear func(done, total int)) error {
	if s.filled {
		return nil
	}
	lib, err := loadLibrary()
	if err != nil {
		return err
	}
	threads := plan(lib, s.services.Seed, s.services.Now())
	tell := teller(len(threads), progress)
	whole := ctx
	group, ctx := errgroup.WithContext(ctx)
	begun := make(chan *play)
	group.Go(func() error {
		defer close(begun)
		return s.begin(ctx, threads, begun)
	})
	for range players {
		group.Go(func() error {
			for p := range begun {
				err := p.finish(ctx)
				close(p.over)
				if err != nil {
					return fmt.Errorf("conversation %d (%s): %w", p.n, p.scenario, err)
				}
				tell()
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if err := s.fillTries(whole); err != nil {
		return err
	}
	if err := s.fillOpinions(whole); err != nil {
		return err
	}
	return s.fillYear(whole, ofYear)
}

// begin writes the first message of each thread, one after the other, so that ticket numbers follow the calendar, and
// hands the threads on. A shopper's next one waits until the one before it is over.
func (s *Shop) begin(ctx context.Context, threads []thread, begun chan<- *play) error {
	contacts := map[int]id.ID{}
	busy := map[int]chan struct{}{}
	for i := range threads {
		p := newPlay(s, &threads[i])
		if before := busy[p.who]; before != nil && p.who >= 0 {
			if err := wait(ctx, before); err != nil {
				return err
			}
		}
		busy[p.who] = p.over
		if err := p.begin(ctx, contacts); err != nil {
			return fmt.Errorf("conversation %d (%s): %w", p.n, p.scenario, err)
		}
		select {
		case begun <- p:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
	return nil
}

// teller counts finished threads and passes the count on.
func teller(total int, progress func(done, total int)) func() {
	var mu sync.Mutex
	done := 0
	return func() {
		mu.Lock()
		defer mu.Unlock()
		done++
		if progress != nil {
			progress(done, total)
		}
	}
}

func wait(ctx context.Context, over <-chan struct{}) error {
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func pause(ctx context.Context) error {
	select {
	case <-time.After(rest):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// refused tells whether somebody at the desk was quicker: a demo ticket that a person has already dealt with is hers.
func refused(err error) bool { return fault.Is(err, fault.Conflict) }
