package mailer

import (
	"cmp"
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
	// MaxBytes is how long a mail may be, encoded. Zero: 25 MiB, what most servers take.
	MaxBytes int64
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
	o.Hello, o.MaxBytes = cmp.Or(o.Hello, "localhost"), cmp.Or(o.MaxBytes, maxBytes)
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
	if e := msg.check(); e != nil {
		return e
	}
	_, err := m.Deliver(ctx, set, msg.letter())
	return err
}

// Deliver hands a letter to a server, once. Where only some of its recipients are taken, the letter goes to those, and
// Outcome tells of the others. The error is an *Error: the server took the letter for nobody, or, where it is Unsure, may
// have.
func (m *Mailer) Deliver(ctx context.Context, set Settings, l Letter) (Outcome, error) {
	if l.From.Email == "" {
		l.From = set.From
	} else {
		set.From = Address{Email: l.From.Email} // its name is made fit
	}
	if wrong := set.Check(); len(wrong) > 0 {
		return Outcome{}, bad(wrong[0])
	}
	mail, err := l.ready(m.o.Now(), m.o.MaxBytes)
	if err != nil {
		return Outcome{}, err
	}
	if e := mail.refusal(); e != nil {
		return mail.outcome(false), e
	}
	d := &dialogue{o: &m.o, set: set, ctx: ctx}
	if err := d.run(mail); err != nil {
		e := failure(ctx, d.step, d.set, err)
		e.Unsure = d.handedOver && e.Code == 0
		d.close(e.Code != 0)
		return mail.outcome(false), e
	}
	d.close(true)
	return mail.outcome(true), nil
}
