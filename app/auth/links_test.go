package auth_test

import (
	"sync"
	"testing"
	"time"

	"huiyin/app/auth"
	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// boss adds an administrator.
func (d *desk) boss(t testing.TB) (*tickets.Agent, tickets.Actor) {
	t.Helper()
	a, err := d.tickets.CreateAgent(bg, tickets.NewAgent{Email: "boss@huiyin.test", Name: "周岚", Role: tickets.RoleAdmin, PasswordHash: cheapHash})
	ok(t, err)
	return a, auth.ActorOf(a)
}

var newcomer = auth.NewInvitation{Email: "New@huiyin.test", Name: "小王", Role: tickets.RoleManager}

func TestAnInvitationHoldsForAWeekAndWorksOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, boss := d.boss(t)
		_, first, err := d.Invite(bg, boss, newcomer)
		ok(t, err)
		made, second, err := d.Invite(bg, boss, newcomer)
		ok(t, err)
		_, err = d.InvitationOf(bg, first)
		refused(t, err, fault.NotFound, "auth.error.link") // the newer one took its place
		got, err := d.InvitationOf(bg, second)
		ok(t, err)
		equal(t, got, made)
		equal(t, got.Email+got.Name+string(got.Role), "new@huiyin.test小王manager")
		_, err = d.AcceptInvitation(bg, second, "小王", "short", "")
		refused(t, err, fault.Invalid, "auth.error.password_short")
		agent, err := d.AcceptInvitation(bg, second, "王小", password, "zh-CN")
		ok(t, err)
		equal(t, agent.Email+agent.Name+string(agent.Role)+agent.Locale, "new@huiyin.test王小managerzh-CN")
		_, err = d.AcceptInvitation(bg, second, "x", password, "")
		refused(t, err, fault.NotFound, "auth.error.link")
		_, _, err = d.Invite(bg, boss, newcomer)
		refused(t, err, fault.Conflict, "error.agent.email_taken")

		old := newcomer
		old.Email = "late@huiyin.test"
		_, token, err := d.Invite(bg, boss, old)
		ok(t, err)
		d.advance(auth.InvitationLife + time.Second)
		_, err = d.AcceptInvitation(bg, token, "x", password, "")
		refused(t, err, fault.NotFound, "auth.error.link")
	})
}

func TestAnInvitationTakesManyAtOnceForOne(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, boss := d.boss(t)
		_, token, err := d.Invite(bg, boss, newcomer)
		ok(t, err)
		var wg sync.WaitGroup
		errs := make([]error, 3)
		for i := range errs {
			wg.Go(func() { _, errs[i] = d.AcceptInvitation(bg, token, "小王", password, "") })
		}
		wg.Wait()
		in := 0
		for _, err := range errs {
			if err == nil {
				in++
			} else if !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Conflict) {
				t.Errorf("got %v", err)
			}
		}
		equal(t, in, 1)
	})
}

func TestAllLinksOfAnInvitationEndTogether(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, boss := d.boss(t)
		made, copied, err := d.Invite(bg, boss, newcomer)
		ok(t, err)
		again, mailed, err := d.AgainInvitation(bg, made.ID)
		ok(t, err)
		equal(t, again, made)
		if mailed == copied {
			t.Fatal("the second link is the first")
		}
		all, err := d.Invitations(bg)
		ok(t, err)
		if len(all) != 1 || all[0] != made {
			t.Fatalf("got %+v, want the invitation once", all)
		}
		ok(t, d.RevokeInvitation(bg, boss, made.ID))
		for _, token := range []string{copied, mailed} {
			_, err = d.InvitationOf(bg, token)
			refused(t, err, fault.NotFound, "auth.error.link")
		}
		_, _, err = d.AgainInvitation(bg, made.ID)
		refused(t, err, fault.NotFound, "auth.error.link")

		made, copied, err = d.Invite(bg, boss, newcomer)
		ok(t, err)
		d.advance(auth.InvitationLife - time.Hour)
		_, mailed, err = d.AgainInvitation(bg, made.ID)
		ok(t, err)
		_, err = d.AcceptInvitation(bg, mailed, "小王", password, "")
		ok(t, err)
		_, err = d.InvitationOf(bg, copied)
		refused(t, err, fault.NotFound, "auth.error.link")
		d.advance(2 * time.Hour) // the second link lives no longer than the first
		_, err = d.InvitationOf(bg, mailed)
		refused(t, err, fault.NotFound, "auth.error.link")
	})
}

func TestOnlyAnAdministratorInvitesAndMakesLinks(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		admin, boss := d.boss(t)
		wang := d.agent(t, "wang@huiyin.test")
		_, _, err := d.Invite(bg, auth.ActorOf(wang), newcomer)
		refused(t, err, fault.Denied, "error.denied")
		_, err = d.PasswordLink(bg, auth.ActorOf(wang), admin.ID, time.Hour)
		refused(t, err, fault.Denied, "error.denied")
		made, token, err := d.Invite(bg, boss, newcomer)
		ok(t, err)
		refused(t, d.RevokeInvitation(bg, auth.ActorOf(wang), made.ID), fault.Denied, "error.denied")
		_, err = d.InvitationOf(bg, token)
		ok(t, err)
		_, err = d.tickets.CreateAgent(bg, tickets.NewAgent{Email: "second@huiyin.test", Name: "二", Role: tickets.RoleAdmin, PasswordHash: cheapHash})
		ok(t, err)
		ok(t, d.Disable(bg, tickets.Actor{Kind: tickets.ActorSystem}, admin.ID))
		_, err = d.InvitationOf(bg, token) // what a disabled administrator made ends with her
		refused(t, err, fault.NotFound, "auth.error.link")
	})
}

func TestAPasswordLinkWorksOnceAndTheNewestHolds(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		wang := d.agent(t, "wang@huiyin.test")
		desk := tickets.Actor{Kind: tickets.ActorSystem}
		session := d.begin(t, wang.ID)
		first, err := d.PasswordLink(bg, desk, wang.ID, auth.MailedLinkLife)
		ok(t, err)
		second, err := d.PasswordLink(bg, desk, wang.ID, auth.MailedLinkLife)
		ok(t, err)
		_, err = d.SetPasswordByLink(bg, first, "quite another password")
		refused(t, err, fault.NotFound, "auth.error.link")
		_, err = d.SetPasswordByLink(bg, second, "short")
		refused(t, err, fault.Invalid, "auth.error.password_short")
		equal(t, d.who(t, session), wang.ID)
		_, err = d.SetPasswordByLink(bg, second, "quite another password")
		ok(t, err)
		equal(t, d.who(t, session), 0)
		_, err = d.SetPasswordByLink(bg, second, "a third password here")
		refused(t, err, fault.NotFound, "auth.error.link")
		late, err := d.PasswordLink(bg, desk, wang.ID, auth.MailedLinkLife)
		ok(t, err)
		d.advance(auth.MailedLinkLife + time.Second)
		_, err = d.SetPasswordByLink(bg, late, "a third password here")
		refused(t, err, fault.NotFound, "auth.error.link")
		d.disable(t, wang.ID)
		_, err = d.PasswordLink(bg, desk, wang.ID, auth.MailedLinkLife)
		refused(t, err, fault.Conflict, "auth.error.disabled")
	})
}

func TestAForgottenPasswordNamesOnlyWhoIsAtWorkAndCountsForEverybody(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		wang, gone := d.agent(t, "wang@huiyin.test"), d.agent(t, "gone@huiyin.test")
		d.disable(t, gone.ID)
		_, err := d.Forgot(bg, "no address", here)
		refused(t, err, fault.Invalid, "error.identity.email")
		for email, want := range map[string]tickets.Agent{"Wang@huiyin.test": *wang, "gone@huiyin.test": {}, "nobody@huiyin.test": {}} {
			for range 3 { // alike for all of them: three are free
				got, err := d.Forgot(bg, email, here)
				ok(t, err)
				equal(t, got, want.ID)
			}
			_, err := d.Forgot(bg, email, "198.51.100.7") // from anywhere
			if e := fault.As(err); e == nil || e.Kind != fault.TooMany || e.RetryAfter <= 0 {
				t.Fatalf("%s: got %v", email, err)
			}
		}
	})
}
