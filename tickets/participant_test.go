package tickets_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// takePart gives the names of who takes part in a ticket, in order.
func (d *desk) takePart(t *testing.T, ticket id.ID) string {
	t.Helper()
	list, err := d.Participants(bg, ticket)
	ok(t, err)
	var names []string
	for i := range list {
		names = append(names, list[i].Name)
	}
	return strings.Join(names, " ")
}

func (d *desk) isParticipant(t *testing.T, ticket, contact id.ID) bool {
	t.Helper()
	is, err := d.IsParticipantTx(d.store.Read(bg), ticket, contact)
	ok(t, err)
	return is
}

func (d *desk) adds(t *testing.T, ticket id.ID, contacts ...id.ID) (added []id.ID) {
	t.Helper()
	d.write(t, func(tx *gorm.DB) (err error) {
		added, err = d.AddParticipantsTx(tx, d.wang, ticket, contacts)
		return err
	})
	return added
}

func TestPeopleTakePartInATicketBesideItsContact(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket.ID
		mei := d.contact(t, "韩梅梅", verified(tickets.IdentityEmail, "mei@huiyin.test")).ID
		lin := d.contact(t, "林涛").ID
		ok(t, d.AddParticipant(bg, d.wang, ticket, mei))
		ok(t, d.AddParticipant(bg, d.wang, ticket, mei)) // again
		equal(t, len(d.adds(t, ticket, lin, mei, d.li.ID, lin)), 1)
		equal(t, d.takePart(t, ticket), "韩梅梅 林涛")
		list, err := d.Participants(bg, ticket)
		ok(t, err)
		equal(t, list[0].Identities[0].Value, "mei@huiyin.test")
		equal(t, d.isParticipant(t, ticket, mei), true)
		equal(t, d.isParticipant(t, ticket, d.li.ID), true)
		equal(t, d.isParticipant(t, ticket, d.contact(t, "").ID), false)
		equal(t, d.isParticipant(t, ticket, 17), false)
		ok(t, d.RemoveParticipant(bg, d.wang, ticket, mei))
		ok(t, d.RemoveParticipant(bg, d.wang, ticket, mei)) // again
		equal(t, d.takePart(t, ticket), "林涛")
		lines(t, d.timeline(t, ticket)[2:], "3 participant.added", "4 participant.added", "5 participant.removed")

		her := tickets.Actor{Kind: tickets.ActorContact, ID: mei}
		refused(t, d.AddParticipant(bg, her, ticket, mei), fault.Denied, "error.denied")
		refused(t, d.RemoveParticipant(bg, her, ticket, lin), fault.Denied, "error.denied")
		refused(t, d.AddParticipant(bg, d.wang, ticket, d.li.ID), fault.Conflict, "error.participant.own")
		refused(t, d.AddParticipant(bg, d.wang, ticket, 17), fault.NotFound, "error.contact.not_found")
		refused(t, d.AddParticipant(bg, d.wang, 17, mei), fault.NotFound, "error.ticket.not_found")
		d.check(t)
	})
}

func TestAtMostFiftyTakePart(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket.ID
		var many []id.ID
		for i := range tickets.ParticipantsMax + 3 {
			many = append(many, d.contact(t, fmt.Sprint("顾客", i)).ID)
		}
		equal(t, len(d.adds(t, ticket, many...)), tickets.ParticipantsMax)
		refused(t, d.AddParticipant(bg, d.wang, ticket, many[len(many)-1]), fault.Conflict, "error.participant.most")
		ok(t, d.AddParticipant(bg, d.wang, ticket, many[0])) // is there
		d.check(t)
	})
}

func TestAMergeUnitesWhoTakesPartAndItsUndoRestoresIt(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		from, into := d.twoMatters(t)
		mei, tao, lin := d.contact(t, "韩梅梅").ID, d.contact(t, "陶然").ID, d.contact(t, "林涛").ID
		d.adds(t, from.ID, mei, tao)
		d.adds(t, into.ID, lin)
		ok(t, second(d.MergeTicket(bg, d.wang, from.ID, into.ID)))
		equal(t, d.takePart(t, into.ID), "韩梅梅 陶然 林涛")
		equal(t, d.takePart(t, from.ID), "韩梅梅 陶然")
		equal(t, d.isParticipant(t, into.ID, mei), true)
		equal(t, len(d.adds(t, from.ID, mei)), 0)
		equal(t, len(d.adds(t, from.ID, lin)), 0) // she takes part in where it went
		ok(t, d.RemoveParticipant(bg, d.wang, into.ID, tao))
		equal(t, d.takePart(t, into.ID), "韩梅梅 林涛")
		ok(t, second(d.UnmergeTicket(bg, d.wang, from.ID)))
		equal(t, d.takePart(t, into.ID), "林涛")
		equal(t, d.takePart(t, from.ID), "韩梅梅")
		d.check(t)
	})
}

func TestWhoSignsInTakesHerPartsWithHer(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		visitor, mei := d.contact(t, ""), d.contact(t, "韩梅梅")
		lis := d.hears(t, "", "你好").Ticket.ID
		meis := d.hearsFrom(t, mei.ID, "", "你好").Ticket.ID
		hers := d.hearsFrom(t, visitor.ID, "", "在吗").Ticket.ID
		d.adds(t, lis, visitor.ID, mei.ID)
		d.adds(t, meis, visitor.ID)
		d.adds(t, hers, mei.ID)
		d.joins(t, lis, visitor.ID, "我也是")
		d.joins(t, meis, visitor.ID, "我也是")
		d.write(t, func(tx *gorm.DB) error { return d.MergeContactTx(tx, visitor.ID, mei.ID) })
		equal(t, d.takePart(t, lis), "韩梅梅")
		equal(t, d.takePart(t, meis), "")
		equal(t, d.takePart(t, hers), "")
		equal(t, d.isParticipant(t, lis, visitor.ID), true)
		equal(t, len(d.guestMessages(t, mei.ID)), 1)
		d.check(t)
	})
}

func TestWhoIsErasedTakesPartInNothing(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		mei := d.contact(t, "韩梅梅").ID
		ticket := d.hears(t, "a", "你好").Ticket.ID
		d.joins(t, ticket, mei, "梅梅的话")
		equal(t, d.ticket(t, ticket).Preview, "梅梅的话")
		d.erases(t, mei)
		equal(t, d.takePart(t, ticket), "")
		refused(t, d.AddParticipant(bg, d.wang, ticket, mei), fault.Conflict, "error.contact.erased")
		equal(t, len(d.adds(t, ticket, mei)), 0)
		equal(t, d.ticket(t, ticket).Preview, "你好")
		lines(t, d.timeline(t, ticket), "1 ticket.created", "2 message.created contact/1 你好", "3 message.created contact/2 erased", "4 participant.added")
		equal(t, d.count(t, `SELECT COUNT(*) FROM messages WHERE guest_id IS NOT NULL AND (body IS NOT NULL OR client_id IS NOT NULL OR dedupe IS NOT NULL)`), 0)
		d.check(t)
	})
}

func TestTheSamePersonAddedManyTimesAtOnceTakesPartOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket, mei := d.hears(t, "", "你好").Ticket.ID, d.contact(t, "韩梅梅").ID
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if err := d.AddParticipant(bg, d.wang, ticket, mei); err != nil {
					t.Errorf("add: %v", err)
				}
			})
		}
		wg.Wait()
		equal(t, d.ticket(t, ticket).LastPos, 3)
		d.check(t)
	})
}

func TestWhoeverHasAnAddressTakesPartAndIsMadeKnownOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		heard := d.hears(t, "", "你好")
		ticket := heard.Ticket.ID
		for _, wrong := range []string{"", "mei", "mei@", "a b@huiyin.test"} {
			if err := d.AddParticipantByEmail(bg, d.wang, ticket, wrong); !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", wrong, err)
			}
		}
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				if err := d.AddParticipantByEmail(bg, d.wang, ticket, []string{"mei@huiyin.test", "MEI@huiyin.test"}[i%2]); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if list, err := d.Participants(bg, ticket); err != nil || len(list) != 1 {
			t.Errorf("%d people, %v", len(list), err)
		}
		if err := d.AddParticipantByEmail(bg, tickets.Actor{Kind: tickets.ActorContact, ID: heard.Ticket.ContactID}, ticket, "x@huiyin.test"); !fault.Is(err, fault.Denied) {
			t.Errorf("by a contact: %v", err)
		}
		other := d.hears(t, "", "在吗").Ticket.ID
		if m, err := d.MessageIn(bg, ticket, heard.Message.ID); err != nil || m.Body != "你好" {
			t.Errorf("the message of the ticket: %v", err)
		}
		if other != ticket {
			if _, err := d.MessageIn(bg, other, heard.Message.ID); !fault.Is(err, fault.NotFound) {
				t.Errorf("the message of another ticket: %v", err)
			}
		}
	})
}
