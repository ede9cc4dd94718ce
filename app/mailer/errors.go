package mailer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/textproto"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"unicode"
)

// Step is how far a mail got.
type Step string

// The steps, in their order.
const (
	StepSettings  Step = "settings" // before anything was sent: what it was given cannot work
	StepDNS       Step = "dns"
	StepConnect   Step = "connect"
	StepTLS       Step = "tls"
	StepGreeting  Step = "greeting"
	StepSignIn    Step = "sign_in"
	StepSender    Step = "sender"
	StepRecipient Step = "recipient"
	StepData      Step = "data"
)

// Kind is what went wrong at a step.
type Kind string

// The kinds of failure.
const (
	Refused     Kind = "refused"     // by the server, with a code
	Timeout     Kind = "timeout"     // nothing came in time
	Dropped     Kind = "dropped"     // the server hung up
	Garbage     Kind = "garbage"     // what came is not SMTP
	Unreachable Kind = "unreachable" // no such host, nobody listens, no way there
	Certificate Kind = "certificate" // of another name, expired, of an unknown authority
	NoTLS       Kind = "no_tls"      // the server does not offer it
	Handshake   Kind = "handshake"   // no common version or cipher
	Plain       Kind = "plain"       // the password would go over a plain connection
	Unsupported Kind = "unsupported" // no common way to sign in, or an address that the server cannot take
	Invalid     Kind = "invalid"     // the settings or the mail
	Stopped     Kind = "stopped"     // by the caller
	NoToken     Kind = "no_token"    // what signs in was not to be had; Unwrap gives why
	TooLarge    Kind = "too_large"   // for Options.MaxBytes, or for the server
	Unreadable  Kind = "unreadable"  // a file of the mail; Unwrap gives why
)

// Error is why a mail was not sent.
type Error struct {
	Step Step
	Kind Kind
	Code int // of the server's answer: 535; zero: it gave none
	// Enhanced is the finer code of RFC 3463, 5.7.8, where the server gave one.
	Enhanced string
	// Detail is what the server said, or a word of ours: for the eyes of an administrator, never for a log. Addresses and
	// the settings' secrets are taken out.
	Detail string
	// Unsure says that the server may have taken the mail: it was gone when its answer was due.
	Unsure bool

	cause error // what the caller's own gave, nothing else: other texts hold addresses
}

// Error names step, kind and code; it is fit for a log.
func (e *Error) Error() string {
	text := "mailer: " + string(e.Step) + ": " + string(e.Kind)
	if e.Code != 0 {
		text += " " + strconv.Itoa(e.Code)
	}
	if e.Enhanced != "" {
		text += " " + e.Enhanced
	}
	return text
}

// Unwrap gives the end of the caller's context, or what its token or its file failed with, if that was why.
func (e *Error) Unwrap() error { return e.cause }

// Lasting tells that the same mail would fail again: somebody has to change something first.
func (e *Error) Lasting() bool { return lasting(e.Kind, e.Code) }

func lasting(kind Kind, code int) bool {
	switch kind {
	case Refused:
		return code >= 500
	case NoTLS, Plain, Unsupported, Invalid, TooLarge:
		return true
	}
	return false
}

// failure puts an error of a step in order.
func failure(ctx context.Context, step Step, set Settings, err error) *Error {
	e := &Error{Step: step, Kind: Dropped}
	var answer *textproto.Error
	var host *net.DNSError
	switch {
	case errors.As(err, &e):
		return e
	case errors.As(err, &answer):
		e.Kind, e.Code, e.Detail = Refused, answer.Code, scrub(answer.Msg, set)
		e.Enhanced = enhanced.FindString(answer.Msg)
	case errors.Is(ctx.Err(), context.Canceled):
		e.Kind, e.cause = Stopped, ctx.Err()
	case errors.As(err, &host):
		e.Step, e.Kind = StepDNS, Unreachable
		if host.IsTimeout {
			e.Kind = Timeout
		}
	case timedOut(ctx, err):
		e.Kind = Timeout
	case step == StepConnect:
		e.Kind, e.Detail = Unreachable, whyUnreachable(err)
	case isGarbage(err):
		e.Kind = Garbage
	case step == StepTLS:
		e.Kind, e.Detail = ofTLS(err)
	}
	return e
}

// enhanced is RFC 3463's code at the beginning of an answer.
var enhanced = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`)

func timedOut(ctx context.Context, err error) bool {
	var n net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(ctx.Err(), context.DeadlineExceeded) || (errors.As(err, &n) && n.Timeout())
}

func isGarbage(err error) bool {
	var protocol textproto.ProtocolError
	var challenge base64.CorruptInputError
	return errors.As(err, &protocol) || errors.Is(err, errTooMuch) || errors.As(err, &challenge)
}

func whyUnreachable(err error) string {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "no_route"
	}
	return ""
}

func ofTLS(err error) (Kind, string) {
	var record tls.RecordHeaderError
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var verify *tls.CertificateVerificationError
	switch {
	case errors.As(err, &record):
		return NoTLS, ""
	case errors.As(err, &name):
		return Certificate, "name"
	case errors.As(err, &authority):
		return Certificate, "authority"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return Certificate, "expired"
	case errors.As(err, &verify), errors.As(err, &invalid):
		return Certificate, ""
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return Dropped, ""
	}
	return Handshake, ""
}

const detailMax = 300 // runes

// addressLike is an e-mail address in a server's answer; servers like to say it back.
var addressLike = regexp.MustCompile(`[^\s<>()\[\]"',;:]+@[^\s<>()\[\]"',;:]+`)

// scrub makes a server's answer fit to be shown: one line, without addresses and the settings' secrets.
func scrub(text string, set Settings) string {
	return scrubSecrets(addressLike.ReplaceAllString(strings.ToValidUTF8(text, ""), "…"), set)
}

// scrubSecrets makes a server's answer one line without the settings' secrets.
func scrubSecrets(text string, set Settings) string {
	for _, secret := range []string{set.Password, set.User} {
		if len(secret) > 3 {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, ""), func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if runes := []rune(text); len(runes) > detailMax {
		text = string(runes[:detailMax]) + "…"
	}
	return text
}
