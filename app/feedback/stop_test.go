package feedback_test

import (
	"path"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/feedback"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// stopToken is the key in a letter's address for saying no.
func stopToken(l feedback.Letter) string { return path.Base(strings.Split(l.Stop, "?")[0]) }

func TestWhoWantsNoMoreQuestionsIsNeverAskedAgainUntilSheTakesItBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		t.Parallel()
		d := newDesk(t, base)
		d.form(feedback.NewForm{Occasion: feedback.AfterDelivery, Settings: feedback.Settings{QuietDays: 14}})
		known := func(email string) *tickets.Contact {
			p, err := d.tickets.CreateContact(bg, tickets.NewContact{Name: "梅", Identities: []tickets.NewIdentity{{Kind: tickets.IdentityEmail, Value: email, Verified: true}}})
			must(t, err)
			return p
		}
		her, other := known("mei@example.com"), known("lin@example.com")
		later := func(p *tickets.Contact, order string, want int) {
			t.Helper()
			d.at = d.at.Add(20 * 24 * time.Hour)
			d.deliver(p, order)
			if len(d.letters) != want {
				t.Errorf("after %s: %d letters, want %d", order, len(d.letters), want)
			}
		}
		later(her, "A-1", 1)
		token := stopToken(d.letters[0])
		if stopped, err := d.feedback.Stopped(bg, token); stopped || err != nil {
			t.Errorf("before she said so: %v %v", stopped, err)
		}
		// one that waits for its job when she says so does not go out either
		d.at = d.at.Add(20 * 24 * time.Hour)
		must(t, d.db.Write(bg, func(tx *gorm.DB) error { return d.feedback.AskOfOrder(tx, her.ID, "A-2") }))
		for range 2 {
			must(t, d.feedback.Stop(bg, token, false))
		}
		d.ask()
		later(her, "A-3", 1)
		later(other, "B-1", 2)
		if stopped, err := d.feedback.Stopped(bg, token); !stopped || err != nil {
			t.Errorf("after she said so: %v %v", stopped, err)
		}
		kept, err := d.feedback.KeptOf(bg, []id.ID{her.ID}, "en")
		must(t, err)
		if len(kept) != 1 || !strings.Contains(string(kept[0].Data), "no_questions_since") || kept[0].Title == "" {
			t.Errorf("what she is told: %+v", kept)
		}
		must(t, d.feedback.Stop(bg, token, true))
		later(her, "A-4", 3)

		must(t, d.feedback.Stop(bg, stopToken(d.letters[2]), false))
		must(t, d.db.Write(bg, func(tx *gorm.DB) error {
			who, err := d.tickets.EraseContactTx(tx, d.agent, her.ID, tickets.ErasedOnRequest)
			if err != nil {
				return err
			}
			return feedback.Forget(tx, who)
		}))
		if n := d.count(`SELECT COUNT(*) FROM form_refusals`); n != 0 {
			t.Error("her wish is left")
		}
		for _, bad := range []string{token, "", "x-y", token + "x", strings.Replace(token, token[:1], "z", 1)} {
			if err := d.feedback.Stop(bg, bad, false); !fault.Is(err, fault.NotFound) {
				t.Errorf("%q: %v", bad, err)
			}
		}
	})
}

func TestTheWishOfAVisitorHoldsForWhomSheBecomes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		t.Parallel()
		d := newDesk(t, base)
		d.form(feedback.NewForm{Occasion: feedback.AfterChat})
		chat, err := d.tickets.CreateInbox(bg, tickets.NewInbox{Channel: tickets.ChannelChat, Name: "shop"})
		must(t, err)
		visitor, err := d.tickets.CreateContact(bg, tickets.NewContact{Name: "访客"})
		must(t, err)
		known, err := d.tickets.CreateContact(bg, tickets.NewContact{Name: "梅", Identities: []tickets.NewIdentity{{Kind: tickets.IdentityEmail, Value: "mei@example.com", Verified: true}}})
		must(t, err)
		must(t, d.db.Write(bg, func(tx *gorm.DB) error {
			if err := tx.Exec(`INSERT INTO form_refusals (contact_id, ask_id, at) VALUES (?, 1, 1)`, int64(visitor.ID)).Error; err != nil {
				return err
			}
			return d.tickets.MergeContactTx(tx, visitor.ID, known.ID)
		}))
		r, err := d.tickets.Receive(bg, tickets.Inbound{InboxID: chat.ID, ContactID: known.ID, Body: "在吗"})
		must(t, err)
		_, err = d.tickets.SetStatus(bg, d.agent, r.Ticket.ID, tickets.StatusSolved)
		must(t, err)
		d.follow()
		if len(d.queued) != 0 {
			t.Error("she was asked")
		}
	})
}
