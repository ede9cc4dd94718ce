package mailin_test

import (
	"testing"
	"time"

	"huiyin/mailin"
)

func TestMailsThatWereLeftStayLeftWhenTheFolderIsNumberedAnew(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		const who = "support@shop.test"
		d.mailbox()
		old := letter("a1@home.test", "wang@home.test", "x", "of last year")
		d.server.DeliverAt(who, "INBOX", old, time.Now().Add(-96*time.Hour))
		a := d.account()
		a.Older = mailin.OlderLeave
		must(t, d.Save(bg, a))
		stop := d.run()
		for until := time.Now().Add(time.Minute); d.count(`SELECT COUNT(*) FROM mail_accounts WHERE last_uid > 0`) == 0; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(until) {
				t.Fatal("the folder was never looked at")
			}
		}
		d.server.Deliver(who, "INBOX", letter("a2@home.test", "wang@home.test", "x", "new"))
		d.settled(1)
		stop()
		d.server.Deliver(who, "INBOX", letter("a3@home.test", "wang@home.test", "x", "meanwhile"))
		d.server.Forget(who, "INBOX")
		d.run()
		d.settled(2)
		time.Sleep(500 * time.Millisecond)
		if n := len(d.all()); n != 2 {
			t.Errorf("%d tickets, want 2: what was left has come", n)
		}
	})
}
