package mailer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Security is how the connection is protected.
type Security string

// The kinds of protection, the preferred one first.
const (
	TLS      Security = "tls"      // from the first byte, port 465 (RFC 8314)
	StartTLS Security = "starttls" // port 587
	None     Security = "none"     // port 25: a relay in one's own network
)

// Securities are all kinds of protection, the preferred one first.
func Securities() []Security { return []Security{TLS, StartTLS, None} }

// Port is the usual port of a kind of protection.
func (s Security) Port() int {
	switch s {
	case TLS:
		return 465
	case StartTLS:
		return 587
	}
	return 25
}

// Address is where a mail comes from or goes to.
type Address struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// Settings are a server and who signs in there. Printed, they hide the password.
type Settings struct {
	Host     string   `json:"host"`
	Port     int      `json:"port"` // zero: the usual one
	Security Security `json:"security"`
	User     string   `json:"user"` // empty: nobody signs in
	Password string   `json:"password"`
	From     Address  `json:"from"`
	// Token gives what signs in by OAuth 2, instead of the password. It is asked before each mail and answers with a token
	// that still holds.
	Token func(ctx context.Context) (string, error) `json:"-"`
}

// ErrUnset is the error of a mailer that has no settings yet.
var ErrUnset = errors.New("mailer: not set up")

const (
	textMax  = 200
	emailMax = 254 // RFC 5321, 4.5.3.1.3
)

// Check names the fields that cannot work: host, port, security, user, password, from_email, from_name. Empty: all can.
func (s Settings) Check() []string {
	var wrong []string
	is := func(bad bool, field string) {
		if bad {
			wrong = append(wrong, field)
		}
	}
	is(!hostOK(s.Host), "host")
	is(s.Port < 0 || s.Port > 65535, "port")
	is(s.Security != TLS && s.Security != StartTLS && s.Security != None, "security")
	is(!lineOK(s.User), "user")
	is(!lineOK(s.Password) || (s.User != "" && s.Password == "" && s.Token == nil), "password")
	is(!EmailOK(s.From.Email), "from_email")
	is(!lineOK(s.From.Name), "from_name")
	return wrong
}

// String hides the password.
func (s Settings) String() string { return fmt.Sprintf("%s (%s)", s.address(), s.Security) }

// GoString hides the password.
func (s Settings) GoString() string { return s.String() }

func (s Settings) address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.port())) }

func (s Settings) port() int {
	if s.Port != 0 {
		return s.Port
	}
	return s.Security.Port()
}

// EmailOK tells whether text is a bare address that a mail can go to.
func EmailOK(text string) bool {
	if text == "" || len(text) > emailMax || !lineOK(text) || strings.ContainsAny(text, " <>()\",;:\\[]") {
		return false
	}
	a, err := mail.ParseAddress(text)
	return err == nil && a.Address == text && a.Name == ""
}

func hostOK(host string) bool {
	return host != "" && lineOK(host) && len(host) <= 253 && !strings.ContainsAny(host, " /@?#[]\\") && (!strings.Contains(host, ":") || net.ParseIP(host) != nil)
}

// lineOK tells whether text is one short line.
func lineOK(text string) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= textMax && strings.IndexFunc(text, unicode.IsControl) < 0 &&
		!strings.ContainsAny(text, "\u2028\u2029")
}
