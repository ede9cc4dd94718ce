package auth_test

import (
	"context"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"huiyin/tickets/fault"
)

func TestANewPasswordEndsAllSessionsOfTheAgentAndNoOthers(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		wang, zhao := d.agent(t, "wang@huiyin.test"), d.agent(t, "zhao@huiyin.test")
		one, two, other := d.begin(t, wang.ID), d.begin(t, wang.ID), d.begin(t, zhao.ID)
		ok(t, d.SetPassword(bg, "Wang@huiyin.test", "quite another password"))
		equal(t, d.who(t, one), 0)
		equal(t, d.who(t, two), 0)
		equal(t, d.who(t, other), zhao.ID)
		_, err := d.SignIn(bg, "wang@huiyin.test", password, here)
		wrong(t, err)
		_, err = d.SignIn(bg, "wang@huiyin.test", "quite another password", here)
		ok(t, err)
	})
}

func TestARequestUnderWayDoesNotBringAnEndedSessionBack(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		wang := d.agent(t, "wang@huiyin.test")
		token := d.begin(t, wang.ID)
		d.advance(13 * time.Hour)
		d.visit(t, token, func(ctx context.Context) {
			_, err := d.Current(ctx) // slides: it will be stored
			ok(t, err)
			equal(t, d.Sessions().Status(ctx), scs.Modified)
			ok(t, d.EndSessions(bg, wang.ID))
		})
		equal(t, d.who(t, token), 0)
		equal(t, d.count(t, "web_sessions"), 0)
	})
}

func TestANewPasswordFollowsTheRules(t *testing.T) {
	d := onSQLite(t)
	wang := d.agent(t, "wang@huiyin.test")
	token := d.begin(t, wang.ID)
	refused(t, d.SetPassword(bg, "nobody@huiyin.test", password), fault.NotFound, "error.agent.not_found")
	refused(t, d.SetPassword(bg, "wang@huiyin.test", "short"), fault.Invalid, "auth.error.password_short")
	refused(t, d.SetPassword(bg, "wang@huiyin.test", "wang20261123"), fault.Invalid, "auth.error.password_common")
	equal(t, d.who(t, token), wang.ID)
	_, err := d.SignIn(bg, "wang@huiyin.test", password, here)
	ok(t, err)
}
