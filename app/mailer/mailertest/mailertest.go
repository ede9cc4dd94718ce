// Package mailertest runs SMTP servers for tests: a real one that keeps what it gets, and scripted ones that misbehave.
package mailertest

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"huiyin/app/mailer"
)

// Options say how a server behaves. The zero value takes every mail from this machine, over a plain connection.
type Options struct {
	Security mailer.Security // empty: none
	TLS      *tls.Config     // with TLS and StartTLS
	Ways     []string        // to sign in: PLAIN, LOGIN, XOAUTH2, OAUTHBEARER; nil: the first two
	NoAuth   bool            // nobody can sign in
	UTF8     bool            // it takes addresses beyond ASCII
	// Answer may refuse a step (sign_in with the password or the token, sender with the address, recipient with each address,
	// data with the mail). An *smtp.SMTPError is said as it is; ErrHangUp ends the connection.
	Answer func(step mailer.Step, what string) error
}

// ErrHangUp makes a server drop the connection instead of answering.
var ErrHangUp = errors.New("hang up")

// Say is an answer of a server.
func Say(code int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.NoEnhancedCode, Message: text}
}

// Server is a running SMTP server.
type Server struct {
	t        testing.TB
	o        Options
	Host     string
	Port     int
	mu       sync.Mutex
	mails    []*Mail
	users    []string
	arrivals chan struct{} // closed and renewed with each mail
}

// Start starts a server on 127.0.0.1 that ends with the test.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, o: o, Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, arrivals: make(chan struct{})}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{server: s, conn: c}, nil }))
	server.Domain, server.AllowInsecureAuth, server.EnableSMTPUTF8 = "mx.test", true, o.UTF8
	server.ErrorLog = log.New(io.Discard, "", 0)
	switch o.Security {
	case mailer.TLS:
		l = tls.NewListener(l, o.TLS)
	case mailer.StartTLS:
		server.TLSConfig, server.AllowInsecureAuth = o.TLS, false
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close(); _ = l.Close(); <-done }) // Close alone misses a listener that is not served yet
	return s
}

// Settings are those of a desk that sends by this server; user and password are what it takes unless Answer says else.
func (s *Server) Settings() mailer.Settings {
	set := mailer.Settings{
		Host: s.Host, Port: s.Port, Security: s.o.Security, From: mailer.Address{Name: "回音", Email: "desk@shop.test"},
		User: "desk@shop.test", Password: "a code from the provider",
	}
	if set.Security == "" {
		set.Security = mailer.None
	}
	if s.o.NoAuth {
		set.User, set.Password = "", ""
	}
	return set
}

// Mails are what has come so far.
func (s *Server) Mails() []*Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Mail(nil), s.mails...)
}

// Users are the names that have signed in so far.
func (s *Server) Users() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.users...)
}

// Wait waits until n mails have come and gives them all.
func (s *Server) Wait(n int) []*Mail {
	s.t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		s.mu.Lock()
		mails, next := append([]*Mail(nil), s.mails...), s.arrivals
		s.mu.Unlock()
		if len(mails) >= n {
			return mails
		}
		select {
		case <-next:
		case <-timeout:
			s.t.Fatalf("got %d mails, want %d", len(mails), n)
		}
	}
}

func (s *Server) keep(m *Mail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, m)
	close(s.arrivals)
	s.arrivals = make(chan struct{})
}

// session is one connection.
type session struct {
	server *Server
	conn   *smtp.Conn
	from   string
	to     []string
	utf8   bool
}

func (c *session) answer(step mailer.Step, what string) error {
	if c.server.o.Answer == nil {
		return nil
	}
	err := c.server.o.Answer(step, what)
	if errors.Is(err, ErrHangUp) {
		_ = c.conn.Conn().Close()
	}
	return err
}

// AuthMechanisms is part of smtp.AuthSession.
func (c *session) AuthMechanisms() []string {
	switch {
	case c.server.o.NoAuth:
		return nil
	case c.server.o.Ways != nil:
		return c.server.o.Ways
	}
	return []string{sasl.Plain, "LOGIN"}
}

// Auth is part of smtp.AuthSession.
func (c *session) Auth(way string) (sasl.Server, error) {
	check := func(user, password string) error {
		if err := c.answer(mailer.StepSignIn, password); err != nil {
			return err
		}
		c.server.mu.Lock()
		defer c.server.mu.Unlock()
		c.server.users = append(c.server.users, user)
		return nil
	}
	switch way {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
	case "LOGIN":
		return &login{check: check}, nil
	}
	return &bearer{check: check}, nil
}

// Mail is part of smtp.Session.
func (c *session) Mail(from string, o *smtp.MailOptions) error {
	c.from, c.to, c.utf8 = from, nil, o.UTF8
	return c.answer(mailer.StepSender, from)
}

// Rcpt is part of smtp.Session.
func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := c.answer(mailer.StepRecipient, to); err != nil {
		return err
	}
	c.to = append(c.to, to)
	return nil
}

// Data is part of smtp.Session.
func (c *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := c.answer(mailer.StepData, string(raw)); err != nil {
		return err
	}
	m, err := parse(bytes.Clone(raw))
	if err != nil {
		return err
	}
	m.From, m.To, m.UTF8 = c.from, c.to, c.utf8
	c.server.keep(m)
	return nil
}

// Reset is part of smtp.Session.
func (c *session) Reset() {}

// Logout is part of smtp.Session.
func (c *session) Logout() error { return nil }

// login is the server's side of LOGIN, which go-sasl has no more.
type login struct {
	check func(user, password string) error
	asked int
	user  string
}

// Next is part of sasl.Server.
func (l *login) Next(response []byte) (challenge []byte, done bool, err error) {
	l.asked++
	switch l.asked {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.user, string(response))
}

// Challenge is why a server refuses a token, as Google writes it.
const Challenge = `{"status":"401","schemes":"bearer","scope":"https://mail.google.com/"}`

// bearer is the server's side of XOAUTH2 and OAUTHBEARER.
type bearer struct {
	check   func(user, token string) error
	refused error
}

var bearerWords = regexp.MustCompile("^(?:user=|n,a=)([^\x01]*?),?\x01(?:host=[^\x01]+\x01port=[0-9]+\x01)?auth=Bearer ([^\x01]+)\x01\x01$")

// Next is part of sasl.Server.
func (b *bearer) Next(response []byte) (challenge []byte, done bool, err error) {
	if b.refused != nil {
		return nil, true, b.refused
	}
	words := bearerWords.FindSubmatch(response)
	if words == nil {
		return nil, true, Say(501, "what is this?")
	}
	if b.refused = b.check(string(words[1]), string(words[2])); b.refused != nil {
		return []byte(Challenge), false, nil
	}
	return nil, true, nil
}
