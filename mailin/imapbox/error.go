package imapbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/emersion/go-imap/v2"
)

// Step is what was being done when something failed.
type Step string

// The steps, in their order.
const (
	StepDial   Step = "dial"
	StepTLS    Step = "tls"
	StepSignIn Step = "sign_in"
	StepFolder Step = "folder"
	StepFetch  Step = "fetch"
	StepMove   Step = "move"
	StepWait   Step = "wait"
)

// Reason is why, as far as can be told; the words for people are elsewhere.
type Reason string

// The reasons.
const (
	ReasonName        Reason = "name"        // the host's name is unknown
	ReasonRefused     Reason = "refused"     // nobody listens there
	ReasonTimeout     Reason = "timeout"     // no answer in time
	ReasonCut         Reason = "cut"         // the connection ended
	ReasonCertificate Reason = "certificate" // it is not the host's, or nobody vouches for it
	ReasonNoTLS       Reason = "no_tls"      // the server speaks plainly there, or offers no STARTTLS
	ReasonPlainText   Reason = "plain_text"  // the server wants TLS before it takes a password
	ReasonPassword    Reason = "password"    // the server refuses name, password or token
	ReasonUnsafe      Reason = "unsafe"      // the server refuses this kind of client (NetEase: "Unsafe Login")
	ReasonMethod      Reason = "method"      // the server offers no way to sign in that we know
	ReasonMissing     Reason = "missing"     // there is no such folder
	ReasonBusy        Reason = "busy"        // too many connections or requests
	ReasonOther       Reason = "other"
)

// Error is a step that failed.
type Error struct {
	Step   Step
	Reason Reason
	Server string // what the server said, one line; empty: nothing
	cause  error
}

func (e *Error) Error() string {
	if e.Server != "" {
		return fmt.Sprintf("imap: %s: %s: %s", e.Step, e.Reason, e.Server)
	}
	return fmt.Sprintf("imap: %s: %s", e.Step, e.Reason)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// ReasonOf gives why an error of this package came; other errors are ReasonOther.
func ReasonOf(err error) Reason {
	var e *Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return ReasonOther
}

// fail makes an Error of whatever went wrong in a step.
func fail(step Step, err error) error {
	var known *Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	e := &Error{Step: step, Reason: ReasonOther, cause: err}
	var said *imap.Error
	var certificate *tls.CertificateVerificationError
	var host x509.HostnameError
	var record tls.RecordHeaderError
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &said):
		e.Server = oneLine(said.Text)
		e.Reason = saidReason(step, said)
	case errors.As(err, &certificate), errors.As(err, &host):
		e.Reason = ReasonCertificate
	case errors.As(err, &record):
		e.Step, e.Reason = StepTLS, ReasonNoTLS
	case errors.As(err, &dns):
		e.Reason = ReasonName
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Reason = ReasonRefused
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		e.Reason = ReasonTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		e.Reason = ReasonCut
	}
	return e
}

func saidReason(step Step, said *imap.Error) Reason {
	text := strings.ToLower(said.Text)
	switch {
	case said.Code == imap.ResponseCodeInUse, said.Code == imap.ResponseCodeLimit, said.Code == imap.ResponseCodeUnavailable, strings.Contains(text, "too many"):
		return ReasonBusy
	case said.Code == imap.ResponseCodeServerBug, strings.Contains(text, "internal error"):
		return ReasonOther
	case strings.Contains(text, "unsafe login"):
		return ReasonUnsafe
	case said.Code == imap.ResponseCodePrivacyRequired:
		return ReasonPlainText
	case step == StepSignIn:
		return ReasonPassword
	case step == StepFolder, said.Code == imap.ResponseCodeNonExistent:
		return ReasonMissing
	}
	return ReasonOther
}

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return s[:min(len(s), 300)]
}

// tokenRefused reads the challenge by which a server says why it refuses a token: JSON, perhaps in base64.
func tokenRefused(challenge []byte) error {
	if raw, err := base64.StdEncoding.DecodeString(string(challenge)); err == nil {
		challenge = raw
	}
	var why struct{ Status, Error, Schemes string }
	text := string(challenge)
	if json.Unmarshal(challenge, &why) == nil {
		text = strings.TrimSpace(why.Status + " " + why.Error)
	}
	return &Error{Step: StepSignIn, Reason: ReasonPassword, Server: oneLine(text)}
}
