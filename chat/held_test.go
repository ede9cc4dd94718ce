package chat_test

import (
	"testing"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// holds lets an agent write a reply that is held for a minute.
func (n *node) holds(who tickets.Actor, ticket id.ID, body string) id.ID {
	n.world.t.Helper()
	p, err := n.Post(bg, who, tickets.Outgoing{TicketID: ticket, Kind: tickets.KindReply, Body: body, Hold: time.Minute})
	ok(n.world.t, err)
	return p.Message.ID
}

func TestAgentsSeeAHeldReplyAndTheShopperWhenItIsReleased(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		li, started := n.shopper(nil)
		ack := li.say("m1", "我要退货")
		lin := n.opened(w.lin, ack)
		one := n.holds(w.lin, ack.ticket(t), "好的")
		f := lin.expectOf("message", func(f obj) bool { return f.str("state") == "held" })
		is(t, "its text", f.str("body"), "好的")
		is(t, "its place", f.num("pos"), 3)
		if f["seq"] != nil || f.str("held_until") == "" {
			t.Errorf("held: %v", f)
		}
		undone := n.holds(w.lin, ack.ticket(t), "算了")
		_, err := n.UndoHeld(bg, w.lin, undone)
		ok(t, err)
		is(t, "undone", lin.expectOf("message_changed", func(f obj) bool { return f.num("pos") == 4 }).str("state"), "undone")
		li.never("message", func(f obj) bool { return f.obj("author").str("kind") == "agent" })

		_, err = n.ReleaseNow(bg, w.lin, one)
		ok(t, err)
		m := li.expectOf("message", func(f obj) bool { return f.obj("author").str("kind") == "agent" })
		is(t, "the shopper's seq", m.num("seq"), 2)
		is(t, "the shopper's text", m.str("body"), "好的")
		changed := lin.expectOf("message_changed", func(f obj) bool { return f.num("pos") == 3 })
		is(t, "released", changed.str("state"), "released")
		is(t, "its seq", changed.num("seq"), 2)
		is(t, "the shopper is told of nothing changed", len(li.of("message_changed")), 0)

		// who comes back has the same picture
		late := n.agent(w.chen)
		late.send(obj{"type": "subscribe", "ticket": ack.str("ticket"), "after": 4})
		late.expect("subscribed")
		is(t, "told again", late.expectOf("message_changed", func(f obj) bool { return f.num("pos") == 4 }).str("state"), "undone")
		is(t, "told again", late.expectOf("message_changed", func(f obj) bool { return f.num("pos") == 3 }).str("state"), "released")
		again := n.back(started.str("session"), obj{"ticket": ack.str("ticket"), "after": 0})
		is(t, "sent again", again.expectOf("message", func(f obj) bool { return f.num("seq") == 2 }).str("body"), "好的")
	})
}

func TestAGuestIsNamedToTheShopperAndAMovedMessageIsGone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		li, _ := n.shopper(nil)
		ack := li.say("m1", "我要退货")
		lin := n.opened(w.lin, ack)
		mei, err := n.CreateContact(bg, tickets.NewContact{Name: "韩梅梅"})
		ok(t, err)
		box, err := n.CreateInbox(bg, tickets.NewInbox{Channel: tickets.ChannelEmail, Name: "邮件"})
		ok(t, err)
		got, err := n.Receive(bg, tickets.Inbound{InboxID: box.ID, ContactID: mei.ID, TicketID: ack.ticket(t), Joins: true, Body: "我补充一句"})
		ok(t, err)
		for name, c := range map[string]*client{"shopper": li, "agent": lin} {
			f := c.expectOf("message", func(f obj) bool { return f.str("body") == "我补充一句" })
			if f.obj("author").str("name") != "韩梅梅" || f["guest"] != true {
				t.Errorf("to the %s: %v", name, f)
			}
		}
		is(t, "who came", lin.expectOf("event", func(f obj) bool { return f.str("event") == "participant.added" }).obj("subject").str("name"), "韩梅梅")
		_, _, err = n.MoveMessage(bg, w.lin, got.Message.ID, 0)
		ok(t, err)
		is(t, "to the shopper", li.expectOf("message_changed", func(f obj) bool { return f.num("seq") == 2 }).str("state"), "recalled")
		is(t, "to the agent", lin.expectOf("message_changed", func(f obj) bool { return f.num("pos") == 3 }).str("state"), "moved")
	})
}
