package mailin_test

import (
	"testing"
	"time"
)

func TestMailsOfAnInboxThatIsSwitchedOffWait(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.mailbox()
		stop := d.run()
		d.server.Deliver("support@shop.test", "INBOX", letter("a1@home.test", "wang@home.test", "x", "before"))
		d.settled(1)
		stop()
		_, err := d.tickets.EnableInbox(bg, d.inbox.ID, false)
		must(t, err)
		d.put(letter("a2@home.test", "wang@home.test", "x", "stored before it was switched off"))
		if n := d.count(`SELECT COUNT(*) FROM mail_incoming WHERE state = 'new' AND attempts = 0`); n != 1 {
			t.Errorf("%d mails wait untouched, want 1", n)
		}
		d.server.Deliver("support@shop.test", "INBOX", letter("a3@home.test", "wang@home.test", "x", "on the server"))
		stop = d.run()
		time.Sleep(time.Second)
		stop()
		if n := d.server.Count("support@shop.test", "INBOX"); n != 1 {
			t.Errorf("%d mails are left on the server, want 1", n)
		}
		_, err = d.tickets.EnableInbox(bg, d.inbox.ID, true)
		must(t, err)
		must(t, d.Save(bg, d.account()))
		d.run()
		for end := time.Now().Add(30 * time.Second); len(d.all()) < 3 && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		}
		if n := len(d.all()); n != 3 {
			t.Errorf("%d tickets, want 3", n)
		}
	})
}
