package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"
)

// Kind is what kept a request from its answer; a page has a text for each.
type Kind string

// The kinds of failure.
const (
	KindAddress   Kind = "address"   // it cannot be read, or is not of http or https
	KindDNS       Kind = "dns"       // nobody knows the name
	KindInner     Kind = "inner"     // it leads into an inner network
	KindLinkLocal Kind = "linklocal" // it leads to the machine's own link, where clouds keep credentials
	KindRefused   Kind = "refused"   // nothing listens there
	KindNetwork   Kind = "network"   // no way there
	KindTLS       Kind = "tls"       // the certificate does not hold, or no TLS is spoken
	KindTimeout   Kind = "timeout"   // no whole answer in time
	KindRedirect  Kind = "redirect"  // it leads on, further or elsewhere than allowed
	KindClosed    Kind = "closed"    // it hung up without an answer
	KindLarge     Kind = "large"     // the answer's header is too long
	KindGarbage   Kind = "garbage"   // what came is no HTTP
	KindStopped   Kind = "stopped"   // the caller gave up
)

// Kinds are all of them.
var Kinds = []Kind{
	KindAddress, KindDNS, KindInner, KindLinkLocal, KindRefused, KindNetwork, KindTLS, KindTimeout, KindRedirect, KindClosed, KindLarge, KindGarbage, KindStopped,
}

// Error is a request that got no answer. Neither its text nor what it wraps holds anything of the address.
type Error struct {
	Kind   Kind
	Detail string // of KindTLS: expired, name, authority, or empty
	cause  error  // a context's error, or nil
}

// Error names the kind.
func (e *Error) Error() string { return "no answer: " + e.Word() }

// Word is the failure in one word of the program.
func (e *Error) Word() string {
	if e.Detail != "" {
		return string(e.Kind) + "." + e.Detail
	}
	return string(e.Kind)
}

// Unwrap gives the context's error, where the time was over or the caller gave up.
func (e *Error) Unwrap() error { return e.cause }

// errorOf names what went wrong. connected tells that somebody had taken the call.
func errorOf(ctx context.Context, err error, connected bool) *Error {
	var own *Error
	var timeout net.Error
	var name *net.DNSError
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(ctx.Err(), context.Canceled):
		return &Error{Kind: KindStopped, cause: context.Canceled}
	case ctx.Err() != nil, errors.As(err, &timeout) && timeout.Timeout():
		return &Error{Kind: KindTimeout, cause: context.DeadlineExceeded}
	case errors.As(err, &name):
		if name.IsNotFound {
			return &Error{Kind: KindDNS}
		}
		return &Error{Kind: KindNetwork}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &Error{Kind: KindRefused}
	case ofTLS(err):
		return &Error{Kind: KindTLS, Detail: whichTLS(err)}
	case !connected:
		return &Error{Kind: KindNetwork}
	case hungUp(err):
		return &Error{Kind: KindClosed}
	case strings.Contains(err.Error(), "response headers exceeded"): // net/http has no type for it
		return &Error{Kind: KindLarge}
	}
	return &Error{Kind: KindGarbage}
}

func ofTLS(err error) bool {
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	return errors.As(err, &verify) || errors.As(err, &record) || errors.As(err, &alert) || errors.Is(err, http.ErrSchemeMismatch) ||
		strings.Contains(err.Error(), "tls: ") // much of a handshake has no type
}

func whichTLS(err error) string {
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &name):
		return "name"
	case errors.As(err, &authority):
		return "authority"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "expired"
	}
	return ""
}
