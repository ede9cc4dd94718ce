package mailin

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"gorm.io/gorm"

	"huiyin/mailin/eml"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const (
	// batchMails is how many mails become tickets in one transaction; more would hold up the chat.
	batchMails = 16
	batchBytes = 4 << 20
	// suspect is the first try, together with others; three more are for the mail alone. Each is counted before the mail is
	// read, so that one which ends the process is set aside too; one that was read has done nothing wrong, and begins anew.
	suspect   = 1
	triesMost = suspect + 3
	// entriesMost is how often a mail that can be read is tried to be made a message of.
	entriesMost = 10
	againAfter  = 10 * time.Second
	busyAfter   = 30 * time.Second
)

// processLoop makes tickets of what was stored, in the order in which it came. One process does it at a time.
func (s *Service) processLoop(ctx context.Context) {
	for ctx.Err() == nil {
		err := s.alone(ctx, "mail", s.processAll)
		if err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "make tickets of mails", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-s.work:
		case <-time.After(againAfter):
		}
	}
}

// processAll works until nothing waits any more, and for as long as it holds the lease.
func (s *Service) processAll(ctx context.Context) error {
	for {
		n, err := s.Process(ctx)
		if err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		if s.Lease == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.work:
		case <-time.After(againAfter):
		}
	}
}

// waiting is a stored mail of which nothing was made yet.
type waiting struct {
	ID       id.ID
	Inbox    id.ID
	Key      id.ID
	Attempts int
	entries  int
	CameAt   int64
	size     int64
}

// Process makes tickets of the next mails, some at once, and tells how many it has dealt with.
func (s *Service) Process(ctx context.Context) (int, error) {
	next, err := s.next(ctx)
	if err != nil || len(next) == 0 {
		return 0, err
	}
	if next[0].Attempts >= triesMost || next[0].entries >= entriesMost {
		return 1, s.setAside(ctx, next[0])
	}
	if err := s.count(ctx, next, 1); err != nil {
		return 0, err
	}
	s.Step("counted")
	letters, err := s.readAll(ctx, next)
	if err != nil {
		return 0, err
	}
	if letters == nil { // one of them was put off
		return 1, nil
	}
	if next[0].Attempts > 0 {
		if err := s.wasRead(ctx, next[0]); err != nil {
			return 0, err
		}
	}
	s.Step("read")
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		for _, l := range letters {
			l.reset()
			if err := s.enter(tx, l); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.Step("entered")
	}
	if err != nil && len(letters) > 1 && ctx.Err() == nil { // one of them is to blame: each by itself
		for _, l := range letters {
			err := s.Store.Write(ctx, func(tx *gorm.DB) error { l.reset(); return s.enter(tx, l) })
			if err = s.notNow(ctx, l, err); err != nil {
				return 0, err
			}
		}
		return len(letters), nil
	}
	if err != nil {
		err = s.notNow(ctx, letters[0], err)
	}
	return len(letters), err
}

// next gives mails that wait: of those that were tried before, or that are large, one at a time.
func (s *Service) next(ctx context.Context) ([]*waiting, error) {
	var found []*waiting
	err := all(s.Store.Read(ctx), func(scan func(...any) error) error {
		w := &waiting{}
		err := scan((*int64)(&w.ID), (*int64)(&w.Inbox), (*int64)(&w.Key), &w.Attempts, &w.entries, &w.CameAt, &w.size)
		found = append(found, w)
		return err
	}, `SELECT id, inbox_id, key_id, attempts, entries, came_at, size FROM mail_incoming WHERE state = 'new' AND (next_at IS NULL OR next_at <= ?)
 AND inbox_id NOT IN (`+inboxesOff+`) ORDER BY id LIMIT ?`,
		tickets.Millis(s.Now()), batchMails)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	n, size := 1, found[0].size
	for found[0].Attempts == 0 && n < len(found) && found[n].Attempts == 0 && size+found[n].size <= batchBytes {
		size += found[n].size
		n++
	}
	return found[:n], nil
}

// readAll opens and reads mails, on all processors, and keeps their files.
func (s *Service) readAll(ctx context.Context, mails []*waiting) ([]*letter, error) {
	accounts := map[id.ID]*Account{}
	for _, w := range mails {
		if accounts[w.Inbox] == nil {
			a, err := s.Account(ctx, w.Inbox)
			if fault.Is(err, fault.NotFound) {
				a, err = &Account{InboxID: w.Inbox}, nil // its mailbox was taken away; its mails are read all the same
			}
			if err != nil {
				return nil, err
			}
			accounts[w.Inbox] = a
		}
	}
	out, failed := make([]*letter, len(mails)), make([]error, len(mails))
	room := make(chan struct{}, runtime.GOMAXPROCS(0))
	var work sync.WaitGroup
	for i, w := range mails {
		room <- struct{}{}
		work.Go(func() {
			defer func() { <-room }()
			out[i], failed[i] = s.readOne(ctx, w, accounts[w.Inbox])
		})
	}
	work.Wait()
	for i, err := range failed {
		if err == nil {
			continue
		}
		if len(mails) > 1 { // what cannot be read is tried alone next time, and the others go on now
			if err := s.count(ctx, append(mails[:i:i], mails[i+1:]...), -1); err != nil {
				return nil, err
			}
		}
		if errors.Is(err, errGone) {
			return nil, s.gone(ctx, mails[i])
		}
		return nil, s.notNow(ctx, &letter{waiting: mails[i]}, err)
	}
	return out, nil
}

func (s *Service) readOne(ctx context.Context, w *waiting, a *Account) (l *letter, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("read mail %s: %v", w.ID, p)
		}
	}()
	raw, err := s.raw(s.Store.Read(ctx), w.ID)
	if err != nil {
		if fault.Is(err, fault.NotFound) {
			err = errGone
		}
		return nil, err
	}
	l = &letter{waiting: w, account: a, raw: raw, Message: eml.Parse(raw)}
	if err := s.understand(ctx, l); err != nil {
		return nil, err
	}
	return l, s.keepFiles(ctx, l)
}
