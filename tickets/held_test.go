package tickets_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// holds lets an agent write a reply that is held for a minute.
func (d *desk) holds(t testing.TB, by tickets.Actor, ticket id.ID, body string, files ...id.ID) id.ID {
	t.Helper()
	p, err := d.Post(bg, by, tickets.Outgoing{TicketID: ticket, Kind: tickets.KindReply, Body: body, Hold: time.Minute, ClientID: ticket.String() + body, Attachments: files})
	ok(t, err)
	return p.Message.ID
}

func (d *desk) releases(t testing.TB, message id.ID) tickets.Posted {
	t.Helper()
	p, err := d.Release(bg, message)
	ok(t, err)
	return p
}

func (d *desk) message(t testing.TB, message id.ID) *tickets.Message {
	t.Helper()
	m, err := d.Message(bg, message)
	ok(t, err)
	return m
}

func (d *desk) draft(t testing.TB, ticket id.ID) string {
	t.Helper()
	list, err := d.Drafts(bg, d.wang.ID, ticket)
	ok(t, err)
	for i := range list {
		if list[i].Kind == tickets.KindReply {
			return list[i].Body
		}
	}
	return ""
}

func TestAHeldReplyMovesNothingUntilItIsReleased(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket.ID
		before := d.ticket(t, ticket)
		d.heard()
		m := d.holds(t, d.wang, ticket, "稍等")
		told := d.heard()
		equal(t, told[0].Type, tickets.ChangeMessage)
		equal(t, told[0].Message.State, tickets.StateHeld)
		after := d.ticket(t, ticket)
		if after.Status != before.Status || after.AssigneeID != nil || after.FirstRepliedAt != nil || after.WaitingSince == nil ||
			after.LastSeq != before.LastSeq || after.LastReplyPos != before.LastReplyPos || after.Preview != before.Preview {
			t.Errorf("a held reply has moved the ticket: %+v", after)
		}
		seen, err := d.Visible(bg, ticket, 0, 10)
		ok(t, err)
		equal(t, len(seen), 1)
		equal(t, d.count(t, `SELECT COUNT(*) FROM undelivered`), 0)
		lines(t, d.timeline(t, ticket)[2:], "3 message.created reply/- held稍等")
		_, err = d.Release(bg, m)
		refused(t, err, fault.Conflict, "error.message.not_due")
		due, err := d.DueHeld(bg, d.now(), 10)
		ok(t, err)
		equal(t, len(due), 0)

		d.advance(61 * time.Second)
		due, err = d.DueHeld(bg, d.now(), 10)
		ok(t, err)
		equal(t, len(due), 1)
		p := d.releases(t, due[0])
		equal(t, *p.Message.Seq, 2)
		equal(t, p.Message.State, tickets.StateAsWritten)
		now := d.ticket(t, ticket)
		if now.Status != tickets.StatusPending || now.AssigneeID == nil || *now.AssigneeID != d.wang.ID || now.FirstRepliedAt == nil || now.WaitingSince != nil ||
			now.LastReplyPos != 3 || now.Preview != "稍等" || *now.FirstRepliedAt-before.CreatedAt < 60_000 {
			t.Errorf("released: %+v", now)
		}
		told = d.heard()
		equal(t, told[0].Type, tickets.ChangeReleased)
		equal(t, told[0].Message.Pos, 3)
		equal(t, d.count(t, `SELECT COUNT(*) FROM undelivered WHERE seq = 2`), 1)
		lines(t, d.timeline(t, ticket)[2:], "3 message.created reply/2 稍等", "4 message.released", "5 ticket.assigned")
		equal(t, d.releases(t, m).Duplicate, true)
		equal(t, d.ticket(t, ticket).LastPos, 5)
		events, err := d.EventsAfter(bg, 0, 0)
		ok(t, err)
		held := 0
		for i := range events {
			if events[i].Held() {
				held++
			}
		}
		equal(t, held, 1)
		d.check(t)
	})
}

func TestOnlyAnAgentsReplyIsHeld(t *testing.T) {
	d := onSQLite(t)
	ticket := d.hears(t, "", "你好").Ticket.ID
	for _, o := range []struct {
		by   tickets.Actor
		kind tickets.MessageKind
		hold time.Duration
	}{
		{d.wang, tickets.KindNote, time.Minute}, {tickets.Actor{Kind: tickets.ActorSystem}, tickets.KindReply, time.Minute},
		{d.wang, tickets.KindReply, -1}, {d.wang, tickets.KindReply, tickets.HoldMax + 1},
	} {
		_, err := d.Post(bg, o.by, tickets.Outgoing{TicketID: ticket, Kind: o.kind, Body: "好", Hold: o.hold})
		refused(t, err, fault.Invalid, "error.message.hold")
	}
}

func TestWhoMayReleaseBeforeTheTime(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket.ID
		m := d.holds(t, d.wang, ticket, "稍等")
		_, err := d.ReleaseNow(bg, d.zhao, m)
		refused(t, err, fault.Denied, "error.denied")
		_, err = d.ReleaseNow(bg, tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}, m)
		refused(t, err, fault.Denied, "error.denied")
		p, err := d.ReleaseNow(bg, d.wang, m)
		ok(t, err)
		equal(t, *p.Message.Seq, 2)
		m = d.holds(t, d.wang, ticket, "再等等")
		boss := d.zhao
		boss.Role = tickets.RoleManager
		p, err = d.ReleaseNow(bg, boss, m)
		ok(t, err)
		equal(t, *p.Message.Seq, 3)
		equal(t, *p.Ticket.AssigneeID, d.wang.ID)
		_, err = d.Release(bg, 17)
		refused(t, err, fault.NotFound, "error.message.not_found")
		d.check(t)
	})
}

func TestAnUndoneReplyIsTheDraftAgainWithItsFiles(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket.ID
		file := d.upload(t, d.wang, ticket, "价目.pdf")
		m := d.holds(t, d.wang, ticket, "请看附件", file)
		equal(t, len(d.message(t, m).Attachments), 1)
		ok(t, d.SaveDraft(bg, d.wang.ID, ticket, tickets.KindReply, "还有一句"))
		_, err := d.UndoHeld(bg, d.zhao, m)
		refused(t, err, fault.Denied, "error.denied")
		d.heard()
		d.advance(30 * time.Hour) // nothing has released it: its file must not be swept at once
		draft, err := d.UndoHeld(bg, d.wang, m)
		ok(t, err)
		equal(t, draft.Body, "请看附件\n\n还有一句")
		equal(t, d.draft(t, ticket), "请看附件\n\n还有一句")
		told := d.heard()
		equal(t, told[0].Type, tickets.ChangeState)
		equal(t, told[0].Message.State, tickets.StateUndone)
		lines(t, d.timeline(t, ticket)[2:], "3 message.created reply/- undone", "4 message.undone")
		stale, err := d.StaleAttachments(bg, d.now().Add(-24*time.Hour), 10)
		ok(t, err)
		equal(t, len(stale), 0)
		_, err = d.UndoHeld(bg, d.wang, m)
		refused(t, err, fault.Conflict, "error.message.not_held")
		equal(t, d.releases(t, m).Duplicate, true)
		again, err := d.Post(bg, d.wang, tickets.Outgoing{TicketID: ticket, Kind: tickets.KindReply, Body: "请看附件", ClientID: ticket.String() + "请看附件"})
		ok(t, err)
		equal(t, again.Duplicate, true) // a late retry of the send does not bring it back
		p, err := d.Post(bg, d.wang, tickets.Outgoing{TicketID: ticket, Kind: tickets.KindReply, Body: "请看附件", Attachments: []id.ID{file}})
		ok(t, err)
		equal(t, len(p.Message.Attachments), 1)
		equal(t, *p.Message.Seq, 2)
		released := d.holds(t, d.wang, ticket, "好")
		d.advance(2 * time.Minute)
		d.releases(t, released)
		_, err = d.UndoHeld(bg, d.wang, released)
		refused(t, err, fault.Conflict, "error.message.not_held")
		d.check(t)
	})
}

func TestWhoWroteSinceStillWaits(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket.ID
		d.replies(t, d.wang, ticket, "您好")
		m := d.holds(t, d.wang, ticket, "已退款")
		d.advance(30 * time.Second)
		asked := d.hears(t, "", "还有一个问题").Message.CreatedAt
		d.advance(time.Minute)
		p := d.releases(t, m)
		equal(t, *p.Message.Seq, 4)
		equal(t, p.Ticket.Status, tickets.StatusOpen)
		equal(t, *p.Ticket.WaitingSince, asked)
		seen, err := d.Visible(bg, ticket, 2, 10)
		ok(t, err)
		equal(t, seen[0].Body+seen[1].Body, "还有一个问题已退款")
		equal(t, d.count(t, `SELECT COUNT(*) FROM undelivered u WHERE u.seq = 4 AND u.pos = ?`, p.Ticket.LastPos), 1)
		d.check(t)
	})
}

func TestColleaguesSeeAHeldReplyBeforeTheySend(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket.ID
		seen := d.ticket(t, ticket).LastPos
		m := d.holds(t, d.wang, ticket, "稍等")
		reply := tickets.Outgoing{TicketID: ticket, Kind: tickets.KindReply, Body: "您好", Seen: &seen}
		_, err := d.Post(bg, d.zhao, reply)
		refused(t, err, fault.Conflict, "error.newer_messages")
		ok(t, second(d.UndoHeld(bg, d.wang, m)))
		_, err = d.Post(bg, d.zhao, reply)
		ok(t, err)
	})
}

func TestAHeldReplyIsReleasedHoweverItsTicketStandsButForSpamAndTheErased(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		for name, happens := range map[string]func(ticket id.ID){
			"solved": func(ticket id.ID) { d.status(t, ticket, tickets.StatusSolved) },
			"closed": func(ticket id.ID) { d.status(t, ticket, tickets.StatusClosed) },
			"merged": func(ticket id.ID) {
				into, err := d.Receive(bg, tickets.Inbound{InboxID: d.inbox(t, tickets.ChannelForm).ID, ContactID: d.ticket(t, ticket).ContactID, Body: "另一件"})
				ok(t, err)
				ok(t, second(d.MergeTicket(bg, d.wang, ticket, into.Ticket.ID)))
			},
			"spam":   func(ticket id.ID) { d.status(t, ticket, tickets.StatusSpam) },
			"erased": func(ticket id.ID) { d.erasesOnly(t, d.ticket(t, ticket).ContactID) },
		} {
			ticket := d.hearsFrom(t, d.contact(t, name).ID, "", "你好").Ticket.ID
			m := d.holds(t, d.wang, ticket, "稍等")
			happens(ticket)
			before := d.ticket(t, ticket)
			d.advance(2 * time.Minute)
			p := d.releases(t, m)
			equal(t, p.Duplicate, false)
			after := d.ticket(t, ticket)
			equal(t, after.Status, before.Status)
			undone := name == "spam" || name == "erased"
			if (p.Message.State == tickets.StateUndone) != undone || (p.Message.Seq == nil) != undone || (after.LastSeq == before.LastSeq) != undone {
				t.Errorf("%s: %+v", name, p.Message)
			}
			if got := d.draft(t, ticket); (got == "稍等") != (name == "spam") {
				t.Errorf("%s: the draft is %q", name, got)
			}
			equal(t, d.releases(t, m).Duplicate, true)
		}
		d.check(t)
	})
}

// erasesOnly takes a person's keys, as before the messages are emptied.
func (d *desk) erasesOnly(t *testing.T, contact id.ID) {
	t.Helper()
	d.write(t, func(tx *gorm.DB) error {
		_, err := d.EraseContactTx(tx, tickets.Actor{Kind: tickets.ActorSystem}, contact, tickets.ErasedOnRequest)
		return err
	})
}

func TestManyNodesReleaseAReplyOnceAndNeverWhatWasUndone(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		var sent atomic.Int64
		var fails atomic.Bool
		nodes := make([]*tickets.Service, 4)
		for i := range nodes {
			nodes[i] = tickets.New(tickets.Options{Store: d.store, Sealer: d.sealer, IDs: d.ids, Now: d.now, Replied: func(tx *gorm.DB, _ *tickets.Ticket, m *tickets.Message) error {
				if fails.CompareAndSwap(true, false) { // a node that dies in the middle
					return errors.New("the lights went out")
				}
				return tx.Exec(`INSERT INTO settings (name, value, updated_at) VALUES (?, ?, 1)`, "sent."+m.ID.String(), []byte{1}).Error
			}})
		}
		for round := range 6 {
			ticket := d.hearsFrom(t, d.contact(t, "").ID, "", "你好").Ticket.ID
			m := d.holds(t, d.wang, ticket, "稍等")
			d.advance(2 * time.Minute)
			if fails.Store(true); round > 2 {
				fails.Store(false)
			}
			var undone atomic.Bool
			var wg sync.WaitGroup
			for _, node := range nodes {
				wg.Go(func() {
					p, err := node.Release(bg, m)
					if err != nil && !strings.Contains(err.Error(), "lights") {
						t.Errorf("release: %v", err)
					}
					if err == nil && !p.Duplicate {
						sent.Add(1)
					}
				})
			}
			wg.Go(func() {
				switch _, err := nodes[0].UndoHeld(bg, d.wang, m); {
				case err == nil:
					undone.Store(true)
				case !fault.Is(err, fault.Conflict):
					t.Errorf("undo: %v", err)
				}
			})
			wg.Wait()
			want := tickets.StateAsWritten
			if undone.Load() {
				want = tickets.StateUndone
			}
			equal(t, d.message(t, m).State, want)
		}
		equal(t, int64(d.count(t, `SELECT COUNT(*) FROM settings WHERE name LIKE 'sent.%'`)), sent.Load())
		equal(t, int64(d.count(t, `SELECT COUNT(*) FROM messages WHERE held_until IS NOT NULL AND seq IS NOT NULL`)), sent.Load())
		d.check(t)
	})
}

func TestOneReplyThatCannotBeReleasedStopsNoOther(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		stuck := d.holds(t, d.wang, d.hears(t, "", "你好").Ticket.ID, "一")
		d.advance(time.Second)
		free := d.holds(t, d.wang, d.hearsFrom(t, d.contact(t, "").ID, "", "你好").Ticket.ID, "二")
		node := tickets.New(tickets.Options{Store: d.store, Sealer: d.sealer, IDs: d.ids, Now: d.now, Replied: func(_ *gorm.DB, _ *tickets.Ticket, m *tickets.Message) error {
			if m.ID == stuck {
				return errors.New("no way out")
			}
			return nil
		}})
		d.advance(2 * time.Minute)
		n, err := node.ReleaseDue(bg, 10)
		equal(t, n, 1)
		equal(t, err != nil, true)
		equal(t, d.message(t, stuck).State, tickets.StateHeld)
		equal(t, d.message(t, free).State, tickets.StateAsWritten)
		n, err = d.ReleaseDue(bg, 10)
		ok(t, err)
		equal(t, n, 1)
		d.check(t)
	})
}

func TestWhatTheSenderDoesBesideAReplyStandsOrFallsWithIt(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket.ID
		calls := 0
		o := tickets.Outgoing{TicketID: ticket, Kind: tickets.KindReply, Body: "您好", ClientID: "a", Hold: time.Minute, Also: func(_ *gorm.DB, p tickets.Posted) error {
			if calls++; calls == 1 || p.Message.State != tickets.StateHeld {
				return errors.New("no room")
			}
			return nil
		}}
		if _, err := d.Post(bg, d.wang, o); err == nil {
			t.Fatal("the sender's error was lost")
		}
		equal(t, d.ticket(t, ticket).LastPos, 2)
		for range 2 {
			ok(t, second(d.Post(bg, d.wang, o)))
		}
		equal(t, calls, 2)
		d.check(t)
	})
}
