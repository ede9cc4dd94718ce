package auth_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const (
	day     = 24 * time.Hour
	unknown = "auth.error.not_signed_in"
)

// visit is a request of a browser that holds a token ("": none); it gives the token that the browser holds after it.
func (d *desk) visit(t testing.TB, token string, fn func(ctx context.Context)) string {
	t.Helper()
	ctx, err := d.Sessions().Load(bg, token)
	ok(t, err)
	fn(ctx)
	switch d.Sessions().Status(ctx) {
	case scs.Destroyed:
		return ""
	case scs.Modified:
		token, _, err = d.Sessions().Commit(ctx)
		ok(t, err)
	}
	return token
}

// begin signs an agent in and gives her token.
func (d *desk) begin(t testing.TB, agent id.ID) string {
	t.Helper()
	return d.visit(t, "", func(ctx context.Context) { ok(t, d.Begin(ctx, agent)) })
}

// who is the agent whose token it is; nobody's is refused.
func (d *desk) who(t testing.TB, token string) (agent id.ID) {
	t.Helper()
	d.visit(t, token, func(ctx context.Context) {
		a, err := d.Current(ctx)
		if err != nil {
			refused(t, err, fault.Unauthenticated, unknown)
			return
		}
		agent = a.ID
	})
	return agent
}

func TestASessionIsOneAgents(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		wang, zhao := d.agent(t, "wang@huiyin.test"), d.agent(t, "zhao@huiyin.test")
		tokenOfWang, tokenOfZhao := d.begin(t, wang.ID), d.begin(t, zhao.ID)
		equal(t, d.who(t, tokenOfWang), wang.ID)
		equal(t, d.who(t, tokenOfZhao), zhao.ID)
		for _, token := range []string{"", "x", tokenOfWang + "x", tokenOfWang[1:], "\xff\x00"} {
			equal(t, d.who(t, token), 0)
		}
	})
}

func TestTheTableHoldsTheTokensHashAndSealedData(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		wang := d.agent(t, "wang@huiyin.test")
		var token string
		d.visit(t, "", func(ctx context.Context) {
			d.Sessions().Put(ctx, "flash", "some words")
			ok(t, d.Begin(ctx, wang.ID))
			token = d.Sessions().Token(ctx)
		})
		var rows []struct {
			TokenHash, Data []byte
			AgentID         id.ID
			ExpiresAt       int64
		}
		ok(t, d.db.Read(bg).Table("web_sessions").Find(&rows).Error)
		equal(t, len(rows), 1)
		hash := sha256.Sum256([]byte(token))
		if !bytes.Equal(rows[0].TokenHash, hash[:]) {
			t.Error("token_hash is not the token's SHA-256")
		}
		for _, clear := range []string{token, "some words", "flash", "agent"} {
			if bytes.Contains(rows[0].Data, []byte(clear)) {
				t.Errorf("data holds %q", clear)
			}
		}
		equal(t, rows[0].AgentID, wang.ID)
		if left := time.UnixMilli(rows[0].ExpiresAt).Sub(d.now()); left < 14*day || left > 14*day+time.Minute {
			t.Errorf("expires in %v, want 14 days", left)
		}
	})
}

func TestASessionThatIsNobodysHasNoRow(t *testing.T) {
	d := onSQLite(t)
	equal(t, d.who(t, ""), 0)
	equal(t, d.count(t, "web_sessions"), 0)
}

func TestASessionMayHoldSomethingBeforeItIsSomebodys(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		token := d.visit(t, "", func(ctx context.Context) { d.Sessions().Put(ctx, "flash", "some words") })
		d.visit(t, token, func(ctx context.Context) {
			equal(t, d.Sessions().PopString(ctx, "flash"), "some words")
			_, err := d.Current(ctx)
			refused(t, err, fault.Unauthenticated, unknown)
		})
	})
}

func TestSigningInMakesTheTokenAnew(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		wang, zhao := d.agent(t, "wang@huiyin.test"), d.agent(t, "zhao@huiyin.test")
		planted := d.visit(t, "", func(ctx context.Context) { d.Sessions().Put(ctx, "x", 1) })
		first := d.visit(t, planted, func(ctx context.Context) { ok(t, d.Begin(ctx, wang.ID)) })
		second := d.visit(t, first, func(ctx context.Context) { ok(t, d.Begin(ctx, zhao.ID)) })
		if planted == first || first == second {
			t.Fatal("the token stayed")
		}
		equal(t, d.who(t, planted), 0)
		equal(t, d.who(t, first), 0)
		equal(t, d.who(t, second), zhao.ID)
		equal(t, d.count(t, "web_sessions"), 1)
	})
}

func TestSigningOutEndsThisSession(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		wang := d.agent(t, "wang@huiyin.test")
		here, there := d.begin(t, wang.ID), d.begin(t, wang.ID)
		equal(t, d.visit(t, here, func(ctx context.Context) { ok(t, d.End(ctx)) }), "")
		equal(t, d.who(t, here), 0)
		equal(t, d.who(t, there), wang.ID)
	})
}

func TestASessionSlidesAtMostTwiceADayAndEndsFourteenDaysAfterItsUse(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		wang := d.agent(t, "wang@huiyin.test")
		token := d.begin(t, wang.ID)
		use := func(want scs.Status) {
			t.Helper()
			d.visit(t, token, func(ctx context.Context) {
				_, err := d.Current(ctx)
				ok(t, err)
				equal(t, d.Sessions().Status(ctx), want)
			})
		}
		use(scs.Unmodified)
		d.advance(11 * time.Hour)
		use(scs.Unmodified)
		d.advance(2 * time.Hour)
		use(scs.Modified)
		use(scs.Unmodified)
		d.advance(14*day - time.Second)
		use(scs.Modified)
		d.advance(14 * day)
		equal(t, d.who(t, token), 0)
	})
}

func TestASessionOutlivesAClockThatIsSetBackOrJumpsAheadWithinItsTime(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		wang := d.agent(t, "wang@huiyin.test")
		for _, jump := range []time.Duration{-365 * day, 13 * day} {
			token := d.begin(t, wang.ID)
			d.advance(jump)
			equal(t, d.who(t, token), wang.ID)
			d.advance(-jump)
			equal(t, d.who(t, token), wang.ID)
		}
	})
}

func TestADisabledAgentHasNoSession(t *testing.T) {
	d := onSQLite(t)
	wang := d.agent(t, "wang@huiyin.test")
	token := d.begin(t, wang.ID)
	d.disable(t, wang.ID)
	equal(t, d.who(t, token), 0)
	equal(t, d.who(t, d.begin(t, 17)), 0) // nor has one who is not there
}

func TestASessionThatCannotBeReadIsAnError(t *testing.T) {
	d := onSQLite(t)
	token := d.begin(t, d.agent(t, "wang@huiyin.test").ID)
	d.exec(t, "UPDATE web_sessions SET id = id + 1") // sealed for another row
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: "huiyin", Value: token})
	if _, _, err := d.AgentOf(r); !fault.Is(err, fault.Internal) {
		t.Errorf("got %v, want an internal error", err)
	}
	answer := httptest.NewRecorder()
	d.Sessions().LoadAndSave(http.NotFoundHandler()).ServeHTTP(answer, r)
	equal(t, answer.Code, http.StatusInternalServerError)
}
