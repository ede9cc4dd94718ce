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

	// sharedNetwork is what carriers use behind NAT (RFC 6598): as inner as a private one.
	sharedNetwork = netip.MustParsePrefix("100.64.0.0/10")
)

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
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || sharedNetwork.Contains(ip) || ip.Zone() != "" {
		return errInner
	}
	return nil
}
