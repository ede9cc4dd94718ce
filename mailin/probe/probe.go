package probe

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	"huiyin/mailin/imapbox"
)

// Name is a step.
type Name string

// The steps, in their order.
const (
	Lookup    Name = "name"
	Connect   Name = "connect"
	TLS       Name = "tls"
	SignIn    Name = "sign_in"
	Folder    Name = "folder"
	Processed Name = "processed"
	SMTP      Name = "smtp"
	Arrives   Name = "arrives"
	Plus      Name = "plus"
)

// Names gives the steps in their order.
func Names() []Name {
	return []Name{Lookup, Connect, TLS, SignIn, Folder, Processed, SMTP, Arrives, Plus}
}

// State is how far a step is.
type State string

// The states.
const (
	Running State = "running"
	OK      State = "ok"
	Failed  State = "failed"
	Skipped State = "skipped" // one before it failed, or there is nothing to try
	Unknown State = "unknown" // it did not fail, and nothing can be said
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

// Step is what is to be told of a step.
type Step struct {
	Name   Name
	State  State
	Reason string // why it failed; texts are mailbox.why.REASON, of SMTP the sender's own
	Host   string
	Folder string
	// Folders are those that there are, where the one asked for is not.
	Folders []string
	Said    string // the server's own words, fit to be shown
}

// Failure is why a mail could not be sent: the sender's own word, and what the server said.
type Failure struct {
	Reason string
	Said   string
	// Recipient says that only this recipient was refused.
	Recipient bool
}

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

// steps are those of imapbox in our names; what stands before one of them has passed when it fails.
var steps = map[imapbox.Step]Name{imapbox.StepDial: Connect, imapbox.StepTLS: TLS, imapbox.StepSignIn: SignIn, imapbox.StepFolder: Folder}

// failed tells which step an opening has failed at.
func (r *run) failed(ctx context.Context, err error) {
	s := Step{Name: Connect, State: Failed, Reason: string(imapbox.ReasonOther), Host: r.IMAP.Host, Folder: r.IMAP.Folder, Said: r.said(err)}
	var e *imapbox.Error
	if errors.As(err, &e) {
		s.Reason = r.reason(e)
		if name, known := steps[e.Step]; known {
			s.Name = name
		}
		if e.Reason == imapbox.ReasonName {
			s.Name = Lookup
		}
	}
	for _, name := range []Name{Lookup, Connect, TLS, SignIn, Folder} {
		if name == s.Name {
			break
		}
		if !r.told[name] {
			r.passed(name)
		}
	}
	if s.Reason == string(imapbox.ReasonMissing) {
		s.Folders = r.folders(ctx)
	}
	r.report(s)
}

// reason makes the reason finer where the provider's words tell more.
func (r *run) reason(e *imapbox.Error) string {
	said := strings.ToLower(e.Server)
	switch {
	case e.Reason != imapbox.ReasonPassword:
		return string(e.Reason)
	case r.IMAP.Token != nil:
		return ReasonConsent
	case slices.ContainsFunc(imapOff, func(words string) bool { return strings.Contains(said, words) }):
		return ReasonIMAPOff
	case r.Code || strings.Contains(said, "authorized code") || strings.Contains(said, "authorization code") || strings.Contains(said, "application-specific"):
		return ReasonCode
	}
	return string(e.Reason)
}

// imapOff are words of servers for a mailbox whose owner has not switched IMAP on (QQ, Gmail, NetEase, others).
var imapOff = []string{"service is not open", "imap service is", "imap is disabled", "not enabled for imap", "imap access is disabled", "imap access disabled", "user is not allowed to use imap"}

// folders asks which there are.
func (r *run) folders(ctx context.Context) []string {
	config := r.IMAP
	config.Folder = "INBOX"
	box, err := imapbox.Open(ctx, config)
	if err != nil {
		return nil
	}
	defer box.Close()
	names, _ := box.Folders(ctx) // without them the failure is told all the same
	return names
}

// said is what the server said, fit to be shown.
func (r *run) said(err error) string {
	var e *imapbox.Error
	if !errors.As(err, &e) {
		return ""
	}
	return Scrub(e.Server, r.IMAP.Password, r.IMAP.User, r.Address)
}

// sendOnly tries to send where reading has failed: both are known after one test.
func (r *run) sendOnly(ctx context.Context) {
	r.send(ctx, Mail{To: r.Address, Subject: subject, Token: token()})
}

const subject = "Huiyin test"

// Marker stands in the subject of every mail of a test, before its token; a reader leaves such mails of its own address alone.
const Marker = "huiyintest-"

func token() string { return Marker + strings.ToLower(rand.Text()[:10]) }

func (r *run) send(ctx context.Context, m Mail) bool {
	r.report(Step{Name: SMTP, State: Running, Host: r.Host})
	if f := r.Send(ctx, m); f != nil {
		r.report(Step{Name: SMTP, State: Failed, Reason: f.Reason, Host: r.Host, Said: Scrub(f.Said, r.IMAP.Password)})
		return false
	}
	r.result.Sends = true
	r.report(Step{Name: SMTP, State: OK, Host: r.Host})
	return true
}

// mails sends the mailbox two mails of its own.
func (r *run) mails(ctx context.Context) {
	if r.Send == nil {
		return
	}
	for _, one := range r.boxes {
		last, err := one.box.Last(ctx)
		if err != nil {
			r.report(Step{Name: Arrives, State: Failed, Reason: string(imapbox.ReasonOf(err)), Said: r.said(err)})
			r.sendOnly(ctx)
			return
		}
		one.last = last
	}
	plain, plus := token(), token()
	if !r.send(ctx, Mail{To: r.Address, Subject: subject + " " + plain, Token: plain}) {
		return
	}
	r.report(Step{Name: Arrives, State: Running})
	refused := r.sendPlus(ctx, plus)
	wait := &waiting{run: r, plain: plain, plus: plus, rejected: refused, began: time.Now()}
	wait.watch(ctx)
	wait.tell()
}

// sendPlus sends the second mail; refused says that the server takes none at such an address.
func (r *run) sendPlus(ctx context.Context, token string) (refused bool) {
	local, domain, _ := strings.Cut(r.Address, "@")
	local, _, _ = strings.Cut(local, "+")
	f := r.Send(ctx, Mail{To: local + "+" + token + "@" + domain, Subject: subject + " " + token, Token: token})
	return f != nil && f.Recipient
}

// folder is one that is looked into.
type folder struct {
	box  *imapbox.Box
	last uint32
}

// waiting looks for the mails of a test.
type waiting struct {
	*run
	plain, plus       string
	hasPlain, hasPlus bool
	rejected          bool // the second one was refused, at once or by a mail that came back
	began, plainAt    time.Time
	broken            error
}

// watch looks until both have come, or the time is over.
func (w *waiting) watch(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, w.Wait)
	defer cancel()
	for {
		for _, one := range w.boxes {
			if err := w.look(ctx, one); err != nil {
				if ctx.Err() == nil {
					w.broken = err
				}
				return
			}
		}
		if w.hasPlain && w.plainAt.IsZero() {
			w.plainAt = time.Now()
			w.report(Step{Name: Arrives, State: OK})
			w.report(Step{Name: Plus, State: Running})
		}
		if w.hasPlain && (w.hasPlus || w.rejected || time.Since(w.plainAt) > plusWait) {
			return
		}
		select {
		case <-time.After(w.Pace):
		case <-ctx.Done():
			return
		}
	}
}

// look reads what has come into a folder and puts the test's mails away.
func (w *waiting) look(ctx context.Context, one *folder) error {
	var ours []uint32
	_, err := one.box.New(ctx, one.last, looksMost, lookedAt, func(m imapbox.Mail) error {
		one.last = m.UID
		head, _, _ := bytes.Cut(m.Raw, []byte("\r\n\r\n"))
		is := func(token string) bool { return bytes.Contains(head, []byte("Subject: "+subject+" "+token)) }
		switch {
		case is(w.plain):
			w.hasPlain = true
		case is(w.plus):
			w.hasPlus = true
		case bytes.Contains(m.Raw, []byte(w.plus)): // a mail about it: it came back
			w.rejected = true
		default:
			return nil
		}
		ours = append(ours, m.UID)
		return nil
	})
	if len(ours) > 0 {
		away, cancel := context.WithTimeout(context.WithoutCancel(ctx), putAwayTime)
		defer cancel()
		err = errors.Join(err, one.box.Done(away, ours))
	}
	return err
}

// tell says what has come of it.
func (w *waiting) tell() {
	switch {
	case w.broken != nil && !w.hasPlain:
		w.report(Step{Name: Arrives, State: Failed, Reason: string(imapbox.ReasonOf(w.broken)), Said: w.said(w.broken)})
	case !w.hasPlain:
		w.report(Step{Name: Arrives, State: Failed, Reason: ReasonNever})
	case w.hasPlus:
		w.result.Plus = "yes"
		w.report(Step{Name: Plus, State: OK})
	case w.rejected:
		w.result.Plus = "no"
		w.report(Step{Name: Plus, State: Unknown, Reason: ReasonRejected})
	case w.broken != nil:
		w.report(Step{Name: Plus, State: Unknown, Reason: string(imapbox.ReasonOf(w.broken))})
	default:
		w.result.Plus = "no"
		w.report(Step{Name: Plus, State: Unknown, Reason: ReasonNever})
	}
}
