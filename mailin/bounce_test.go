package mailin_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"huiyin/mailin"
	"huiyin/tickets"
)

// report is a delivery status notification about a mail that was sent.
func report(n int, to, recipient, action, status, said string, original ...string) []byte {
	return fmt.Appendf(nil, "Message-ID: <dsn%d@mx.test>\r\nFrom: MAILER-DAEMON@mx.test\r\nTo: %s\r\nSubject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/report; report-type=delivery-status; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n--B\r\nContent-Type: message/delivery-status\r\n\r\n"+
		"Reporting-MTA: dns; mx.test\r\n\r\nFinal-Recipient: rfc822; %s\r\nAction: %s\r\nStatus: %s\r\nDiagnostic-Code: smtp; %s\r\n\r\n--B\r\nContent-Type: text/rfc822-headers\r\n\r\n%s\r\n--B--\r\n",
		n, to, recipient, action, status, said, strings.Join(original, "\r\n"))
}

func TestABounceFindsItsMessageAndMarksTheAddress(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		server := d.post(nil)
		ticket := d.asked("Cc: wang@home.test")
		m := d.reply(ticket.ID, "One moment.")
		d.drain()
		_, err := d.tickets.SetStatus(bg, d.agent, ticket.ID, tickets.StatusSolved)
		must(t, err)
		ours := "Message-ID: " + server.Wait(1)[0].Header.Get("Message-Id")
		d.put(report(1, "support@shop.test", "li@home.test", "delayed", "4.4.1", "no answer yet", ours))
		got(t, "delayed", d.states(m.ID)+d.told(ticket.ID), "li@home.test delayed busy, wang@home.test sent")
		d.put(report(2, "support@shop.test", "LI@home.test", "failed", "5.1.1", "550 5.1.1 no such user", ours))
		d.put(report(3, "support@shop.test", "li@home.test", "failed", "5.1.1", "550 5.1.1 no such user", ours))
		d.put(report(4, "support@shop.test", "wang@home.test", "delivered", "2.0.0", "ok", ours))
		got(t, "failed", d.states(m.ID), "li@home.test bounced user_unknown, wang@home.test sent")
		got(t, "told once", d.told(ticket.ID), `mail.bounced{"reason":"user_unknown"}`)
		r := d.delivery(m.ID).Recipients[0]
		got(t, "words", r.Detail+" "+r.Enhanced, "550 5.1.1 no such user 5.1.1")
		if n := d.count(`SELECT COUNT(*) FROM mail_incoming WHERE id = ? AND ticket_id = ? AND message_id = ? AND state = 'bounce'`, int64(r.Incoming), int64(ticket.ID), int64(m.ID)); n != 1 {
			t.Error("the report is not linked to its message")
		}
		if n := len(d.all()); n != 1 {
			t.Errorf("%d tickets", n)
		}
		back, err := d.tickets.Ticket(bg, ticket.ID)
		must(t, err)
		if back.Status != tickets.StatusOpen || back.WaitingSince == nil {
			t.Errorf("the ticket is %s", back.Status)
		}
		next := d.reply(ticket.ID, "Again.")
		d.drain()
		got(t, "next", d.states(next.ID), "li@home.test refused known_bad, wang@home.test sent")
		d.later(61 * 24 * time.Hour)
		last := d.reply(ticket.ID, "And after two months.")
		d.drain()
		got(t, "two months later", d.states(last.ID), "li@home.test sent, wang@home.test sent")
	})
}

func TestABounceThatKeepsOnlyTheAnswerAddressIsFound(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.post(nil)
		ticket := d.asked("Cc: wang@home.test")
		m := d.reply(ticket.ID, "One moment.")
		d.drain()
		d.put(report(1, d.AnswerAddress(ticket.ID), "wang@home.test", "failed", "5.2.2", "mailbox full"))
		got(t, "by the envelope", d.states(m.ID), "li@home.test sent, wang@home.test bounced mailbox_full")
		next := d.reply(ticket.ID, "A full mailbox may have room again.")
		d.drain()
		got(t, "soft", d.states(next.ID), "li@home.test sent, wang@home.test sent")
		d.put(report(2, "support@shop.test", "li@home.test", "failed", "5.7.1", "blocked by spamhaus", "Message-ID: <x@eur.test>", "Reply-To: "+d.AnswerAddress(ticket.ID)))
		got(t, "by the original's Reply-To", d.states(next.ID), "li@home.test bounced filtered, wang@home.test sent")
	})
}

func TestABounceOfNoMailOfOursBecomesAClosedTicket(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		server := d.post(nil, func(a *mailin.Account) { a.AutoReply.On = true })
		d.put(report(1, "support@shop.test", "who@home.test", "failed", "5.1.1", "no such user", "Message-ID: <strange@home.test>"))
		d.auto()
		d.drain()
		if all := d.all(); len(all) != 1 || all[0].Status != tickets.StatusClosed {
			t.Errorf("%v", all)
		}
		if n := len(server.Mails()); n != 0 {
			t.Errorf("a bounce made %d mails leave", n)
		}
	})
}

func TestServersWordsAreUnderstood(t *testing.T) {
	t.Parallel()
	for _, tc := range [][3]string{
		{"5.1.1", "", "user_unknown"}, {"5.0.0", "550 RCPT TO: user unknown", "user_unknown"}, {"", "mailbox is full", "mailbox_full"}, {"5.2.1", "over quota", "mailbox_full"},
		{"5.7.1", "Message blocked as spam", "filtered"}, {"5.7.26", "unauthenticated", "policy"}, {"4.4.7", "", "expired"}, {"5.3.4", "", "too_large"}, {"", "用户不存在", "user_unknown"},
		{"4.7.1", "", "filtered"}, {"", "421 try again", "busy"}, {"", "554 no", "rejected"}, {"5.1.2", "", "host_unknown"}, {"5.2.1", "account disabled", "disabled"},
	} {
		got(t, tc[0]+" "+tc[1], mailin.ReasonOf(tc[0], tc[1], ""), tc[2])
	}
}
