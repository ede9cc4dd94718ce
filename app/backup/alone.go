package backup

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrUnderWay is returned while a backup is made: by RenewKeys, for it may hold keys that are gone by now, and by Run and
// Ask, for one at a time is enough.
var ErrUnderWay = errors.New("a backup is under way: try again when it is done")

const (
	leaseName = "backup"
	leaseTTL  = time.Minute
)

// Begun says which backup is under way.
type Begun struct {
	At   int64  `json:"at"` // Unix milliseconds
	Node string `json:"node"`
}

// whileAlone runs fn while nobody else makes a backup, on this node or another. Errors: ErrUnderWay.
func (s *Service) whileAlone(ctx context.Context, fn func(ctx context.Context) error) error {
	if !s.one.TryLock() {
		return ErrUnderWay
	}
	defer s.one.Unlock()
	if s.Nodes == nil {
		return fn(ctx)
	}
	held, err := s.Nodes.Lease(ctx, leaseName, leaseTTL)
	if err != nil {
		return fmt.Errorf("lease the backup: %w", err)
	}
	if !held {
		return ErrUnderWay
	}
	working, lost := context.WithCancelCause(ctx)
	renewed := make(chan struct{})
	go func() { defer close(renewed); s.renew(working, lost) }()
	err = fn(working)
	lost(nil)
	<-renewed
	return errors.Join(err, s.Nodes.Release(context.WithoutCancel(ctx), leaseName))
}

// renew keeps the lease until working ends; a lease that is lost ends it.
func (s *Service) renew(working context.Context, lost context.CancelCauseFunc) {
	tick := time.NewTicker(leaseTTL / 3)
	defer tick.Stop()
	for {
		select {
		case <-working.Done():
			return
		case <-tick.C:
		}
		held, err := s.Nodes.Lease(working, leaseName, leaseTTL)
		if err == nil && !held {
			lost(errors.New("another node has taken over the backup"))
		} else if err != nil && working.Err() == nil { // the next try may get through, and it holds for two more
			s.Log.WarnContext(working, "renew the lease of the backup", "error", err)
		}
	}
}

// Running tells whether a backup is under way, since when and on which node.
func (s *Service) Running(ctx context.Context) (since Begun, running bool, err error) {
	if s.one.TryLock() {
		s.one.Unlock()
	} else {
		running = true
	}
	if !running && s.Nodes != nil {
		if running, err = s.Nodes.Held(ctx, leaseName); err != nil {
			return since, false, err
		}
	}
	if !running {
		return since, false, nil
	}
	err = s.read(ctx, begunSetting, &since)
	return since, true, err
}
