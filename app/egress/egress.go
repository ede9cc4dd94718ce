package egress

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The limits of a request where its Options name none.
const (
	DefaultWait   = 15 * time.Second
	DefaultAnswer = 64 << 10 // bytes of a body
	maxHeader     = 64 << 10 // bytes of an answer's header
	userAgent     = "Huiyin"
)

// Request is one request. Body may be empty.
type Request struct {
	Method string
	URL    string
	Header http.Header
	Body   []byte
}

// Answer is what came back, of whatever status.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Cut    bool // the body was longer than allowed, and Body is its beginning
}

// Options are what New needs; all may be left empty.
type Options struct {
	// Wait is how long a request may take altogether, the reading of the body included; zero means DefaultWait.
	Wait time.Duration
	// Answer is how many bytes of a body are read; zero means DefaultAnswer.
	Answer int64
	// Redirects is how many may be followed; zero refuses the first.
	Redirects int
	// Allow and AllowHosts are the inner networks, and the names in them, that the operator permits.
	Allow      []netip.Prefix
	AllowHosts []string
	// Resolver finds names; nil is the system's.
	Resolver *net.Resolver
	// Roots are the authorities whose certificates hold; nil means the system's.
	Roots *x509.CertPool
}

// Client sends requests outside. It is safe for concurrent use.
type Client struct {
	Options
	http http.Client
}

// New makes a client.
func New(o Options) *Client {
	o.Wait, o.Answer = cmp.Or(o.Wait, DefaultWait), cmp.Or(o.Answer, int64(DefaultAnswer))
	o.Resolver = cmp.Or(o.Resolver, net.DefaultResolver)
	c := &Client{Options: o}
	c.http = http.Client{
		Transport: &http.Transport{ // without Proxy: the environment's would see the keys, and hide where a request goes
			DialContext: c.dial, DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: maxHeader,
			TLSHandshakeTimeout: o.Wait, TLSClientConfig: &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12},
		},
		CheckRedirect: c.follow,
	}
	return c
}

// Do sends one request. Every error is an *Error.
func (c *Client) Do(ctx context.Context, r Request) (Answer, error) {
	if _, err := parse(r.URL); err != nil {
		return Answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.Wait)
	defer cancel()
	connected := false
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected = true }})
	req, err := http.NewRequestWithContext(traced, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return Answer{}, &Error{Kind: KindAddress}
	}
	if req.Header = r.Header.Clone(); req.Header == nil {
		req.Header = http.Header{}
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", userAgent)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return Answer{}, errorOf(ctx, err, connected)
	}
	defer res.Body.Close() //nolint:errcheck // read only
	body, err := io.ReadAll(io.LimitReader(res.Body, c.Answer+1))
	if err != nil {
		return Answer{}, errorOf(ctx, err, true)
	}
	cut := int64(len(body)) > c.Answer
	return Answer{Status: res.StatusCode, Header: res.Header, Body: body[:min(int64(len(body)), c.Answer)], Cut: cut}, nil
}

// Check tells whether an address could be asked, for a form that takes it: it can be read, its name is known and leads
// outside. A name that cannot be looked up just now passes. Every error is an *Error.
func (c *Client) Check(ctx context.Context, address string) error {
	u, err := parse(address)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.Wait)
	defer cancel()
	found, err := c.Resolver.LookupNetIP(ctx, "ip", u.Hostname())
	if err != nil {
		if named := errorOf(ctx, err, false); named.Kind == KindDNS {
			return named
		}
		return nil
	}
	err = nil
	for _, ip := range found {
		if err = c.may(u.Hostname(), ip); err == nil {
			return nil
		}
	}
	return err
}

// dial connects to a host by one of its addresses that may be reached.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, &Error{Kind: KindAddress}
	}
	d := net.Dialer{Resolver: c.Resolver, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return &Error{Kind: KindInner}
		}
		return c.may(host, at.Addr())
	}}
	return d.DialContext(ctx, network, address)
}

// may refuses an inner address that the operator has not allowed.
func (c *Client) may(host string, ip netip.Addr) error {
	kind := innerKind(ip)
	if kind == "" || slices.Contains(c.AllowHosts, strings.TrimSuffix(strings.ToLower(host), ".")) {
		return nil
	}
	if plain := ip.Unmap(); plain.Zone() == "" && slices.ContainsFunc(c.Allow, func(n netip.Prefix) bool { return n.Contains(plain) }) {
		return nil
	}
	return &Error{Kind: kind}
}

// parse reads an address that a request may have.
func parse(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" || u.User != nil || u.Opaque != "" {
		return nil, &Error{Kind: KindAddress}
	}
	if port := u.Port(); port != "" {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return nil, &Error{Kind: KindAddress}
		}
	}
	return u, nil
}
