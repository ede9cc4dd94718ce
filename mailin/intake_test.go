package mailin_test

import (
	"fmt"
	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/mailin/eml"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/mailin/mailtest"
	"huiyin/tickets"
)

func TestAMailBecomesATicketOfItsWriter(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.mailbox()
		d.run()
		d.server.Deliver("support@shop.test", "INBOX", letter("a1@home.test", `"王芳" <Wang@Home.test>`, "=?utf-8?B?5pSv5LuY5aSx6LSl?=", "付了两次款，请退一次。\r\n\r\n> 旧的话"))
		d.settled(1)
		all := d.all()
		if len(all) != 1 || all[0].Subject != "支付失败" || all[0].Status != tickets.StatusNew || all[0].Channel != tickets.ChannelEmail || all[0].WaitingSince == nil {
			t.Fatalf("got %+v", all)
		}
		p, err := d.tickets.Contact(bg, all[0].ContactID)
		must(t, err)
		if p.Name != "王芳" || len(p.Identities) != 1 || p.Identities[0].Value != "wang@home.test" || !p.Identities[0].Verified || p.Locale != "zh-CN" {
			t.Errorf("got the contact %+v", p)
		}
		if got := strings.Join(d.said(all[0].ID), "|"); got != "contact: 付了两次款，请退一次。" {
			t.Errorf("said %q", got)
		}
		if n := d.count(`SELECT COUNT(*) FROM mail_incoming WHERE contact_id = ? AND put_away`, int64(p.ID)); n != 1 {
			t.Errorf("%d mails are hers", n)
		}
	})
}

func TestAnAnswerFindsItsTicket(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		d.put(letter("a1@home.test", "wang@home.test", "First", "one"))
		first := d.all()[0]
		for name, mail := range map[string]struct {
			raw    []byte
			reason string
		}{
			"to the answer address":          {letter("b1@x.test", "li@other.test", "x", "plus", "Cc: "+d.AnswerAddress(first.ID)), "plus"},
			"by a mail of ours":              {letter("b2@x.test", "he@other.test", "x", "token", "In-Reply-To: <"+d.NewMessageID(first.ID, 7)+">"), "token"},
			"by a mail of the ticket":        {letter("b3@x.test", "wang@home.test", "x", "references", "References: <nobody@x.test> <a1@home.test>"), "references"},
			"by the mark in what it quotes":  {letter("b4@x.test", "zhao@other.test", "x", "mark\r\n> "+d.Mark(first.ID)), "mark"},
			"by number, from who has a part": {letter("b5@x.test", "wang@home.test", fmt.Sprintf("Re: First [#%d]", first.Number), "number"), "number"},
			"by a full-width number":         {letter("b6@x.test", "wang@home.test", fmt.Sprintf("=?utf-8?Q?=E3=80=90#%d=E3=80=91?=", first.Number), "wide"), "number"},
		} {
			before := len(d.said(first.ID))
			d.put(mail.raw)
			if got := d.said(first.ID); len(got) != before+1 {
				t.Errorf("%s: the ticket says %q", name, got)
				continue
			}
			if got := d.newestReason(); got != mail.reason {
				t.Errorf("%s: got the reason %s", name, got)
			}
		}
		if n := len(d.all()); n != 1 {
			t.Errorf("%d tickets", n)
		}
	})
}

func TestANumberLetsNobodyIntoAStrangersTicket(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		d.put(letter("a1@home.test", "wang@home.test", "First", "one"))
		first := d.all()[0]
		forged := d.NewMessageID(first.ID, 7)
		forged = strings.Replace(forged, forged[len(forged)-16:len(forged)-10], "aaaaaa", 1)
		plus := strings.Replace(d.AnswerAddress(first.ID), "+t", "+t1", 1)
		d.put(
			letter("b1@x.test", "evil@other.test", fmt.Sprintf("Re: [#%d]", first.Number), "number"),
			letter("b2@x.test", "evil@other.test", "x", "token", "In-Reply-To: <"+forged[:20]+"a"+forged[21:]+">"),
			letter("b3@x.test", "evil@other.test", "x", "plus", "Cc: "+plus),
			letter("b4@x.test", "evil@other.test", "x", "mark "+strings.Replace(d.Mark(first.ID), ".", ".a", 1)),
		)
		if got := d.said(first.ID); len(got) != 1 {
			t.Errorf("somebody got in: %q", got)
		}
		if n := len(d.all()); n != 5 {
			t.Errorf("%d tickets, want 5", n)
		}
	})
}

func TestAnAnswerThatComesBeforeItsParentIsJoinedByIt(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		d.put(letter("r2@home.test", "wang@home.test", "Re: x", "three", "References: <p@home.test> <r1@home.test>"))
		d.put(letter("r1@home.test", "wang@home.test", "Re: x", "two", "References: <p@home.test>"))
		d.put(letter("p@home.test", "wang@home.test", "x", "one"))
		if all := d.all(); len(all) != 1 {
			t.Fatalf("%d tickets", len(all))
		}
		if got := d.newestReason(); got != "parent" {
			t.Errorf("got %s", got)
		}
		d.put(letter("q@home.test", "stranger@x.test", "y", "four", "References: <other@home.test>"), letter("other@home.test", "wang@home.test", "z", "five"))
		if n := len(d.all()); n != 3 {
			t.Errorf("%d tickets: the parent of a stranger's mail joined it", n)
		}
	})
}

func TestManyWhoAnswerALetterToAllHaveTicketsOfTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		const news = "References: <news@shop.test>"
		d.put(letter("a1@home.test", "wang@home.test", "Re: Sale", "one", news))
		d.put(letter("b1@other.test", "li@other.test", "Re: Sale", "two", news))
		d.put(letter("a2@home.test", "wang@home.test", "Re: Sale", "one again", news))
		d.put(letter("c1@third.test", "zhao@third.test", "Re: Sale", "to li", news, "Cc: li@other.test")) // these two know each other
		all := d.all()
		if len(all) != 2 {
			t.Fatalf("%d tickets, want 2", len(all))
		}
		for i, want := range []string{"contact: one|contact: one again", "contact: two|contact: to li"} {
			if got := strings.Join(d.said(all[i].ID), "|"); got != want {
				t.Errorf("ticket %d: got %q, want %q", i, got, want)
			}
		}
	})
}

func TestAMailIsTakenOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		same := letter("a1@home.test", "wang@home.test", "First", "one")
		d.put(same, same, append([]byte("Received: by another way\r\n"), same...))
		none := letter("", "wang@home.test", "No id", "two")
		d.put(none, none)
		d.put(letter("a1@home.test", "wang@home.test", "The same id, another mail", "three"))
		if n := len(d.all()); n != 3 {
			t.Errorf("%d tickets, want 3", n)
		}
		if n := d.count(`SELECT COUNT(*) FROM mail_incoming WHERE state = 'duplicate' AND raw IS NULL AND key_id = 0`); n != 3 {
			t.Errorf("%d duplicates, want 3", n)
		}
	})
}

func TestAnotherFolderOfTheSameNumbersIsReadToo(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		const who = "support@shop.test"
		d.server = mailtest.StartDovecot(t)
		for i, folder := range []string{"One", "Two"} {
			d.server.Number(who, folder, 7)
			d.server.Deliver(who, folder, letter(folder+"@home.test", "wang@home.test", folder, "text"))
			a := d.account()
			a.Folder = folder
			must(t, d.Save(bg, a))
			stop := d.run()
			d.settled(i + 1)
			stop()
			if n := d.count(`SELECT COUNT(*) FROM mail_incoming WHERE uid = 1`); n != i+1 {
				t.Errorf("%s: %d mails have the number 1", folder, n)
			}
		}
		if all := d.all(); len(all) != 2 || all[1].Subject != "Two" {
			t.Errorf("%d tickets", len(all))
		}
	})
}

func TestAMailThatCannotBeReadIsSetAsideAfterThreeTries(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		d.fail("boom.txt")
		d.put(append(letter("a1@home.test", "wang@home.test", "Poison", "x", `Content-Type: multipart/mixed; boundary=b`),
			"--b\r\n\r\nhello\r\n--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=boom.txt\r\n\r\nx\r\n--b--\r\n"...),
			letter("a2@home.test", "li@home.test", "After it", "fine"))
		if n := len(d.all()); n != 1 {
			t.Fatalf("%d tickets: one mail keeps the others back", n)
		}
		for range 4 {
			must(t, d.base.Write(bg, func(tx *gorm.DB) error { return tx.Exec(`UPDATE mail_incoming SET next_at = NULL`).Error }))
			d.process()
		}
		all := d.all()
		if len(all) != 2 || all[1].Subject != "Poison" {
			t.Fatalf("got %d tickets", len(all))
		}
		entries, err := d.tickets.Timeline(bg, all[1].ID, 0, 10)
		must(t, err)
		for _, e := range entries {
			if m := e.Message; m != nil && (len(m.Attachments) != 1 || m.Attachments[0].Name != "mail.eml") {
				t.Errorf("got %+v", m)
			}
		}
		failed, err := d.FailedMails(bg, d.inbox.ID)
		must(t, err)
		if len(failed) != 1 || failed[0].Ticket != all[1].ID || !failed[0].Kept {
			t.Fatalf("got %+v", failed)
		}
		raw, err := d.Raw(bg, d.inbox.ID, failed[0].ID)
		must(t, err)
		if !strings.Contains(string(raw), "boom.txt") {
			t.Error("the mail itself is not given")
		}
		d.fail("")
		must(t, d.Retry(bg, d.inbox.ID, failed[0].ID))
		d.process()
		if all := d.all(); len(all) != 3 || len(d.said(all[2].ID)) != 1 {
			t.Errorf("after another try: %d tickets", len(all))
		}
	})
}

func TestAMailOfABlockedWriterIsSetAsideToo(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		d.put(letter("a0@home.test", "wang@home.test", "Before", "x"))
		yes := true
		_, err := d.tickets.UpdateContact(bg, d.agent, d.all()[0].ContactID, tickets.ContactChange{Blocked: &yes})
		must(t, err)
		d.fail("boom.txt")
		d.put(append(letter("a1@home.test", "wang@home.test", "Poison", "x", `Content-Type: multipart/mixed; boundary=b`),
			"--b\r\n\r\nhello\r\n--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=boom.txt\r\n\r\nx\r\n--b--\r\n"...))
		for range 6 {
			must(t, d.base.Write(bg, func(tx *gorm.DB) error { return tx.Exec(`UPDATE mail_incoming SET next_at = NULL`).Error }))
			d.process()
		}
		if all := d.all(); len(all) != 2 || all[1].Status != tickets.StatusClosed {
			t.Errorf("%d tickets", len(all))
		}
		if n := d.count(`SELECT COUNT(*) FROM attachments`); n != 1 {
			t.Errorf("%d files were stored", n)
		}
	})
}

func TestTheTimeOfAMailIsWhenItCameWhereItsDateIsNone(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Open(t, db.SQLite))
	d.quiet()
	d.put([]byte("From: a@b.test\r\nSubject: x\r\nDate: Mon, 1 Jan 2035 00:00:00 +0000\r\n\r\nx\r\n"))
	if at := time.UnixMilli(d.all()[0].CreatedAt); time.Since(at) > time.Minute || time.Since(at) < 0 {
		t.Errorf("got %s", at)
	}
}

func TestTwoEndsOfAConversationAreJoinedByItsMiddle(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		d.put(letter("m2@home.test", "wang@home.test", "Re: x", "three", "In-Reply-To: <m1@home.test>"))
		d.put(letter("m0@home.test", "wang@home.test", "x", "one"))
		d.put(letter("m1@home.test", "wang@home.test", "Re: x", "two", "In-Reply-To: <m0@home.test>"))
		d.put(letter("m3@home.test", "wang@home.test", "Re: x", "four", "In-Reply-To: <m2@home.test>"))
		all := d.all()
		if len(all) != 2 || all[0].MergedInto == nil || *all[0].MergedInto != all[1].ID {
			t.Fatalf("got %d tickets, the first merged into %v", len(all), all[0].MergedInto)
		}
		if got := strings.Join(d.said(all[1].ID), " "); got != "contact: one contact: two contact: four" {
			t.Errorf("got %q", got)
		}
		d.put(letter("s2@x.test", "evil@x.test", "y", "five", "In-Reply-To: <m4@home.test>"), letter("m4@home.test", "wang@home.test", "Re: x", "six", "In-Reply-To: <m3@home.test>"))
		if all := d.all(); len(all) != 3 || all[2].MergedInto != nil {
			t.Errorf("a stranger's ticket was merged: %d", len(all))
		}
	})
}

func TestWhatTheDeskItselfHasSentMakesNoTicket(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		d.put(letter("a1@home.test", "wang@home.test", "First", "one"))
		ours := d.NewMessageID(d.all()[0].ID, 7)
		d.put(letter(ours, "support@shop.test", "Re: First", "an answer"), letter("p1@shop.test", "support@shop.test", "Huiyin test huiyintest-abc", "a test"))
		if n := d.count(`SELECT COUNT(*) FROM mail_incoming WHERE state = 'own'`); len(d.all()) != 1 || n != 2 {
			t.Errorf("%d tickets, %d mails are the desk's own", len(d.all()), n)
		}
		d.put(letter(ours+"x", "evil@x.test", "Huiyin test huiyintest-abc", "forged"))
		if len(d.all()) != 2 {
			t.Error("a stranger hides a mail by the mark of a test")
		}
	})
}

func TestAForgedSenderWithANumberBringsNobodyIntoTheConversation(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		d.put(letter("a1@home.test", "wang@home.test", "First", "one"))
		first := d.all()[0]
		for _, one := range []struct {
			name, auth, want string
			people           int
		}{
			{"forged", "mx.shop.test; dmarc=fail header.from=home.test", "[wang@home.test] []", 0},
			{"proved", "mx.shop.test; dmarc=pass header.from=home.test", "[other@home.test] [friend@x.test]", 1},
		} {
			d.put(letter(one.name+"@x.test", "wang@home.test", fmt.Sprintf("Re: First [#%d]", first.Number), "send it to my friend",
				"Reply-To: other@home.test", "Cc: friend@x.test", "Authentication-Results: "+one.auth))
			a, err := d.Proposed(bg, first.ID)
			must(t, err)
			if got := fmt.Sprint(bare(a.To), " ", bare(a.CC)); got != one.want {
				t.Errorf("%s: an answer goes to %s, want %s", one.name, got, one.want)
			}
			people, err := d.tickets.Participants(bg, first.ID)
			must(t, err)
			if len(people) != one.people {
				t.Errorf("%s: %d people take part, want %d", one.name, len(people), one.people)
			}
		}
		if got := d.said(first.ID); len(got) != 3 {
			t.Errorf("got %q", got)
		}
	})
}

// bare are addresses without names.
func bare(list []eml.Address) []string {
	out := []string{}
	for _, a := range list {
		out = append(out, a.Address)
	}
	return out
}
