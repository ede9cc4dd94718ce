package chat_test

import (
	"context"
	"net/http"
	"testing"

	"huiyin/chat"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// assign treats everybody in the one trial that there is.
func (w *world) assign(_ context.Context, contact id.ID, trial string) (chat.Assigned, error) {
	if trial != "abc" || contact == 0 {
		return chat.Assigned{}, fault.New(fault.NotFound, "improve.error.trial")
	}
	return chat.Assigned{Trial: trial, State: "running", Arm: "treated", Treated: true, Share: 50}, nil
}

func TestASessionHearsInWhichArmOfATrialItIs(t *testing.T) {
	w := onSQLite(t)
	n := w.node()
	is(t, "nobody's", n.call("GET", "/chat/v1/trials/abc", nil, nil).StatusCode, http.StatusUnauthorized)
	token := n.session(nil).str("session")
	got := n.call("GET", "/chat/v1/trials/abc", bearer(token), nil)
	is(t, "hers", got.StatusCode, http.StatusOK)
	is(t, "a trial that is none", n.call("GET", "/chat/v1/trials/absent", bearer(token), nil).StatusCode, http.StatusNotFound)
	head := bearer(token)
	head["Origin"] = "https://elsewhere.example"
	is(t, "from another site", n.call("GET", "/chat/v1/trials/abc", head, nil).StatusCode, http.StatusForbidden)
	for range 40 {
		got = n.call("GET", "/chat/v1/trials/abc", bearer(token), nil)
	}
	is(t, "without end", got.StatusCode, http.StatusTooManyRequests)
}
