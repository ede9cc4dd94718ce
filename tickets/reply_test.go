package tickets_test

import (
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

func TestAReplyMakesTheTicketWaitForTheContactAndTakesItUp(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		r := d.hears(t, "", "你好")
		p := d.replies(t, d.wang, r.Ticket.ID, "您好,我是王芳")
		equal(t, p.Message.Pos, 3)
		equal(t, *p.Message.Seq, 2)
		got := d.ticket(t, r.Ticket.ID)
		equal(t, got.Status, tickets.StatusPending)
		equal(t, *got.AssigneeID, d.wang.ID)
		equal(t, got.AgentRead, 2)
		equal(t, got.LastReplyPos, 3)
		equal(t, got.Preview, "您好,我是王芳")
		if got.WaitingSince != nil || got.FirstRepliedAt == nil {
			t.Errorf("waiting since %v, first replied at %v", got.WaitingSince, got.FirstRepliedAt)
		}
		lines(t, d.timeline(t, r.Ticket.ID), "1 ticket.created", "2 message.created contact/1 你好",
			"3 message.created reply/2 您好,我是王芳", "4 ticket.assigned")

		first := *got.FirstRepliedAt
		d.advance(time.Minute)
		d.replies(t, d.zhao, r.Ticket.ID, "我也在")
		got = d.ticket(t, r.Ticket.ID)
		equal(t, *got.FirstRepliedAt, first)
		equal(t, *got.AssigneeID, d.wang.ID) // a colleague's answer does not take it over
	})
}

func TestNumbersInWhatAgentsWriteAreMaskedButNotTheTicketsOrder(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		const card, order, person = "4111111111111111", "5500005555555559", "11010519491231002X"
		r, err := d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: d.li.ID, Body: "订单 " + order, Order: order})
		ok(t, err)
		for kind, shown := range map[tickets.MessageKind]string{tickets.KindReply: "您的卡 ", tickets.KindNote: "她的卡 "} {
			for range 2 { // sent again, the ack says the same
				p, err := d.Post(bg, d.wang, tickets.Outgoing{TicketID: r.Ticket.ID, Kind: kind, ClientID: string(kind), Body: shown + card + " 身份证 " + person + " 订单 " + order})
				ok(t, err)
				equal(t, p.Message.Body, shown+"************1111 身份证 **************002X 订单 "+order)
				equal(t, strings.Join(p.Message.Masked.Kinds(), ","), "card,id_card")
			}
		}
		page, err := d.Timeline(bg, r.Ticket.ID, 0, 0)
		ok(t, err)
		marked := 0
		for _, e := range page {
			if e.Message != nil && len(e.Message.Masked.Kinds()) == 2 {
				marked++
			}
		}
		equal(t, marked, 2)
		p, err := d.Post(bg, tickets.Actor{Kind: tickets.ActorSystem}, tickets.Outgoing{TicketID: r.Ticket.ID, Kind: tickets.KindReply, Body: "服务热线 " + card})
		ok(t, err)
		equal(t, p.Message.Masked, tickets.Masked(0)) // the desk's own words are the administrator's
	})
}

func TestTheEventOfAMessageTellsWhichStatusItMoved(t *testing.T) {
	d := onSQLite(t)
	r := d.hears(t, "", "你好")
	d.replies(t, d.wang, r.Ticket.ID, "您好")
	d.hears(t, "", "退款")
	d.hears(t, "", "谢谢")
	page, err := d.Timeline(bg, r.Ticket.ID, 0, 0)
	ok(t, err)
	var got []string
	for _, e := range page {
		if e.Message != nil {
			got = append(got, e.Message.Body+" "+e.Event.Data)
		}
	}
	lines(t, got, "你好 ", `您好 {"from":"new","to":"pending"}`, `退款 {"from":"pending","to":"open"}`, "谢谢 ")
}

func TestANoteIsForTheDeskOnlyAndMovesNothing(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		r := d.hears(t, "", "你好")
		p, err := d.Post(bg, d.wang, tickets.Outgoing{TicketID: r.Ticket.ID, Kind: tickets.KindNote, Body: "查一下流水号"})
		ok(t, err)
		if p.Message.Seq != nil {
			t.Errorf("a note has seq %d", *p.Message.Seq)
		}
		got := d.ticket(t, r.Ticket.ID)
		equal(t, got.Status, tickets.StatusNew)
		equal(t, got.Preview, "你好")
		equal(t, got.LastSeq, 1)
		equal(t, got.LastMessageAt, r.Ticket.LastMessageAt)
		if got.AssigneeID != nil || got.WaitingSince == nil || got.FirstRepliedAt != nil {
			t.Errorf("a note moved the ticket: %+v", got)
		}
		seen, err := d.Visible(bg, r.Ticket.ID, 0, 0)
		ok(t, err)
		equal(t, len(seen), 1)
		next := d.hears(t, "", "在吗")
		equal(t, next.Message.Pos, 4)
		equal(t, *next.Message.Seq, 2)
	})
}

func TestATextOfTheDeskItselfIsSeenAndMovesNothing(t *testing.T) {
	d := onSQLite(t)
	r := d.hears(t, "", "你好")
	p := d.replies(t, tickets.Actor{Kind: tickets.ActorSystem}, r.Ticket.ID, "客服 9:00 上班")
	equal(t, *p.Message.Seq, 2)
	got := d.ticket(t, r.Ticket.ID)
	equal(t, got.Status, tickets.StatusNew)
	if got.WaitingSince == nil || got.FirstRepliedAt != nil || got.AssigneeID != nil {
		t.Errorf("it counts as an answer: %+v", got)
	}
}

func TestTheSameOuterIDOfAnAgentIsStoredOnceEvenWhenMuchHasHappenedSince(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		r := d.hears(t, "", "你好")
		seen := int64(2)
		out := tickets.Outgoing{TicketID: r.Ticket.ID, Kind: tickets.KindReply, ClientID: "x", Body: "您好", Seen: &seen}
		first, err := d.Post(bg, d.wang, out)
		ok(t, err)
		d.hears(t, "", "退款") // so that seen is out of date
		again, err := d.Post(bg, d.wang, out)
		ok(t, err)
		equal(t, again.Duplicate, true)
		equal(t, again.Message.ID, first.Message.ID)
		d.status(t, r.Ticket.ID, tickets.StatusClosed)
		again, err = d.Post(bg, d.wang, out)
		ok(t, err)
		equal(t, again.Message.ID, first.Message.ID)
		equal(t, d.count(t, `SELECT COUNT(*) FROM messages WHERE kind = 'reply'`), 1)

		other := d.hearsFrom(t, d.contact(t, "").ID, "", "你好").Ticket.ID
		out.TicketID, out.Seen = other, nil
		p, err := d.Post(bg, d.zhao, out) // a colleague's ids are her own
		ok(t, err)
		equal(t, p.Duplicate, false)
	})
}

func TestWhoHasNotSeenTheNewestMessageIsTold(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket.ID
		post := func(by tickets.Actor, seen int64, kind tickets.MessageKind) error {
			_, err := d.Post(bg, by, tickets.Outgoing{TicketID: ticket, Kind: kind, Body: "您好", Seen: &seen})
			return err
		}
		refused(t, post(d.wang, 1, tickets.KindReply), fault.Conflict, "error.newer_messages")
		ok(t, post(d.wang, 2, tickets.KindReply))
		ok(t, post(d.wang, 2, tickets.KindReply)) // what is newer is her own
		err := post(d.zhao, 2, tickets.KindReply)
		refused(t, err, fault.Conflict, "error.newer_messages")
		equal(t, fault.As(err).Args["pos"], any(d.ticket(t, ticket).LastReplyPos))
		refused(t, post(d.zhao, 2, tickets.KindNote), fault.Conflict, "error.newer_messages")
		d.replies(t, tickets.Actor{Kind: tickets.ActorSystem}, ticket, "请稍等")
		_, err = d.SetPriority(bg, d.zhao, ticket, tickets.PriorityHigh)
		ok(t, err)
		ok(t, post(d.zhao, d.ticket(t, ticket).LastReplyPos-1, tickets.KindReply)) // neither the desk's texts nor events count
		d.hears(t, "", "在吗")
		refused(t, post(d.zhao, d.ticket(t, ticket).LastPos-1, tickets.KindReply), fault.Conflict, "error.newer_messages")
	})
}

func TestAClosedOrSpamTicketTakesNotesButNoReplies(t *testing.T) {
	d := onSQLite(t)
	for status, key := range map[tickets.Status]string{tickets.StatusClosed: "error.ticket.closed", tickets.StatusSpam: "error.ticket.spam"} {
		ticket := d.hearsFrom(t, d.contact(t, "").ID, "", "你好").Ticket.ID
		d.status(t, ticket, status)
		_, err := d.Post(bg, d.wang, tickets.Outgoing{TicketID: ticket, Kind: tickets.KindReply, Body: "您好"})
		refused(t, err, fault.Conflict, key)
		_, err = d.Post(bg, d.wang, tickets.Outgoing{TicketID: ticket, Kind: tickets.KindNote, Body: "骗子"})
		ok(t, err)
	}
}

func TestAReplyToASolvedTicketLeavesItSolved(t *testing.T) {
	d := onSQLite(t)
	ticket := d.hears(t, "", "你好").Ticket.ID
	d.status(t, ticket, tickets.StatusSolved)
	d.replies(t, d.wang, ticket, "不客气")
	equal(t, d.ticket(t, ticket).Status, tickets.StatusSolved)
}

func TestPostingDeletesTheDraftOfThatKind(t *testing.T) {
	d := onSQLite(t)
	ticket := d.hears(t, "", "你好").Ticket.ID
	ok(t, d.SaveDraft(bg, d.wang.ID, ticket, tickets.KindReply, "您"))
	ok(t, d.SaveDraft(bg, d.wang.ID, ticket, tickets.KindNote, "查"))
	ok(t, d.SaveDraft(bg, d.zhao.ID, ticket, tickets.KindReply, "我"))
	d.replies(t, d.wang, ticket, "您好")
	left, err := d.Drafts(bg, d.wang.ID, ticket)
	ok(t, err)
	if len(left) != 1 || left[0].Kind != tickets.KindNote || left[0].Body != "查" {
		t.Errorf("left: %+v", left)
	}
	left, err = d.Drafts(bg, d.zhao.ID, ticket)
	ok(t, err)
	equal(t, len(left), 1)
}

func TestPostRefusesWhoDoesNotWorkHere(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket.ID
		post := func(a tickets.Actor) error {
			_, err := d.Post(bg, a, tickets.Outgoing{TicketID: ticket, Kind: tickets.KindReply, Body: "您好"})
			return err
		}
		refused(t, post(tickets.Actor{}), fault.Denied, "error.denied")
		refused(t, post(tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}), fault.Denied, "error.denied")
		refused(t, post(tickets.Actor{Kind: tickets.ActorAgent, ID: 17, Role: tickets.RoleAdmin}), fault.Denied, "error.denied")
		refused(t, post(tickets.Actor{Kind: tickets.ActorAgent, ID: d.li.ID}), fault.Denied, "error.denied")
		d.write(t, func(tx *gorm.DB) error {
			return tx.Exec(`UPDATE agents SET disabled_at = 1 WHERE id = ?`, int64(d.zhao.ID)).Error
		})
		refused(t, post(d.zhao), fault.Denied, "error.denied")
		_, err := d.Post(bg, d.wang, tickets.Outgoing{TicketID: 17, Kind: tickets.KindReply, Body: "您好"})
		refused(t, err, fault.NotFound, "error.ticket.not_found")
		equal(t, d.ticket(t, ticket).LastPos, 2)
	})
}

func TestPostRefusesWhatIsNoMessage(t *testing.T) {
	d := onSQLite(t)
	ticket := d.hears(t, "", "你好").Ticket.ID
	for key, out := range map[string]tickets.Outgoing{
		"error.message.kind":               {Kind: tickets.KindContact, Body: "您好"},
		"error.message.empty":              {Kind: tickets.KindReply, Body: " \n\u200b"},
		"error.message.id":                 {Kind: tickets.KindReply, Body: "您好", ClientID: strings.Repeat("宽", 65)},
		"error.message.too_long":           {Kind: tickets.KindReply, Body: strings.Repeat("宽", 10_001)},
		"error.message.encoding":           {Kind: tickets.KindReply, Body: "\xff"},
		"error.message.attachments":        {Kind: tickets.KindReply, Body: "您好", Attachments: make([]id.ID, 11)},
		"error.message.attachment_unknown": {Kind: tickets.KindReply, Body: "您好", Attachments: []id.ID{17}},
	} {
		out.TicketID = ticket
		_, err := d.Post(bg, d.wang, out)
		refused(t, err, fault.Invalid, key)
	}
	_, err := d.Post(bg, d.wang, tickets.Outgoing{TicketID: ticket, Kind: tickets.KindReply, Body: "您好", ClientID: strings.Repeat("宽", 64)})
	ok(t, err)
}

func TestFilesGoToTheMessageOfWhomTheyBelongTo(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket
		file := func(contact, ticket *id.ID) id.ID {
			n := tickets.NewAttachment{ID: d.ids.Next(), By: d.wang, Name: "图.png", Type: "image/png", Size: 3, File: d.ids.Next().String()}
			if contact != nil {
				n.By = tickets.Actor{Kind: tickets.ActorContact, ID: *contact}
			} else {
				n.TicketID = *ticket
			}
			var err error
			n.KeyID, err = d.UploadKey(bg, n.By, n.TicketID)
			ok(t, err)
			a, err := d.AddAttachment(bg, n)
			ok(t, err)
			return a.ID
		}
		hers, theirs := file(&d.li.ID, nil), file(&d.contact(t, "").ID, nil)
		_, err := d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: d.li.ID, Attachments: []id.ID{hers, theirs}})
		refused(t, err, fault.Invalid, "error.message.attachment_unknown")
		r, err := d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: d.li.ID, Body: " ", Attachments: []id.ID{hers, hers}})
		ok(t, err)
		equal(t, r.Message.Body, "")
		equal(t, len(r.Message.Attachments), 1)
		equal(t, r.Message.Attachments[0].Name, "图.png")
		read, err := d.Visible(bg, ticket.ID, *r.Message.Seq-1, 1)
		ok(t, err)
		equal(t, len(read[0].Attachments), 1)
		equal(t, d.count(t, `SELECT COUNT(*) FROM attachments WHERE message_id = ? AND ticket_id = ?`, int64(r.Message.ID), int64(ticket.ID)), 1)
		_, err = d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: d.li.ID, Attachments: []id.ID{hers}}) // a second time
		refused(t, err, fault.Invalid, "error.message.attachment_unknown")

		_, err = d.Post(bg, d.wang, tickets.Outgoing{TicketID: ticket.ID, Kind: tickets.KindReply, Attachments: []id.ID{theirs}})
		refused(t, err, fault.Invalid, "error.message.attachment_unknown")
		_, err = d.Post(bg, d.wang, tickets.Outgoing{TicketID: ticket.ID, Kind: tickets.KindReply, Attachments: []id.ID{file(nil, &ticket.ID)}})
		ok(t, err)
	})
}
