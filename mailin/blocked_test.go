package mailin_test

import (
	"fmt"
	"testing"

	"huiyin/mailin"
)

func TestWhoIsBlockedInAMailboxComesIntoNoTicketAndWhoIsAllowedDoes(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		must(t, d.Save(bg, mailin.Account{
			InboxID: d.inbox.ID, Address: "support@shop.test", IMAP: mailin.Server{Host: "imap.shop.test"}, Blocked: []string{"@evil.test"}, Allowed: []string{"good@evil.test"},
		}))
		d.put(letter("a@home.test", "wang@home.test", "First", "one"))
		ours := "In-Reply-To: <" + d.NewMessageID(d.all()[0].ID, 7) + ">"
		d.put(letter("b@evil.test", "bad@evil.test", "Re: First", "two", ours), letter("c@evil.test", "good@evil.test", "Re: First", "three", ours), letter("d@evil.test", "good@evil.test", "New", "four"))
		said := ""
		for _, one := range d.all() {
			said += fmt.Sprint(one.Status, d.said(one.ID))
		}
		got(t, "tickets", said, "new[contact: one contact: three]closed[contact: two]new[contact: four]")
	})
}
