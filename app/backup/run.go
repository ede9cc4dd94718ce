package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const (
	// lookEvery is how late the daily backup may be.
	lookEvery = time.Minute
	// retryAfter is how long a backup that failed rests.
	retryAfter = time.Hour
	// wrongClock is by how much a clock that is put right may go back without a second backup that night: an hour of
	// summer time kept in hardware, and some.
	wrongClock = 2 * time.Hour
	// yield is how long a node leaves the daily backup to the one that made the last, so that they lie in one folder.
	yield = 30 * time.Minute
)

// Loop makes the daily backup when its time has come, those that Now asks for, and keeps the folder clean, until ctx
// ends. Every node runs it; one of them makes the backup.
func (s *Service) Loop(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for asked := false; ; {
		if err := s.look(ctx, asked); err != nil && ctx.Err() == nil && !errors.Is(err, ErrUnderWay) {
			s.Log.ErrorContext(ctx, "look after the backups", "error", err)
		}
		asked = false
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.asked:
			asked = true
		}
	}
}

func (s *Service) look(ctx context.Context, asked bool) error {
	kept := errors.Join(tidyStray(s.Dir), s.heedRenewal(ctx))
	if !asked {
		mine, err := s.mine(ctx)
		if err != nil || !mine {
			return errors.Join(kept, err)
		}
	}
	return errors.Join(kept, s.whileAlone(ctx, func(ctx context.Context) error {
		if !asked { // another node may have made it since
			if due, err := s.Due(ctx); err != nil || !due {
				return err
			}
		}
		return s.make(ctx)
	}))
}

// Ask asks Loop for a backup at once. Errors: ErrUnderWay.
func (s *Service) Ask(ctx context.Context) error {
	_, running, err := s.Running(ctx)
	if err != nil {
		return err
	}
	if running {
		return ErrUnderWay
	}
	select {
	case s.asked <- struct{}{}:
		return nil
	default:
		return ErrUnderWay // asked for and about to begin
	}
}

// Due tells whether the time of the daily backup has come since the last one was begun, or the last one failed an hour
// ago.
func (s *Service) Due(ctx context.Context) (bool, error) {
	last, due, err := s.when(ctx)
	if err != nil {
		return false, err
	}
	now, begun := s.Now(), time.UnixMilli(last.At)
	switch {
	case last.At == 0:
		return true, nil
	case begun.After(now): // the clock has gone back: by a little, and last night's stays last night's; by more, who knows
		return begun.Sub(now) > wrongClock, nil
	}
	return begun.Before(due) || (last.Problem != "" && now.Sub(begun) > retryAfter), nil
}

// when gives the last backup and the time at which the present one was due.
func (s *Service) when(ctx context.Context) (last Last, due time.Time, err error) {
	plan, err := s.Plan(ctx)
	if err == nil {
		last, err = s.Last(ctx)
	}
	now := s.Now().In(s.Zone(ctx))
	due = time.Date(now.Year(), now.Month(), now.Day(), plan.Hour, plan.Minute, 0, 0, now.Location())
	if due.After(now) {
		due = due.AddDate(0, 0, -1)
	}
	return last, due, err
}

// mine tells whether the daily backup is due and this node's to make: the node that made the last one goes first.
func (s *Service) mine(ctx context.Context) (bool, error) {
	due, err := s.Due(ctx)
	if err != nil || !due || s.Nodes == nil {
		return due, err
	}
	last, at, err := s.when(ctx)
	if err != nil || last.Node == "" || last.Node == s.Node || s.Now().Sub(at) > yield {
		return err == nil, err
	}
	serving, err := s.Nodes.Serving(ctx)
	return !slices.Contains(serving, last.Node), err
}

// Run makes a backup at once, unless one is under way here or on another node. Errors: ErrUnderWay.
func (s *Service) Run(ctx context.Context) error { return s.whileAlone(ctx, s.make) }

// make makes a backup, tidies the folder, proves the backup and writes all of it down. What fails is told to the
// administrators; what the end of the process breaks off is not.
func (s *Service) make(ctx context.Context) error {
	last := Last{At: s.Now().UnixMilli(), Node: s.Node}
	err := s.write(ctx, begunSetting, Begun{At: last.At, Node: s.Node})
	if err == nil {
		err = s.run(ctx, &last)
	}
	if ctx.Err() != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	if err != nil {
		last.Problem = err.Error()
		s.fail(ctx, err, &last)
	} else {
		s.AlertOver(ctx, alertFailed)
		s.AlertOver(ctx, alertRoom)
	}
	return errors.Join(err, s.write(ctx, lastSetting, last), s.notePlace(ctx))
}

func (s *Service) fail(ctx context.Context, err error, last *Last) {
	s.Log.ErrorContext(ctx, "backup failed", "error", err)
	var room *RoomError
	if errors.As(err, &room) {
		last.Need, last.Free = room.Need, room.Free
		s.Alert(ctx, alertRoom, map[string]string{"need": megabytes(room.Need), "free": megabytes(room.Free)})
		return
	}
	s.Alert(ctx, alertFailed, map[string]string{"problem": last.Problem})
}

func (s *Service) run(ctx context.Context, last *Last) error {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return fmt.Errorf("make the folder of backups: %w", err)
	}
	if err := tidyStray(s.Dir); err != nil { // half a backup may be what takes the room
		return err
	}
	at, err := stamp(s.Dir, s.Now())
	if err == nil {
		err = s.roomForDaily(ctx)
	}
	if err != nil {
		return err
	}
	made, err := write(ctx, s.Source, filepath.Join(s.Dir, dailyPrefix+at.Format(stampForm)+ending), at)
	if err != nil {
		return err
	}
	last.Name, last.Took, last.Bytes, last.Rows, last.Files = filepath.Base(made.Path), made.Took, made.Bytes, made.Rows, made.Files
	proof, err := Prove(ctx, s.DB, made.Path, s.Dir)
	if err != nil {
		return err // the older ones stay: they may be the better ones
	}
	last.Proved, last.ProofFor = s.Now().UnixMilli(), proof.Rows
	s.Log.InfoContext(ctx, "backup made and proved", "file", last.Name, "rows", made.Rows, "files", made.Files, "bytes", made.Bytes, "took", made.Took)
	return tidy(s.Dir)
}
