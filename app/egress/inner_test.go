package egress_test

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"huiyin/app/egress"
)

// resolver asks a name server of the test's own, which knows these names: an address for each, several with commas between.
func resolver(t *testing.T, names map[string]string) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(buf)
			if err != nil {
				return
			}
			if answer := answerDNS(buf[:n], names); answer != nil {
				_, _ = server.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

func answerDNS(question []byte, names map[string]string) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	list, known := names[strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))]
	if !known {
		m.RCode = dnsmessage.RCodeNameError
	}
	for text := range strings.SplitSeq(list, ",") {
		ip, err := netip.ParseAddr(text)
		head := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 0}
		switch {
		case err != nil:
		case q.Type == dnsmessage.TypeA && ip.Is4():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: ip.As4()}})
		case q.Type == dnsmessage.TypeAAAA && ip.Is6():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
		}
	}
	out, err := m.Pack()
	if err != nil {
		return nil
	}
	return out
}

func TestAnInnerAddressIsNotReached(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	srv := serve(t, func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(srv.URL, "http://"))
	c := egress.New(egress.Options{})
	for _, host := range []string{
		"127.0.0.1", "localhost", "10.1.2.3", "172.16.0.1", "192.168.0.1", "100.64.0.1", "0.0.0.0", "0.1.2.3", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.7",
		"203.0.113.9", "240.0.0.1", "255.255.255.255", "224.1.0.1", "168.63.129.16", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::7f00:1]", "[64:ff9b::7f00:1]",
		"[64:ff9b:1::1]", "[2002:7f00:1::]", "[2001::1]", "[2001:db8::1]", "[fd00::1]", "[fec0::1]", "[100::1]", "[ff05::1]",
	} {
		_, err := get(t, c, "http://"+host+":"+port+"/"+secret)
		wantKind(t, err, egress.KindInner)
		wantKind(t, c.Check(context.Background(), "http://"+host+":"+port+"/"), egress.KindInner)
	}
	for _, host := range []string{"169.254.169.254", "[fe80::1%25eth0]", "[fe80::1]", "[::ffff:169.254.169.254]"} {
		_, err := get(t, c, "http://"+host+"/latest/"+secret)
		wantKind(t, err, egress.KindLinkLocal)
	}
	if reached.Load() != 0 {
		t.Error("a request came in")
	}
	for _, host := range []string{"203.107.0.1", "[2400:3200::1]"} {
		if err := c.Check(context.Background(), "https://"+host+"/"); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestANameThatLeadsInsideIsRefused(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	srv := serve(t, func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(srv.URL, "http://"))
	names := map[string]string{"inner.test": "127.0.0.1", "meta.test": "169.254.169.254", "six.test": "::1", "public.test": "203.107.0.1", "both.test": "203.107.0.1,127.0.0.1"}
	c := egress.New(egress.Options{Resolver: resolver(t, names)})
	for host, kind := range map[string]egress.Kind{"inner.test": egress.KindInner, "six.test": egress.KindInner, "meta.test": egress.KindLinkLocal, "nobody.test": egress.KindDNS} {
		_, err := get(t, c, "http://"+host+":"+port+"/"+secret)
		wantKind(t, err, kind)
		wantKind(t, c.Check(context.Background(), "http://"+host+"/"), kind)
	}
	for _, host := range []string{"public.test", "both.test"} {
		if err := c.Check(context.Background(), "https://"+host+"/"); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	if reached.Load() != 0 {
		t.Error("a request came in")
	}
}

func TestTheOperatorAllowsNetworksAndNames(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(http.ResponseWriter, *http.Request) {})
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(srv.URL, "http://"))
	names := resolver(t, map[string]string{"hooks.test": "127.0.0.1", "other.test": "127.0.0.1"})
	byName := egress.New(egress.Options{Resolver: names, AllowHosts: []string{"hooks.test"}})
	if _, err := get(t, byName, "http://Hooks.test:"+port); err != nil {
		t.Errorf("a name that is allowed: %v", err)
	}
	if _, err := get(t, byName, "http://other.test:"+port); err == nil {
		t.Error("another name of the same machine passes")
	}
	byNet := egress.New(egress.Options{Resolver: names, Allow: loopback})
	for _, host := range []string{"127.0.0.1", "other.test", "[::ffff:127.0.0.1]"} {
		if _, err := get(t, byNet, "http://"+host+":"+port); err != nil {
			t.Errorf("%s in a network that is allowed: %v", host, err)
		}
	}
	_, err := get(t, byNet, "http://10.1.2.3/")
	wantKind(t, err, egress.KindInner)
}

func TestACertificateMustHoldForTheName(t *testing.T) {
	t.Parallel()
	srv := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})) // for example.com and 127.0.0.1
	t.Cleanup(srv.Close)
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(srv.URL, "https://"))
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	names := resolver(t, map[string]string{"example.com": "127.0.0.1", "wrong.test": "127.0.0.1"})
	for _, tc := range []struct {
		host   string
		roots  *x509.CertPool
		detail string
	}{{"example.com", roots, "-"}, {"wrong.test", roots, "name"}, {"example.com", nil, "authority"}} {
		_, err := get(t, egress.New(egress.Options{Allow: loopback, Resolver: names, Roots: tc.roots}), "https://"+tc.host+":"+port+"/"+secret)
		if tc.detail == "-" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		wantKind(t, err, egress.KindTLS)
		var e *egress.Error
		if errors.As(err, &e); e.Detail != tc.detail {
			t.Errorf("%s: %q, want %q", tc.host, e.Detail, tc.detail)
		}
	}
}
