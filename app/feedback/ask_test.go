package feedback_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/feedback"
	"huiyin/tickets"
)

// deliver tells the desk that an order was delivered, and does what was queued.
func (d *desk) deliver(her *tickets.Contact, order string) {
	d.t.Helper()
	must(d.t, d.db.Write(bg, func(tx *gorm.DB) error { return d.feedback.AskOfOrder(tx, her.ID, order) }))
	d.ask()
}

func (d *desk) ask() {
	d.t.Helper()
	for _, job := range d.queued {
		must(d.t, d.feedback.Work(bg, job))
	}
	d.queued = nil
}

func TestAfterDeliveryAKnownPersonIsAskedOnceAndNotTooOften(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		t.Parallel()
		d := newDesk(t, base)
		f, box := d.form(feedback.NewForm{Occasion: feedback.AfterDelivery, Settings: feedback.Settings{QuietDays: 14}})
		known := func(email string, verified bool) *tickets.Contact {
			p, err := d.tickets.CreateContact(bg, tickets.NewContact{Name: "梅", Locale: "zh-CN", Identities: []tickets.NewIdentity{{Kind: tickets.IdentityEmail, Value: email, Verified: verified}}})
			must(t, err)
			return p
		}
		her := known("mei@example.com", true)
		d.deliver(known("claim@example.com", false), "A-0")
		if len(d.letters) != 0 {
			t.Fatal("a claim was written to")
		}
		d.deliver(her, "A-1")
		d.deliver(her, "A-1")
		d.deliver(her, "A-2")
		if len(d.letters) != 1 || d.letters[0].Email != "mei@example.com" || !strings.Contains(d.letters[0].Text, "A-1") {
			t.Fatalf("%+v", d.letters)
		}
		link, err := url.Parse(d.letters[0].Link)
		must(t, err)
		q := link.Query()
		l := feedback.Link{Order: q.Get("order"), Exp: q.Get("exp"), Signature: q.Get("signature")}
		if f.Proves(box, l, d.at) != feedback.ProofSigned {
			t.Errorf("the link is not signed: %v", link)
		}
		must(t, d.feedback.Opened(bg, f, feedback.SourceLink, q.Get("ask")))
		got := d.submit(feedback.Submission{Key: f.Key, Link: l, Ask: q.Get("ask"), Answers: feedback.Answers{"stars": {"4"}}})
		if got.Response.ContactID != her.ID || got.Response.Source != feedback.SourceEmail {
			t.Errorf("%+v", got.Response)
		}
		d.follow()
		for _, value := range []string{"asked", "opened", "answered"} {
			if n := d.count(`SELECT COALESCE(SUM(n), 0) FROM form_rolls WHERE channel = 'email' AND question = '' AND value = ?`, value); n != 1 {
				t.Errorf("%s is counted %d times", value, n)
			}
		}
		d.at = d.at.Add(15 * 24 * time.Hour)
		d.deliver(her, "A-3")
		if len(d.letters) != 2 {
			t.Errorf("after the quiet days: %d letters", len(d.letters))
		}
	})
}

func TestAMailThatFailsIsTriedAgainAndGivenUp(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Open(t, db.SQLite))
	d.form(feedback.NewForm{Occasion: feedback.AfterDelivery})
	her, err := d.tickets.CreateContact(bg, tickets.NewContact{Identities: []tickets.NewIdentity{{Kind: tickets.IdentityEmail, Value: "mei@example.com", Verified: true}}})
	must(t, err)
	must(t, d.db.Write(bg, func(tx *gorm.DB) error { return d.feedback.AskOfOrder(tx, her.ID, "A-1") }))
	d.failing = errors.New("the server does not answer")
	if err := d.feedback.Work(bg, d.queued[0]); err == nil {
		t.Fatal("a failure that may pass is no error")
	}
	d.failing = nil
	d.ask()
	if len(d.letters) != 1 {
		t.Errorf("%d letters after the second try", len(d.letters))
	}
	must(t, d.feedback.Work(bg, feedback.Asking{Ask: 1}))
	d.at = d.at.Add(time.Hour)
	must(t, d.db.Write(bg, func(tx *gorm.DB) error { return d.feedback.AskOfOrder(tx, her.ID, "A-2") }))
	d.failing = &feedback.GiveUpError{Reason: "unset", Err: errors.New("no server")}
	for _, job := range d.queued {
		if err := d.feedback.Work(bg, job); err != nil {
			t.Errorf("what would fail again is tried again: %v", err)
		}
	}
	if n := d.count(`SELECT COUNT(*) FROM form_asks WHERE state = 'failed' AND reason = 'unset'`); n != 1 {
		t.Errorf("%d asks have failed", n)
	}
}

func TestAfterAChatTheAnswerIsAboutItsTicketAndAgent(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Open(t, db.SQLite))
	f, _ := d.form(feedback.NewForm{Occasion: feedback.AfterChat})
	chat, err := d.tickets.CreateInbox(bg, tickets.NewInbox{Channel: tickets.ChannelChat, Name: "shop"})
	must(t, err)
	her, err := d.tickets.CreateContact(bg, tickets.NewContact{Locale: "en"})
	must(t, err)
	got, err := d.tickets.Receive(bg, tickets.Inbound{InboxID: chat.ID, ContactID: her.ID, Body: "Where is it?"})
	must(t, err)
	_, err = d.tickets.Post(bg, d.agent, tickets.Outgoing{TicketID: got.Ticket.ID, Kind: tickets.KindReply, Body: "Here."})
	must(t, err)
	_, err = d.tickets.SetStatus(bg, d.agent, got.Ticket.ID, tickets.StatusSolved)
	must(t, err)
	d.follow()
	d.ask()
	said, err := d.tickets.Visible(bg, got.Ticket.ID, 0, 10)
	must(t, err)
	last := said[len(said)-1]
	_, ask, found := strings.Cut(last.Body, "ask=")
	if !found || last.AuthorKind != tickets.ActorSystem {
		t.Fatalf("%+v", last)
	}
	d.submit(feedback.Submission{Key: f.Key, Ask: strings.TrimSpace(ask), Answers: feedback.Answers{"stars": {"2"}}})
	list, err := d.feedback.Responses(bg, feedback.Filter{Agent: d.agent.ID})
	must(t, err)
	if len(list) != 1 || list[0].AboutID == nil || *list[0].AboutID != got.Ticket.ID || list[0].ContactID != her.ID {
		t.Fatalf("%+v", list)
	}
	rating, err := d.tickets.Rating(bg, got.Ticket.ID)
	must(t, err)
	if rating == nil || rating.Score != 2 {
		t.Errorf("the ticket's own score: %+v", rating)
	}
}
