package mailin_test

import (
	"testing"

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
