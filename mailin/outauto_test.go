package mailin_test

import (
	"fmt"
	"strings"
	"testing"

	"huiyin/mailin"
	"huiyin/mailin/eml"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// auto lets the reader of the log see what is new.
func (d *desk) auto() {
	d.t.Helper()
	events, err := d.tickets.EventsAfter(bg, d.cursor, 1000)
	must(d.t, err)
	for range 2 { // again for the same ones, as after a crash
		must(d.t, d.ReadEvents(bg, events))
	}
	for i := range events {
		d.cursor = events[i].N
	}
}

func TestAFirstMailIsAnsweredWithItsNumberOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		server := d.post(nil, func(a *mailin.Account) { a.AutoReply.On = true })
		ticket := d.asked("Cc: wang@home.test")
		for range 3 {
			d.auto()
			d.drain()
		}
		d.put(letter("q2@home.test", "li@home.test", "Re: Where is my parcel", "Still there?", "In-Reply-To: <q1@home.test>"))
		d.auto()
		d.drain()
		mails := server.Mails()
		if len(mails) != 1 {
			t.Fatalf("%d mails", len(mails))
		}
		m := eml.Parse(mails[0].Raw)
		got(t, "head", fmt.Sprint(mails[0].From, mails[0].To, m.Auto, m.From.Name, mails[0].Header.Get("X-Auto-Response-Suppress"), m.InReplyTo), "[li@home.test]auto_reply客服邮箱All[q1@home.test]")
		if !strings.Contains(mails[0].Text, fmt.Sprintf("#%d", ticket.Number)) || !strings.Contains(mails[0].Link(), "https://desk.test/t/") {
			t.Errorf("text %q", mails[0].Text)
		}
		if back, err := d.tickets.Ticket(bg, ticket.ID); err != nil || back.WaitingSince == nil {
			t.Error("the ticket waits no more")
		}
	})
}

func TestTheDesksOwnAnswerWithTheTicketsLinkGoesToNobodyButTheWriter(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		server := d.post(nil, func(a *mailin.Account) { a.AutoReply.On = true })
		d.asked("Reply-To: somebody@else.test")
		d.auto()
		d.drain()
		mails := server.Wait(1)
		got(t, "recipients", fmt.Sprint(mails[0].To, eml.Parse(mails[0].Raw).To), "[li@home.test] [{Li Hua li@home.test}]")
	})
}

func TestAnInboxesOwnWordsAreFilledInTheWritersLanguage(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		server := d.post(nil, func(a *mailin.Account) {
			a.AutoReply = mailin.AutoReply{On: true, TextZH: "收到，单号 {number}，{by} 回复", TextEN: "got it {number}"}
		})
		d.put(letter("z1@home.test", "li@home.test", "包裹在哪里", "说好周一到的，现在还没有。"), letter("e1@home.test", "wang@home.test", "parcel", "where is it?"))
		d.auto()
		d.drain()
		text := server.Wait(2)[0].Text + server.Mails()[1].Text
		if !strings.Contains(text, "收到，单号 1001，我们上班后 回复") || !strings.Contains(text, "got it 1002") {
			t.Errorf("%q", text)
		}
	})
}

func TestNoMachineAndNobodyTooOftenIsAnswered(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		server := d.post(nil, func(a *mailin.Account) { a.AutoReply = mailin.AutoReply{On: true, PerHour: 2} })
		d.put(
			letter("a1@x.test", "no-reply@x.test", "s", "b"), letter("a2@x.test", "bot@x.test", "s", "b", "Auto-Submitted: auto-generated"), letter("a3@x.test", "bot@x.test", "s", "b", "Precedence: bulk"),
			letter("a4@x.test", "list@x.test", "s", "b", "List-Id: <l.x.test>"), letter("a5@x.test", "help@shop.test", "s", "b"), letter("a6@x.test", "spam@x.test", "s", "b", "X-Spam-Flag: YES"),
			letter("a7@x.test", "MAILER-DAEMON@x.test", "hello", "b"), letter("a8@x.test", "bot@x.test", "s", "b", "X-Auto-Response-Suppress: DR, OOF, AutoReply"),
			letter("a9@x.test", "bot@x.test", "s", "b", "X-Loop: desk"), append([]byte("Return-Path: <>\r\n"), letter("a10@x.test", "bot@x.test", "s", "b")...),
		)
		d.auto()
		d.drain()
		for _, m := range server.Mails() {
			t.Errorf("%v was answered", m.To)
		}
		for i := range 5 {
			d.put(letter(fmt.Sprintf("c%d@crm.test", i), "crm@home.test", fmt.Sprint("s", i), "a machine that says nothing of it"))
			d.auto()
			d.drain()
		}
		if n := len(server.Mails()); n != 2 {
			t.Errorf("%d answers within the hour, want 2", n)
		}
		d.later(61 * minute)
		d.put(letter("c9@crm.test", "crm@home.test", "s", "b"))
		d.auto()
		d.drain()
		if n := len(server.Mails()); n != 3 {
			t.Errorf("%d answers after the hour", n)
		}
	})
}

// left is a chat whose shopper is gone, with an answer that she has not taken.
func (d *desk) left(email string) (ticket *tickets.Ticket, events []tickets.Event) {
	d.t.Helper()
	box, err := d.tickets.CreateInbox(bg, tickets.NewInbox{Channel: tickets.ChannelChat, Name: "chat"})
	must(d.t, err)
	n := tickets.NewContact{Name: "Li", Locale: "en"}
	if email != "" {
		n.Identities = []tickets.NewIdentity{{Kind: tickets.IdentityEmail, Value: email, Verified: true}}
	}
	p, err := d.tickets.CreateContact(bg, n)
	must(d.t, err)
	in, err := d.tickets.Receive(bg, tickets.Inbound{InboxID: box.ID, ContactID: p.ID, SourceID: "c1", Body: "Hello?"})
	must(d.t, err)
	for _, text := range []string{"Here I am.", "It comes today."} {
		_, err := d.tickets.Post(bg, d.agent, tickets.Outgoing{TicketID: in.Ticket.ID, Kind: tickets.KindReply, Body: text})
		must(d.t, err)
	}
	d.later(6 * minute)
	told, err := d.tickets.TellUndelivered(bg, in.Ticket.ID, d.now().Add(-5*minute))
	must(d.t, err)
	if !told {
		d.t.Fatal("nothing is missed")
	}
	events, err = d.tickets.EventsAfter(bg, 0, 1000)
	must(d.t, err)
	return in.Ticket, events
}

func TestAnswersOfAChatGoToWhoHasLeftAndHersComesBack(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		server := d.post(nil)
		chat, events := d.left("li@home.test")
		for range 3 {
			must(t, d.ReadEvents(bg, events))
			d.drain()
		}
		mails := server.Mails()
		if len(mails) != 1 {
			t.Fatalf("%d mails", len(mails))
		}
		for _, want := range []string{"林:", "Here I am.", "It comes today.", "https://desk.test/t/", "##-"} {
			if !strings.Contains(mails[0].Text, want) {
				t.Errorf("%q lacks %q", mails[0].Text, want)
			}
		}
		m := eml.Parse(mails[0].Raw)
		d.put([]byte("Message-ID: <a1@home.test>\r\nFrom: li@home.test\r\nTo: " + m.ReplyTo[0].Address + "\r\nSubject: Re: x\r\nIn-Reply-To: <" + m.MessageID + ">\r\n\r\nThank you!\r\n"))
		said := d.said(chat.ID)
		got(t, "in the chat", said[len(said)-1], "contact: Thank you!")
	})
}

func TestNothingGoesToWhoHasReadOrHasNoAddress(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		server := d.post(nil)
		chat, events := d.left("li@home.test")
		must(t, d.ReadEvents(bg, events))
		must(t, d.tickets.MarkRead(bg, tickets.Actor{Kind: tickets.ActorContact, ID: chat.ContactID}, chat.ID, 3))
		d.drain()
		must(t, d.ReadEvents(bg, events))
		d.drain()
		back, events := d.left("wang@home.test")
		must(t, d.ReadEvents(bg, events))
		_, err := d.tickets.Receive(bg, tickets.Inbound{InboxID: back.InboxID, ContactID: back.ContactID, SourceID: "c2", Body: "I am back."})
		must(t, err)
		d.drain()
		_, events = d.left("")
		must(t, d.ReadEvents(bg, events))
		d.drain()
		if n := len(server.Mails()); n != 0 {
			t.Errorf("%d mails left", n)
		}
		var letters []int64
		must(t, d.base.Read(bg).Raw(`SELECT message_id FROM mail_letters ORDER BY message_id`).Scan(&letters).Error)
		if len(letters) != 2 {
			t.Fatalf("%d letters", len(letters))
		}
		got(t, "who has read", d.states(id.ID(letters[0])), "li@home.test cancelled")
		got(t, "who has written", d.states(id.ID(letters[1])), "wang@home.test cancelled")
	})
}
