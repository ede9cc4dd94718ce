package imapbox

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strconv"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

func (b *Box) connect(ctx context.Context) error {
	c := &b.config
	ctx, cancel := context.WithTimeout(ctx, c.CommandTime)
	defer cancel()
	dialled, err := c.Dial(ctx, "tcp", net.JoinHostPort(c.Host, strconv.Itoa(c.Port)))
	if err != nil {
		return err
	}
	b.pulse = &pulse{Conn: dialled}
	var conn net.Conn = b.pulse
	b.setConn(conn)
	secure := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.TLS != nil {
		secure = c.TLS.Clone()
	}
	if secure.ServerName == "" {
		secure.ServerName = c.Host
	}
	options := &imapclient.Options{TLSConfig: secure, UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(*imapclient.UnilateralDataMailbox) { b.signal() }, // on the reader's goroutine: never more than a signal
	}}
	switch c.Security {
	case StartTLS:
		// go-imap gives up without a word where STARTTLS is not offered, so that is looked at here.
		if b.client, err = imapclient.NewStartTLS(conn, options); err != nil {
			return startTLSFailed(err)
		}
		return nil
	case Plain:
	default:
		over := tls.Client(conn, secure)
		if err := over.HandshakeContext(ctx); err != nil {
			return fail(StepTLS, err)
		}
		b.setConn(over)
		conn = over
	}
	b.client = imapclient.New(conn, options)
	return b.client.WaitGreeting()
}

func (b *Box) setConn(conn net.Conn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.conn = conn
}

// hangUp closes the connection, under whoever reads or writes.
func (b *Box) hangUp() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.conn != nil {
		_ = b.conn.Close()
	}
}

func startTLSFailed(err error) error {
	var said *imap.Error
	if errors.As(err, &said) {
		return &Error{Step: StepTLS, Reason: ReasonNoTLS, Server: oneLine(said.Text), cause: err}
	}
	return fail(StepTLS, err)
}

// near tells whether the server is on this machine.
func (b *Box) near() bool {
	peer, ok := b.pulse.RemoteAddr().(*net.TCPAddr)
	return ok && peer.IP.IsLoopback()
}

// signIn takes the best way that the server offers.
func (b *Box) signIn(ctx context.Context) error {
	c, caps := &b.config, b.client.Caps()
	switch {
	case c.Security == Plain && !b.near(): // as app/mailer: over a plain connection only to this very machine
		return &Error{Step: StepSignIn, Reason: ReasonPlainText}
	case c.Token != nil:
		token, err := c.Token(ctx)
		if err != nil {
			return err
		}
		if caps.Has(imap.AuthCap("OAUTHBEARER")) {
			return b.client.Authenticate(bearer{sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: c.User, Token: token, Host: c.Host, Port: c.Port})})
		}
		return b.client.Authenticate(&xoauth2{c.User, token})
	case c.Security == Plain && caps.Has(imap.CapLoginDisabled):
		return &Error{Step: StepSignIn, Reason: ReasonPlainText}
	case caps.Has(imap.AuthCap("PLAIN")):
		return b.client.Authenticate(sasl.NewPlainClient("", c.User, c.Password))
	case caps.Has(imap.CapLoginDisabled):
		return &Error{Step: StepSignIn, Reason: ReasonMethod}
	}
	return b.client.Login(c.User, c.Password).Wait()
}

// open says who we are, which NetEase wants before it opens anything, and opens the folder.
func (b *Box) open(context.Context) error {
	caps := b.client.Caps()
	if caps.Has(imap.CapID) {
		if _, err := b.client.ID(&imap.IDData{Name: "Huiyin", Version: "1", Vendor: "Huiyin"}).Wait(); err != nil && !refusedOnly(err) {
			return err
		}
	}
	b.canIdle = caps.Has(imap.CapIdle)
	data, err := b.client.Select(b.config.Folder, nil).Wait()
	if err != nil {
		return err
	}
	b.validity, b.total, b.next = data.UIDValidity, data.NumMessages, uint32(data.UIDNext)
	return nil
}

// refusedOnly tells an answer that says no from a connection that broke.
func refusedOnly(err error) bool {
	var said *imap.Error
	return errors.As(err, &said)
}
