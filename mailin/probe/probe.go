package probe

import (
	"context"
	"net"
	"time"

	"huiyin/mailin/imapbox"
)

// Reasons of a failure, beside those of imapbox.
const (
	ReasonRejected = "rejected"  // the server takes no mail to address+token@
	ReasonNever    = "never"     // the mail did not come in time
	ReasonCode     = "code"      // the password is refused, and the provider wants an authorisation code
	ReasonIMAPOff  = "imap_off"  // IMAP is switched off for the mailbox
	ReasonConsent  = "consent"   // the provider takes back its consent, or never gave it
	ReasonNoMove   = "no_folder" // the folder for taken mails can neither be opened nor made
)

// Mail is a mail that a test sends.
type Mail struct {
	To, Subject, Token string
}

// Plan says what to try.
type Plan struct {
	IMAP    imapbox.Config
	Address string
	Code    bool // the provider wants an authorisation code
	// Host of SMTP, to be told. Empty: the mailbox sends nothing.
	Host string
	// Send sends a mail from the mailbox; nil: it sends nothing. Its subject is to hold the token.
	Send func(ctx context.Context, m Mail) *Failure
	Wait time.Duration // for the mails to come; 0: the usual one
	Pace time.Duration // between two looks; 0: the usual one
}

// The times of a test; a person waits for it.
const (
	CommandTime = 10 * time.Second
	usualWait   = time.Minute
	usualPace   = 2 * time.Second
	plusWait    = 25 * time.Second // more than the first mail took, which tells how quick the server is
	putAwayTime = 10 * time.Second
	lookedAt    = 64 << 10 // bytes of a mail
	looksMost   = 500      // mails in one look
)

// Result is what a test has found.
type Result struct {
	Reads bool   // mails can be fetched
	Sends bool   // mails can be sent
	Plus  string // yes, no; empty: unknown
}

// run is one test.
type run struct {
	Plan
	report func(Step)
	told   map[Name]bool
	result Result
	boxes  []*folder
}

// Run tries a mailbox. It returns when all is known, or ctx ends.
func Run(ctx context.Context, p Plan, report func(Step)) Result {
	if p.Wait == 0 {
		p.Wait = usualWait
	}
	if p.Pace == 0 {
		p.Pace = usualPace
	}
	if p.IMAP.CommandTime == 0 {
		p.IMAP.CommandTime = CommandTime
	}
	if p.IMAP.Folder == "" {
		p.IMAP.Folder = "INBOX"
	}
	r := &run{Plan: p, told: map[Name]bool{}}
	r.report = func(s Step) {
		r.told[s.Name] = s.State != Running
		report(s)
	}
	defer func() {
		for _, one := range r.boxes {
			one.box.Close()
		}
	}()
	if r.reads(ctx) {
		r.result.Reads = true
		r.mails(ctx)
	} else if p.Send != nil {
		r.sendOnly(ctx)
	}
	for _, name := range Names() {
		if !r.told[name] {
			r.report(Step{Name: name, State: Skipped})
		}
	}
	return r.result
}

// reads opens the folder, and the one for taken mails.
func (r *run) reads(ctx context.Context) bool {
	config := r.IMAP
	dial := config.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	r.report(Step{Name: Lookup, State: Running, Host: config.Host})
	config.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err == nil {
			r.passed(Lookup, Connect)
			r.report(Step{Name: TLS, State: Running, Host: config.Host})
		}
		return conn, err
	}
	box, err := imapbox.Open(ctx, config)
	if err != nil {
		r.failed(ctx, err)
		return false
	}
	r.passed(TLS, SignIn, Folder)
	if config.Security == imapbox.Plain {
		r.report(Step{Name: TLS, State: Skipped})
	}
	r.boxes = append(r.boxes, &folder{box: box})
	if config.Processed == "" {
		return true
	}
	r.report(Step{Name: Processed, State: Running, Folder: config.Processed})
	err = box.Ensure(ctx)
	if err == nil {
		err = r.openProcessed(ctx)
	}
	if err != nil {
		r.report(Step{Name: Processed, State: Failed, Reason: ReasonNoMove, Folder: config.Processed, Said: r.said(err)})
		return false
	}
	r.report(Step{Name: Processed, State: OK, Folder: config.Processed})
	return true
}

// openProcessed opens the folder of taken mails beside the other.
func (r *run) openProcessed(ctx context.Context) error {
	config := r.IMAP
	config.Folder, config.Processed = config.Processed, ""
	box, err := imapbox.Open(ctx, config)
	if err == nil {
		r.boxes = append(r.boxes, &folder{box: box})
	}
	return err
}

func (r *run) passed(names ...Name) {
	for _, name := range names {
		s := Step{Name: name, State: OK, Host: r.IMAP.Host}
		if name == Folder {
			s.Folder = r.IMAP.Folder
		}
		r.report(s)
	}
}

// sendOnly tries to send where reading has failed: both are known after one test.
func (r *run) sendOnly(ctx context.Context) {
	r.send(ctx, Mail{To: r.Address, Subject: subject, Token: token()})
}
