package mailer

import (
	"context"
	"crypto/x509"
	"errors"
	"time"
)

// Options are what New needs.
type Options struct {
	// Settings gives the settings of now; ErrUnset when there are none yet.
	Settings func(ctx context.Context) (Settings, error)
	// Hello is the name that the desk gives itself: a host's name, or an address. Empty: localhost.
	Hello string
	// RootCAs are the authorities to trust. nil: the system's.
	RootCAs *x509.CertPool
	Now     func() time.Time // nil: time.Now
	Waits   Waits
}

// Waits are how long steps may take. What is zero takes the usual time.
type Waits struct {
	Connect time.Duration // the name, and the connection
	TLS     time.Duration
	Answer  time.Duration // of each command; busy servers let clients wait on purpose
	Data    time.Duration // of the answer to a mail; it grows with the mail
}

// The usual times. RFC 5321 (4.5.3.2) gives servers minutes, for queues that are in no hurry; here a person waits for her
// link, and a mail that failed is tried again.
const (
	waitConnect = 10 * time.Second
	waitTLS     = 10 * time.Second
	waitAnswer  = 30 * time.Second
	waitData    = 90 * time.Second
)

// Mailer sends mails. It is safe for concurrent use; every mail has a connection of its own.
type Mailer struct{ o Options }

// New makes a mailer.
func New(o Options) *Mailer {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Hello == "" {
		o.Hello = "localhost"
	}
	for wait, usual := range map[*time.Duration]time.Duration{
		&o.Waits.Connect: waitConnect, &o.Waits.TLS: waitTLS, &o.Waits.Answer: waitAnswer, &o.Waits.Data: waitData,
	} {
		if *wait == 0 {
			*wait = usual
		}
	}
	return &Mailer{o: o}
}

// Ready tells whether there are settings.
func (m *Mailer) Ready(ctx context.Context) (bool, error) {
	_, err := m.o.Settings(ctx)
	if errors.Is(err, ErrUnset) {
		return false, nil
	}
	return err == nil, err
}

// Send sends a mail with the settings of now. The error is an *Error, ErrUnset, or what Settings gave.
func (m *Mailer) Send(ctx context.Context, msg Message) error {
	set, err := m.o.Settings(ctx)
	if err != nil {
		return err
	}
	return m.Try(ctx, set, msg)
}

// Try sends a mail with settings that need not be kept yet. The error is an *Error, which tells how far it got.
func (m *Mailer) Try(ctx context.Context, set Settings, msg Message) error {
	if wrong := set.Check(); len(wrong) > 0 {
		return &Error{Step: StepSettings, Kind: Invalid, Detail: wrong[0]}
	}
	if e := msg.check(); e != nil {
		return e
	}
	body, err := msg.bytes(set.From, m.o.Now())
	if err != nil {
		return &Error{Step: StepSettings, Kind: Invalid, Detail: "message"}
	}
	d := &dialogue{o: &m.o, set: set, ctx: ctx}
	if err := d.run(msg.To.Email, body); err != nil {
		e := failure(ctx, d.step, set, err)
		e.Unsure = d.handedOver && e.Code == 0
		d.close(e.Code != 0)
		return e
	}
	d.close(true)
	return nil
}
