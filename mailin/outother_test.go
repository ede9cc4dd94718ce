package mailin_test

import (
	"strings"
	"testing"

	"gorm.io/gorm"

	"huiyin/mailin/eml"
	"huiyin/tickets"
)

func TestAnAnswerToAFormGoesToHerKnownAddressAndHersComesBack(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		server := d.post(nil)
		form, err := d.tickets.CreateInbox(bg, tickets.NewInbox{Channel: tickets.ChannelForm, Name: "After the order"})
		must(t, err)
		begin := func(ref tickets.ContactRef) (got tickets.Received) {
			must(t, d.base.Write(bg, func(tx *gorm.DB) error {
				p, _, err := d.tickets.ContactForTx(tx, ref)
				if err == nil {
					got, err = d.tickets.ReceiveTx(tx, tickets.Inbound{InboxID: form.ID, ContactID: p.ID, Body: "Too slow."})
				}
				return err
			}))
			return got
		}
		known, unknown := begin(tickets.ContactRef{Email: "mei@home.test"}), begin(tickets.ContactRef{ExternalID: "u2"})
		for _, one := range []tickets.Received{known, unknown} {
			_, err := d.tickets.Post(bg, d.agent, tickets.Outgoing{TicketID: one.Ticket.ID, Kind: tickets.KindReply, Body: "We are sorry."})
			must(t, err)
			_, err = d.tickets.Post(bg, d.agent, tickets.Outgoing{TicketID: one.Ticket.ID, Kind: tickets.KindNote, Body: "internal"})
			must(t, err)
		}
		d.drain()
		mails := server.Mails()
		if len(mails) != 1 {
			t.Fatalf("%d mails", len(mails))
		}
		for _, want := range []string{"We are sorry.", "https://desk.test/t/"} {
			if !strings.Contains(mails[0].Text, want) {
				t.Errorf("%q lacks %q", mails[0].Text, want)
			}
		}
		m := eml.Parse(mails[0].Raw)
		d.put([]byte("Message-ID: <a1@home.test>\r\nFrom: mei@home.test\r\nTo: " + m.ReplyTo[0].Address + "\r\nSubject: Re: x\r\nIn-Reply-To: <" + m.MessageID + ">\r\n\r\nThank you!\r\n"))
		said := d.said(known.Ticket.ID)
		got(t, "in the ticket", said[len(said)-1], "contact: Thank you!")
	})
}
