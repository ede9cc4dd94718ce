package mailin_test

import (
	"testing"

	"huiyin/tickets"
)

func TestWhoWritesAgainAfterHerTicketHasEndedBeginsOneNewTicket(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		d.put(letter("a@home.test", "wang@home.test", "First", "one"))
		first := d.all()[0]
		_, err := d.tickets.SetStatus(bg, d.agent, first.ID, tickets.StatusClosed)
		must(t, err)
		ours := d.NewMessageID(first.ID, 7)
		d.put(letter("b@home.test", "wang@home.test", "Re: First", "two", "In-Reply-To: <"+ours+">"))
		d.put(letter("c@home.test", "wang@home.test", "Re: First", "three", "In-Reply-To: <"+ours+">"))
		d.put(letter("d@home.test", "wang@home.test", "Re: First", "four", "References: <"+ours+"> <b@home.test>"))
		all := d.all()
		if len(all) != 2 || len(d.said(all[1].ID)) != 3 || all[1].PreviousID == nil || *all[1].PreviousID != first.ID {
			t.Fatalf("%d tickets, the second says %q", len(all), d.said(all[1].ID))
		}
		// Another person's mail begins her own.
		d.put(letter("e@other.test", "li@other.test", "Re: First", "five", "In-Reply-To: <"+ours+">"))
		if all := d.all(); len(all) != 3 || all[2].ContactID == first.ContactID {
			t.Errorf("%d tickets", len(all))
		}
	})
}
