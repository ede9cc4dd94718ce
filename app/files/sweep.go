package files

import (
	"context"
	"errors"
	"slices"
	"time"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const sweepRows = 100

// Sweep finishes small pictures that were forgotten, deletes files that nobody sent within a day or that were recalled,
// and what lies in the store without a row.
func (s *Service) Sweep(ctx context.Context) error {
	return errors.Join(s.finishWaiting(ctx), s.dropStale(ctx), s.dropUnknown(ctx))
}

func (s *Service) finishWaiting(ctx context.Context) error {
	waiting, err := s.Tickets.WaitingAttachments(ctx, sweepRows)
	if err != nil {
		return err
	}
	var errs []error
	for _, a := range waiting {
		if err := s.Finish(ctx, a.ID); fault.Is(err, fault.NotFound) { // its content is gone: no picture will come
			errs = append(errs, s.Tickets.FinishAttachment(ctx, a.ID, ""))
		} else {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (s *Service) dropStale(ctx context.Context) error {
	for {
		stale, err := s.Tickets.StaleAttachments(ctx, s.Now().Add(-unsent), sweepRows)
		if err != nil || len(stale) == 0 {
			return err
		}
		ids := make([]id.ID, len(stale))
		for i := range stale {
			ids[i] = stale[i].ID
			if err := s.DeleteContent(ctx, &stale[i]); err != nil {
				return err
			}
		}
		if err := s.Tickets.DropAttachments(ctx, ids); err != nil || len(stale) < sweepRows {
			return err
		}
	}
}

// dropUnknown deletes what is in the store and has no row: its process died between the two. A young one may still get
// its row.
func (s *Service) dropUnknown(ctx context.Context) error {
	return s.Store.Old(ctx, s.Now().Add(-time.Hour), func(names []string) error {
		unknown, err := s.Tickets.UnknownFiles(ctx, names)
		if err != nil {
			return err
		}
		kept, err := s.Keeps(ctx, unknown)
		if err != nil {
			return err
		}
		for _, name := range unknown {
			if slices.Contains(kept, name) {
				continue
			}
			if err := s.Store.Delete(ctx, name); err != nil {
				s.Log.WarnContext(ctx, "delete a file that nobody knows", "error", err)
			}
		}
		return nil
	})
}
