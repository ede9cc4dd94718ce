package bus

import (
	"context"
	"errors"
	"log/slog"
)

const (
	// MaxData is the largest message, in bytes: a hint, not a payload.
	MaxData = 64 << 10
	// MaxSubject is the longest subject, in bytes.
	MaxSubject = 128
)

var (
	// ErrDown says that the message engine cannot be reached now. The hint is lost for the other nodes; they are told
	// to read again once the connection is back.
	ErrDown = errors.New("bus: not connected")
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("bus: closed")
	// ErrSubject says that a subject is malformed: words of letters, digits, "-" and "_" (not first) joined by dots.
	ErrSubject = errors.New("bus: malformed subject")
	// ErrTooLarge says that a message is over MaxData.
	ErrTooLarge = errors.New("bus: message too large")
)

// Bus is one node's handle. A node does not hear what it publishes itself. All methods are safe for concurrent use.
type Bus interface {
	// Publish sends data to the other nodes' subscribers of subject and does not wait for them. It returns ErrSubject,
	// ErrTooLarge, ErrDown or ErrClosed. data may be used again after it returns.
	Publish(subject string, data []byte) error
	// Subscribe calls fn for each message whose subject matches: "a.*" takes any one word, "a.>" one or more. Calls come
	// one at a time, in the order of each publisher; two subscriptions run apart. fn must not change data. What others
	// publish after Subscribe has returned arrives. A call may still run when cancel returns.
	Subscribe(subject string, fn func(subject string, data []byte)) (cancel func(), err error)
	// OnReconnect adds a function that runs whenever messages to this node may have been lost.
	OnReconnect(fn func())
	// Ping asks the message engine for an answer.
	Ping(ctx context.Context) error
	// Remote tells whether other processes can be reached.
	Remote() bool
	// Close ends all subscriptions and waits for their running calls; it is not to be called from within one.
	Close() error
}

// Open connects a node: "" to nobody, inside the process; "nats://…" or "tls://…" (several with commas) to NATS core. A
// server that does not answer yet is no error: the handle connects when it can, and Ping tells.
func Open(url string, log *slog.Logger) (Bus, error) {
	if url == "" {
		return NewLocal().Node(), nil
	}
	return openNATS(url, log)
}

// checkPublish tells whether a message may be sent.
func checkPublish(subject string, data []byte) error {
	if !validSubject(subject, false) {
		return ErrSubject
	}
	if len(data) > MaxData {
		return ErrTooLarge
	}
	return nil
}
