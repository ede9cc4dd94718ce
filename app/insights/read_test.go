package insights_test

import (
	"fmt"
	"strings"
	"testing"

	"huiyin/app/insights"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// follow reads the log on.
func (d *desk) follow() {
	d.T.Helper()
	for {
		events, err := d.Tickets.EventsAfter(d.T.Context(), d.cursor, 100)
		must(d.T, err)
		if len(events) == 0 {
			return
		}
		must(d.T, d.Read(d.T.Context(), events))
		d.cursor = events[len(events)-1].N
	}
}

// again reads the whole log once more: nothing may change.
func (d *desk) again() {
	d.T.Helper()
	before := d.Number(`SELECT COUNT(*) FROM insight_voices`)
	d.cursor = 0
	d.follow()
	if n := d.Number(`SELECT COUNT(*) FROM insight_voices`); n != before {
		d.T.Errorf("%d clauses after the log was read twice, %d after once", n, before)
	}
	d.right()
}

func (d *desk) person(name string) id.ID {
	d.T.Helper()
	p, err := d.Tickets.CreateContact(d.T.Context(), tickets.NewContact{Name: name})
	must(d.T, err)
	return p.ID
}

// writes sends a message to the desk and gives the ticket.
func (d *desk) writes(who id.ID, channel tickets.Channel, text string) (ticket, message id.ID) {
	d.T.Helper()
	d.n++
	in := tickets.Inbound{InboxID: d.inbox(channel), ContactID: who, Body: text, SourceID: fmt.Sprintf("m-%d", d.n), Subject: "help"}
	got, err := d.Tickets.Receive(d.T.Context(), in)
	must(d.T, err)
	return got.Ticket.ID, got.Message.ID
}

func (d *desk) inbox(channel tickets.Channel) id.ID {
	d.T.Helper()
	if d.boxes[channel] == 0 {
		box, err := d.Tickets.CreateInbox(d.T.Context(), tickets.NewInbox{Channel: channel, Name: string(channel)})
		must(d.T, err)
		d.boxes[channel] = box.ID
	}
	return d.boxes[channel]
}

func (d *desk) manager() tickets.Actor {
	d.T.Helper()
	a, err := d.Tickets.CreateAgent(d.T.Context(), tickets.NewAgent{Name: "Lin", Email: "lin@example.com", Role: tickets.RoleAdmin})
	must(d.T, err)
	return tickets.Actor{Kind: tickets.ActorAgent, ID: a.ID, Role: a.Role}
}

func (d *desk) all() int64 {
	d.T.Helper()
	return d.Number(`SELECT COALESCE(SUM(n), 0) FROM insight_rolls WHERE kind = 'all'`)
}

func TestWhatContactsWriteIsCountedOncePerTicket(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		mei := d.person("Mei")
		d.writes(mei, tickets.ChannelChat, "你好")
		d.writes(mei, tickets.ChannelChat, "快递三天了还没到，很生气")
		d.writes(mei, tickets.ChannelChat, "而且客服一直不回复")
		d.writes(d.person("Ann"), tickets.ChannelAPI, "The refund has not arrived for two weeks")
		d.follow()
		if n := d.all(); n != 2 {
			t.Errorf("%d subjects, want 2", n)
		}
		if n := d.Number(`SELECT COUNT(*) FROM insight_voices WHERE language = 'zh' AND channel = 'chat'`); n != 2 {
			t.Errorf("%d clauses of the chat, want 2: a greeting complains of nothing", n)
		}
		if n := d.Number(`SELECT COUNT(*) FROM insight_voices WHERE language = 'en' AND aspect = 'returns' AND channel = 'api'`); n != 1 {
			t.Errorf("%d clauses about the refund, want 1", n)
		}
		d.again()
	})
}

func TestWhatIsTakenBackOrSpamLeavesTheCounts(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		lin, mei := d.manager(), d.person("Mei")
		ticket, _ := d.writes(mei, tickets.ChannelChat, "my parcel is lost")
		d.follow()
		if d.all() != 1 {
			t.Fatalf("%d subjects, want 1", d.all())
		}
		_, err := d.Tickets.SetStatus(t.Context(), lin, ticket, tickets.StatusSpam)
		must(t, err)
		d.follow()
		if d.all() != 0 || d.Number(`SELECT COUNT(*) FROM insight_voices`) != 0 {
			t.Errorf("spam counts %d", d.all())
		}
		_, err = d.Tickets.SetStatus(t.Context(), lin, ticket, tickets.StatusOpen)
		must(t, err)
		d.follow()
		if d.all() != 1 {
			t.Errorf("after all no spam: %d", d.all())
		}
		_, err = d.Tickets.Recall(t.Context(), tickets.Actor{Kind: tickets.ActorContact, ID: mei}, ticket, 1)
		must(t, err)
		d.follow()
		if d.all() != 0 {
			t.Errorf("recalled counts %d", d.all())
		}
		d.again()
	})
}

func TestMergedTicketsAreOneSubjectUntilTheMergeIsUndone(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		lin, mei := d.manager(), d.person("Mei")
		a, _ := d.writes(mei, tickets.ChannelAPI, "my parcel is lost")
		b, _ := d.writes(mei, tickets.ChannelAPI, "the refund takes ages")
		d.follow()
		if d.all() != 2 {
			t.Fatalf("%d subjects, want 2", d.all())
		}
		_, err := d.Tickets.MergeTicket(t.Context(), lin, a, b)
		must(t, err)
		d.follow()
		d.right()
		if d.all() != 1 {
			t.Errorf("merged: %d subjects, want 1", d.all())
		}
		_, err = d.Tickets.UnmergeTicket(t.Context(), lin, a)
		must(t, err)
		d.follow()
		d.right()
		if d.all() != 2 {
			t.Errorf("taken apart: %d subjects, want 2", d.all())
		}
		d.again()
	})
}

func TestTheTeamOfATicketIsThatOfItsComplaints(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		lin := d.manager()
		ticket, _ := d.writes(d.person("Mei"), tickets.ChannelAPI, "my parcel is lost")
		team, err := d.Tickets.CreateTeam(t.Context(), "delivery")
		must(t, err)
		d.follow()
		_, err = d.Tickets.SetTeam(t.Context(), lin, ticket, &team.ID)
		must(t, err)
		d.follow()
		d.right()
		if n := d.Number(`SELECT SUM(n) FROM insight_rolls WHERE kind = 'all' AND team_id = ?`, int64(team.ID)); n != 1 {
			t.Errorf("the team has %d", n)
		}
	})
}

func TestAFloodOfOneTextIsOneComplaintADay(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		mei := d.person("Mei")
		var list []insights.Said
		for i := range 1000 {
			list = append(list, insights.Said{Source: insights.FromTicket, Subject: d.IDs.Next(), Contact: mei, Channel: "chat", Text: "REFUND ME NOW" + strings.Repeat("!", i%7), At: d.At})
		}
		for i := 0; i < len(list); i += 100 {
			_, err := d.Take(t.Context(), list[i:i+100])
			must(t, err)
		}
		if d.all() != 1 {
			t.Errorf("a flood counts %d", d.all())
		}
		list[0].At, list[0].Subject = d.At.AddDate(0, 0, 1), d.IDs.Next()
		_, err := d.Take(t.Context(), list[:1])
		must(t, err)
		if d.all() != 2 {
			t.Errorf("the day after it counts %d", d.all())
		}
		// Another text each time: still no louder than a hundred clauses a day.
		for i := range list[:300] {
			list[i].Subject, list[i].Text, list[i].At = d.IDs.Next(), fmt.Sprintf("nothing works, reason %s", word(i)), d.At.AddDate(0, 0, 2)
		}
		for i := 0; i < 300; i += 100 {
			_, err := d.Take(t.Context(), list[i:i+100])
			must(t, err)
		}
		if d.all() != 102 {
			t.Errorf("with other texts it counts %d, want 102", d.all())
		}
		d.right()
	})
}

// word is a word of letters for a number: digits count for nothing.
func word(n int) string {
	var b strings.Builder
	for ; n > 0; n /= 26 {
		b.WriteByte(byte('a' + n%26))
	}
	return "x" + b.String()
}

func TestBadTextsAreNoComplaintsOrBounded(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		for _, nothing := range []string{
			"", " ", "\n\t", "👍", "😡😡😡", "。。。", "???", "1", "12345678", "你好", "在吗？", "在吗", "谢谢！", "ok thanks", "Hi!", "嗯嗯", "好的呢", "\x00", "\xff\xfe", "a", "客服",
			"非常好，很满意，谢谢", "great service, thank you so much, love it",
			"手机尾号0091", "原来我有两个账号", "请问可以开发票吗", "能不能换成蓝色的", "my order number is 20260908", "can you change it to blue", // said in a talk, and no complaint
		} {
			kept, err := d.Take(t.Context(), []insights.Said{{Source: insights.FromTicket, Subject: d.IDs.Next(), Channel: "chat", Text: nothing, At: d.At}})
			must(t, err)
			if kept != 0 {
				t.Errorf("%q is kept as a complaint", nothing)
			}
		}
		for text, want := range map[string]string{
			"快递 delivery is 太慢 too slow, 我的 order 还没到": "zh", "посылка не пришла, где мой заказ": "other", "The courier was rude 😡": "en", "退款": "zh",
		} {
			subject := d.IDs.Next()
			kept, err := d.Take(t.Context(), []insights.Said{{Source: insights.FromTicket, Subject: subject, Channel: "chat", Text: text, At: d.At}})
			must(t, err)
			if n := d.Number(`SELECT COUNT(*) FROM insight_voices WHERE subject_id = ? AND language = ?`, int64(subject), want); kept == 0 || n == 0 {
				t.Errorf("%q: kept %d, none in %s", text, kept, want)
			}
		}
		for _, long := range []string{strings.Repeat("the parcel was broken and ", 2500) + "late", strings.Repeat("快递太慢了，包装也坏了。", 5000), strings.Repeat("漏", 200_000)} {
			subject := d.IDs.Next()
			kept, err := d.Take(t.Context(), []insights.Said{{Source: insights.FromTicket, Subject: subject, Channel: "email", Text: long, At: d.At}})
			must(t, err)
			if kept == 0 || kept > 40 {
				t.Errorf("a text of %d bytes gives %d clauses", len(long), kept)
			}
		}
		d.right()
	})
}

func TestAResponseAndTheTicketThatItOpenedAreOneSubject(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		mei := d.person("Mei")
		d.n++
		response := d.IDs.Next()
		got, err := d.Tickets.Receive(t.Context(), tickets.Inbound{InboxID: d.inbox(tickets.ChannelForm), ContactID: mei, Subject: "form", Body: "What went wrong: it broke", SourceID: "form:" + response.String() + ":1"})
		must(t, err)
		d.responses[response] = insights.Response{ID: response, Contact: mei, Ticket: got.Ticket.ID, Texts: []string{"it broke after one day"}, At: d.At}
		alone := d.IDs.Next()
		d.responses[alone] = insights.Response{ID: alone, Contact: mei, Texts: []string{"the courier was rude"}, At: d.At}
		d.follow()
		must(t, d.Read(t.Context(), []tickets.Event{{Type: tickets.EventFeedbackReceived, SubjectID: &response}, {Type: tickets.EventFeedbackReceived, SubjectID: &alone}}))
		if d.all() != 2 {
			t.Errorf("%d subjects, want 2", d.all())
		}
		if n := d.Number(`SELECT COUNT(*) FROM insight_voices WHERE subject_id = ?`, int64(got.Ticket.ID)); n != 1 {
			t.Errorf("%d clauses of the ticket, want the answer alone", n)
		}
		lin := d.manager()
		for _, to := range []tickets.Status{tickets.StatusSpam, tickets.StatusOpen} {
			_, err := d.Tickets.SetStatus(t.Context(), lin, got.Ticket.ID, to)
			must(t, err)
			d.follow()
			d.right()
			if want := map[tickets.Status]int64{tickets.StatusSpam: 1, tickets.StatusOpen: 2}[to]; d.all() != want {
				t.Errorf("as %s there are %d subjects, want %d", to, d.all(), want)
			}
		}
		// She answers again within a day: what she says now counts.
		r := d.responses[alone]
		r.Texts = []string{"all is well now, thank you, very good"}
		d.responses[alone] = r
		must(t, d.Read(t.Context(), []tickets.Event{{Type: tickets.EventFeedbackReceived, SubjectID: &alone}}))
		if d.all() != 1 {
			t.Errorf("after the second answer %d subjects, want 1", d.all())
		}
		d.right()
	})
}

func TestWhoIsErasedTakesHerTextsOutAndTheCountsStay(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		mei := d.person("Mei")
		d.writes(mei, tickets.ChannelAPI, "my parcel is lost")
		d.follow()
		before := d.all()
		must(t, d.DB.Write(t.Context(), forget(mei)))
		if d.all() != before || before != 1 {
			t.Errorf("counts %d, before %d", d.all(), before)
		}
		if n := d.Number(`SELECT COUNT(*) FROM insight_voices WHERE body IS NOT NULL OR contact_id IS NOT NULL OR message_id IS NOT NULL OR dedupe IS NOT NULL OR order_hash IS NOT NULL`); n != 0 {
			t.Errorf("%d clauses still say something of her", n)
		}
		d.right()
	})
}

func TestAnOrderThatIsMerelyClaimedGivesNoGoods(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		mei, bo := d.person("Mei"), d.person("Bo")
		d.orders["1"] = order{[]string{"cup", "pot"}, mei}
		for _, who := range []id.ID{mei, bo} {
			d.n++
			_, err := d.Tickets.Receive(t.Context(), tickets.Inbound{InboxID: d.inbox(tickets.ChannelChat), ContactID: who, Body: "it arrived broken", SourceID: fmt.Sprint("o", d.n), Order: "1"})
			must(t, err)
		}
		d.follow()
		if n := d.Number(`SELECT COUNT(*) FROM insight_voice_products p JOIN insight_voices v ON v.id = p.voice_id WHERE v.contact_id = ?`, int64(mei)); n != 2 {
			t.Errorf("hers has %d goods, want 2", n)
		}
		if n := d.Number(`SELECT COUNT(*) FROM insight_voices WHERE contact_id = ? AND order_hash IS NOT NULL`, int64(bo)); n != 0 {
			t.Error("an order that another one claims is counted")
		}
	})
}
