package mailer

import (
	"crypto/rand"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/idna"
)

// Letter is a mail to several people, with files: what a support desk answers with.
//
// Whatever stands in its texts, it stays in its header: line ends and other controls become spaces.
type Letter struct {
	From    Address // without an address: the settings' one
	ReplyTo []Address
	To, CC  []Address
	BCC     []Address // get the mail and stand in no header
	// Only are the addresses, of To, CC and BCC, that this delivery is for: those that are tried again. Empty: all. The
	// headers name everybody all the same.
	Only []string

	Subject string
	Text    string
	HTML    string // the alternative of Text; one of them may be empty

	MessageID string // without angle brackets; empty: one is made. The same again lets the other side see a second copy
	// InReplyTo and References are ids of other mails, the oldest first. They are strangers' words: what cannot be written
	// is left out, and of more than fifty the first and the last ones are kept.
	InReplyTo  string
	References []string

	// Automatic is a mail that nobody wrote: it says so, so that no machine answers it (RFC 3834), and has no sender on its
	// envelope, so that nothing comes back.
	Automatic    bool
	EnvelopeFrom string // where what cannot be delivered comes back to; empty: From
	// Headers are further headers, by name. Those that the mailer makes itself are refused.
	Headers map[string]string
	Files   []File
	Date    time.Time // zero: now
}

// File goes along with a letter. It is opened when it is written, and may be opened again.
type File struct {
	Name      string
	Type      string // media type; empty, or one that a file cannot have: application/octet-stream
	Inline    bool   // shown within the mail, as a picture is
	ContentID string // without angle brackets: how HTML names it, <img src="cid:…">
	Open      func() (io.ReadCloser, error)
	Size      int64 // bytes; zero: not known. A file that has other than this many is not sent: it would be a torn one
}

// Outcome is what came of a letter.
type Outcome struct {
	MessageID  string      // the mail's own
	Recipients []Recipient // everybody once, in the order of To, CC and BCC
	// Said is what the server answered when it took the mail, in one line. Providers that replace the Message-ID tell the
	// new one here. It may hold addresses.
	Said string
}

// Recipient is what came of a letter for one of those that it goes to.
type Recipient struct {
	Address  string // as the letter has it
	Accepted bool   // the server took the mail for it
	// Kind is why it was refused: Refused by the server, Unsupported (an address beyond ASCII, and a server that takes none),
	// Invalid (no address at all). Empty: it was not, though the mail as a whole may have failed.
	Kind     Kind
	Code     int // of the server's answer; zero: it gave none
	Enhanced string
	Detail   string // as in Error
}

// Lasting tells that the same mail would be refused again.
func (r Recipient) Lasting() bool { return lasting(r.Kind, r.Code) }

const maxReferences = 50

var (
	// headerName is what a header may be called (RFC 5322, 2.2), as far as anybody needs it.
	headerName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,60}$`)
	// ownHeaders are made by the mailer alone.
	ownHeaders = []string{
		"from", "to", "cc", "bcc", "reply-to", "sender", "subject", "date", "message-id", "in-reply-to", "references", "mime-version",
		"return-path", "received",
	}
	// automaticHeaders tell that nobody wrote a mail: RFC 3834 has the first, Exchange reads the second, and older machines
	// the third, whose words are free.
	automaticHeaders = map[string]string{"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All", "Precedence": "auto_reply"}
	// messageID is what may stand in angle brackets (RFC 5322, 3.6.4).
	messageID = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+/=?^_{|}~.-]+@[A-Za-z0-9.\[\]:-]+$`)
	// foreignID is the id of a mail that others sent, which may be anything.
	foreignID = regexp.MustCompile(`^[!-;=?-~]{1,900}$`)
)

// draft is a letter that is ready to be sent.
type draft struct {
	Letter
	sender     string // of the envelope; empty: none
	recipients []recipient
	beyond     bool // an address needs SMTPUTF8
	max        int64
	answer     string // what the server said when it took it
}

// recipient is one that the letter goes to, with its address as the envelope has it.
type recipient struct {
	Recipient
	envelope string
}

// bad is the failure of a letter that cannot be sent.
func bad(what string) *Error { return &Error{Step: StepSettings, Kind: Invalid, Detail: what} }

// ready checks a letter, and fills in what it leaves to the mailer.
func (l Letter) ready(now time.Time, most int64) (*draft, error) {
	d := &draft{Letter: l, max: most}
	if slices.ContainsFunc(d.ReplyTo, func(a Address) bool { return envelopeOf(a.Email) == "" }) {
		return nil, bad("reply_to")
	}
	if d.From.Email = envelopeOf(d.From.Email); d.From.Email == "" {
		return nil, bad("from")
	}
	if d.sender = d.From.Email; l.EnvelopeFrom != "" {
		if d.sender = envelopeOf(l.EnvelopeFrom); d.sender == "" {
			return nil, bad("envelope_from")
		}
	}
	if l.Automatic {
		d.sender = ""
	}
	if d.MessageID == "" {
		_, domain, _ := strings.Cut(d.From.Email, "@")
		d.MessageID = rand.Text() + "@" + domain
	}
	if d.Date.IsZero() {
		d.Date = now
	}
	if what := d.wrong(); what != "" {
		return nil, bad(what)
	}
	if d.size() > most {
		return nil, &Error{Step: StepSettings, Kind: TooLarge}
	}
	d.address()
	return d, nil
}

// wrong names the field of a letter that cannot be sent; empty: all can.
func (d *draft) wrong() string {
	if !messageID.MatchString(d.MessageID) || len(d.MessageID) > 900 {
		return "message_id"
	}
	if d.Text == "" && d.HTML == "" && len(d.Files) == 0 {
		return "text"
	}
	for name := range d.Headers {
		if !headerName.MatchString(name) || d.makes(strings.ToLower(name)) {
			return "headers"
		}
	}
	for _, f := range d.Files {
		if f.Open == nil || f.Size < 0 || (f.ContentID != "" && !foreignID.MatchString(f.ContentID)) {
			return "files"
		}
	}
	return ""
}

// makes tells whether a header, named in small letters, is the mailer's own.
func (d *draft) makes(name string) bool {
	if d.Automatic {
		for own := range automaticHeaders {
			if strings.EqualFold(own, name) {
				return true
			}
		}
	}
	return slices.Contains(ownHeaders, name) || strings.HasPrefix(name, "content-")
}

// address puts the addresses in order: who the letter goes to, each once, and who stands in its headers.
func (d *draft) address() {
	d.beyond = !ascii(d.From.Email) || !ascii(d.sender)
	d.To, d.CC = d.goesTo(d.To), d.goesTo(d.CC)
	d.goesTo(d.BCC)
	d.ReplyTo = d.shown(d.ReplyTo)
}

// goesTo takes in those that a letter goes to, and gives what of them stands in its headers.
func (d *draft) goesTo(list []Address) []Address {
	for _, a := range list {
		one := recipient{Recipient: Recipient{Address: a.Email}, envelope: envelopeOf(a.Email)}
		if one.envelope == "" {
			one.Kind = Invalid
		}
		again := slices.ContainsFunc(d.recipients, func(r recipient) bool {
			return strings.EqualFold(r.envelope, one.envelope) && (r.envelope != "" || r.Address == one.Address)
		})
		if !again && (len(d.Only) == 0 || slices.Contains(d.Only, a.Email)) {
			d.recipients = append(d.recipients, one)
		}
	}
	return d.shown(list)
}

// shown are addresses as they stand in a header, without what is none.
func (d *draft) shown(list []Address) (shown []Address) {
	for _, a := range list {
		if a.Email = envelopeOf(a.Email); a.Email != "" {
			shown, d.beyond = append(shown, a), d.beyond || !ascii(a.Email)
		}
	}
	return shown
}

// envelopeOf is an address as servers take it: its domain in ASCII (RFC 5890). Empty: it is none.
func envelopeOf(email string) string {
	if !EmailOK(email) {
		return ""
	}
	at := strings.LastIndexByte(email, '@')
	local, domain := email[:at], email[at+1:]
	if !ascii(domain) {
		plain, err := idna.Lookup.ToASCII(domain)
		if err != nil {
			return ""
		}
		if email = local + "@" + plain; !EmailOK(email) {
			return ""
		}
	}
	return email
}

// size is about how many bytes the mail has, as far as the files' sizes are known.
func (d *draft) size() int64 {
	n := encodedSize(int64(len(d.Text))) + encodedSize(int64(len(d.HTML)))
	for _, f := range d.Files {
		n += encodedSize(f.Size)
	}
	return n
}

// encodedSize is what base64 makes of n bytes, in lines of 76.
func encodedSize(n int64) int64 {
	n = (n + 2) / 3 * 4
	return n + n/76*2
}

// outcome is what the draft came to; taken: the server has the mail.
func (d *draft) outcome(taken bool) Outcome {
	out := Outcome{MessageID: d.MessageID, Said: d.answer}
	for _, r := range d.recipients {
		r.Accepted = taken && r.Kind == ""
		out.Recipients = append(out.Recipients, r.Recipient)
	}
	return out
}

// refusal is the failure of a letter that not one of its recipients is taken for; nil: somebody is. One that may be taken
// later stands for all, so that the letter is tried again.
func (d *draft) refusal() *Error {
	r := recipient{Recipient: Recipient{Kind: Invalid}}
	for i, one := range d.recipients {
		switch {
		case one.Kind == "":
			return nil
		case i == 0, r.Lasting() && !one.Lasting():
			r = one
		}
	}
	if r.Kind == Invalid {
		return bad("to")
	}
	return &Error{Step: StepRecipient, Kind: r.Kind, Code: r.Code, Enhanced: r.Enhanced, Detail: r.Detail}
}
