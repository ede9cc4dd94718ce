package mailin_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/files"
	"huiyin/app/mailer"
	"huiyin/app/mailer/mailertest"
	"huiyin/mailin"
	"huiyin/mailin/eml"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

func TestAnAnswerLeavesWithAllThatAMailNeeds(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		server := d.post(nil)
		ticket := d.asked("Cc: wang@home.test, help@shop.test, support+tx.y@shop.test", "References: <q0@home.test>")
		file, err := d.files.Take(bg, files.Upload{By: d.agent, Ticket: ticket.ID, Name: "发票.txt", Body: strings.NewReader("paid")})
		must(t, err)
		p, err := d.tickets.Post(bg, d.agent, tickets.Outgoing{TicketID: ticket.ID, Kind: tickets.KindReply, Body: "It comes <today>.\n\nSee https://shop.test/p?a=1&b=2.", Attachments: []id.ID{file.ID}})
		must(t, err)
		must(t, d.base.Write(bg, func(tx *gorm.DB) error { return d.Replied(tx, p.Ticket, p.Message) })) // again
		got(t, "before", d.states(p.Message.ID), "li@home.test queued, wang@home.test queued")
		d.drain()
		mails := server.Mails()
		if len(mails) != 1 {
			t.Fatalf("%d mails", len(mails))
		}
		m := eml.Parse(mails[0].Raw)
		got(t, "from", m.From.Name+" "+m.From.Address, "林 · 客服邮箱 support@shop.test")
		got(t, "to", fmt.Sprint(m.To, m.CC), "[{Li Hua li@home.test}] [{ wang@home.test}]")
		got(t, "reply to", m.ReplyTo[0].Address, d.AnswerAddress(ticket.ID))
		got(t, "subject", m.Subject, fmt.Sprintf("Re: Where is my parcel [#%d]", ticket.Number))
		got(t, "answers", fmt.Sprint(m.InReplyTo, m.References), "[q1@home.test] [q0@home.test q1@home.test]")
		got(t, "envelope", mails[0].From+" "+fmt.Sprint(mails[0].To), "support@shop.test [li@home.test wang@home.test]")
		text := strings.ReplaceAll(mails[0].Text, "\r\n", "\n")
		for _, want := range []string{
			"It comes <today>.\n\nSee https://shop.test/p?a=1&b=2.\n\n-- \n分机 21\n林\n青禾客服\n\n##- Please reply above this line " + d.Mark(ticket.ID) + " -##\n\nOn ",
			", Li Hua <li@home.test> wrote:\n> It was to come on Monday.",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("the text %q lacks %q", text, want)
			}
		}
		if !strings.Contains(mails[0].HTML, `It comes &lt;today&gt;.`) || !strings.Contains(mails[0].HTML, `<a href="https://shop.test/p?a=1&amp;b=2">`) {
			t.Errorf("HTML %q", mails[0].HTML)
		}
		if len(m.Attachments) != 1 || m.Attachments[0].Name != "发票.txt" || string(m.Attachments[0].Content) != "paid" {
			t.Errorf("files %v", m.Attachments)
		}
		got(t, "after", d.states(p.Message.ID), "li@home.test sent, wang@home.test sent")
		got(t, "letter", d.delivery(p.Message.ID).State+d.told(ticket.ID), "sent")
		if m.Auto != "" || mails[0].Header.Get("Auto-Submitted") != "" {
			t.Error("a person's answer says that it is automatic")
		}
		d.put([]byte("Message-ID: <a1@home.test>\r\nFrom: li@home.test\r\nTo: support@shop.test\r\nSubject: thanks\r\nIn-Reply-To: <" + m.MessageID + ">\r\n\r\nThanks!\r\n"))
		if n := len(d.all()); n != 1 {
			t.Errorf("her answer began ticket %d", n)
		}
		d.drain()
		if n := len(server.Mails()); n != 1 {
			t.Errorf("it left %d times", n)
		}
	})
}

func TestWhoeverIsRefusedIsToldOfAndTheOthersGetIt(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		var busy atomic.Int64
		server := d.post(func(step mailer.Step, what string) error {
			switch {
			case step == mailer.StepRecipient && what == "gone@home.test":
				return mailertest.Say(550, "5.1.1 no such user here")
			case step == mailer.StepRecipient && what == "busy@home.test" && busy.Add(1) <= 2:
				return mailertest.Say(451, "4.7.1 try again later")
			}
			return nil
		})
		ticket := d.asked("Cc: gone@home.test, busy@home.test")
		m := d.reply(ticket.ID, "One moment.")
		d.drain()
		got(t, "first try", d.states(m.ID), "li@home.test sent, gone@home.test refused user_unknown, busy@home.test queued busy")
		d.drain()
		if n := busy.Load(); n != 1 {
			t.Errorf("asked %d times before its time", n)
		}
		d.later(90 * time.Second)
		d.drain()
		d.later(3 * minute)
		d.drain()
		got(t, "third try", d.states(m.ID), "li@home.test sent, gone@home.test refused user_unknown, busy@home.test sent")
		got(t, "told", d.told(ticket.ID), `mail.failed{"reason":"user_unknown"}`)
		mails := server.Mails()
		if len(mails) != 2 || fmt.Sprint(mails[0].To, mails[1].To) != "[li@home.test] [busy@home.test]" || mails[0].Header.Get("Message-Id") != mails[1].Header.Get("Message-Id") {
			t.Fatalf("%d mails", len(mails))
		}
		if back, err := d.tickets.Ticket(bg, ticket.ID); err != nil || back.Status != tickets.StatusOpen || back.WaitingSince == nil {
			t.Errorf("the ticket does not wait for the desk: %v %v", back.Status, err)
		}
		next := d.reply(ticket.ID, "And again.")
		d.drain()
		got(t, "a bad address", d.states(next.ID), "li@home.test sent, gone@home.test refused known_bad, busy@home.test sent")
		must(t, d.SendAgain(bg, next.ID))
		d.drain()
		got(t, "asked for again", d.states(next.ID), "li@home.test sent, gone@home.test refused user_unknown, busy@home.test sent")
		if err := d.SendAgain(bg, id.ID(7)); !fault.Is(err, fault.NotFound) {
			t.Errorf("%v", err)
		}
	})
}

func TestALetterIsTriedForTwoDaysAndThenGivenUp(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		tries := 0
		d.post(func(step mailer.Step, _ string) error {
			if step == mailer.StepData {
				tries++
				return mailertest.Say(452, "4.3.1 no room")
			}
			return nil
		})
		ticket := d.asked()
		m := d.reply(ticket.ID, "One moment.")
		d.drain()
		begun := d.now()
		for d.now().Sub(begun) < 60*time.Hour {
			d.later(10 * minute)
			d.drain()
		}
		got(t, "at the end", d.states(m.ID)+" "+d.delivery(m.ID).State, "li@home.test given_up busy failed")
		got(t, "told", d.told(ticket.ID), `mail.failed{"reason":"busy"}`)
		if tries < 10 || tries > 30 {
			t.Errorf("tried %d times", tries)
		}
	})
}

func TestTheMailboxsFaultIsNotTheMails(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		var shut atomic.Bool
		shut.Store(true)
		server := d.post(func(step mailer.Step, _ string) error {
			if step == mailer.StepSender && shut.Load() {
				return mailertest.Say(550, "5.7.1 your account is disabled")
			}
			return nil
		})
		m := d.reply(d.asked().ID, "One moment.")
		for range 4 {
			d.drain()
			d.later(6 * minute)
		}
		got(t, "while it fails", d.states(m.ID), "li@home.test queued refused")
		if len(d.alerts) == 0 || !strings.HasPrefix(d.alerts[0], "mail.sending") {
			t.Errorf("alerts %q", d.alerts)
		}
		if n := d.count(`SELECT COUNT(*) FROM mail_addresses`); n != 0 {
			t.Errorf("%d addresses are taken for bad", n)
		}
		shut.Store(false)
		d.later(time.Hour)
		d.drain()
		got(t, "afterwards", d.states(m.ID), "li@home.test sent")
		server.Wait(1)
	})
}

func TestAMailThatIsRefusedAsAWholeSaysNothingOfAddresses(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.post(func(step mailer.Step, _ string) error {
			if step == mailer.StepData {
				return mailertest.Say(550, "5.7.1 user unknown to our policy, or spam")
			}
			return nil
		})
		ticket := d.asked()
		m := d.reply(ticket.ID, "One moment.")
		d.drain()
		got(t, "state", d.states(m.ID)+" "+d.delivery(m.ID).State+d.told(ticket.ID), `li@home.test refused user_unknown failedmail.failed{"reason":"user_unknown"}`)
		if n := d.count(`SELECT COUNT(*) FROM mail_addresses`); n != 0 {
			t.Errorf("%d addresses are taken for bad", n)
		}
	})
}

func TestAnInboxThatCannotSendSaysSo(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		ticket := d.asked()
		m := d.reply(ticket.ID, "One moment.")
		got(t, "state", d.states(m.ID)+" "+d.delivery(m.ID).State, "li@home.test no_way no_way no_way")
		got(t, "told", d.told(ticket.ID), `mail.failed{"reason":"no_way"}`)
	})
}

func TestALimitMakesLettersWaitAndNeverFail(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		server := d.post(nil, func(a *mailin.Account) { a.PerHour = 2 })
		ticket := d.asked()
		var all []*tickets.Message
		for i := range 3 {
			all = append(all, d.reply(ticket.ID, fmt.Sprint("answer ", i)))
		}
		d.drain()
		got(t, "the third", d.states(all[2].ID)+" "+d.delivery(all[2].ID).Reason, "li@home.test queued turn")
		d.later(30 * minute)
		d.drain()
		if n := len(server.Mails()); n != 2 {
			t.Errorf("%d mails within the hour", n)
		}
		d.later(31 * minute)
		d.drain()
		got(t, "an hour later", d.states(all[2].ID), "li@home.test sent")
	})
}

func TestWhatWasTakenBackOrErasedDoesNotLeave(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		server := d.post(nil)
		ticket := d.asked()
		m := d.reply(ticket.ID, "Never mind.")
		_, err := d.tickets.Recall(bg, d.agent, ticket.ID, *m.Seq)
		must(t, err)
		d.drain()
		got(t, "recalled", d.states(m.ID)+" "+d.delivery(m.ID).State, "li@home.test cancelled cancelled")
		m = d.reply(ticket.ID, "For you.")
		must(t, d.base.Write(bg, func(tx *gorm.DB) error {
			who, err := d.tickets.EraseContactTx(tx, tickets.Actor{Kind: tickets.ActorSystem}, ticket.ContactID, tickets.ErasedOnRequest)
			return errors.Join(err, mailin.Forget(tx, d.Sealer, who))
		}))
		must(t, d.Work(bg, mailin.SendLetter{Message: m.ID}))
		if n := len(server.Mails()); n != 0 {
			t.Errorf("%d mails left", n)
		}
		for _, table := range []string{"mail_letters", "mail_recipients", "mail_addresses"} {
			if n := d.count(`SELECT COUNT(*) FROM ` + table); n != 0 {
				t.Errorf("%s keeps %d rows", table, n)
			}
		}
	})
}

func TestAnAnswerGoesToWhomTheAgentChose(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		server := d.post(nil)
		ticket := d.asked("Reply-To: orders@home.test", "Cc: wang@home.test")
		proposed, err := d.Proposed(bg, ticket.ID)
		must(t, err)
		got(t, "proposed", fmt.Sprint(proposed.To, proposed.CC), "[{Li Hua orders@home.test}] [{ wang@home.test}]")
		chosen := func(a mailin.Answer) error {
			_, err := d.tickets.Post(bg, d.agent, tickets.Outgoing{
				TicketID: ticket.ID, Kind: tickets.KindReply, Body: "Only you.", Also: func(tx *gorm.DB, p tickets.Posted) error { return d.ChooseTx(tx, p, a) },
			})
			return err
		}
		for field, a := range map[string]mailin.Answer{
			"to:required": {}, "to:invalid": {To: []eml.Address{{Address: "nobody"}}}, "to:own": {To: []eml.Address{{Address: "help+x@shop.test"}}},
			"cc:too_many": {To: []eml.Address{{Address: "a@b.test"}}, CC: many(50)}, "cc:invalid": {To: []eml.Address{{Address: "a@b.test"}}, CC: []eml.Address{{Address: "a\r\nb@c.test"}}},
		} {
			if f := fault.As(chosen(a)); f == nil || len(f.Fields) != 1 || f.Fields[0].Name+":"+f.Fields[0].Code != field {
				t.Errorf("%s: %v", field, f)
			}
		}
		must(t, chosen(mailin.Answer{To: []eml.Address{{Address: "li@home.test"}, {Address: "LI@home.test"}}, Subject: "Parcel"}))
		d.drain()
		m := server.Wait(1)[0]
		got(t, "mail", m.Subject+fmt.Sprint(m.To), "Parcel[li@home.test]")
		if strings.Contains(m.Text, "> It was") || !strings.Contains(m.Text, "##-") {
			t.Errorf("text %q", m.Text)
		}
	})
}

func TestAGuestsMailIsAnsweredToHerAndNotToTheContact(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.post(nil)
		ticket := d.asked()
		m := d.reply(ticket.ID, "Ask the courier.")
		d.drain()
		d.put([]byte("Message-ID: <g1@courier.test>\r\nFrom: Zhao <zhao@courier.test>\r\nTo: " + d.AnswerAddress(ticket.ID) + "\r\nCc: depot@courier.test\r\nSubject: Fwd: parcel\r\n\r\nIt is with us.\r\n"))
		_ = m
		a, err := d.Proposed(bg, ticket.ID)
		must(t, err)
		got(t, "proposed", fmt.Sprint(a.To, a.CC, a.Subject), fmt.Sprintf("[{Zhao zhao@courier.test}] [{ depot@courier.test}]Re: Fwd: parcel [#%d]", ticket.Number))
	})
}

func many(n int) (out []eml.Address) {
	for i := range n {
		out = append(out, eml.Address{Address: fmt.Sprintf("p%d@home.test", i)})
	}
	return out
}

func TestASubjectIsKeptButForItsMarks(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]string{
		"parcel": "Re: parcel [#7]", "RE: Re: 回复：parcel [#7]": "Re: parcel [#7]", "": "Re: [#7]", "Re[2]: parcel": "Re: parcel [#7]", "Fwd: parcel [#8]": "Re: Fwd: parcel [#8] [#7]",
		"Return: parcel": "Re: Return: parcel [#7]",
	} {
		got(t, subject, mailin.AnswerSubject(subject, 7), want)
	}
}

func TestProvidersOwnIdsAreRemembered(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.postAt(mailertest.Scripted(t, map[string]string{".": "250 2.0.0 OK <BYA01@eur.outlook.test> [Hostname=x]", "EHLO": "250 mx.test"}))
		ticket := d.asked()
		m := d.reply(ticket.ID, "One moment.")
		d.drain()
		got(t, "state", d.states(m.ID), "li@home.test sent")
		d.put([]byte("Message-ID: <a1@home.test>\r\nFrom: li@home.test\r\nTo: support@shop.test\r\nSubject: thanks\r\nIn-Reply-To: <BYA01@eur.outlook.test>\r\n\r\nThanks!\r\n"))
		got(t, "her answer", d.newestReason()+fmt.Sprint(len(d.all())), "references1")
	})
	got(t, "SES", fmt.Sprint(mailin.ForeignIDs("email-smtp.eu-west-1.amazonaws.com", "Ok 0102018c2f3a1b2c-6f1d2a3b-4c5d-6e7f-8a9b-0c1d2e3f4a5b-000000")),
		"[0102018c2f3a1b2c-6f1d2a3b-4c5d-6e7f-8a9b-0c1d2e3f4a5b-000000@email.amazonses.com 0102018c2f3a1b2c-6f1d2a3b-4c5d-6e7f-8a9b-0c1d2e3f4a5b-000000@eu-west-1.amazonses.com]")
}
