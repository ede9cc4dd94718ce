package certs

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"huiyin/tickets/seal"
)

// ACMEOptions are what OpenACME needs.
type ACMEOptions struct {
	Teller
	Store  Store
	Sealer *seal.Sealer
	Now    func() time.Time
	// Lease takes or keeps a lease by its name, so that one node orders; Release gives it back.
	Lease   func(ctx context.Context, name string, ttl time.Duration) (held bool, err error)
	Release func(ctx context.Context, name string) error
	// PortProblem tells why the desk cannot listen to plain HTTP, where the CA asks. nil: there is to be none, and the CA
	// asks by TLS alone.
	PortProblem func() error

	Hosts     []string // in ASCII form, at least one; the first one serves who names none
	Email     string   // may be empty
	Directory string   // empty: Let's Encrypt
}

// ACME serves certificates that a CA gives.
type ACME struct {
	o        ACMEOptions
	manager  *autocert.Manager
	cache    *cache
	prober   prober
	heard    *heard
	causes   causes
	watch    *watch
	fallback *tls.Certificate

	mu    sync.RWMutex
	ready map[string]bool // hosts that have a certificate
}

// OpenACME prepares all; Run gets the certificates.
func OpenACME(o ACMEOptions) (*ACME, error) {
	a := &ACME{
		o: o, cache: &cache{o.Store, o.Sealer, o.Now}, watch: newWatch(o.Teller, acmeKinds...), ready: map[string]bool{},
		heard: &heard{base: http.DefaultTransport, life: context.Background()},
	}
	a.prober = prober{a.cache, "80"}
	a.causes = causes{lookup: lookupAddresses, probe: a.prober.ask, port: o.PortProblem}
	if o.PortProblem == nil {
		a.causes.probe, a.causes.port = knock("443"), func() error { return nil }
	}
	a.manager = &autocert.Manager{
		Prompt: autocert.AcceptTOS, Cache: a.cache, HostPolicy: autocert.HostWhitelist(o.Hosts...), Email: o.Email,
		Client: &acme.Client{
			DirectoryURL: cmp.Or(o.Directory, autocert.DefaultACMEDirectory), UserAgent: "huiyin",
			HTTPClient: &http.Client{Transport: a.heard, Timeout: time.Minute}, RetryBackoff: retryIn,
		},
	}
	var err error
	a.fallback, err = selfSigned(o.Hosts, o.Now())
	return a, err
}

// Config answers handshakes, those by which the CA asks (TLS-ALPN-01, RFC 8737) included.
func (a *ACME) Config() *tls.Config { return newConfig(a.certificate, acme.ALPNProto) }

// Challenges answers the CA on plain HTTP (HTTP-01). autocert takes a host with a port, as a CA writes that asks at
// another one than 80, for somebody else's.
func (a *ACME) Challenges(next http.Handler) http.Handler {
	answer := a.manager.HTTPHandler(next)
	return a.prober.answerProbe(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host, _, err := net.SplitHostPort(r.Host); err == nil {
			r = r.Clone(r.Context())
			r.Host = host
		}
		answer.ServeHTTP(w, r)
	}))
}

// certificate never orders: a host gets the CA's certificate once Run has it, and the desk's own until then.
func (a *ACME) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if slices.Equal(hello.SupportedProtos, []string{acme.ALPNProto}) {
		return a.manager.GetCertificate(hello)
	}
	host := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
	if !slices.Contains(a.o.Hosts, host) {
		host = a.o.Hosts[0]
	}
	if a.isReady(host) {
		if cert, err := a.ask(host); err == nil {
			return cert, nil
		}
	}
	return a.fallback, nil
}

// ask asks autocert for a host's certificate: from memory, the cache, or the CA. Certificates are for ECDSA keys,
// which everything that speaks TLS 1.2 knows.
func (a *ACME) ask(host string) (*tls.Certificate, error) {
	return a.manager.GetCertificate(&tls.ClientHelloInfo{
		ServerName: host, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
	})
}

// State tells how the certificates stand.
func (a *ACME) State() []HostState {
	var list []HostState
	for _, host := range a.o.Hosts {
		s := HostState{Host: host, Problem: a.watch.problem(host)}
		if a.isReady(host) {
			if cert, err := a.ask(host); err == nil && cert.Leaf != nil {
				s.Issuer, s.NotAfter = issuer(cert.Leaf), cert.Leaf.NotAfter
			}
		}
		list = append(list, s)
	}
	return list
}
