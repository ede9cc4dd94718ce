package imapbox

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
)

// Security is how a connection is protected.
type Security string

// The ways.
const (
	TLS      Security = "tls"      // from the first byte (port 993)
	StartTLS Security = "starttls" // after a greeting (port 143)
	Plain    Security = "none"     // not at all: for a server on the same machine
)

// Config says how to come to a mailbox.
type Config struct {
	Host     string
	Port     int
	Security Security
	User     string
	Password string
	// Token gives an OAuth 2 access token; it is asked for at each sign-in. nil: the password is used.
	Token func(ctx context.Context) (string, error)
	// Folder is what is read; empty: INBOX.
	Folder string
	// Processed is where mails go that were taken; empty: they stay, marked as seen.
	Processed string

	TLS  *tls.Config                                                          // nil: the system's authorities
	Dial func(ctx context.Context, network, address string) (net.Conn, error) // nil: net.Dialer
	// Limits of time; zero: the usual ones.
	CommandTime time.Duration // for one answer
	FetchTime   time.Duration // for one mail
}

const (
	usualCommandTime = 30 * time.Second
	usualFetchTime   = 2 * time.Minute
	closeTime        = 5 * time.Second
)

// Box is a mailbox that is open.
type Box struct {
	config   Config
	mu       sync.Mutex
	conn     net.Conn // under mu: the watchdog closes it
	pulse    *pulse   // the lowest layer of it
	client   *imapclient.Client
	changed  chan struct{} // something has come; one signal waits
	validity uint32
	total    uint32
	next     uint32
	canIdle  bool
}

// Open connects, signs in and opens the folder. Errors: *Error.
func Open(ctx context.Context, c Config) (*Box, error) {
	if c.CommandTime == 0 {
		c.CommandTime = usualCommandTime
	}
	if c.FetchTime == 0 {
		c.FetchTime = usualFetchTime
	}
	if c.Folder == "" {
		c.Folder = "INBOX"
	}
	if c.Dial == nil {
		c.Dial = (&net.Dialer{}).DialContext
	}
	b := &Box{config: c, changed: make(chan struct{}, 1)}
	for _, step := range []struct {
		name Step
		do   func(ctx context.Context) error
	}{{StepDial, b.connect}, {StepSignIn, b.signIn}, {StepFolder, b.open}} {
		if err := b.within(ctx, c.CommandTime, func() error { return step.do(ctx) }); err != nil {
			b.Close()
			return nil, fail(step.name, err)
		}
	}
	return b, nil
}

// UIDValidity is the folder's: when it is another than before, all UIDs mean nothing any more.
func (b *Box) UIDValidity() uint32 { return b.validity }

// Total is how many mails the folder had when it was opened.
func (b *Box) Total() uint32 { return b.total }

// Next is the UID that the next mail will have at least, as of when the folder was opened; zero: the server does not say.
func (b *Box) Next() uint32 { return b.next }

// Idles tells whether the server says by itself that something has come.
func (b *Box) Idles() bool { return b.canIdle }

// within runs fn, and closes the connection under it when it takes too long or ctx ends: go-imap waits for ever.
func (b *Box) within(ctx context.Context, limit time.Duration, fn func() error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, context.DeadlineExceeded)
	defer cancel()
	stop := context.AfterFunc(ctx, b.hangUp)
	err := fn()
	if !stop() && err != nil {
		return errors.Join(ctx.Err(), err)
	}
	return err
}

func (b *Box) signal() {
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

// Ensure makes the folder for taken mails where it is missing. Errors: *Error.
func (b *Box) Ensure(ctx context.Context) error {
	if b.config.Processed == "" {
		return nil
	}
	err := b.within(ctx, b.config.CommandTime, func() error {
		list, err := b.client.List("", b.config.Processed, nil).Collect()
		if err != nil || len(list) > 0 {
			return err
		}
		err = b.client.Create(b.config.Processed, nil).Wait()
		if refusedOnly(err) && strings.Contains(strings.ToLower(err.Error()), "exist") {
			return nil
		}
		return err
	})
	return fail(StepFolder, err)
}

// Wait returns when the server says that something has come, or after a while: with IDLE where it is offered, else after the
// pause. Errors: *Error.
func (b *Box) Wait(ctx context.Context, pause time.Duration) error {
	select { // since the last look
	case <-b.changed:
		return nil
	default:
	}
	if !b.canIdle {
		if err := sleep(ctx, pause); err != nil {
			return err
		}
		return fail(StepWait, b.within(ctx, b.config.CommandTime, func() error { return b.client.Noop().Wait() }))
	}
	var idle *imapclient.IdleCommand
	err := b.within(ctx, b.config.CommandTime, func() (err error) {
		idle, err = b.client.Idle()
		return err
	})
	if err != nil {
		return fail(StepWait, err)
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-b.changed:
	case <-timer.C:
	case <-b.client.Closed():
	case <-ctx.Done():
	}
	err = b.within(context.WithoutCancel(ctx), closeTime+b.config.CommandTime/3, func() error {
		if err := idle.Close(); err != nil {
			return err
		}
		return idle.Wait()
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fail(StepWait, err)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close ends the connection. go-imap's own Close may wait for ever on a mail that nobody reads, so the connection goes first and
// the rest has a moment.
func (b *Box) Close() {
	b.hangUp()
	if b.client == nil {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = b.client.Close()
	}()
	select {
	case <-done:
	case <-time.After(closeTime):
	}
}
