package mailer

import (
	"bytes"
	"crypto/rand"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// Message is one mail to one person. HTML is the alternative of Text, and may be empty.
type Message struct {
	To        Address
	Subject   string
	Text      string
	HTML      string
	MessageID string // without angle brackets; empty: one is made. The same again lets the other side see a second copy
	// Headers are further headers, by name. Those that the mailer makes itself are refused.
	Headers map[string]string
}

// headerName is what a header may be called (RFC 5322, 2.2), as far as anybody needs it.
var headerName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,60}$`)

// ownHeaders are made by the mailer alone.
var ownHeaders = []string{"from", "to", "cc", "bcc", "sender", "subject", "date", "message-id", "mime-version", "return-path", "received"}

// messageID is what may stand in angle brackets (RFC 5322, 3.6.4).
var messageID = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+/=?^_{|}~.-]+@[A-Za-z0-9.\[\]:-]+$`)

// check refuses what would break out of its header.
func (m Message) check() *Error {
	bad := func(what string) *Error { return &Error{Step: StepSettings, Kind: Invalid, Detail: what} }
	switch {
	case !EmailOK(m.To.Email) || !lineOK(m.To.Name):
		return bad("to")
	case m.Subject == "" || !headerOK(m.Subject):
		return bad("subject")
	case m.Text == "":
		return bad("text")
	case m.MessageID != "" && !messageID.MatchString(m.MessageID):
		return bad("message_id")
	}
	for name, value := range m.Headers {
		low := strings.ToLower(name)
		if !headerName.MatchString(name) || !headerOK(value) || slices.Contains(ownHeaders, low) || strings.HasPrefix(low, "content-") {
			return bad("headers")
		}
	}
	return nil
}

func headerOK(value string) bool {
	return len(value) <= 4000 && !strings.ContainsAny(value, "\r\n\x00")
}

// bytes builds the mail.
func (m Message) bytes(from Address, now time.Time) ([]byte, error) {
	out := mail.NewMsg(mail.WithEncoding(encodingOf(m.Text)), mail.WithNoDefaultUserAgent())
	if err := out.FromFormat(from.Name, from.Email); err != nil {
		return nil, err
	}
	if err := out.AddToFormat(m.To.Name, m.To.Email); err != nil {
		return nil, err
	}
	out.Subject(m.Subject)
	out.SetDateWithValue(now)
	if m.MessageID == "" {
		_, domain, _ := strings.Cut(from.Email, "@")
		m.MessageID = rand.Text() + "@" + domain
	}
	out.SetMessageIDWithValue(m.MessageID)
	for name, value := range m.Headers {
		out.SetGenHeader(mail.Header(name), value)
	}
	out.SetBodyString(mail.TypeTextPlain, crlf(m.Text))
	if m.HTML != "" {
		out.AddAlternativeString(mail.TypeTextHTML, crlf(m.HTML))
	}
	var b bytes.Buffer
	_, err := out.WriteTo(&b)
	return b.Bytes(), err
}

// crlf gives text the line ends of mail, also within base64 (RFC 2045, 6.8).
func crlf(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
}

// encodingOf is the shorter one: quoted-printable makes three bytes of each of Chinese.
func encodingOf(text string) mail.Encoding {
	high := 0
	for i := range len(text) {
		if text[i] >= 0x80 {
			high++
		}
	}
	if high > len(text)/6 {
		return mail.EncodingB64
	}
	return mail.EncodingQP
}
