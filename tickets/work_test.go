package tickets_test

import (
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

func TestAssigningANewTicketOpensIt(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket.ID
		got, err := d.Assign(bg, d.wang, ticket, &d.zhao.ID)
		ok(t, err)
		equal(t, got.Status, tickets.StatusOpen)
		equal(t, *got.AssigneeID, d.zhao.ID)
		_, err = d.Assign(bg, d.wang, ticket, &d.zhao.ID) // the same again is nothing
		ok(t, err)
		got, err = d.Assign(bg, d.wang, ticket, nil)
		ok(t, err)
		equal(t, got.Status, tickets.StatusOpen)
		lines(t, d.timeline(t, ticket)[2:], "3 ticket.assigned", "4 ticket.status", "5 ticket.assigned")
		page, err := d.Timeline(bg, ticket, 2, 0)
		ok(t, err)
		equal(t, *page[0].Event.SubjectID, d.zhao.ID)
		equal(t, page[0].Event.ActorID, d.wang.ID)
		equal(t, page[2].Event.Data, `{"from":"`+d.zhao.ID.String()+`"}`)
		if page[2].Event.SubjectID != nil {
			t.Errorf("nobody has id %d", *page[2].Event.SubjectID)
		}
	})
}

func TestAssignKnowsOnlyAgentsAtWork(t *testing.T) {
	d := onSQLite(t)
	ticket := d.hears(t, "", "你好").Ticket.ID
	d.write(t, func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE agents SET disabled_at = 1 WHERE id = ?`, int64(d.zhao.ID)).Error
	})
	for _, to := range []id.ID{17, d.li.ID, d.zhao.ID} {
		_, err := d.Assign(bg, d.wang, ticket, &to)
		refused(t, err, fault.Invalid, "error.agent.unknown")
	}
	_, err := d.SetTeam(bg, d.wang, ticket, &d.zhao.ID)
	refused(t, err, fault.Invalid, "error.team.unknown")
}

// Every change of a ticket, as somebody asks for it.
func (d *desk) everyChange(a tickets.Actor, ticket id.ID) map[string]error {
	until := d.millis() + 1000_000
	errs := map[string]error{}
	_, errs["assign"] = d.Assign(bg, a, ticket, &d.wang.ID)
	_, errs["team"] = d.SetTeam(bg, a, ticket, nil)
	_, errs["status"] = d.SetStatus(bg, a, ticket, tickets.StatusSolved)
	_, errs["priority"] = d.SetPriority(bg, a, ticket, tickets.PriorityHigh)
	_, errs["subject"] = d.SetSubject(bg, a, ticket, "退款")
	_, errs["tags"] = d.SetTags(bg, a, ticket, []string{"退款"})
	_, errs["snooze"] = d.Snooze(bg, a, ticket, &until)
	return errs
}

func TestOnlyTheDeskChangesATicket(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket.ID
		for _, a := range []tickets.Actor{{}, {Kind: tickets.ActorContact, ID: d.li.ID}, {Kind: tickets.ActorAgent, ID: 17, Role: tickets.RoleAdmin}} {
			for what, err := range d.everyChange(a, ticket) {
				if !fault.Is(err, fault.Denied) {
					t.Errorf("%s by %+v: got %v", what, a, err)
				}
			}
		}
		for what, err := range d.everyChange(d.wang, 17) {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("%s of a ticket that is none: got %v", what, err)
			}
		}
		equal(t, d.ticket(t, ticket).LastPos, 2)
	})
}

func TestTeamPriorityAndSubjectAreEventsOfTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket.ID
		team, err := d.CreateTeam(bg, "售后")
		ok(t, err)
		for range 2 { // the second time changes nothing
			_, err = d.SetTeam(bg, d.wang, ticket, &team.ID)
			ok(t, err)
			_, err = d.SetPriority(bg, d.wang, ticket, tickets.PriorityUrgent)
			ok(t, err)
			_, err = d.SetSubject(bg, d.wang, ticket, "退款 三天没到账")
			ok(t, err)
		}
		got := d.ticket(t, ticket)
		equal(t, *got.TeamID, team.ID)
		equal(t, got.Priority, tickets.PriorityUrgent)
		equal(t, got.Subject, "退款 三天没到账")
		lines(t, d.timeline(t, ticket)[2:], "3 ticket.team", "4 ticket.priority", "5 ticket.subject")
		_, err = d.SetPriority(bg, d.wang, ticket, "highest")
		refused(t, err, fault.Invalid, "error.ticket.priority")
		_, err = d.SetSubject(bg, d.wang, ticket, strings.Repeat("宽", 301))
		refused(t, err, fault.Invalid, "error.text.too_long")
	})
}

func TestStatusMovesByHandOnlyWhereTheTableAllows(t *testing.T) {
	d := onSQLite(t)
	ticket := d.hears(t, "", "你好").Ticket.ID
	got := d.status(t, ticket, tickets.StatusSolved)
	if got.SolvedAt == nil || got.WaitingSince != nil {
		t.Errorf("solved at %v, waiting since %v", got.SolvedAt, got.WaitingSince)
	}
	d.status(t, ticket, tickets.StatusSolved)
	_, err := d.SetStatus(bg, d.wang, ticket, tickets.StatusNew)
	refused(t, err, fault.Conflict, "error.ticket.move")
	d.status(t, ticket, tickets.StatusClosed)
	_, err = d.SetStatus(bg, d.wang, ticket, tickets.StatusOpen)
	refused(t, err, fault.Conflict, "error.ticket.move")
	_, err = d.SetStatus(bg, d.wang, ticket, "gone")
	refused(t, err, fault.Invalid, "error.ticket.status")
}

func TestAChatIsNotReopenedBesideAnotherOpenOne(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		old := d.hears(t, "", "你好").Ticket.ID
		d.status(t, old, tickets.StatusSpam)
		d.hears(t, "", "你好")
		_, err := d.SetStatus(bg, d.wang, old, tickets.StatusOpen)
		refused(t, err, fault.Conflict, "error.ticket.other_open")
	})
}

func TestASnoozedTicketLeavesTheListsUntilItsTime(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket.ID
		_, err := d.Assign(bg, d.wang, ticket, &d.wang.ID)
		ok(t, err)
		until := d.millis() + time.Hour.Milliseconds()
		_, err = d.Snooze(bg, d.wang, ticket, &until)
		ok(t, err)
		d.checkCounts(t)
		counts, err := d.Counts(bg, d.wang.ID)
		ok(t, err)
		equal(t, counts, tickets.Counts{Snoozed: 1, All: 1})

		n, err := d.WakeSnoozed(bg, 10)
		ok(t, err)
		equal(t, n, 0)
		d.advance(time.Hour + time.Second)
		n, err = d.WakeSnoozed(bg, 10)
		ok(t, err)
		equal(t, n, 1)
		if got := d.ticket(t, ticket); got.SnoozedUntil != nil {
			t.Errorf("snoozed until %d still", *got.SnoozedUntil)
		}
		counts, err = d.Counts(bg, d.wang.ID)
		ok(t, err)
		equal(t, counts, tickets.Counts{Mine: 1, All: 1})
	})
}

func TestWakingTakesTheLongestDueFirstAndNoMoreThanAskedFor(t *testing.T) {
	d := onSQLite(t)
	var due []id.ID
	for i := range 3 {
		ticket := d.hearsFrom(t, d.contact(t, "").ID, "", "你好").Ticket.ID
		until := d.millis() + int64(3-i)*60_000
		_, err := d.Snooze(bg, d.wang, ticket, &until)
		ok(t, err)
		due = append(due, ticket)
	}
	d.advance(time.Hour)
	n, err := d.WakeSnoozed(bg, 2)
	ok(t, err)
	equal(t, n, 2)
	if d.ticket(t, due[0]).SnoozedUntil == nil || d.ticket(t, due[2]).SnoozedUntil != nil {
		t.Errorf("the wrong ones were woken")
	}
}

func TestOnlyAnActiveTicketIsSnoozedAndOnlyIntoTheFuture(t *testing.T) {
	d := onSQLite(t)
	ticket := d.hears(t, "", "你好").Ticket.ID
	past, future := d.millis()-1, d.millis()+60_000
	_, err := d.Snooze(bg, d.wang, ticket, &past)
	refused(t, err, fault.Invalid, "error.snooze.past")
	_, err = d.Snooze(bg, d.wang, ticket, &future)
	ok(t, err)
	d.status(t, ticket, tickets.StatusSolved)
	if d.ticket(t, ticket).SnoozedUntil != nil {
		t.Errorf("a solved ticket is snoozed")
	}
	_, err = d.Snooze(bg, d.wang, ticket, &future)
	refused(t, err, fault.Conflict, "error.snooze.inactive")
}

func TestTagsAreASetWithoutCase(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket := d.hears(t, "", "你好").Ticket.ID
		got, err := d.SetTags(bg, d.wang, ticket, []string{"退款", "VIP", "vip", " ＶＩＰ "})
		ok(t, err)
		equal(t, strings.Join(got.Tags, ","), "VIP,退款")
		got, err = d.SetTags(bg, d.wang, ticket, []string{"vip", "物流"}) // the first spelling stays
		ok(t, err)
		equal(t, strings.Join(got.Tags, ","), "VIP,物流")
		equal(t, d.count(t, `SELECT COUNT(*) FROM tags`), 3)
		_, err = d.SetTags(bg, d.wang, ticket, []string{"物流", "VIP"})
		ok(t, err)
		lines(t, d.timeline(t, ticket)[2:], "3 ticket.tags", "4 ticket.tags")
		_, err = d.SetTags(bg, d.wang, ticket, []string{" "})
		refused(t, err, fault.Invalid, "error.text.empty")
		_, err = d.SetTags(bg, d.wang, ticket, strings.Split(strings.Repeat("a,b,c,d,e,f,g,", 3)+"h,i,j,k,l,m,n,o,p,q,r,s,t,u,v", ","))
		refused(t, err, fault.Invalid, "error.ticket.tags")
		equal(t, strings.Join(d.ticket(t, ticket).Tags, ","), "VIP,物流")
	})
}
