package chat_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"huiyin/chat"
	"huiyin/tickets/fault"
)

// takeAttempt remembers attempts; it refuses an outcome that is none.
func (w *world) takeAttempt(_ context.Context, a chat.Attempt) error {
	if a.Outcome == "maybe" {
		return fault.InvalidField("outcome", "invalid", "attempts.error.outcome", nil)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.attempts = append(w.attempts, a)
	return nil
}

func TestAnAttemptIsOfTheSessionThatTellsOfIt(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	one := obj{"id": "a1", "outcome": "failed", "step": "payment", "reason": "payment", "order": "20260001", "page": "https://shop.example/pay", "ago": 60_000, "colour": "red"}
	is(t, "nobody's", n.call("POST", "/chat/v1/attempts", nil, one).StatusCode, http.StatusUnauthorized)
	is(t, "of a token that is none", n.call("POST", "/chat/v1/attempts", bearer("absent"), one).StatusCode, http.StatusUnauthorized)
	started := n.session(nil)
	token := started.str("session")
	head := bearer(token)
	head["Origin"] = "https://elsewhere.example"
	is(t, "from another site", n.call("POST", "/chat/v1/attempts", head, one).StatusCode, http.StatusForbidden)
	is(t, "hers", n.call("POST", "/chat/v1/attempts", bearer(token), one).StatusCode, http.StatusNoContent)
	is(t, "attempts", len(w.attempts), 1)
	got := w.attempts[0]
	is(t, "contact", got.Contact.String(), started.obj["contact"].(map[string]any)["id"].(string))
	is(t, "order", got.Order, "20260001")
	if ago := w.now().Sub(got.At); ago < 59*time.Second || ago > 70*time.Second {
		t.Errorf("it was %v ago, want a minute", ago)
	}
	is(t, "a wrong outcome", n.call("POST", "/chat/v1/attempts", bearer(token), obj{"id": "a2", "outcome": "maybe"}).StatusCode, http.StatusUnprocessableEntity)
	is(t, "without an id", n.call("POST", "/chat/v1/attempts", bearer(token), obj{"outcome": "ok"}).StatusCode, http.StatusUnprocessableEntity)
}

func TestAttemptsAreLimited(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	token := n.session(nil).str("session")
	taken := 0
	for i := range 30 {
		a := n.call("POST", "/chat/v1/attempts", bearer(token), obj{"id": fmt.Sprint(i), "outcome": "ok"})
		if a.StatusCode == http.StatusNoContent {
			taken++
		} else if a.Header.Get("Retry-After") == "" {
			t.Errorf("refused with %d and no time to come back", a.StatusCode)
		}
	}
	if taken < 10 || taken > 15 {
		t.Errorf("%d of 30 at once were taken", taken)
	}
}
