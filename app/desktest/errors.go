package desktest

import (
	"testing"

	"huiyin/tickets/fault"
)

// Must ends the test when there is an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Fails wants an error of a kind with a text, of the first field where it names one.
func Fails(t testing.TB, err error, kind fault.Kind, key string) {
	t.Helper()
	e := fault.As(err)
	if e == nil || e.Kind != kind {
		t.Fatalf("got %v, want kind %v (%s)", err, kind, key)
	}
	got := e.Key
	if len(e.Fields) > 0 {
		got = e.Fields[0].Key
	}
	if got != key {
		t.Errorf("got %s, want %s", got, key)
	}
}

// Field gives the code of a wrong field of an error; "" when it is not wrong.
func Field(err error, name string) string {
	if e := fault.As(err); e != nil {
		for _, f := range e.Fields {
			if f.Name == name {
				return f.Code
			}
		}
	}
	return ""
}
