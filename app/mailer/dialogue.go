package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/textproto"
	"strconv"
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
	bearer     *bearer // signed in by it
	release    func() bool
	handedOver bool // the mail's end was sent: from here on it may be taken
}

// run goes through all steps. The error belongs to d.step.
func (d *dialogue) run(mail *draft) error {
	for _, step := range []func() error{d.token, d.connect, d.greet, d.signIn} {
		if err := step(); err != nil {
			return err
		}
	}
	return d.send(mail)
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
	auth := d.way(offered, near)
	if auth == nil {
		return &Error{Step: StepSignIn, Kind: Unsupported, Detail: scrub(offered, d.set)}
	}
	err := d.client.Auth(auth)
	var answer *textproto.Error
	if d.bearer != nil && errors.As(err, &answer) {
		e := failure(d.ctx, d.step, d.set, err)
		e.Detail = scrub(d.bearer.said+" "+answer.Msg, d.set)
		return e
	}
	return err
}

// send hands the mail over.
func (d *dialogue) send(mail *draft) error {
	d.at(StepSender, d.o.Waits.Answer)
	beyond, err := d.fits(mail)
	if err != nil {
		return err
	}
	d.client.SkipSMTPUTF8(!beyond)
	if err := d.client.Mail("<" + mail.sender + ">"); err != nil {
		return err
	}
	if err := d.offer(mail, beyond); err != nil {
		return err
	}
	d.at(StepData, d.o.Waits.Answer)
	w, err := d.client.Data()
	if err != nil {
		return err
	}
	d.at(StepData, d.o.Waits.Data)
	// After an error nothing more is said, not even goodbye: the client would end the mail first, and half of it would go out.
	if err := mail.write(&paced{w: w, d: d, begun: time.Now()}, beyond); err != nil {
		return err
	}
	d.at(StepData, d.o.Waits.Data)
	d.handedOver = true
	if err := w.Close(); err != nil {
		return err
	}
	if data, ok := w.(*smtp.DataCloser); ok {
		mail.answer = scrubSecrets(data.ServerResponse(), d.set)
	}
	return nil
}

// fits tells whether addresses beyond ASCII may be used, and refuses a mail that the server says it does not take.
func (d *dialogue) fits(mail *draft) (beyond bool, err error) {
	if _, most := d.client.Extension("SIZE"); most != "" {
		if n, err := strconv.ParseInt(most, 10, 64); err == nil && n > 0 && mail.size() > n {
			return false, &Error{Step: StepSender, Kind: TooLarge}
		}
	}
	offered, _ := d.client.Extension("SMTPUTF8")
	if !offered && (!ascii(mail.sender) || !ascii(mail.From.Email)) {
		return false, &Error{Step: StepSender, Kind: Unsupported, Detail: "SMTPUTF8"}
	}
	return offered && mail.beyond, nil
}

// offer names the recipients to the server and notes what it says of each. The error is that of the connection, or of a
// mail that nobody is left for.
func (d *dialogue) offer(mail *draft, beyond bool) error {
	for i := range mail.recipients {
		r := &mail.recipients[i]
		if r.Kind != "" {
			continue
		}
		if !beyond && !ascii(r.envelope) {
			r.Kind, r.Detail = Unsupported, "SMTPUTF8"
			continue
		}
		d.at(StepRecipient, d.o.Waits.Answer)
		err := d.client.Rcpt("<" + r.envelope + ">")
		var answer *textproto.Error
		switch {
		case err == nil:
		case errors.As(err, &answer) && answer.Code != 421: // with 421 the server leaves (RFC 5321, 3.8)
			e := failure(d.ctx, d.step, d.set, err)
			r.Kind, r.Code, r.Enhanced, r.Detail = e.Kind, e.Code, e.Enhanced, e.Detail
		default:
			return err
		}
	}
	if e := mail.refusal(); e != nil {
		return e
	}
	return nil
}

// paced lets a mail take as long as it needs at 32 KiB/s.
type paced struct {
	w     io.Writer
	d     *dialogue
	begun time.Time
	n     int64
}

// Write is part of io.Writer.
func (p *paced) Write(b []byte) (int, error) {
	p.n += int64(len(b))
	due := p.begun.Add(p.d.o.Waits.Data + time.Duration(p.n>>15)*time.Second)
	_ = p.d.conn.SetDeadline(due) // fails only on a closed connection, which the write tells
	return p.w.Write(b)
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
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
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
