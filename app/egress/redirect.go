package egress

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
)

// plainHeaders hold no secret and may go to another host.
var plainHeaders = map[string]bool{"Accept": true, "Accept-Language": true, "User-Agent": true}

// follow decides whether a redirect may be followed: as often as allowed, never from TLS to none, never where a request would
// lose its method or hand its body to another host. Where it leads is looked at again when the connection is made.
func (c *Client) follow(req *http.Request, via []*http.Request) error {
	first, last := via[0], via[len(via)-1]
	elsewhere := req.URL.Scheme != first.URL.Scheme || !strings.EqualFold(req.URL.Host, first.URL.Host)
	switch {
	case len(via) > c.Redirects:
	case req.URL.Scheme != "https" && (last.URL.Scheme == "https" || req.URL.Scheme != "http"):
	case req.Method != first.Method:
	case elsewhere && req.Body != nil && req.Body != http.NoBody:
	default:
		req.Header.Del("Referer") // the address before, with the key that may stand in it
		if elsewhere {
			for name := range req.Header {
				if !plainHeaders[name] {
					req.Header.Del(name)
				}
			}
		}
		return nil
	}
	return &Error{Kind: KindRedirect}
}

func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
