package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"huiyin/app/sms"
)

// Limits of a request to a gateway outside.
const (
	outwardWait   = 15 * time.Second
	outwardAnswer = 64 << 10 // bytes
)

var (
	errInner    = errors.New("the address is in an inner network")
	errRedirect = errors.New("the gateway leads on to another address")

	// innerNetworks are not of the public internet, though they are unicast and not private: of carriers behind NAT
	// (RFC 6598), for special purposes (RFC 6890), IPv6 forms of an IPv4 address, which may be an inner one (RFC 6052, 3056,
	// 4380), and the address at which Azure answers its machines.
	innerNetworks = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4", "168.63.129.16/32", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
		"2001:db8::/32", "2002::/16", "fec0::/10")
)

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

// outward sends a request to an address outside. It looks at the address when the connection is made, so a name that
// changes meanwhile does not lead inside; a gateway that leads on is not followed.
func outward(ctx context.Context, r sms.Request) (sms.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, outwardWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return sms.Answer{}, errors.New("the address cannot be read")
	}
	req.Header = r.Header
	dialer := &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error { return outer(address) }}
	client := &http.Client{
		Transport:     &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true, TLSHandshakeTimeout: outwardWait, MaxResponseHeaderBytes: outwardAnswer},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errRedirect },
	}
	res, err := client.Do(req)
	if err != nil {
		return sms.Answer{}, fmt.Errorf("ask the gateway: %w", errors.Unwrap(err)) // without the address, which may hold a key
	}
	defer res.Body.Close() //nolint:errcheck // read only
	body, err := io.ReadAll(io.LimitReader(res.Body, outwardAnswer))
	return sms.Answer{Status: res.StatusCode, Body: body}, err
}

// outer refuses an address that is not of the public internet.
func outer(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return errInner
	}
	ip := at.Addr().Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.Zone() != "" ||
		slices.ContainsFunc(innerNetworks, func(n netip.Prefix) bool { return n.Contains(ip) }) {
		return errInner
	}
	return nil
}
