package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"huiyin/tickets"
)

// acting is an agent before a ticket.
type acting struct {
	*desk
	agent  *tickets.Agent
	b      *browser
	ticket *tickets.Ticket
}

func newActing(t *testing.T) *acting {
	t.Helper()
	d := newDesk(t)
	agent := d.agent("wang", "王芳", tickets.RoleAgent)
	return &acting{d, agent, d.signedIn(agent), d.said(d.contact("李雷"), "在吗")}
}

// act does something by a script and gives the ticket as it is then.
func (a *acting) act(what string, form url.Values, want int) *tickets.Ticket {
	a.t.Helper()
	if r := a.b.script(ticketPath(a.ticket.Number)+"/"+what, form); r.status != want {
		a.t.Fatalf("%s %v: %d %s", what, form, r.status, r.body)
	}
	t, err := a.tickets.Ticket(context.Background(), a.ticket.ID)
	must(a.t, err)
	return t
}

func TestActionsChangeTheTicket(t *testing.T) {
	t.Parallel()
	a := newActing(t)
	zhao := a.desk.agent("zhao", "赵磊", tickets.RoleAgent)
	if got := a.act("assignment", url.Values{"agent": {"me"}}, 200); got.AssigneeID == nil || *got.AssigneeID != a.agent.ID {
		t.Errorf("to me: %v", got.AssigneeID)
	}
	if got := a.act("assignment", url.Values{"agent": {zhao.ID.String()}}, 200); got.AssigneeID == nil || *got.AssigneeID != zhao.ID {
		t.Errorf("to a colleague: %v", got.AssigneeID)
	}
	if got := a.act("assignment", url.Values{"agent": {""}}, 200); got.AssigneeID != nil {
		t.Errorf("to nobody: %v", got.AssigneeID)
	}
	a.act("assignment", url.Values{"agent": {"12345"}}, 422)
	a.act("assignment", url.Values{"agent": {"x"}}, 422)
	if got := a.act("priority", url.Values{"priority": {"urgent"}}, 200); got.Priority != tickets.PriorityUrgent {
		t.Errorf("priority %s", got.Priority)
	}
	a.act("priority", url.Values{"priority": {"now!"}}, 422)
	if got := a.act("tags", url.Values{"add": {"退款，银行, VIP"}}, 200); strings.Join(got.Tags, "|") != "VIP|退款|银行" && len(got.Tags) != 3 {
		t.Errorf("tags %v", got.Tags)
	}
	if got := a.act("tags", url.Values{"remove": {"退款"}, "add": {""}}, 200); len(got.Tags) != 2 {
		t.Errorf("tags %v", got.Tags)
	}
	if got := a.act("status", url.Values{"status": {"pending"}}, 200); got.Status != tickets.StatusPending {
		t.Errorf("status %s", got.Status)
	}
	if got := a.act("closure", url.Values{"list": {"mine"}}, 200); got.Status != tickets.StatusSolved {
		t.Errorf("status %s", got.Status)
	}
	if got := a.act("status", url.Values{"status": {"closed"}}, 200); got.Status != tickets.StatusClosed {
		t.Errorf("status %s", got.Status)
	}
	a.act("status", url.Values{"status": {"open"}}, 409)
}

func TestEveryOfferedStatusCanBeSet(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("wang", "王芳", tickets.RoleAgent))
	all := []tickets.Status{tickets.StatusNew, tickets.StatusOpen, tickets.StatusPending, tickets.StatusSolved, tickets.StatusClosed, tickets.StatusSpam}
	for _, from := range all {
		offered := map[tickets.Status]bool{}
		for _, to := range movesFrom(from) {
			offered[to] = true
		}
		for _, to := range all {
			if to == from {
				continue
			}
			ticket := d.said(d.contact("李雷"), "在吗")
			path := ticketPath(ticket.Number) + "/status"
			if from != tickets.StatusNew {
				if r := b.script(path, url.Values{"status": {string(from)}}); r.status != 200 {
					t.Fatalf("new to %s: %d", from, r.status)
				}
			}
			want := http.StatusConflict
			if offered[to] {
				want = http.StatusOK
			}
			if got := b.script(path, url.Values{"status": {string(to)}}).status; got != want {
				t.Errorf("%s to %s: %d, want %d", from, to, got, want)
			}
		}
	}
}

func TestSnoozeTakesAProposedTimeOrOneByTheShopsClock(t *testing.T) {
	t.Parallel()
	a := newActing(t)
	until := time.Now().Add(time.Hour).UnixMilli()
	if got := a.act("snooze", url.Values{"until": {strconv.FormatInt(until, 10)}}, 200); got.SnoozedUntil == nil || *got.SnoozedUntil != until {
		t.Errorf("until %v", got.SnoozedUntil)
	}
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	must(t, err)
	date := time.Now().In(shanghai).Add(48 * time.Hour).Truncate(time.Minute)
	if got := a.act("snooze", url.Values{"date": {date.Format(dateTimeForm)}}, 200); got.SnoozedUntil == nil || *got.SnoozedUntil != date.UnixMilli() {
		t.Errorf("date %v, want %d", got.SnoozedUntil, date.UnixMilli())
	}
	a.act("snooze", url.Values{"date": {"tomorrow"}}, 422)
	a.act("snooze", url.Values{"until": {"1000"}}, 422)
	if got := a.act("snooze", url.Values{"until": {""}}, 200); got.SnoozedUntil != nil {
		t.Errorf("woken, but until %v", got.SnoozedUntil)
	}
}

func TestProposedSnoozesLieAheadAndInOrder(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	must(t, err)
	monday := time.Date(2026, 11, 23, 0, 10, 0, 0, shanghai)
	for hour := range 7 * 24 {
		now := monday.Add(time.Duration(hour) * time.Hour)
		w := &Words{texts: d.web.Texts, Locale: "en", Zone: shanghai, Now: now}
		last := now.UnixMilli()
		for _, s := range snoozes(w) {
			if s.At <= now.UnixMilli() || (s.Text != "In one hour" && s.At < last) {
				t.Errorf("at %s: %s is %s", now, s.Text, time.UnixMilli(s.At).In(shanghai))
			}
			last = s.At
		}
	}
}

func TestSolvingLeadsOnAsSheLikes(t *testing.T) {
	t.Parallel()
	a := newActing(t)
	next := a.said(a.contact("韩梅梅"), "在吗")
	for after, want := range map[string]string{"back": "/tickets?list=unassigned", "next": ticketPath(next.Number) + "?list=unassigned", "stay": "/tickets"} {
		if r := a.b.post("/preferences/after", url.Values{"after": {after}}); r.status != http.StatusSeeOther {
			t.Fatalf("%s: %d", after, r.status)
		}
		r := a.b.post(ticketPath(a.ticket.Number)+"/closure", url.Values{"list": {"unassigned"}})
		if got := r.header.Get("Location"); got != want {
			t.Errorf("%s leads to %s, want %s", after, got, want)
		}
		a.act("status", url.Values{"status": {"open"}}, 200)
	}
}
