package notify_test

import (
	"fmt"
	"testing"
	"time"

	"huiyin/app/notify"
	"huiyin/tickets"
	"huiyin/tickets/hours"
)

func TestAChatThatWaitsIsToldAgainUntilItIsRead(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		for _, a := range []tickets.Actor{d.lin, d.chen, d.wu} {
			d.choose(a, notify.Choices{On: map[notify.Kind][]notify.Channel{notify.Unanswered: {notify.Bell, notify.Sound}}})
		}
		group := d.target(notify.Target{Kinds: []notify.Kind{notify.Unanswered}})
		one := d.write(nil)
		d.assign(d.wu, d.lin, one)
		d.read()
		d.pass(2 * time.Minute)
		d.is("too early", d.bell(d.lin), "")
		d.pass(time.Minute)
		d.is("Lin, after three minutes", d.bell(d.lin), "unanswered")
		d.is("Wu, who does not have it", d.bell(d.wu), "")
		d.told = nil
		d.pass(4 * time.Minute)
		if len(d.told) != 0 {
			t.Errorf("told again too early: %+v", d.told)
		}
		d.pass(time.Minute)
		if len(d.told) != 1 || !d.told[0].Sound {
			t.Errorf("told again after five minutes: %+v", d.told)
		}
		must(t, d.notices.ReadTicket(bg, d.lin.ID, one.ID))
		d.told = nil
		d.pass(5 * time.Minute)
		d.is("Lin, who has read it", d.bell(d.lin), "")
		d.send()
		if len(d.posts) != 1 || d.posts[0].Lines[0].Link != fmt.Sprintf("https://desk.example/tickets/%d", one.Number) {
			t.Errorf("the group %v is told of what is queued once: %+v", group, d.posts)
		}
		// She answers; the contact writes again: a new silence.
		d.reply(d.lin, one, tickets.KindReply)
		d.write(one)
		d.read()
		d.pass(3 * time.Minute)
		d.is("a new silence", d.bell(d.lin), "unanswered")
		_, err := d.tickets.SetStatus(bg, d.lin, one.ID, tickets.StatusSolved)
		must(t, err)
		d.read()
		d.is("solved", d.bell(d.lin), "")
		d.pass(time.Hour)
		d.is("later", d.bell(d.lin), "")
	})
}

func TestWhileTheInboxIsClosedNobodyIsWoken(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		week := hours.Week{}
		for day := range week.Days {
			week.Days[day] = []hours.Range{{From: 12 * 60, To: 18 * 60}}
		}
		box, err := d.tickets.CreateInbox(bg, tickets.NewInbox{Channel: tickets.ChannelChat, Name: "noon", Settings: tickets.InboxSettings{Hours: week}})
		must(t, err)
		d.box = box
		d.write(nil)
		d.read()
		must(t, d.notices.ReadAll(bg, d.lin.ID))
		d.pass(time.Hour)
		d.is("closed", d.bell(d.lin), "")
		d.pass(time.Hour + time.Minute)
		d.is("just opened", d.bell(d.lin), "")
		d.pass(2 * time.Minute)
		d.is("open for three minutes", d.bell(d.lin), "unanswered")
	})
}
