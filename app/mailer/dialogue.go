package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// heardMax is how much a server may say in one dialogue; a real one says some hundred bytes.
const heardMax = 256 << 10

const goodbye = time.Second

var errTooMuch = errors.New("the server says too much")

// dialogue is one connection to a server, for one mail.
type dialogue struct {
	o          *Options
	set        Settings
	ctx        context.Context
	step       Step
	conn       net.Conn // the bottom one: its deadline ends whatever stands above
	client     *smtp.Client
	release    func() bool
	handedOver bool // the mail's end was sent: from here on it may be taken
}

// run goes through all steps. The error belongs to d.step.
func (d *dialogue) run(to string, body []byte) error {
	for _, step := range []func() error{d.connect, d.greet, d.signIn} {
		if err := step(); err != nil {
			return err
		}
	}
	return d.send(to, body)
}

// at begins a step, which may take that long.
func (d *dialogue) at(step Step, wait time.Duration) {
	d.step = step
	if d.conn != nil {
		_ = d.conn.SetDeadline(time.Now().Add(wait)) // fails only on a closed connection, which the next read tells
	}
}

func (d *dialogue) connect() error {
	d.at(StepConnect, 0)
	ctx, cancel := context.WithTimeout(d.ctx, d.o.Waits.Connect)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", d.set.address())
	if err != nil {
		return err
	}
	d.conn = &hearing{Conn: conn, left: heardMax}
	d.release = context.AfterFunc(d.ctx, func() { _ = d.conn.Close() })
	return nil
}

// greet brings the connection up to where somebody may sign in.
func (d *dialogue) greet() error {
	conn := d.conn
	if d.set.Security == TLS {
		d.at(StepTLS, d.o.Waits.TLS)
		over := tls.Client(conn, d.tls())
		if err := over.HandshakeContext(d.ctx); err != nil {
			return err
		}
		conn = over
	}
	d.at(StepGreeting, d.o.Waits.Answer)
	client, err := smtp.NewClient(conn, d.set.Host)
	if err != nil {
		return err
	}
	d.client = client
	if err := client.Hello(d.o.Hello); err != nil {
		return err
	}
	if d.set.Security != StartTLS {
		return nil
	}
	d.at(StepTLS, d.o.Waits.TLS)
	if offered, _ := client.Extension("STARTTLS"); !offered {
		return &Error{Step: StepTLS, Kind: NoTLS}
	}
	return client.StartTLS(d.tls())
}

func (d *dialogue) tls() *tls.Config {
	return &tls.Config{ServerName: d.set.Host, MinVersion: tls.VersionTLS12, RootCAs: d.o.RootCAs}
}

func (d *dialogue) signIn() error {
	if d.set.User == "" {
		return nil
	}
	d.at(StepSignIn, d.o.Waits.Answer)
	near := false
	if peer, ok := d.conn.RemoteAddr().(*net.TCPAddr); ok {
		near = peer.IP.IsLoopback()
	}
	if d.set.Security == None && !near {
		return &Error{Step: StepSignIn, Kind: Plain}
	}
	_, offered := d.client.Extension("AUTH")
	ways := strings.Fields(strings.ToUpper(offered))
	var auth smtp.Auth
	switch { // protected by TLS they are all alike; these two every server does right
	case slices.Contains(ways, "PLAIN"):
		auth = smtp.PlainAuth("", d.set.User, d.set.Password, d.set.Host, near)
	case slices.Contains(ways, "LOGIN"):
		auth = smtp.LoginAuth(d.set.User, d.set.Password, d.set.Host, near)
	default:
		return &Error{Step: StepSignIn, Kind: Unsupported, Detail: scrub(offered, d.set)}
	}
	return d.client.Auth(auth)
}

// send hands the mail over.
func (d *dialogue) send(to string, body []byte) error {
	d.at(StepSender, d.o.Waits.Answer)
	international := !ascii(d.set.From.Email) || !ascii(to)
	if offered, _ := d.client.Extension("SMTPUTF8"); international && !offered {
		return &Error{Step: StepRecipient, Kind: Unsupported, Detail: "SMTPUTF8"}
	}
	d.client.SkipSMTPUTF8(!international)
	if err := d.client.Mail("<" + d.set.From.Email + ">"); err != nil {
		return err
	}
	d.at(StepRecipient, d.o.Waits.Answer)
	if err := d.client.Rcpt("<" + to + ">"); err != nil {
		return err
	}
	d.at(StepData, d.o.Waits.Answer)
	w, err := d.client.Data()
	if err != nil {
		return err
	}
	d.at(StepData, d.o.Waits.Data+time.Duration(len(body)>>15)*time.Second) // 32 KiB/s at the least
	if _, err := w.Write(body); err != nil {
		return err
	}
	d.handedOver = true
	return w.Close()
}

// close ends the connection. It says goodbye only where somebody still listens, and shortly: the mail is taken or not,
// whatever comes now.
func (d *dialogue) close(listens bool) {
	if d.conn == nil {
		return
	}
	if listens && d.client != nil {
		_ = d.conn.SetDeadline(time.Now().Add(goodbye))
		_ = d.client.Quit()
	}
	d.release()
	_ = d.conn.Close()
}

func ascii(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r >= 0x80 }) < 0
}

// hearing is a connection that ends when the other side has said too much.
type hearing struct {
	net.Conn
	left int
}

// Read is part of net.Conn.
func (h *hearing) Read(p []byte) (int, error) {
	if h.left <= 0 {
		return 0, errTooMuch
	}
	n, err := h.Conn.Read(p[:min(len(p), h.left)])
	h.left -= n
	return n, err
}
