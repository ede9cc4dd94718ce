package certs

import (
	"context"
	"crypto/tls"
	"net/http"
	"time"
)

// Source is where certificates come from: Files or ACME.
type Source interface {
	// Config is for the listener of HTTPS.
	Config() *tls.Config
	// Challenges answers the CA's questions on plain HTTP and leaves the rest to next.
	Challenges(next http.Handler) http.Handler
	// Run keeps the certificates fresh until ctx ends.
	Run(ctx context.Context)
	// State tells how the certificates stand.
	State() []HostState
}

// HostState is how the certificate of one name stands.
type HostState struct {
	Host     string
	Issuer   string    // "": there is no certificate
	NotAfter time.Time // zero: there is no certificate
	Problem  *Problem  // nil: all is well
}

// Problem is what keeps a certificate from being right. Its texts are notify.alert.KIND.title and .text, with _ for
// the dots of the kind.
type Problem struct {
	Kind string // tls.acme.port, tls.files.mismatch …
	Args map[string]string
}

// suites are those of TLS 1.2 with forward secrecy and authenticated encryption; TLS 1.3 has no others.
var suites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// newConfig is the TLS of the desk. Curves are Go's own choice: X25519MLKEM768, X25519, P-256 and up.
func newConfig(get func(*tls.ClientHelloInfo) (*tls.Certificate, error), more ...string) *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		CipherSuites:   suites,
		NextProtos:     append([]string{"h2", "http/1.1"}, more...),
		GetCertificate: get,
	}
}
