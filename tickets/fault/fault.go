// Package fault names what can go wrong in the desk, so that every outer face (pages, sockets, API, commands) can
// answer alike: a kind chooses the status, a message key chooses the words in the person's language.
package fault

import (
	"errors"
	"strings"
	"time"
)

// Kind says what sort of failure it is.
type Kind int

// The kinds. An error that carries none is Internal.
const (
	Internal Kind = iota
	Invalid       // the input is wrong; Fields say where
	NotFound
	Denied          // known, but without the right
	Unauthenticated // not known
	Conflict        // the state forbids it (an illegal move, a newer version)
	TooMany         // a limit was reached; RetryAfter says when to come back
	TooLarge
	Unavailable // cannot serve now; RetryAfter says when to come back
)

// Field is one wrong field of the input.
type Field struct {
	Name string         // as the outer face calls it: "body", "identity.email"
	Code string         // short and stable: required, too_long, invalid …
	Key  string         // message key for the person
	Args map[string]any // values of the message
}

// Error is a failure with a kind and a text key (see app/i18n).
type Error struct {
	Kind       Kind
	Key        string // message key: "error.ticket.closed"
	Args       map[string]any
	Fields     []Field
	RetryAfter time.Duration // for TooMany and Unavailable
	Err        error         // the cause, for the log only
}

// New makes an error of a kind with its message key.
func New(kind Kind, key string) *Error { return &Error{Kind: kind, Key: key} }

// Wrap gives a cause a kind and a message key.
func Wrap(kind Kind, key string, err error) *Error { return &Error{Kind: kind, Key: key, Err: err} }

// InvalidField is an Invalid error of one field.
func InvalidField(name, code, key string, args map[string]any) *Error {
	return &Error{Kind: Invalid, Key: key, Args: args, Fields: []Field{{Name: name, Code: code, Key: key, Args: args}}}
}

// Error describes the failure for a log: key, fields and cause, never the person's input.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Key)
	for _, f := range e.Fields {
		b.WriteString(" " + f.Name + ":" + f.Code)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// As finds the Error in a chain, or nil.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// KindOf gives the kind of an error; Internal when it carries none.
func KindOf(err error) Kind {
	if e := As(err); e != nil {
		return e.Kind
	}
	return Internal
}

// Is tells whether err is of the kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }
