package mailin_test

import (
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/mailin"
	"huiyin/mailin/eml"
	"huiyin/mailin/imapbox"
	"huiyin/tickets"
)

// cutOff stores a large mail and makes it one that a killed process left.
func (d *desk) cutOff(id string, days int) {
	d.t.Helper()
	d.keep(1, letter(id, "wang@home.test", "Large", strings.Repeat("many words\r\n", 100_000)))
	d.exec(`UPDATE mail_incoming SET state = 'coming', created_at = ? WHERE uid = ?`, tickets.Millis(time.Now().AddDate(0, 0, -days)), d.uids)
}

func TestWhatAKilledProcessLeftIsSweptAfterAWeek(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		d.cutOff("a1@home.test", 8)
		d.cutOff("a2@home.test", 8)
		d.cutOff("a3@home.test", 6)
		d.keep(1, letter("a4@home.test", "wang@home.test", "Large and whole", strings.Repeat("many words\r\n", 100_000)))
		keys := d.keys()
		must(t, d.Sweep(bg, 1)) // no more than it may
		if n := d.count(`SELECT COUNT(*) FROM mail_incoming`); n != 3 {
			t.Errorf("%d mails are left after one was to be swept", n)
		}
		must(t, d.Sweep(bg, 100))
		if n := d.count(`SELECT COUNT(DISTINCT incoming_id) FROM mail_pieces`); n != 2 || d.count(`SELECT COUNT(*) FROM mail_incoming`) != 2 || d.keysLeft(keys) != 2 {
			t.Errorf("pieces of %d mails and %d keys are left, want those of the young one and the whole one", n, d.keysLeft(keys))
		}
		d.process()
		if n := len(d.all()); n != 1 {
			t.Errorf("%d tickets", n)
		}
	})
}

// Large mails that went with their ticket lose their keys at once and their pieces here.
func TestPiecesOfMailsThatWereDeletedAreSwept(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		d.put(letter("a1@home.test", "wang@home.test", "Large", strings.Repeat("many words\r\n", 100_000)))
		d.exec(`UPDATE mail_incoming SET key_id = 0`)
		d.exec(`INSERT INTO mail_pieces (incoming_id, n, piece) SELECT 77, n, piece FROM mail_pieces`)
		must(t, d.Sweep(bg, 100))
		if n := d.count(`SELECT COUNT(*) FROM mail_pieces`); n != 0 {
			t.Errorf("%d pieces are left", n)
		}
	})
}

// A mail that was cut off long ago and is fetched again is not swept while it is being stored; and if its row is gone all the
// same, the cursor stays before it.
func TestASweepTakesNoMailThatIsBeingStored(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		d.cutOff("a1@home.test", 30)
		d.exec(`UPDATE mail_accounts SET epoch = 1, last_uid = 0`)
		steps := 0
		d.Step = func(name string) {
			if name == "piece" {
				steps++
				must(t, d.Sweep(bg, 100))
			}
		}
		raw := letter("a1@home.test", "wang@home.test", "Large", strings.Repeat("many words\r\n", 200_000))
		mail := imapbox.Mail{UID: d.uids, Raw: raw, At: time.Now(), Size: int64(len(raw))}
		must(t, d.Keep(bg, d.inbox.ID, 1, mail))
		if n := d.count(`SELECT COUNT(*) FROM mail_incoming WHERE state = 'new'`); n != 1 || steps < 2 {
			t.Errorf("%d mails are stored after %d sweeps", n, steps)
		}

		d.exec(`UPDATE mail_incoming SET state = 'coming'`)
		d.exec(`UPDATE mail_accounts SET last_uid = 0`)
		d.Step = func(name string) {
			if name == "piece" {
				must(t, d.base.Write(bg, func(tx *gorm.DB) error { return tx.Exec(`DELETE FROM mail_incoming`).Error }))
			}
		}
		if err := d.Keep(bg, d.inbox.ID, 1, mail); err == nil || d.count(`SELECT last_uid FROM mail_accounts`) != 0 {
			t.Errorf("a mail whose row was taken away is taken for stored: %v", err)
		}
	})
}

// To whom a reply was to go stays for a week after it was taken back, and for as long as the reply is held.
func TestToWhomAReplyWasToGoIsSweptAWeekAfterItWasTakenBack(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.post(nil)
		ticket := d.asked()
		held := func() *tickets.Message {
			t.Helper()
			p, err := d.tickets.Post(bg, d.agent, tickets.Outgoing{TicketID: ticket.ID, Kind: tickets.KindReply, Body: "One moment.", Hold: 30 * 24 * time.Hour,
				Also: d.Choosing(mailin.Answer{To: []eml.Address{{Address: "li@home.test"}}})})
			must(t, err)
			return p.Message
		}
		undo := func(m *tickets.Message) {
			t.Helper()
			_, err := d.tickets.UndoHeld(bg, d.agent, m.ID)
			must(t, err)
		}
		early, second, late, waits := held(), held(), held(), held()
		undo(early)
		undo(second)
		d.later(6 * 24 * time.Hour)
		undo(late)
		left := func(when string, want ...*tickets.Message) {
			t.Helper()
			if n := d.count(`SELECT COUNT(*) FROM mail_letters`); n != len(want) {
				t.Errorf("%s: %d letters, want %d", when, n, len(want))
			}
			for _, m := range want {
				if a, err := d.Chosen(bg, ticket.ID, m.ID); err != nil || a == nil || a.To[0].Address != "li@home.test" {
					t.Errorf("%s: to whom it was to go: %+v, %v", when, a, err)
				}
			}
		}
		must(t, d.Sweep(bg, 100))
		left("within the week", early, second, late, waits)
		d.later(2 * 24 * time.Hour)
		must(t, d.Sweep(bg, 1))
		if n := d.count(`SELECT COUNT(*) FROM mail_letters`); n != 3 {
			t.Errorf("%d letters are left after one was to be swept", n)
		}
		must(t, d.Sweep(bg, 100))
		left("after the week", late, waits)
	})
}
