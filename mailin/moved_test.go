package mailin_test

import (
	"strings"
	"testing"

	"gorm.io/gorm"

	"huiyin/mailin/eml"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

func TestAMailThatIsMovedTakesItsHeadItsFilesAndItsAnswersAlong(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		d.put(letter("a@home.test", "wang@home.test", "First", "one"))
		d.put(letter("b@home.test", "li@other.test", "Second", "--b\r\nContent-Type: text/html\r\n\r\n<p>two <img src=\"cid:p\"></p>\r\n--b\r\nContent-Type: image/png; name=p.png\r\nContent-ID: <p>\r\nContent-Transfer-Encoding: base64\r\n\r\n"+
			"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==\r\n--b--", "References: <a@home.test>", "Content-Type: multipart/related; boundary=b"))
		first := d.all()[0]
		var message id.ID
		must(t, d.base.Read(bg).Raw(`SELECT message_id FROM mail_messages ORDER BY incoming_id DESC LIMIT 1`).Row().Scan((*int64)(&message)))
		to, copied, err := d.tickets.MoveMessage(bg, d.agent, message, 0)
		must(t, err)
		if to.ID == first.ID || len(d.all()) != 2 {
			t.Fatal("it was not moved")
		}
		mails, err := d.Mails(bg, []id.ID{message, copied.ID})
		must(t, err)
		m := mails[copied.ID]
		if len(mails) != 1 || m == nil || m.Reason != "moved" || m.Head.From.Address != "li@other.test" || m.Head.Subject != "Second" {
			t.Fatalf("got %+v", mails)
		}
		var linked id.ID
		shown, err := d.HTML(bg, copied.ID, false, func(file id.ID) string { linked = file; return "/file" })
		must(t, err)
		if shown.HTML == "" || len(copied.Attachments) != 1 || linked != copied.Attachments[0].ID {
			t.Errorf("got %q with the file %v of %+v", shown.HTML, linked, copied.Attachments)
		}
		d.put(letter("c@home.test", "li@other.test", "Re: Second", "three", "References: <b@home.test>"))
		if got := d.said(to.ID); len(got) != 2 {
			t.Errorf("its answer is not with it: %q", got)
		}
	})
}

func TestWhatIsAnsweredNearestTellsTheTicket(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		d.put(letter("a@home.test", "wang@home.test", "First", "one"))
		first := d.all()[0]
		ours, plus := d.NewMessageID(first.ID, 7), d.AnswerAddress(first.ID)
		d.put(letter("b@home.test", "wang@home.test", "Another thing", "two", "In-Reply-To: <"+ours+">", "Cc: "+plus))
		var message id.ID
		must(t, d.base.Read(bg).Raw(`SELECT message_id FROM mail_messages ORDER BY incoming_id DESC LIMIT 1`).Row().Scan((*int64)(&message)))
		to, _, err := d.tickets.MoveMessage(bg, d.agent, message, 0)
		must(t, err)
		d.put(letter("c@home.test", "wang@home.test", "Re: Another thing", "three", "References: <"+ours+"> <b@home.test>"))
		d.put(letter("d@home.test", "wang@home.test", "Re: Another thing", "four", "References: <"+ours+"> <b@home.test>", "Cc: "+plus))
		if got := d.said(to.ID); len(got) != 3 {
			t.Errorf("the ticket of what was moved says %q, the other %q", got, d.said(first.ID))
		}
	})
}

func TestAReplyThatIsSplitOffTakesItsLetterAlong(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		server := d.post(nil)
		ticket := d.asked()
		sent := d.reply(ticket.ID, "It is on its way.")
		d.drain()
		waits := d.reply(ticket.ID, "The invoice follows.")
		var into *tickets.Ticket
		plan, err := d.tickets.PlanSplit(bg, d.agent, ticket.ID, sent.Pos)
		must(t, err)
		must(t, d.base.Write(bg, func(tx *gorm.DB) (err error) { into, err = d.tickets.SplitTx(tx, d.agent, plan); return err }))
		var copies []id.ID
		must(t, d.base.Read(bg).Raw(`SELECT id FROM messages WHERE copied_from IN ? ORDER BY pos`, []id.ID{sent.ID, waits.ID}).Scan(&copies).Error)
		got(t, "the one that was sent", d.states(copies[0]), "li@home.test sent")
		d.drain()
		got(t, "the one that waited", d.states(copies[1]), "li@home.test sent")
		mails := server.Mails()
		if len(mails) != 2 || !strings.Contains(mails[1].Text, "The invoice follows.") {
			t.Fatalf("%d mails left: %+v", len(mails), mails)
		}
		d.put(letter("a1@home.test", "li@home.test", "Re: parcel", "Thanks!", "In-Reply-To: <"+eml.Parse(mails[0].Raw).MessageID+">"))
		if said := d.said(into.ID); len(said) != 3 || !strings.HasSuffix(said[2], "Thanks!") {
			t.Errorf("her answer is not where the reply stands: %q", said)
		}
	})
}
