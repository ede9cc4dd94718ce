package post

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-smtp"
)

// Options say what an office has.
type Options struct {
	Log     *slog.Logger
	Domains []string // whose addresses all exist
	// Mailboxes are the addresses that are read over IMAP, each signed in to with its address and Password.
	Mailboxes []string
	Password  string
	Now       func() time.Time
}

// The reasons why a mail is not taken.
var (
	ErrNoSuchDomain = errors.New("post: no such domain here")
	ErrFull         = errors.New("post: the mailbox is full")
	ErrTooLarge     = errors.New("post: the mail is too large")
)

// Account is what an e-mail inbox needs to read and send as an address of the office. The connections are not protected: they do not
// leave the machine.
type Account struct {
	Host               string
	IMAPPort, SMTPPort int
	User, Password     string
}

// Office is a running post office.
type Office struct {
	options  Options
	born     uint32 // Unix seconds
	imap     *imapserver.Server
	smtp     *smtp.Server
	imapDoor *door
	smtpDoor *door
	serving  sync.WaitGroup
	mu       sync.Mutex
	changed  chan struct{} // closed and renewed with each mail
	users    map[string]*imapmemserver.User
	boxes    map[string][]*kept
	lastID   int64
	bytes    int64
	closed   bool
}

// Start opens an office on free ports of the loopback.
func Start(options Options) (*Office, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	o := &Office{options: options, changed: make(chan struct{}), users: map[string]*imapmemserver.User{}, boxes: map[string][]*kept{}}
	o.born = uint32(options.Now().Unix()) //nolint:gosec // until 2106
	for _, address := range options.Mailboxes {
		user := imapmemserver.NewUser(address, options.Password)
		if err := user.Create(inbox, nil); err != nil {
			return nil, fmt.Errorf("make the mailbox %s: %w", address, err)
		}
		o.users[address] = user
	}
	var err error
	if o.imapDoor, err = openDoor(); err != nil {
		return nil, fmt.Errorf("listen for IMAP: %w", err)
	}
	if o.smtpDoor, err = openDoor(); err != nil {
		return nil, errors.Join(fmt.Errorf("listen for SMTP: %w", err), o.imapDoor.Close())
	}
	o.imap, o.smtp = o.newIMAP(), o.newSMTP()
	o.serving.Go(func() { o.end("IMAP", o.imap.Serve(o.imapDoor)) })
	o.serving.Go(func() { o.end("SMTP", o.smtp.Serve(o.smtpDoor)) })
	return o, nil
}

// end tells of a server that ended by itself.
func (o *Office) end(name string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil && !o.closed {
		o.options.Log.Error("the demo's mail server ended", "server", name, "error", err)
	}
}

func (o *Office) newIMAP() *imapserver.Server {
	return imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &session{office: o}, nil, nil
		},
		Caps:   imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapMove: {}, imap.CapUIDPlus: {}, imap.CapNamespace: {}, imap.CapIdle: {}},
		Logger: o.quiet(), InsecureAuth: true, // on the loopback
	})
}

// quiet takes what a server says about connections that broke.
func (o *Office) quiet() *log.Logger {
	return slog.NewLogLogger(o.options.Log.Handler(), slog.LevelDebug)
}

// IMAP is where the IMAP server listens, host:port.
func (o *Office) IMAP() string { return o.imapDoor.Addr().String() }

// SMTP is where the SMTP server listens, host:port.
func (o *Office) SMTP() string { return o.smtpDoor.Addr().String() }

// Account gives what an e-mail inbox needs to use one of the mailboxes.
func (o *Office) Account(address string) Account {
	port := func(d *door) int { return d.Addr().(*net.TCPAddr).Port }
	return Account{Host: "127.0.0.1", IMAPPort: port(o.imapDoor), SMTPPort: port(o.smtpDoor), User: address, Password: o.options.Password}
}

// Close ends both servers and whoever is connected, and waits for them.
func (o *Office) Close() error {
	o.mu.Lock()
	already := o.closed
	o.closed = true
	o.mu.Unlock()
	if already {
		return nil
	}
	_ = o.imapDoor.Close()
	_ = o.smtpDoor.Close()
	_ = o.imap.Close()
	_ = o.smtp.Close()
	o.serving.Wait()
	o.imapDoor.wait()
	o.smtpDoor.wait()
	return nil
}

// mailbox is whose mailbox an address leads to: plus-addresses lead to the base. ok tells whether it is of this office.
func (o *Office) mailbox(address string) (base string, ok bool) {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 {
		return "", false
	}
	local, domain := strings.ToLower(address[:at]), strings.ToLower(address[at+1:])
	if plus := strings.IndexByte(local, '+'); plus > 0 {
		local = local[:plus]
	}
	return local + "@" + domain, slices.Contains(o.options.Domains, domain)
}

// Deliver puts a mail into the mailbox of an address; from is whom a report would go to, empty for nobody. Errors: ErrNoSuchDomain,
// ErrFull, ErrTooLarge.
func (o *Office) Deliver(from, to string, raw []byte) error {
	base, ok := o.mailbox(to)
	switch {
	case !ok:
		return ErrNoSuchDomain
	case len(raw) > MaxMail:
		return ErrTooLarge
	}
	// As the last server on the way writes it: only here a plus-address can be told when the mail was a blind copy.
	head := fmt.Sprintf("Return-Path: <%s>\r\nDelivered-To: %s\r\nReceived: by %s; %s\r\n", headerSafe(from), headerSafe(to), o.options.Domains[0], o.options.Now().Format(time.RFC1123Z))
	return o.keep(base, append([]byte(head), raw...), false)
}

// headerSafe keeps an address from breaking out of its header.
func headerSafe(s string) string {
	return strings.NewReplacer("\r", "", "\n", "", "<", "", ">", "").Replace(s)
}

func (o *Office) keep(base string, raw []byte, sent bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.bytes+int64(len(raw)) > maxBytes {
		return ErrFull
	}
	if user := o.users[base]; user != nil && !sent {
		if err := appendTo(user, inbox, raw); err != nil {
			return err
		}
	} else if err := o.keepLetter(base, raw, sent); err != nil {
		return err
	}
	o.bytes += int64(len(raw))
	close(o.changed)
	o.changed = make(chan struct{})
	return nil
}

func appendTo(user *imapmemserver.User, folder string, raw []byte) error {
	status, err := user.Status(folder, &imap.StatusOptions{NumMessages: true})
	if err != nil {
		return err
	}
	if *status.NumMessages >= MaxMails {
		return ErrFull
	}
	_, err = user.Append(folder, bytes.NewReader(raw), &imap.AppendOptions{})
	return err
}

// Changed is closed with the next mail that comes.
func (o *Office) Changed() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.changed
}
