package privacy_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/privacy"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// old makes everything of these contacts as old as so many days.
func (x *desk) old(t *testing.T, days int, contacts ...id.ID) {
	t.Helper()
	at := tickets.Millis(time.Now().AddDate(0, 0, -days))
	must(t, x.db.Write(t.Context(), func(tx *gorm.DB) error {
		return errors.Join(
			tx.Exec(`UPDATE contacts SET last_seen_at = ? WHERE id IN ?`, at, contacts).Error,
			tx.Exec(`UPDATE tickets SET last_message_at = ?, updated_at = ? WHERE contact_id IN ?`, at, at, contacts).Error,
			tx.Exec(`UPDATE chat_sessions SET seen_at = ? WHERE contact_id IN ?`, at, contacts).Error,
		)
	}))
}

// writer is a contact with one ticket in a status, of two messages.
func (x *desk) writer(t *testing.T, status tickets.Status) (contact, ticket id.ID) {
	t.Helper()
	p, err := x.tickets.CreateContact(t.Context(), tickets.NewContact{Name: "李雷"})
	must(t, err)
	r, err := x.tickets.Receive(t.Context(), tickets.Inbound{InboxID: x.chat.ID, ContactID: p.ID, SourceID: "a", Body: "退款", Order: "2026-1"})
	must(t, err)
	_, err = x.tickets.Post(t.Context(), x.agent, tickets.Outgoing{TicketID: r.Ticket.ID, Kind: tickets.KindNote, Body: "常客"})
	must(t, err)
	if status != "" {
		_, err = x.tickets.SetStatus(t.Context(), x.boss, r.Ticket.ID, status)
		must(t, err)
	}
	return p.ID, r.Ticket.ID
}

// looker is a visitor with a session who never wrote.
func (x *desk) looker(t *testing.T) id.ID {
	t.Helper()
	p, err := x.tickets.CreateContact(t.Context(), tickets.NewContact{})
	must(t, err)
	must(t, x.db.Write(t.Context(), func(tx *gorm.DB) error {
		return tx.Exec(`INSERT INTO chat_sessions (id, token_hash, contact_id, inbox_id, signed, context, expires_at, seen_at, created_at) VALUES (?, ?, ?, ?, ?, ?, 1, ?, 1)`,
			p.ID, []byte(p.ID.String()), p.ID, x.chat.ID, false, []byte("sealed"), tickets.Millis(time.Now())).Error
	}))
	return p.ID
}

func (x *desk) keep(t *testing.T, contact id.ID) {
	t.Helper()
	must(t, x.Keep(t.Context(), x.boss, contact, true))
}

// adopt puts rules in force as an administrator does, and gives what she was shown.
func (x *desk) adopt(t *testing.T, r privacy.Rules) []privacy.Preview {
	t.Helper()
	admin := tickets.Actor{Kind: tickets.ActorAgent, ID: x.boss.ID, Role: tickets.RoleAdmin}
	must(t, x.Propose(t.Context(), admin, r))
	got, err := x.Preview(t.Context(), r)
	must(t, err)
	must(t, x.Adopt(t.Context(), admin))
	return got
}

func TestTheDryRunNamesExactlyWhatTheRunLetsGo(t *testing.T) {
	each(t, func(t *testing.T, x *desk) {
		ctx := t.Context()
		leaving, _ := x.writer(t, tickets.StatusSolved)
		closed, closedTicket := x.writer(t, tickets.StatusClosed)
		spam, spamTicket := x.writer(t, tickets.StatusSpam)
		open, openTicket := x.writer(t, "")
		held, heldTicket := x.writer(t, tickets.StatusClosed)
		young, youngTicket := x.writer(t, tickets.StatusSolved)
		looked, lookedLately, lookedHeld := x.looker(t), x.looker(t), x.looker(t)
		imported, err := x.tickets.CreateContact(ctx, tickets.NewContact{Name: "导入"}) // never came by the chat
		must(t, err)
		x.keep(t, held)
		x.keep(t, lookedHeld)
		x.old(t, 800, leaving, open, held)
		x.old(t, 200, closed, spam, looked, lookedHeld, imported.ID)
		x.old(t, 20, young, lookedLately)
		must(t, x.Note(ctx, x.boss.ID, privacy.ActionReveal, leaving))
		must(t, x.db.Write(ctx, func(tx *gorm.DB) error {
			return tx.Exec(`INSERT INTO access_log (id, agent_id, action, contact_id, at) VALUES (1, 1, 'reveal', 1, 1)`).Error
		}))
		messages := x.count(t, `SELECT COUNT(*) FROM messages`)

		var got []string
		for _, p := range x.adopt(t, privacy.Rules{ContactMonths: 24, TicketMonths: 6, VisitorDays: 90, TrailDays: 10, AccessMonths: 6}) {
			got = append(got, fmt.Sprint(p.Rule, " ", p.Count, " ", len(p.Sample)))
		}
		// held and open ones are in none; of the trails only the one of the visitor under hold stays
		if want := []string{"trails 2 2", "accesses 1 1", "visitors 1 1", "tickets 3 3", "contacts 1 1"}; !slices.Equal(got, want) {
			t.Errorf("the dry run says %v, want %v", got, want)
		}
		must(t, x.Retain(ctx))
		runs, err := x.Runs(ctx, 10)
		must(t, err)
		if len(runs) != 1 || runs[0].EndedAt == nil || runs[0].Trails != 2 || runs[0].Accesses != 1 || runs[0].Visitors != 1 || runs[0].Tickets != 3 || runs[0].Contacts != 1 {
			t.Errorf("the log says %+v", runs)
		}
		for name, one := range map[string]struct {
			want  int64
			query string
			args  []any
		}{
			"the visitor is gone":           {0, `SELECT COUNT(*) FROM contacts WHERE id = ?`, []any{looked}},
			"her session too":               {0, `SELECT COUNT(*) FROM chat_sessions WHERE contact_id = ?`, []any{looked}},
			"others are not":                {3, `SELECT COUNT(*) FROM contacts WHERE id IN ? AND key_id <> 0`, []any{[]id.ID{lookedLately, lookedHeld, imported.ID}}},
			"the person is erased":          {1, `SELECT COUNT(*) FROM erasures WHERE contact_id = ? AND done_at IS NOT NULL AND reason = 'rule'`, []any{leaving}},
			"nobody else":                   {1, `SELECT COUNT(*) FROM erasures`, nil},
			"old tickets are empty":         {2, `SELECT COUNT(*) FROM tickets WHERE id IN ? AND emptied_at IS NOT NULL AND order_hash IS NULL AND preview IS NULL AND key_id <> 0`, []any{[]id.ID{closedTicket, spamTicket}}},
			"their messages too":            {0, `SELECT COUNT(*) FROM messages WHERE ticket_id IN ? AND (body IS NOT NULL OR dedupe IS NOT NULL)`, []any{[]id.ID{closedTicket, spamTicket}}},
			"their people are there":        {2, `SELECT COUNT(*) FROM contacts WHERE id IN ? AND name IS NOT NULL`, []any{[]id.ID{closed, spam}}},
			"open, held and young ones not": {6, `SELECT COUNT(*) FROM messages WHERE ticket_id IN ? AND body IS NOT NULL`, []any{[]id.ID{openTicket, heldTicket, youngTicket}}},
			"counts stay":                   {messages, `SELECT COUNT(*) FROM messages`, nil},
			"the record of lately stays":    {3, `SELECT COUNT(*) FROM access_log`, nil},
			"trails are gone":               {1, `SELECT COUNT(*) FROM chat_sessions WHERE context IS NOT NULL`, nil},
		} {
			if n := x.count(t, one.query, one.args...); n != one.want {
				t.Errorf("%s: %d, want %d", name, n, one.want)
			}
		}
		must(t, x.Retain(ctx))
		if runs, err = x.Runs(ctx, 10); err != nil || len(runs) != 1 {
			t.Errorf("a run that did nothing is in the log: %+v %v", runs, err)
		}
		x.writeAgain(t, closed)
	})
}

// writeAgain finds that whose tickets were emptied can go on, and that new texts are let go in their turn.
func (x *desk) writeAgain(t *testing.T, contact id.ID) {
	t.Helper()
	r, err := x.tickets.Receive(t.Context(), tickets.Inbound{InboxID: x.chat.ID, ContactID: contact, SourceID: "a2", Body: "又来了"})
	must(t, err)
	if !r.Created || r.Message.Body != "又来了" {
		t.Errorf("she cannot write again: %+v", r)
	}
}

func TestRulesAreCheckedAndSwitchedOnOnlyByWhoHasSeenTheirEffect(t *testing.T) {
	each(t, func(t *testing.T, x *desk) {
		ctx := t.Context()
		admin := tickets.Actor{Kind: tickets.ActorAgent, ID: x.boss.ID, Role: tickets.RoleAdmin}
		other := tickets.Actor{Kind: tickets.ActorAgent, ID: x.agent.ID, Role: tickets.RoleAdmin}
		rules := privacy.Rules{ContactMonths: 24}
		if r, err := x.Rules(ctx); err != nil || r != privacy.DefaultRules || r.ContactMonths+r.TicketMonths != 0 {
			t.Errorf("at first %+v, %v: what people wrote is let go unasked", r, err)
		}
		for _, bad := range []privacy.Rules{{ContactMonths: -1}, {ContactMonths: 241}, {TicketMonths: 241}, {VisitorDays: 6}, {AccessMonths: 5}, {TrailDays: 3651}, {MailDays: -1}, {MailDays: 3651}} {
			if err := x.Propose(ctx, admin, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		if err := x.Propose(ctx, x.boss, rules); !fault.Is(err, fault.Denied) {
			t.Errorf("a manager proposes: %v", err)
		}
		if err := x.Adopt(ctx, admin); !fault.Is(err, fault.NotFound) {
			t.Errorf("without a look: %v", err)
		}
		must(t, x.Propose(ctx, admin, rules))
		if err := x.Adopt(ctx, other); !fault.Is(err, fault.NotFound) {
			t.Errorf("what somebody else has looked at: %v", err)
		}
		if err := x.Adopt(ctx, x.boss); !fault.Is(err, fault.Denied) {
			t.Errorf("a manager adopts: %v", err)
		}
		must(t, x.Adopt(ctx, admin))
		if r, err := x.Rules(ctx); err != nil || r != rules {
			t.Errorf("in force: %+v, %v", r, err)
		}
		if err := x.Adopt(ctx, admin); !fault.Is(err, fault.NotFound) {
			t.Errorf("twice: %v", err)
		}
	})
}

// A run that was broken off is gone on with, and counts nothing twice.
func TestARunThatWasKilledIsGoneOnWith(t *testing.T) {
	each(t, func(t *testing.T, x *desk) {
		const people = 5
		var all []id.ID
		for range people {
			one, _ := x.writer(t, tickets.StatusClosed)
			all = append(all, one)
		}
		x.old(t, 400, all...)
		x.adopt(t, privacy.Rules{ContactMonths: 12})
		ctx, cancel := context.WithCancel(t.Context())
		scrubs, told := 0, 0
		x.Told = func(id.ID) {
			if told++; told == 2 {
				cancel()
			}
		}
		x.Scrub = func(context.Context) error { scrubs++; return nil }
		if err := x.Retain(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("the run ended with %v", err)
		}
		if runs, err := x.Runs(t.Context(), 10); err != nil || len(runs) != 1 || runs[0].EndedAt != nil || runs[0].Contacts != 2 {
			t.Errorf("the log of the broken run: %+v, %v", runs, err)
		}
		must(t, x.Resume(t.Context()))
		must(t, x.Retain(t.Context()))
		runs, err := x.Runs(t.Context(), 10)
		must(t, err)
		if len(runs) != 1 || runs[0].EndedAt == nil || runs[0].Contacts != people {
			t.Errorf("the log: %+v", runs)
		}
		if n := x.count(t, `SELECT COUNT(*) FROM erasures WHERE done_at IS NOT NULL`); n != people || scrubs != 2 {
			t.Errorf("%d were erased, with %d scrubs, want %d with one for each batch", n, scrubs, people)
		}
	})
}
