package notify_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/notify"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

func TestANewTicketIsToldToAllUntilSomebodyTakesIt(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		one := d.write(nil)
		d.read()
		d.is("Lin", d.bell(d.lin), "waiting")
		d.is("Wu", d.bell(d.wu), "waiting")
		if n := d.told[0]; n.Ticket != one.ID || n.Number != one.Number || n.Unread != 1 || !n.Sound || n.Desktop {
			t.Errorf("her screen is told %+v", n)
		}
		d.assign(d.chen, d.lin, one)
		d.told = nil
		d.read()
		d.is("Lin, who has it", d.bell(d.lin), "assigned")
		d.is("Wu, who has not", d.bell(d.wu), "")
		if !slices.ContainsFunc(d.told, func(n notify.Notice) bool { return n.Agent == d.wu.ID && n.Kind == "" && n.Unread == 0 }) {
			t.Errorf("Wu's screen is not told that it is over: %+v", d.told)
		}
		d.write(one)
		d.read()
		d.is("Lin, whose contact writes", d.bell(d.lin), "assigned message")
		must(t, d.notices.ReadTicket(bg, d.lin.ID, one.ID))
		d.is("Lin, who has opened it", d.bell(d.lin), "")
		d.write(one)
		d.read()
		d.reply(d.lin, one, tickets.KindNote)
		d.read()
		d.is("Lin, after a note", d.bell(d.lin), "message")
		d.reply(d.lin, one, tickets.KindReply)
		d.read()
		d.is("Lin, who has answered", d.bell(d.lin), "")
	})
}

func TestWhoIsMentionedAtATaskIsToldInTheBellAndByMail(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		must(t, d.base.Write(bg, func(tx *gorm.DB) error {
			return d.tickets.TaskUpdatedTx(tx, d.chen, 77, `{"number":12,"change":"comment","state":"in_work","tell":["`+d.lin.ID.String()+`"]}`)
		}))
		d.read()
		if len(d.told) != 1 || d.told[0].Kind != notify.Task || d.told[0].Agent != d.lin.ID || d.told[0].Number != 12 {
			t.Fatalf("told are %+v", d.told)
		}
		list, _, err := d.notices.Bell(bg, d.lin.ID, notify.Place{}, 10)
		must(t, err)
		if len(list) != 1 || list[0].Number != 12 || list[0].Kind != notify.Task {
			t.Errorf("the bell says %+v", list)
		}
		d.pass(10 * time.Minute)
		d.send()
		if len(d.mails) != 1 || d.mailed[0] != "Lin" || d.mails[0].Lines[0].Link != "https://desk.example/improve/12" {
			t.Errorf("mailed are %v: %+v", d.mailed, d.mails)
		}
	})
}

func TestATicketOfATeamIsToldToTheTeam(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		team, err := d.tickets.CreateTeam(bg, "售后")
		must(t, err)
		must(t, d.tickets.AddTeamAgent(bg, team.ID, d.lin.ID))
		one := d.write(nil)
		_, err = d.tickets.SetTeam(bg, d.chen, one.ID, &team.ID)
		must(t, err)
		d.read()
		d.is("Lin, of the team", d.bell(d.lin), "waiting")
		d.is("Wu, of none", d.bell(d.wu), "")
	})
}

func TestWhoDoesNotWantToBeToldIsNot(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		d.choose(d.lin, notify.Choices{On: map[notify.Kind][]notify.Channel{notify.Waiting: {notify.Desktop}}})
		d.choose(d.chen, notify.Choices{})
		d.choose(d.wu, notify.Choices{On: map[notify.Kind][]notify.Channel{notify.Waiting: {notify.Sound, notify.Mail}}, QuietFrom: 9 * 60, QuietTo: 12 * 60})
		d.write(nil)
		d.read()
		d.is("Chen", d.bell(d.chen), "")
		seen := map[id.ID]notify.Notice{}
		for _, n := range d.told {
			seen[n.Agent] = n
		}
		if n := seen[d.lin.ID]; n.Sound || !n.Desktop {
			t.Errorf("Lin wants the browser only: %+v", n)
		}
		if n := seen[d.wu.ID]; n.Sound || n.Unread != 1 {
			t.Errorf("Wu has her quiet hours: %+v", n)
		}
		d.pass(10 * time.Minute)
		d.send()
		d.is("mails in the quiet hours", strings.Join(d.mailed, " "), "")
		d.pass(2 * time.Hour)
		d.send()
		d.is("mails after them", strings.Join(d.mailed, " "), "Wu")
	})
}

func TestABadRatingIsToldToWhoHasTheTicketAndWhoLeads(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		other := d.agent("Ma", tickets.RoleAgent)
		one := d.write(nil)
		d.assign(d.wu, d.lin, one)
		_, err := d.tickets.SetStatus(bg, d.lin, one.ID, tickets.StatusSolved)
		must(t, err)
		d.read()
		must(t, d.notices.ReadAll(bg, d.lin.ID))
		_, err = d.tickets.Rate(bg, one.ID, 1, "慢")
		must(t, err)
		d.read()
		d.is("Lin", d.bell(d.lin), "rated")
		d.is("Chen, a manager", d.bell(d.chen), "rated")
		d.is("Ma", d.bell(other), "")
	})
}

// lasting is a failure as a way out gives it.
type lasting bool

func (lasting) Error() string   { return "no" }
func (lasting) Reason() string  { return "refused" }
func (lasting) Detail() string  { return "" }
func (l lasting) Lasting() bool { return bool(l) }

func TestThePastIsNotTold(t *testing.T) {
	both(t, func(_ *testing.T, d *desk) {
		d.write(nil)
		d.at = d.at.Add(2 * time.Hour)
		d.read()
		d.is("Lin", d.bell(d.lin), "")
	})
}

// fieldOf names the only field that is wrong.
func fieldOf(err error) string {
	f := fault.As(err)
	if f == nil || len(f.Fields) != 1 {
		return ""
	}
	return f.Fields[0].Name
}
