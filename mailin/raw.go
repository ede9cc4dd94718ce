package mailin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"

	"gorm.io/gorm"

	"huiyin/mailin/imapbox"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// The states of a mail that came.
const (
	stateComing    = "coming"    // not wholly stored; it is fetched again
	stateNew       = "new"       // stored, and nothing was made of it yet
	stateDone      = "done"      // it is a message of a ticket
	stateDuplicate = "duplicate" // the same mail had come before
	stateOwn       = "own"       // the desk itself had sent it
	stateBounce    = "bounce"    // it told of a mail that did not arrive
	stateFailed    = "failed"    // nothing could be made of it; an agent has it as a file
	stateGone      = "gone"      // its key was gone before it was read: a backup was put back, and its writer was erased since
)

const (
	incomingTable = "mail_incoming"
	// inRow is how large a mail may be to lie in its row; pieces are how it lies beside it.
	inRow = 256 << 10
	piece = 1 << 20
)

// Keep stores mails as if they had come to the mailbox of an inbox; they become messages like all others.
func (s *Service) Keep(ctx context.Context, inbox id.ID, epoch int64, mails ...imapbox.Mail) error {
	return s.keep(ctx, inbox, epoch, mails)
}

// keep stores mails as they came, a large one by itself, and moves the cursor. It returns when they are durable. A mail that
// is there already (the process ended before it was put away) changes nothing.
func (s *Service) keep(ctx context.Context, inbox id.ID, epoch int64, mails []imapbox.Mail) error {
	for len(mails) > 0 {
		n := 0
		for n < len(mails) && len(mails[n].Raw) <= inRow {
			n++
		}
		if n == 0 {
			if err := s.keepLarge(ctx, inbox, epoch, &mails[0]); err != nil {
				return err
			}
			mails = mails[1:]
			continue
		}
		err := s.Store.Write(ctx, func(tx *gorm.DB) error {
			for i := range mails[:n] {
				if err := s.keepOne(tx, inbox, epoch, &mails[i]); err != nil {
					return err
				}
			}
			return moveCursor(tx, inbox, epoch, mails[n-1].UID)
		})
		if err != nil {
			return fmt.Errorf("store mails: %w", err)
		}
		mails = mails[n:]
	}
	return nil
}

// moveCursor notes the UID up to which a folder was read.
func moveCursor(tx *gorm.DB, inbox id.ID, epoch int64, uid uint32) error {
	return tx.Exec(`UPDATE mail_accounts SET last_uid = ? WHERE inbox_id = ? AND epoch = ? AND last_uid < ?`, uid, int64(inbox), epoch, uid).Error
}

const insertIncoming = `INSERT INTO mail_incoming (id, inbox_id, epoch, uid, key_id, raw, size, state, came_at, created_at)
 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (inbox_id, epoch, uid) DO NOTHING`

func (s *Service) keepOne(tx *gorm.DB, inbox id.ID, epoch int64, m *imapbox.Mail) error {
	key, err := s.Sealer.NewContactKey(tx, 0)
	if err != nil {
		return err
	}
	mail := s.IDs.Next()
	sealed, err := s.Sealer.Seal(tx, key, incomingTable, "raw", mail, m.Raw)
	if err != nil {
		return err
	}
	now := tickets.Millis(s.Now())
	done := tx.Exec(insertIncoming, int64(mail), int64(inbox), epoch, m.UID, int64(key), sealed, m.Size, stateNew, tickets.Millis(m.At), now)
	if done.Error == nil && done.RowsAffected == 0 { // it is there already
		return s.Sealer.DropKeys(tx, []id.ID{key})
	}
	return done.Error
}

// keepLarge stores a mail in pieces, each in a transaction of its own, so that nobody waits for it. Until the last the row
// says that it is coming: after a crash it is fetched again and stored from its beginning.
func (s *Service) keepLarge(ctx context.Context, inbox id.ID, epoch int64, m *imapbox.Mail) error {
	var mail, key id.ID
	var state string
	err := s.Store.Write(ctx, func(tx *gorm.DB) error {
		mail, key, state = 0, 0, stateComing
		err := all(tx, func(scan func(...any) error) error { return scan((*int64)(&mail), (*int64)(&key), &state) },
			`SELECT id, key_id, state FROM mail_incoming WHERE inbox_id = ? AND epoch = ? AND uid = ?`, int64(inbox), epoch, m.UID)
		if err != nil || state != stateComing {
			return err
		}
		if mail != 0 {
			return tx.Exec(`UPDATE mail_incoming SET created_at = ? WHERE id = ?`, tickets.Millis(s.Now()), int64(mail)).Error
		}
		if key, err = s.Sealer.NewContactKey(tx, 0); err != nil {
			return err
		}
		mail = s.IDs.Next()
		return tx.Exec(insertIncoming, int64(mail), int64(inbox), epoch, m.UID, int64(key), nil, m.Size, stateComing, tickets.Millis(m.At), tickets.Millis(s.Now())).Error
	})
	if err != nil {
		return fmt.Errorf("begin to store a mail: %w", err)
	}
	if state == stateComing {
		if err := dropAllPieces(ctx, s.Store, mail); err != nil {
			return fmt.Errorf("begin to store a mail again: %w", err)
		}
	}
	for n, at := 0, 0; at < len(m.Raw) && state == stateComing; n, at = n+1, at+piece {
		part := m.Raw[at:min(at+piece, len(m.Raw))]
		err := s.Store.Write(ctx, func(tx *gorm.DB) error {
			sealed, err := s.Sealer.Seal(tx, key, incomingTable, pieceColumn(n), mail, part)
			if err != nil {
				return err
			}
			return tx.Exec(`INSERT INTO mail_pieces (incoming_id, n, piece) VALUES (?, ?, ?)`, int64(mail), n, sealed).Error
		})
		if err != nil {
			return fmt.Errorf("store a piece of a mail: %w", err)
		}
		s.Step("piece")
	}
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		if state == stateComing {
			done := tx.Exec(`UPDATE mail_incoming SET state = ? WHERE id = ? AND state = ?`, stateNew, int64(mail), stateComing)
			if done.Error == nil && done.RowsAffected == 0 { // swept away; the cursor stays, and it is fetched again
				done.Error = fmt.Errorf("mail %s is not there any more", mail)
			}
			if done.Error != nil {
				return done.Error
			}
		}
		return moveCursor(tx, inbox, epoch, m.UID)
	})
}

func pieceColumn(n int) string { return "raw/" + strconv.Itoa(n) }

// raw gives a mail as it came. Errors: NotFound when it was deleted in the meantime.
func (s *Service) raw(tx *gorm.DB, mail id.ID) ([]byte, error) {
	var sealed []byte
	var key int64
	found := false
	err := all(tx, func(scan func(...any) error) error { found = true; return scan(&sealed, &key) }, `SELECT raw, key_id FROM mail_incoming WHERE id = ?`, int64(mail))
	if err != nil {
		return nil, err
	}
	if !found || key == 0 {
		return nil, fault.New(fault.NotFound, "mailin.error.raw_gone")
	}
	if sealed != nil {
		plain, err := s.Sealer.Open(tx, incomingTable, "raw", mail, sealed)
		return plain, goneIs(err)
	}
	var out bytes.Buffer
	err = all(tx, func(scan func(...any) error) error {
		var n int
		var sealed []byte
		if err := scan(&n, &sealed); err != nil {
			return err
		}
		part, err := s.Sealer.Open(tx, incomingTable, pieceColumn(n), mail, sealed)
		out.Write(part)
		return err
	}, `SELECT n, piece FROM mail_pieces WHERE incoming_id = ? ORDER BY n`, int64(mail))
	return out.Bytes(), goneIs(err)
}

// goneIs makes of a key that is gone a mail that is gone.
func goneIs(err error) error {
	if errors.Is(err, seal.ErrErased) {
		return fault.New(fault.NotFound, "mailin.error.raw_gone")
	}
	return err
}
