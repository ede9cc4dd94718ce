package mailin

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

const (
	// goneAtOnce rows, and goneBytes of mails as they came, are deleted by one transaction: more would hold up the chat.
	goneAtOnce = 100
	goneBytes  = 8 << 20
	gonePieces = goneBytes / piece
	idsAtOnce  = 2500 // hashes, which are short: a mail has at most 22
	// ticketsAtOnce are looked at together.
	ticketsAtOnce = 500
	gonePause     = 10 * time.Millisecond // between two transactions
)

// Forget takes away what is kept here of an erased contact, or of tickets that were emptied: the mails as they came, what
// their messages were as mails, and the hashes by which answers find the tickets. It is called within the transaction that
// makes them unreadable and takes a first piece, which is all of most people; ForgetRest takes what a contact has more, and
// of tickets one call for each hundred of their messages leaves nothing that can be read. What others wrote in her tickets goes with them; of
// tickets of others goes what she wrote there.
//
// That a mail has come stays, or it would come again with the next change of its folder. A mail that waits and was not read
// yet is nobody's: its writer is known only once it is read. Read after the erasure it is a mail of somebody who writes
// anew, whom the desk does not know, and she becomes a new contact. She may be erased again; what must not happen is that a
// customer's question vanishes unread.
func Forget(tx *gorm.DB, sealer *seal.Sealer, who tickets.Erased) error {
	_, err := forgetPiece(tx, sealer, who.Contacts, who.Tickets[:min(len(who.Tickets), ticketsAtOnce)], len(who.Contacts) > 0)
	return err
}

// ForgetRest takes away what Forget has left of an erased contact, piece by piece. Broken off, it is called again.
func ForgetRest(ctx context.Context, store tickets.Store, sealer *seal.Sealer, contact id.ID) error {
	contacts, err := idsOf(store.Read(ctx), `SELECT id FROM contacts WHERE id = ? OR merged_into = ?`, int64(contact), int64(contact))
	if err != nil {
		return err
	}
	hers, err := idsOf(store.Read(ctx), `SELECT id FROM tickets WHERE contact_id = ? ORDER BY id`, int64(contact))
	if err != nil {
		return err
	}
	if err := forgetAll(ctx, store, sealer, contacts, nil); err != nil {
		return err
	}
	for some := range slices.Chunk(hers, ticketsAtOnce) {
		if err := forgetAll(ctx, store, sealer, nil, some); err != nil {
			return err
		}
	}
	return nil
}

func forgetAll(ctx context.Context, store tickets.Store, sealer *seal.Sealer, contacts, hers []id.ID) error {
	for {
		var more bool
		err := store.Write(ctx, func(tx *gorm.DB) (err error) {
			more, err = forgetPiece(tx, sealer, contacts, hers, true)
			return err
		})
		if err != nil || !more {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(gonePause):
		}
	}
}

// forgetPiece takes away as much as a transaction may and tells whether there may be more. again: it is called until there is
// nothing; else large mails lose their keys now and Sweep deletes what is left of them.
func forgetPiece(tx *gorm.DB, sealer *seal.Sealer, contacts, hers []id.ID, again bool) (more bool, err error) {
	for _, one := range []struct {
		column string
		of     []id.ID
	}{{"contact_id", contacts}, {"ticket_id", hers}} {
		if len(one.of) == 0 {
			continue
		}
		found, err := keptMails(tx, `WHERE `+one.column+` IN ? ORDER BY id LIMIT ?`, one.of, goneAtOnce)
		if err != nil {
			return false, err
		}
		some := found
		if again {
			some = enough(found)
		}
		all, err := forgetMails(tx, sealer, some, again)
		if err != nil {
			return false, err
		}
		more = more || !all || len(some) == goneAtOnce || len(some) < len(found)
	}
	for _, one := range []struct {
		of    []id.ID
		limit int
		text  string
	}{
		{hers, goneAtOnce, `DELETE FROM mail_messages WHERE message_id IN (SELECT message_id FROM mail_messages WHERE ticket_id IN ? LIMIT ?)`},
		{hers, idsAtOnce, `DELETE FROM mail_ids WHERE (hash, ticket_id) IN (SELECT hash, ticket_id FROM mail_ids WHERE ticket_id IN ? LIMIT ?)`},
		{hers, goneAtOnce, `DELETE FROM mail_addresses WHERE address_hash IN (SELECT address_hash FROM mail_recipients WHERE ticket_id IN ? ORDER BY id LIMIT ?)`},
		{hers, goneAtOnce, `DELETE FROM mail_recipients WHERE id IN (SELECT id FROM mail_recipients WHERE ticket_id IN ? ORDER BY id LIMIT ?)`},
		{hers, goneAtOnce, `DELETE FROM mail_letters WHERE message_id IN (SELECT message_id FROM mail_letters WHERE ticket_id IN ? LIMIT ?)`},
		{contacts, goneAtOnce, `DELETE FROM mail_messages WHERE message_id IN (SELECT m.id FROM messages m JOIN mail_messages x ON x.message_id = m.id WHERE m.guest_id IN ? LIMIT ?)`},
		{contacts, idsAtOnce, `DELETE FROM mail_ids WHERE (hash, ticket_id) IN (SELECT x.hash, x.ticket_id FROM messages m JOIN mail_ids x ON x.ticket_id = m.ticket_id AND x.message_id = m.id WHERE m.guest_id IN ? LIMIT ?)`},
	} {
		if len(one.of) == 0 {
			continue
		}
		done := tx.Exec(one.text, one.of, one.limit)
		if done.Error != nil {
			return false, done.Error
		}
		more = more || done.RowsAffected >= int64(one.limit)
	}
	return more, nil
}

// forgetMails deletes mails as they came and who they were of. One that was set aside and is tried again is not. again: what
// has pieces left keeps its contact, by whom it is found again; all is false then.
func forgetMails(tx *gorm.DB, sealer *seal.Sealer, list []keptMail, again bool) (all bool, err error) {
	if len(list) == 0 {
		return true, nil
	}
	mails, _ := split(list)
	if all, err = dropRaw(tx, sealer, list); err != nil {
		return false, err
	}
	whole := ``
	if again && !all {
		whole = ` AND NOT EXISTS (SELECT 1 FROM mail_pieces p WHERE p.incoming_id = mail_incoming.id)`
	}
	return all, tx.Exec(`UPDATE mail_incoming SET contact_id = NULL, ticket_id = NULL, message_id = NULL, state = CASE WHEN state = ? THEN ? ELSE state END WHERE id IN ?`+whole,
		stateNew, stateFailed, mails).Error
}

// DropRaw deletes mails as they came for which nothing waits any more, in the order in which they were stored, until a
// transaction has done enough, and tells how many.
func DropRaw(tx *gorm.DB, sealer *seal.Sealer, mails []id.ID) (int, error) {
	lock := ``
	if tx.Name() == "postgres" { // one may be tried again at this moment
		lock = ` FOR UPDATE`
	}
	found, err := keptMails(tx, `WHERE id IN ? AND key_id <> 0 AND state NOT IN (?, ?) ORDER BY created_at, id`+lock, mails, stateNew, stateComing)
	if err != nil {
		return 0, err
	}
	some := enough(found)
	_, err = dropRaw(tx, sealer, some)
	return len(some), err
}

// keptMail is a mail as it came; key zero: it was deleted, and its row tells that it has come.
type keptMail struct {
	mail, key id.ID
	size      int64
}

func keptMails(tx *gorm.DB, where string, args ...any) (out []keptMail, err error) {
	return out, all(tx, func(scan func(...any) error) error {
		var m keptMail
		err := scan((*int64)(&m.mail), (*int64)(&m.key), &m.size)
		out = append(out, m)
		return err
	}, `SELECT id, key_id, size FROM mail_incoming `+where, args...)
}

// enough gives those of the first mails that one transaction deletes, at least one.
func enough(list []keptMail) []keptMail {
	size := int64(0)
	for i, m := range list {
		if m.key != 0 {
			size += m.size
		}
		if size > goneBytes && i > 0 {
			return list[:i]
		}
	}
	return list
}

func split(list []keptMail) (mails, keys []id.ID) {
	for _, m := range list {
		mails = append(mails, m.mail)
		if m.key != 0 {
			keys = append(keys, m.key)
		}
	}
	return mails, keys
}

// dropRaw deletes mails as they came; their rows stay, so that they are not taken again. all is false where there were more
// pieces than one transaction deletes: the rest cannot be read any more, and Sweep deletes it.
func dropRaw(tx *gorm.DB, sealer *seal.Sealer, list []keptMail) (all bool, err error) {
	if len(list) == 0 {
		return true, nil
	}
	mails, keys := split(list)
	if err := tx.Exec(`UPDATE mail_incoming SET raw = NULL, key_id = 0 WHERE id IN ?`, mails).Error; err != nil {
		return false, err
	}
	if err := sealer.DropKeys(tx, keys); err != nil {
		return false, err
	}
	return dropPieces(tx, mails...)
}

// dropPieces deletes pieces of mails, as many as one transaction may; all: there are no more.
func dropPieces(tx *gorm.DB, mails ...id.ID) (all bool, err error) {
	done := tx.Exec(`DELETE FROM mail_pieces WHERE (incoming_id, n) IN (SELECT incoming_id, n FROM mail_pieces WHERE incoming_id IN ? ORDER BY incoming_id, n LIMIT ?)`, mails, gonePieces)
	return done.RowsAffected < gonePieces, done.Error
}

// dropAllPieces deletes the pieces of a mail.
func dropAllPieces(ctx context.Context, store tickets.Store, mail id.ID) error {
	for all := false; !all; {
		err := store.Write(ctx, func(tx *gorm.DB) (err error) {
			all, err = dropPieces(tx, mail)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func idsOf(tx *gorm.DB, query string, args ...any) (out []id.ID, err error) {
	return out, all(tx, func(scan func(...any) error) error {
		var one id.ID
		err := scan((*int64)(&one))
		out = append(out, one)
		return err
	}, query, args...)
}
