package chat_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"huiyin/tickets"
)

// signed makes the first form of the shop's signature.
func (w *world) signed(text string) string {
	mac := hmac.New(sha256.New, []byte(w.inbox.Secret))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// user is an identity with the first form.
func (w *world) user(id string) obj { return obj{"id": id, "signature": w.signed(id)} }

// start is POST /chat/v1/sessions with whatever comes.
func (n *node) start(body obj, header map[string]string) answer {
	n.world.t.Helper()
	if body["inbox"] == nil {
		body["inbox"] = n.world.inbox.Key
	}
	return n.call("POST", "/chat/v1/sessions", header, body)
}

func TestAWrongSignatureIsRefused(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	past := fmt.Sprint(time.Now().Add(-time.Minute).Unix())
	for name, body := range map[string]obj{
		"another id":       {"identity": obj{"id": "u2", "signature": w.signed("u1")}},
		"no hex":           {"identity": obj{"id": "u1", "signature": "zz"}},
		"half":             {"identity": obj{"id": "u1", "signature": w.signed("u1")[:32]}},
		"second, no exp":   {"identity": obj{"id": "u1", "signature": "v2=" + w.signed("identity.u1...")}},
		"second, past":     {"identity": obj{"id": "u1", "exp": past, "signature": "v2=" + w.signed("identity.u1..."+past)}},
		"second, as first": {"identity": obj{"id": "u1", "exp": 4e9, "signature": "v2=" + w.signed("u1")}},
		"order":            {"order": "20260001", "order_signature": w.signed("20260001")},
		"shifted parts": {"identity": obj{"id": "1001.x", "email": "victim@shop.example", "exp": 4e9,
			"signature": "v2=" + w.signed("identity.1001.x.victim@shop.example..4000000000")}},
		"an order's as id":      {"identity": obj{"id": "order.7.4000000000", "signature": w.signed("order.7.4000000000")}},
		"the second's as first": {"identity": obj{"id": "identity.u1...4000000000", "signature": w.signed("identity.u1...4000000000")}},
	} {
		a := n.start(body, nil)
		if a.StatusCode != http.StatusForbidden || a.str("code") != "denied" {
			t.Errorf("%s: got %d %v, want 403", name, a.StatusCode, a.obj)
		}
	}
	a := n.start(obj{"identity": obj{"signature": w.signed("")}}, nil)
	is(t, "signature without id", a.StatusCode, http.StatusUnprocessableEntity)
}

func TestASignedIDFindsItsContactEverywhere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		first := n.session(obj{"identity": w.user("u1")})
		li := n.back(first.str("session"), nil)
		ack := li.say("m1", "从手机上写的")
		second := n.session(obj{"identity": w.user("u1")})
		is(t, "same contact", second.obj.obj("contact").str("id"), first.obj.obj("contact").str("id"))
		is(t, "same ticket", second.obj.obj("ticket").str("id"), ack.str("ticket"))
		if second.str("session") == first.str("session") {
			t.Error("a second browser got the first one's token")
		}
		again := n.session(obj{"identity": w.user("u1"), "session": second.str("session")})
		is(t, "the same browser goes on", again.str("session"), second.str("session"))
		other := n.session(obj{"identity": w.user("u2"), "session": second.str("session")})
		if other.obj.obj("contact").str("id") == first.obj.obj("contact").str("id") {
			t.Error("another user at the same browser got the first one's contact")
		}
		n.call("GET", "/chat/v1/messages", bearer(first.str("session")), nil)
		is(t, "the first one stays", n.call("GET", "/chat/v1/messages", bearer(first.str("session")), nil).StatusCode, http.StatusOK)
	})
}

func TestAnUnsignedIdentityFindsNothing(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	known := n.session(obj{"identity": obj{"id": "u1", "email": "li@shop.example", "phone": "13800138000", "exp": 4000000000,
		"signature": "v2=" + w.signed("identity.u1.li@shop.example.13800138000.4000000000")}, "order": "20260001"})
	li := n.back(known.str("session"), nil)
	li.say("m1", "我的秘密订单")
	for name, body := range map[string]obj{
		"id":    {"identity": obj{"id": "u1"}},
		"email": {"identity": obj{"id": "x", "email": "li@shop.example"}},
		"phone": {"identity": obj{"id": "x", "phone": "+86 138 0013 8000"}},
		"order": {"order": "20260001"},
	} {
		a := n.session(body)
		if a.obj.obj("contact").str("id") == known.obj.obj("contact").str("id") || a.obj["ticket"] != nil || a.is("verified") {
			t.Errorf("%s: an unsigned claim found something: %v", name, a.obj)
		}
		raw := fmt.Sprint(a.obj)
		if strings.Contains(raw, "秘密") || strings.Contains(raw, "li@shop") {
			t.Errorf("%s: the answer tells: %v", name, a.obj)
		}
		thief := n.back(a.str("session"), nil)
		thief.never("message", anyFrame)
	}
}

func TestClaimsAreShownAsNotVerified(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	s := n.session(obj{"identity": obj{"id": "u9", "name": "李雷", "email": "Li@Shop.example"}, "order": "20260001"})
	li := n.back(s.str("session"), nil)
	ack := li.say("m1", "在吗")
	tk, err := n.Ticket(bg, ack.ticket(t))
	ok(t, err)
	is(t, "order", tk.Order, "20260001")
	is(t, "order verified", tk.OrderVerified, false)
	c, err := n.Contact(bg, tk.ContactID)
	ok(t, err)
	is(t, "name", c.Name, "李雷")
	is(t, "identities", len(c.Identities), 2)
	for _, i := range c.Identities {
		is(t, "verified "+string(i.Kind), i.Verified, false)
	}
	signed := n.session(obj{"session": s.str("session"), "order": "20260001", "order_exp": 4000000000,
		"order_signature": w.signed("order.20260001.4000000000")})
	n.back(signed.str("session"), nil).say("m2", "还在吗")
	tk, err = n.Ticket(bg, ack.ticket(t))
	ok(t, err)
	is(t, "signed order", tk.OrderVerified, true)
}

func TestSigningInBringsTheVisitorsConversation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		known := n.session(obj{"identity": w.user("u1")})
		anonymous := n.session(nil)
		li := n.back(anonymous.str("session"), nil)
		ack := li.say("m1", "登录之前写的")
		signed := n.session(obj{"session": anonymous.str("session"), "identity": w.user("u1")})
		is(t, "contact", signed.obj.obj("contact").str("id"), known.obj.obj("contact").str("id"))
		is(t, "ticket", signed.obj.obj("ticket").str("id"), ack.str("ticket"))
		li.expectClose(4401)
		is(t, "the old token is over", n.call("GET", "/chat/v1/messages", bearer(anonymous.str("session")), nil).StatusCode, http.StatusUnauthorized)
		back := n.back(signed.str("session"), nil)
		is(t, "message", back.expect("message").str("body"), "登录之前写的")
		is(t, "the same id again", back.say("m1", "登录之前写的").num("seq"), 1)
	})
}

func TestTheFirstSignInKeepsTheContactButNotTheToken(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	anonymous := n.session(nil)
	signed := n.session(obj{"session": anonymous.str("session"), "identity": w.user("u5")})
	is(t, "contact", signed.obj.obj("contact").str("id"), anonymous.obj.obj("contact").str("id"))
	is(t, "verified", signed.is("verified"), true)
	if signed.str("session") == anonymous.str("session") {
		t.Error("a token from before the signature reaches what lies behind it")
	}
	is(t, "old token", n.call("GET", "/chat/v1/messages", bearer(anonymous.str("session")), nil).StatusCode, http.StatusUnauthorized)
}

func TestTwoPeopleAtOneBrowserAreNeverMixed(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	first := n.session(obj{"identity": obj{"id": "anna"}})
	n.back(first.str("session"), nil).say("m1", "安娜的事")
	second := n.session(obj{"session": first.str("session"), "identity": obj{"id": "ben"}})
	if second.obj.obj("contact").str("id") == first.obj.obj("contact").str("id") {
		t.Error("another claimed user got the first one's conversation")
	}
	signed := n.session(obj{"session": first.str("session"), "identity": w.user("ben")})
	if signed.obj.obj("contact").str("id") == first.obj.obj("contact").str("id") || signed.obj["ticket"] != nil {
		t.Error("another signed user took over what somebody else had written")
	}
}

func TestEnforcementRefusesUnsignedSessionsEverywhere(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	before := n.session(nil)
	li := n.back(before.str("session"), nil)
	li.say("m1", "以前写的")
	w.settings(func(s *tickets.InboxSettings) { s.EnforceIdentity = true })
	time.Sleep(1100 * time.Millisecond) // an inbox's settings hold within a second
	li.send(obj{"type": "send", "id": "m2", "body": "还开着"})
	is(t, "open socket", li.expectError("denied").str("id"), "m2")
	li.expectClose(4403)
	a := n.start(obj{}, nil)
	is(t, "start", a.StatusCode, http.StatusForbidden)
	is(t, "setting", a.str("setting"), "enforce_identity")
	is(t, "start with token", n.start(obj{"session": before.str("session")}, nil).StatusCode, http.StatusForbidden)
	is(t, "post", n.call("POST", "/chat/v1/messages", bearer(before.str("session")), obj{"id": "m2", "body": "x"}).StatusCode, http.StatusForbidden)
	is(t, "poll", n.call("GET", "/chat/v1/messages", bearer(before.str("session")), nil).StatusCode, http.StatusForbidden)
	c := n.visitor()
	c.hello(before.str("session"), nil)
	c.expectError("denied")
	c.expectClose(4403)
	signed := n.session(obj{"identity": w.user("u1")})
	n.back(signed.str("session"), nil).say("m1", "签过名的")
}

func TestSessionsEndAndRenew(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		s := n.session(nil)
		li := n.back(s.str("session"), nil)
		li.say("m1", "在吗")
		w.advance(300 * 24 * time.Hour)
		n.back(s.str("session"), nil) // slides
		w.advance(300 * 24 * time.Hour)
		n.back(s.str("session"), nil)
		w.advance(401 * 24 * time.Hour)
		late := n.visitor()
		late.hello(s.str("session"), nil)
		late.expectError("denied")
		late.expectClose(4401)
		renewed := n.session(obj{"session": s.str("session")})
		is(t, "same contact", renewed.obj.obj("contact").str("id"), s.obj.obj("contact").str("id"))
		if renewed.str("session") == s.str("session") {
			t.Error("an expired token lives on")
		}
		again := n.session(obj{"session": s.str("session")})
		is(t, "the answer was lost", again.obj.obj("contact").str("id"), s.obj.obj("contact").str("id"))

		out := n.back(renewed.str("session"), nil)
		is(t, "logout", n.call("DELETE", "/chat/v1/sessions", bearer(renewed.str("session")), nil).StatusCode, http.StatusNoContent)
		out.expectClose(4401)
		is(t, "token is dead", n.call("POST", "/chat/v1/messages", bearer(renewed.str("session")), obj{"id": "m", "body": "x"}).StatusCode, http.StatusUnauthorized)
		fresh := n.session(obj{"session": renewed.str("session")})
		if fresh.obj.obj("contact").str("id") == s.obj.obj("contact").str("id") {
			t.Error("a revoked token found its contact")
		}
		unknown := n.session(obj{"session": strings.Repeat("x", 43)})
		if unknown.obj.obj("contact").str("id") == s.obj.obj("contact").str("id") {
			t.Error("an unknown token found a contact")
		}
	})
}

func TestForeignPagesAreRefused(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	s := n.session(nil)
	for origin, want := range map[string]int{
		"https://shop.example": 201, "https://SHOP.example:443": 201, "": 201, n.url: 201,
		"https://evil.example": 403, "http://shop.example": 403, "https://shop.example:8443": 403, "https://shop.example.evil.example": 403, "null": 403,
	} {
		a := n.start(obj{}, map[string]string{"Origin": origin})
		if a.StatusCode != want {
			t.Errorf("start from %q: got %d, want %d", origin, a.StatusCode, want)
		}
		if want == 403 && a.str("setting") != "allowed_origins" {
			t.Errorf("start from %q: the answer does not name the setting: %v", origin, a.obj)
		}
		header := bearer(s.str("session"))
		header["Origin"] = origin
		if got := n.call("GET", "/chat/v1/messages", header, nil).StatusCode; (got == 200) != (want == 201) {
			t.Errorf("poll from %q: got %d", origin, got)
		}
		c, _, err := dial(t, n, "/chat/v1/socket", "huiyin.chat.v1", http.Header{"Origin": {origin}})
		ok(t, err)
		c.hello(s.str("session"), nil)
		if want == 201 {
			c.expect("welcome")
			continue
		}
		is(t, "setting", c.expectError("denied").str("setting"), "allowed_origins")
		c.expectClose(4403)
	}
	for origin, want := range map[string]string{"https://shop.example": "https://shop.example", "https://evil.example": ""} {
		a := n.call("OPTIONS", "/chat/v1/sessions", map[string]string{"Origin": origin, "Access-Control-Request-Method": "POST"}, nil)
		is(t, "preflight from "+origin, a.Header.Get("Access-Control-Allow-Origin"), want)
	}
}
