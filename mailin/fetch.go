package mailin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"huiyin/mailin/imapbox"
	"huiyin/tickets/id"
)

const (
	// fetchMails and fetchBytes are how much is stored by one transaction and put away by one command.
	fetchMails = 50
	fetchBytes = 4 << 20
	// idleFor ends an IDLE by ourselves: many a firewall forgets a silent connection.
	idleFor = 5 * time.Minute
	// pollEvery is how often a server is asked that says nothing by itself.
	pollEvery = 30 * time.Second
	// putAwayAtOnce is how many mails one command puts away.
	putAwayAtOnce = 200
)

// reading is one connection to a mailbox.
type reading struct {
	s     *Service
	inbox id.ID
	box   *imapbox.Box
	max   int64
	epoch int64  // tells this numbering of mails from every other
	last  uint32 // the UID up to which all is stored
	told  bool   // that it works was told
}

// read opens a mailbox and takes what comes until something fails or ctx ends. well is called after each look that went well.
func (s *Service) read(ctx context.Context, inbox id.ID, well func()) error {
	if err := s.MayReceive(); err != nil {
		return fmt.Errorf("take mails: %w", err)
	}
	r, err := s.row(s.Store.Read(ctx), inbox)
	if err != nil {
		return err
	}
	c, used := s.boxConfig(&r.Account), ""
	if give := c.Token; give != nil {
		c.Token = func(ctx context.Context) (token string, err error) { used, err = give(ctx); return used, err }
	}
	box, err := imapbox.Open(ctx, c)
	if err != nil {
		if used != "" && imapbox.ReasonOf(err) == imapbox.ReasonPassword {
			err = errors.Join(err, s.Spoilt(ctx, inbox, used))
		}
		return err
	}
	defer box.Close()
	if err := box.Ensure(ctx); err != nil {
		return err
	}
	f := &reading{s: s, inbox: inbox, box: box, max: r.maxBytes(), last: r.lastUID}
	if err := f.begin(ctx, r); err != nil {
		return err
	}
	for {
		if err := f.look(ctx); err != nil {
			return err
		}
		well()
		pause := pollEvery
		if box.Idles() {
			pause = idleFor
		}
		if err := box.Wait(ctx, pause); err != nil {
			return err
		}
	}
}

// begin finds the place to go on from. A folder with another UIDVALIDITY is read from its beginning, or from where its reading once
// began: what was taken before is known by its dedupe key.
func (f *reading) begin(ctx context.Context, r *row) error {
	if f.epoch = r.epochOf(f.box.UIDValidity()); f.epoch == r.epoch {
		return f.putAway(ctx)
	}
	f.last = 0
	if r.Older == OlderLeave {
		if err := f.passOlder(ctx, r); err != nil {
			return err
		}
	}
	return f.s.Store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE mail_accounts SET epoch = ?, last_uid = ? WHERE inbox_id = ?`, f.epoch, f.last, int64(f.inbox)).Error
	})
}

// passOlder passes over the mails that are to be left: all that are there when the folder is read for the first time; later those
// that came before the first one that was taken, to a day or two.
func (f *reading) passOlder(ctx context.Context, r *row) error {
	next := f.box.Next()
	if r.epoch != 0 {
		var began int64
		err := f.s.Store.Read(ctx).Raw(`SELECT COALESCE((SELECT i.came_at FROM mail_incoming i WHERE i.inbox_id = ? AND i.epoch = ? ORDER BY i.uid LIMIT 1), a.created_at)
 FROM mail_accounts a WHERE a.inbox_id = ?`, int64(f.inbox), r.epoch, int64(f.inbox)).Row().Scan(&began)
		if err != nil {
			return err
		}
		first, err := f.box.Since(ctx, time.UnixMilli(began).AddDate(0, 0, -1))
		if err != nil {
			return err
		}
		if first > 0 {
			next = first
		}
	}
	if next > 0 {
		f.last = next - 1
	}
	return nil
}

// look takes all that is there.
func (f *reading) look(ctx context.Context) error {
	for {
		more, err := f.take(ctx)
		if err != nil {
			return err
		}
		left := int64(0)
		if more {
			left = int64(f.box.Total())
		}
		if err := f.s.well(ctx, f.inbox, left); err != nil {
			return err
		}
		if !f.told {
			f.told = true
			if err := f.s.maybeOver(ctx); err != nil {
				return err
			}
		}
		if !more {
			return nil
		}
	}
}

// lookMails is how many mails one search asks for before it is noted that all goes well.
const lookMails = 500

// take stores some mails, each before it is put away on the server.
func (f *reading) take(ctx context.Context) (more bool, err error) {
	var batch []imapbox.Mail
	size := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := f.s.MayReceive(); err != nil {
			return fmt.Errorf("take mails: %w", err)
		}
		f.s.Step("fetched")
		if err := f.s.keep(ctx, f.inbox, f.epoch, batch); err != nil {
			return err
		}
		f.s.Step("stored")
		f.last = batch[len(batch)-1].UID
		batch, size = nil, 0
		signal(f.s.work)
		return nil
	}
	more, err = f.box.New(ctx, f.last, lookMails, f.max, func(m imapbox.Mail) error {
		batch, size = append(batch, m), size+len(m.Raw)
		if len(batch) >= fetchMails || size >= fetchBytes {
			return flush()
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return more, err
	}
	return more, f.putAway(ctx)
}

// putAway moves or marks what is stored and still lies in the folder, also from before a crash.
func (f *reading) putAway(ctx context.Context) error {
	for {
		var uids []uint32
		err := all(f.s.Store.Read(ctx), func(scan func(...any) error) error {
			var uid uint32
			err := scan(&uid)
			uids = append(uids, uid)
			return err
		}, `SELECT uid FROM mail_incoming WHERE inbox_id = ? AND epoch = ? AND NOT put_away AND state <> 'coming' ORDER BY uid LIMIT ?`,
			int64(f.inbox), f.epoch, putAwayAtOnce)
		if err != nil || len(uids) == 0 {
			return err
		}
		if err := f.box.Done(ctx, uids); err != nil {
			return err
		}
		f.s.Step("moved")
		err = f.s.Store.Write(ctx, func(tx *gorm.DB) error {
			return tx.Exec(`UPDATE mail_incoming SET put_away = ? WHERE inbox_id = ? AND epoch = ? AND uid <= ? AND NOT put_away AND state <> 'coming'`,
				true, int64(f.inbox), f.epoch, uids[len(uids)-1]).Error
		})
		if err != nil {
			return err
		}
	}
}
