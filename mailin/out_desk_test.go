package mailin_test

import (
	"strings"
	"testing"
	"time"

	"huiyin/app/mailer"
	"huiyin/app/mailer/mailertest"
	"huiyin/mailin"
	"huiyin/mailin/imapbox"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// post gives the desk's inbox a mail server of the test's, which behaves as answer says.
func (d *desk) post(answer func(step mailer.Step, what string) error, change ...func(*mailin.Account)) *mailertest.Server {
	d.t.Helper()
	server := mailertest.Start(d.t, mailertest.Options{NoAuth: true, Answer: answer})
	d.postAt(server.Settings(), change...)
	return server
}

func (d *desk) postAt(set mailer.Settings, change ...func(*mailin.Account)) {
	d.t.Helper()
	a := mailin.Account{
		InboxID: d.inbox.ID, Active: true, Address: "support@shop.test", Aliases: []string{"help@shop.test"}, Plus: mailin.PlusYes, IMAP: mailin.Server{Host: "imap.shop.test"},
		SMTP: mailin.Server{Host: set.Host, Port: set.Port, Security: imapbox.Plain}, Signature: "{agent}\n青禾客服",
	}
	for _, fn := range change {
		fn(&a)
	}
	must(d.t, d.Save(bg, a))
}

// reply says something in a ticket; it becomes a letter in the same moment.
func (d *desk) reply(ticket id.ID, body string) *tickets.Message {
	d.t.Helper()
	p, err := d.tickets.Post(bg, d.agent, tickets.Outgoing{TicketID: ticket, Kind: tickets.KindReply, Body: body})
	must(d.t, err)
	return p.Message
}

// drain sends all that is due, as the jobs do.
func (d *desk) drain() {
	d.t.Helper()
	var due []int64
	must(d.t, d.base.Read(bg).Raw(`SELECT message_id FROM mail_letters WHERE state IN ('waiting', 'sending') AND next_at <= ? ORDER BY message_id`, d.now().UnixMilli()).Scan(&due).Error)
	for _, one := range due {
		must(d.t, d.Work(bg, mailin.SendLetter{Message: id.ID(one)}))
	}
}

func (d *desk) delivery(message id.ID) *mailin.Delivery {
	d.t.Helper()
	all, err := d.Deliveries(bg, []id.ID{message})
	must(d.t, err)
	if all[message] == nil {
		d.t.Fatal("the message is no letter")
	}
	return all[message]
}

// states are the recipients of a message with their states: "li@home.test sent".
func (d *desk) states(message id.ID) string {
	d.t.Helper()
	var out []string
	for _, r := range d.delivery(message).Recipients {
		one := r.Address + " " + string(r.State)
		if r.Reason != "" {
			one += " " + r.Reason
		}
		out = append(out, one)
	}
	return strings.Join(out, ", ")
}

// told gives the events of a ticket about mails.
func (d *desk) told(ticket id.ID) string {
	d.t.Helper()
	entries, err := d.tickets.Timeline(bg, ticket, 0, 200)
	must(d.t, err)
	var out []string
	for _, e := range entries {
		if strings.HasPrefix(string(e.Event.Type), "mail.") {
			out = append(out, string(e.Event.Type)+e.Event.Data)
		}
	}
	return strings.Join(out, " ")
}

// asked is a ticket that a mail of a shopper began.
func (d *desk) asked(more ...string) *tickets.Ticket {
	d.t.Helper()
	d.put(letter("q1@home.test", "Li Hua <li@home.test>", "Where is my parcel", "It was to come on Monday.", more...))
	all := d.all()
	return all[len(all)-1]
}

func got(t *testing.T, what, have, want string) {
	t.Helper()
	if have != want {
		t.Errorf("%s: got %q, want %q", what, have, want)
	}
}

const minute = time.Minute
