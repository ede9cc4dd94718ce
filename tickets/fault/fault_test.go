package fault

import (
	"errors"
	"fmt"
	"testing"
)

func TestTheKindIsFoundThroughWrapping(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("receive: %w", New(Conflict, "error.ticket.closed"))
	if KindOf(err) != Conflict || !Is(err, Conflict) || As(err).Key != "error.ticket.closed" {
		t.Errorf("got %v", err)
	}
	if plain := errors.New("disk full"); KindOf(plain) != Internal || As(plain) != nil {
		t.Errorf("a plain error is of kind %d", KindOf(plain))
	}
	if Is(nil, Internal) || As(nil) != nil {
		t.Errorf("no error is an error")
	}
}

func TestTheLogSeesKeysAndCauseAndNoInput(t *testing.T) {
	t.Parallel()
	cause := errors.New("duplicate key")
	err := Wrap(Conflict, "error.identity.taken", cause)
	if !errors.Is(err, cause) || err.Error() != "error.identity.taken: duplicate key" {
		t.Errorf("got %v", err)
	}
	field := InvalidField("email", "invalid", "error.identity.email", map[string]any{"value": "lei@example.com"})
	if got, want := field.Error(), "error.identity.email email:invalid"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
