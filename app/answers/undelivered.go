package answers

import (
	"context"
	"fmt"
	"time"
)

const (
	// LookEvery is how often Look is called.
	LookEvery = 15 * time.Second
	// lead is how long before an answer is due every node says whether it has its shopper: two looks.
	lead = 2 * LookEvery
)

// Look finds answers that were not taken within the set time and tells the log of them, once a silence. Every node
// looks. One that has the shopper connected puts the answer off before it is due, so that another node, which cannot
// know, does not tell.
func (s *Service) Look(ctx context.Context) error {
	set, err := s.LoadSettings(ctx)
	if err != nil {
		return err
	}
	before := s.Now().Add(-time.Duration(set.UndeliveredMinutes) * time.Minute)
	due, err := s.Tickets.DueUndelivered(ctx, before.Add(lead))
	if err != nil {
		return fmt.Errorf("find answers that were not taken: %w", err)
	}
	for _, d := range due {
		switch {
		case s.Connected(d.Contact):
			err = s.Tickets.StillHere(ctx, d.Ticket)
		case d.Since <= before.UnixMilli():
			_, err = s.Tickets.TellUndelivered(ctx, d.Ticket, before)
		}
		if err != nil {
			return fmt.Errorf("answer not taken in ticket %s: %w", d.Ticket, err)
		}
	}
	return nil
}
