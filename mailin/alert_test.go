package mailin_test

import (
	"testing"
	"time"

	"huiyin/mailin"
	"huiyin/mailin/imapbox"
	"huiyin/tickets"
)

func TestAnAlertIsOverWhenNoMailboxFailsAnyMore(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.mailbox()
		other, err := d.tickets.CreateInbox(bg, tickets.NewInbox{Channel: tickets.ChannelEmail, Name: "另一个"})
		must(t, err)
		must(t, d.Save(bg, mailin.Account{InboxID: other.ID, Active: true, Address: "other@shop.test", IMAP: mailin.Server{Host: "127.0.0.1", Port: 1, Security: imapbox.Plain}}))
		d.run()
		failing := func() int { return d.count(`SELECT COUNT(*) FROM mail_accounts WHERE failing_since IS NOT NULL`) }
		read := func() int { return d.count(`SELECT COUNT(*) FROM mail_accounts WHERE polled_at IS NOT NULL`) }
		over := func() int {
			d.mu.Lock()
			defer d.mu.Unlock()
			return len(d.over)
		}
		until := func(fn func() bool) bool {
			for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
				if fn() {
					return true
				}
			}
			return false
		}
		if !until(func() bool { return failing() == 1 && read() == 1 }) {
			t.Fatalf("%d fail, %d were read", failing(), read())
		}
		before := over() // the first may have been read before the other one failed
		must(t, d.FetchNow(bg, d.inbox.ID))
		time.Sleep(time.Second)
		if n := over(); n != before {
			t.Error("one that works has ended the alert of one that does not")
		}
		fixed := d.account()
		fixed.InboxID, fixed.Address = other.ID, "other@shop.test"
		must(t, d.Save(bg, fixed)) // somebody has mended it
		if !until(func() bool { return over() > before }) {
			t.Error("it was mended, and the alert stands")
		}
	})
}
