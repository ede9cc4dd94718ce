package auth_test

import (
	"testing"
	"time"

	"huiyin/app/auth"
	"huiyin/app/db/dbtest"
	"huiyin/tickets"
	"huiyin/tickets/fault"
)

func TestModelsFitTheirTables(t *testing.T) {
	each(t, func(t *testing.T, d *desk) { dbtest.CheckModels(t, d.db, auth.Models...) })
}

func TestAnAgentIsAddedWithAPasswordThatFollowsTheRules(t *testing.T) {
	d := onSQLite(t)
	_, err := d.AddAgent(bg, "wang@huiyin.test", "x", tickets.RoleAgent, "short")
	refused(t, err, fault.Invalid, "auth.error.password_short")
	_, err = d.AddAgent(bg, "wang@huiyin.test", "x", tickets.RoleAgent, "Wang@huiyin.test")
	refused(t, err, fault.Invalid, "auth.error.password_common")
	equal(t, d.count(t, "agents"), 0)
	d.agent(t, "wang@huiyin.test")
	_, err = d.AddAgent(bg, "WANG@huiyin.test", "x", tickets.RoleAgent, password)
	refused(t, err, fault.Conflict, "error.agent.email_taken")
}

func TestSweepDeletesWhatHasEndedAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		wang := d.agent(t, "wang@huiyin.test")
		d.begin(t, wang.ID)
		d.advance(day)
		kept := d.begin(t, wang.ID)
		d.fails(t, 1, "wang@huiyin.test", address(1))
		d.advance(13 * day)
		d.fails(t, 1, "zhao@huiyin.test", address(2))
		d.advance(time.Hour)
		ok(t, d.Sweep(bg, 10))
		equal(t, d.count(t, "web_sessions"), 1)
		equal(t, d.who(t, kept), wang.ID)
		equal(t, d.count(t, "sign_in_failures"), 2) // the later e-mail and address
	})
}

func TestSweepDeletesNoMoreThanItsLimit(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		wang := d.agent(t, "wang@huiyin.test")
		for i := range 3 {
			d.begin(t, wang.ID)
			d.fails(t, 1, "wang@huiyin.test", address(i))
		}
		d.advance(15 * day)
		for _, left := range []int64{1, 0} {
			ok(t, d.Sweep(bg, 2))
			equal(t, d.count(t, "web_sessions"), left)
		}
		equal(t, d.count(t, "sign_in_failures"), 0) // 3 addresses and an e-mail
	})
}
