package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"huiyin/tickets"
)

// mailed is a ticket of somebody by e-mail, for a chat has but one that is open.
func (d *desk) mailed(contact *tickets.Contact, subject, body string) *tickets.Ticket {
	d.t.Helper()
	box, err := d.tickets.CreateInbox(d.t.Context(), tickets.NewInbox{Channel: tickets.ChannelEmail, Name: "mail"})
	must(d.t, err)
	r, err := d.tickets.Receive(d.t.Context(), tickets.Inbound{InboxID: box.ID, ContactID: contact.ID, SourceID: subject, Subject: subject, Body: body})
	must(d.t, err)
	return r.Ticket
}

func TestATicketIsMergedShownWithTheOtherAndSeparatedAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	li := d.contact("李雷")
	b := d.signedIn(d.agent("wang", "王芳", tickets.RoleAgent))
	one, two := d.mailed(li, "退款", "退款还没到"), d.mailed(li, "又是退款", "再问一次")
	page, other := ticketPath(one.Number), ticketPath(two.Number)
	if got := b.get(page).body; !strings.Contains(got, `action="`+page+`/merger"`) || !strings.Contains(got, "又是退款") {
		t.Fatal("the ticket does not offer the other one")
	}
	for _, wrong := range []string{"", "x", "-1", "99999", strconv.FormatInt(one.Number, 10), strconv.FormatInt(d.mailed(d.contact("韩梅梅"), "x", "x").Number, 10)} {
		if got := b.script(page+"/merger", url.Values{"into": {wrong}}); got.status < 400 || got.status >= 500 {
			t.Errorf("into %q: %d", wrong, got.status)
		}
	}
	if got := b.script(page+"/merger", url.Values{"into": {" #" + strconv.FormatInt(two.Number, 10)}}); got.status != http.StatusOK {
		t.Fatalf("merge: %d %s", got.status, got.body)
	}
	if got := b.get(page).body; !strings.Contains(got, other) || !strings.Contains(got, page+"/separation") || strings.Contains(got, page+"/merger") {
		t.Error("the merged ticket does not say where it went")
	}
	if got := b.get(other).body; !strings.Contains(got, `data-merged="`+strconv.FormatInt(one.Number, 10)+`"`) || !strings.Contains(got, "退款还没到") {
		t.Error("the other ticket does not show what was merged into it")
	}
	if got := b.post(page+"/separation", url.Values{}); got.status != http.StatusSeeOther {
		t.Errorf("undo: %d", got.status)
	}
	if got := b.get(other).body; strings.Contains(got, "data-merged") {
		t.Error("it still shows it")
	}
	if got := b.script(page+"/separation", url.Values{}); got.status != http.StatusConflict {
		t.Errorf("undo twice: %d", got.status)
	}
}

func TestAPromisedFirstReplyIsShownWithItsTicket(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	set := d.inbox.Settings
	set.FirstReplyMinutes = 1
	_, err := d.tickets.UpdateInboxSettings(t.Context(), d.inbox.ID, set)
	must(t, err)
	b := d.signedIn(d.agent("wang", "王芳", tickets.RoleAgent))
	ask := func(name string, at time.Time) string {
		r, err := d.tickets.Receive(t.Context(), tickets.Inbound{InboxID: d.inbox.ID, ContactID: d.contact(name).ID, SourceID: name, Body: "在吗", At: at})
		must(t, err)
		return ticketPath(r.Ticket.Number)
	}
	promised, overdue := d.web.Texts.Text("en", "console.sla.running", nil), d.web.Texts.Text("en", "console.sla.overdue", nil)
	if got := b.get(ask("李雷", time.Now())).body; !strings.Contains(got, ">"+promised+"<") || strings.Contains(got, ">"+overdue+"<") {
		t.Error("the ticket does not say that there is time")
	}
	for _, at := range []string{ask("韩梅梅", time.Now().Add(-2*time.Minute)), "/tickets"} {
		if got := b.get(at).body; !strings.Contains(got, ">"+overdue+"<") {
			t.Errorf("%s does not say that the first reply is overdue", at)
		}
	}
}
