package chat_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"testing"
	"time"

	"huiyin/tickets"
)

func signedWith(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// A shop changes its servers one after the other: while the old secret holds, both sign.
func TestTheOldSecretSignsUntilItsEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.node()
		old := w.inbox.Secret
		box, err := n.RotateInboxSecret(bg, w.inbox.ID, time.Hour)
		ok(t, err)
		start := func(secret string) int {
			return n.start(obj{
				"identity": obj{"id": "u1", "signature": signedWith(secret, "u1")},
				"order":    "A1", "order_exp": 4e9, "order_signature": signedWith(secret, "order.A1.4000000000"),
			}, nil).StatusCode
		}
		is(t, "the new secret", start(box.Secret), http.StatusCreated)
		is(t, "the old secret", start(old), http.StatusCreated)
		is(t, "another", start("another"), http.StatusForbidden)
		w.advance(time.Hour)
		is(t, "the old secret after its end", start(old), http.StatusForbidden)
		is(t, "the new secret still", start(box.Secret), http.StatusCreated)
	})
}

func TestAnOldSecretCanBeEndedAtOnce(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	_, err := n.RotateInboxSecret(bg, w.inbox.ID, tickets.OldSecretMax)
	ok(t, err)
	is(t, "before", n.start(obj{"identity": w.user("u1")}, nil).StatusCode, http.StatusCreated)
	_, err = n.EndOldInboxSecret(bg, w.inbox.ID)
	ok(t, err)
	is(t, "after", n.start(obj{"identity": w.user("u1")}, nil).StatusCode, http.StatusForbidden)
}

// Who only listens loses her socket too when the inbox closes or wants signatures; who is signed stays.
func TestAnInboxThatClosesEndsOpenSockets(t *testing.T) {
	w := onSQLite(t)
	w.hurry = true
	n := w.join(w.bus.Node())
	anonymous, _ := n.shopper(nil)
	signed, _ := n.shopper(obj{"identity": w.user("u1")})
	w.settings(func(s *tickets.InboxSettings) { s.EnforceIdentity = true })
	anonymous.expectClose(4403)
	signed.say("m1", "还在")
	_, err := n.EnableInbox(bg, w.inbox.ID, false)
	ok(t, err)
	signed.expectClose(4403)
}
