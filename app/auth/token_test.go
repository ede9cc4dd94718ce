package auth_test

import (
	"bytes"
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const badToken = "auth.error.token"

func (d *desk) token(t testing.TB, email, name string) string {
	t.Helper()
	token, err := d.AddToken(bg, email, name)
	ok(t, err)
	return token
}

func TestATokenIsItsAgents(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		wang, zhao := d.agent(t, "wang@huiyin.test"), d.agent(t, "zhao@huiyin.test")
		for agent, token := range map[id.ID]string{
			wang.ID: d.token(t, "Wang@huiyin.test", "shop"), zhao.ID: d.token(t, "zhao@huiyin.test", ""),
		} {
			if !regexp.MustCompile(`^hy_[A-Za-z0-9_-]{43}$`).MatchString(token) {
				t.Errorf("token %q has another form", token)
			}
			got, err := d.AgentOfToken(bg, token)
			ok(t, err)
			equal(t, got.ID, agent)
		}
		_, err := d.AddToken(bg, "nobody@huiyin.test", "shop")
		refused(t, err, fault.NotFound, "error.agent.not_found")
	})
}

func TestTheTableHoldsTheTokensHashOnly(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.agent(t, "wang@huiyin.test")
		token := d.token(t, "wang@huiyin.test", "for the shop")
		var row struct{ TokenHash, Name []byte }
		ok(t, d.db.Read(bg).Table("api_tokens").Take(&row).Error)
		hash := sha256.Sum256([]byte(token))
		if !bytes.Equal(row.TokenHash, hash[:]) {
			t.Error("token_hash is not the token's SHA-256")
		}
		if len(row.Name) == 0 || bytes.Contains(row.Name, []byte("shop")) {
			t.Error("the name is not sealed")
		}
	})
}

func TestATokenThatDoesNotHoldIsRefused(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.agent(t, "wang@huiyin.test")
		gone := d.agent(t, "gone@huiyin.test")
		good, revoked, disabled := d.token(t, "wang@huiyin.test", "a"), d.token(t, "wang@huiyin.test", "b"), d.token(t, "gone@huiyin.test", "c")
		hash := sha256.Sum256([]byte(revoked))
		d.exec(t, "UPDATE api_tokens SET revoked_at = ? WHERE token_hash = ?", d.clock.Load(), hash[:])
		d.disable(t, gone.ID)
		for _, token := range []string{"", "hy_", good[3:], good + "x", revoked} {
			_, err := d.AgentOfToken(bg, token)
			refused(t, err, fault.Unauthenticated, badToken)
		}
		_, err := d.AgentOfToken(bg, disabled)
		refused(t, err, fault.Unauthenticated, unknown)
		_, err = d.AgentOfToken(bg, good)
		ok(t, err)
	})
}

func TestTheLastUseOfATokenIsWrittenOnceAMinute(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.agent(t, "wang@huiyin.test")
		token := d.token(t, "wang@huiyin.test", "shop")
		d.token(t, "wang@huiyin.test", "another")
		used := func() (at []int64) {
			ok(t, d.db.Read(bg).Table("api_tokens").Where("last_used_at IS NOT NULL").Pluck("last_used_at", &at).Error)
			return at
		}
		equal(t, len(used()), 0)
		first := d.clock.Load()
		for _, later := range []time.Duration{0, 59 * time.Second, time.Second} {
			d.advance(later)
			_, err := d.AgentOfToken(bg, token)
			ok(t, err)
			equal(t, len(used()), 1)
			equal(t, used()[0], first)
		}
		d.advance(time.Second)
		_, err := d.AgentOfToken(bg, token)
		ok(t, err)
		equal(t, used()[0], d.clock.Load())
	})
}

func TestARequestIsMadeByTokenOrByCookie(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		wang, zhao, gone := d.agent(t, "wang@huiyin.test"), d.agent(t, "zhao@huiyin.test"), d.agent(t, "gone@huiyin.test")
		ok(t, d.tickets.SetAgentPreferences(bg, wang.ID, "zh-CN", "", "online"))
		token, cookie, dead := d.token(t, "wang@huiyin.test", "shop"), d.begin(t, zhao.ID), d.begin(t, gone.ID)
		d.disable(t, gone.ID)
		for rule, c := range map[string]struct {
			header, cookie string
			agent          id.ID
			key            string
		}{
			"a token":                              {"Bearer " + token, "", wang.ID, ""},
			"the scheme in any case":               {"bearer  " + token, "", wang.ID, ""},
			"a cookie":                             {"", cookie, zhao.ID, ""},
			"the token goes before the cookie":     {"Bearer " + token, cookie, wang.ID, ""},
			"a cookie does not save a wrong token": {"Bearer hy_x", cookie, 0, badToken},
			"nor another scheme":                   {"Basic " + token, cookie, 0, badToken},
			"a token without its scheme":           {token, "", 0, badToken},
			"an empty token":                       {"Bearer ", "", 0, badToken},
			"nothing":                              {"", "", 0, unknown},
			"an unknown cookie":                    {"", "x", 0, unknown},
			"the cookie of a disabled agent":       {"", dead, 0, unknown},
			"an API token as a cookie":             {"", token, 0, unknown},
			"a cookie as an API token":             {"Bearer " + cookie, "", 0, badToken},
		} {
			r := httptest.NewRequest(http.MethodGet, "/agent/v1/socket", nil)
			if c.header != "" {
				r.Header.Set("Authorization", c.header)
			}
			if c.cookie != "" {
				r.AddCookie(&http.Cookie{Name: "huiyin", Value: c.cookie})
			}
			who, locale, err := d.AgentOf(r)
			if c.key != "" {
				if e := fault.As(err); e == nil || e.Kind != fault.Unauthenticated || e.Key != c.key || who != (tickets.Actor{}) {
					t.Errorf("%s: got %v, %v, want %s", rule, who, err, c.key)
				}
				continue
			}
			want := tickets.Actor{Kind: tickets.ActorAgent, ID: c.agent, Role: tickets.RoleAgent}
			if err != nil || who != want || (locale == "zh-CN") != (c.agent == wang.ID) {
				t.Errorf("%s: got %v, %q, %v, want %v", rule, who, locale, err, want)
			}
		}
	})
}
