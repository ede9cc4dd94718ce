package auth_test

import (
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"huiyin/app/auth"
	"huiyin/tickets/fault"
)

// fails makes wrong guesses, each of which must be looked at.
func (d *desk) fails(t testing.TB, times int, email, address string) {
	t.Helper()
	for range times {
		_, err := d.SignIn(bg, email, guess, address)
		wrong(t, err)
	}
}

// address is one of many.
func address(n int) string { return fmt.Sprintf("198.51.100.%d", n) }

func TestAfterFiveFailuresAnEMailWaitsFromAnyAddress(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.agent(t, "wang@huiyin.test")
		d.agent(t, "zhao@huiyin.test")
		for i := range 5 {
			d.fails(t, 1, "wang@huiyin.test", address(i))
		}
		_, err := d.SignIn(bg, "wang@huiyin.test", password, address(9))
		paused(t, err, 15*time.Second)
		_, err = d.SignIn(bg, "zhao@huiyin.test", password, address(0))
		ok(t, err)
	})
}

func TestEveryWayToWriteAnEMailIsOneEMail(t *testing.T) {
	d := onSQLite(t)
	d.agent(t, "wang@huiyin.test")
	for _, email := range []string{"WANG@huiyin.test", " wang@huiyin.test\t", "ｗang@huiyin.test", "wａng@huiyin.test", "wang＠huiyin.test"} {
		d.fails(t, 1, email, here)
	}
	_, err := d.SignIn(bg, "wang@huiyin.test", password, here)
	paused(t, err, 15*time.Second)
}

func TestAnUnknownEMailWaitsLikeAKnownOne(t *testing.T) {
	d := onSQLite(t)
	d.fails(t, 5, "nobody@huiyin.test", here)
	_, err := d.SignIn(bg, "nobody@huiyin.test", guess, here)
	paused(t, err, 15*time.Second)
}

func TestThePauseDoublesUpToFiveMinutes(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.agent(t, "wang@huiyin.test")
		d.fails(t, 5, "wang@huiyin.test", here)
		for _, pause := range []time.Duration{15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 5 * time.Minute, 5 * time.Minute} {
			_, err := d.SignIn(bg, "wang@huiyin.test", password, here)
			paused(t, err, pause)
			d.advance(pause - time.Second)
			_, err = d.SignIn(bg, "wang@huiyin.test", password, here)
			paused(t, err, time.Second) // and asking in between prolongs nothing
			d.advance(time.Second)
			d.fails(t, 1, "wang@huiyin.test", here)
		}
	})
}

func TestAPauseFromBeforeTheClockWasSetBackIsOver(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.agent(t, "wang@huiyin.test")
		d.fails(t, 5, "wang@huiyin.test", here)
		d.advance(-time.Minute) // a small step back prolongs it by as much
		_, err := d.SignIn(bg, "wang@huiyin.test", password, here)
		paused(t, err, 75*time.Second)
		d.advance(-365 * 24 * time.Hour)
		d.fails(t, 5, "wang@huiyin.test", here) // and guesses count as ever
		_, err = d.SignIn(bg, "wang@huiyin.test", password, here)
		paused(t, err, 15*time.Second)
	})
}

func TestAfterThePauseTheRightPasswordLetsInAndForgives(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.agent(t, "wang@huiyin.test")
		d.fails(t, 5, "wang@huiyin.test", here)
		d.advance(15 * time.Second)
		_, err := d.SignIn(bg, "wang@huiyin.test", password, here)
		ok(t, err)
		d.fails(t, 5, "wang@huiyin.test", here) // all free again
		_, err = d.SignIn(bg, "wang@huiyin.test", password, here)
		paused(t, err, 15*time.Second)
	})
}

func TestFailuresAreForgottenAfterAnHourWithoutOne(t *testing.T) {
	d := onSQLite(t)
	d.agent(t, "wang@huiyin.test")
	d.fails(t, 4, "wang@huiyin.test", here)
	d.advance(time.Hour)
	d.fails(t, 1, "wang@huiyin.test", here) // the fifth
	_, err := d.SignIn(bg, "wang@huiyin.test", password, here)
	paused(t, err, 15*time.Second)
	d.advance(time.Hour + time.Millisecond)
	d.fails(t, 5, "wang@huiyin.test", here)
}

func TestAfterThirtyFailuresAnAddressWaitsForAnyEMail(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.agent(t, "zhao@huiyin.test")
		for i := range 30 {
			if i%3 == 0 {
				d.agent(t, fmt.Sprintf("wang%d@huiyin.test", i/3))
			}
			_, err := d.SignIn(bg, "zhao@huiyin.test", password, here) // takes back what it counted itself, nothing else
			ok(t, err)
			d.fails(t, 1, fmt.Sprintf("wang%d@huiyin.test", i/3), here)
		}
		_, err := d.SignIn(bg, "zhao@huiyin.test", password, here)
		paused(t, err, 15*time.Second)
		_, err = d.SignIn(bg, "zhao@huiyin.test", password, address(1))
		ok(t, err)
		d.advance(15 * time.Second)
		_, err = d.SignIn(bg, "zhao@huiyin.test", password, here)
		ok(t, err)
	})
}

func TestGuessesMadeAtTheSameTimeAllCount(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.agent(t, "wang@huiyin.test")
		var looked, waited atomic.Int32
		var all sync.WaitGroup
		services := []*auth.Service{d.Service, d.service(d.tickets, false)}
		for i := range 20 {
			all.Go(func() {
				_, err := services[i%2].SignIn(bg, "wang@huiyin.test", guess, address(i))
				switch {
				case fault.Is(err, fault.Unauthenticated):
					looked.Add(1)
				case fault.Is(err, fault.TooMany):
					waited.Add(1)
				default:
					t.Errorf("unexpected error: %v", err)
				}
			})
		}
		all.Wait()
		equal(t, looked.Load(), 5)
		equal(t, waited.Load(), 15)
	})
}

func TestAPausedAttemptLeavesNothingBehind(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.agent(t, "wang@huiyin.test")
		d.fails(t, 5, "wang@huiyin.test", here)
		before := d.count(t, "sign_in_failures")
		for i := range 5 {
			_, err := d.SignIn(bg, "wang@huiyin.test", guess, address(i))
			paused(t, err, 15*time.Second)
		}
		equal(t, d.count(t, "sign_in_failures"), before)
	})
}

func TestAddressesCountByHostOrByNetworkOfIPv6(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"192.0.2.1":              "192.0.2.1",
		"::ffff:192.0.2.1":       "192.0.2.1",
		"2001:db8:1:2::1":        "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff::9":   "2001:db8:1:2::/64",
		"2001:db8:1:3::1":        "2001:db8:1:3::/64",
		"fe80::1%eth0":           "fe80::/64",
		"::1":                    "::/64",
		"2001:db8::1%anything.x": "2001:db8::/64",
	} {
		equal(t, auth.AddressKey(netip.MustParseAddr(addr)), want)
	}
	equal(t, auth.AddressKey(netip.Addr{}), "invalid IP")
}
