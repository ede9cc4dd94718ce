package web

import (
	"net"
	"net/http"
	"net/netip"

	"github.com/labstack/echo/v4"
)

// ClientIP tells the client's address of a request: the peer's, or behind a trusted proxy what that says in
// X-Forwarded-For. A header of anybody else is not believed.
func ClientIP(trusted []netip.Prefix) func(*http.Request) netip.Addr {
	extract := ipExtractor(trusted)
	return func(r *http.Request) netip.Addr {
		addr, err := netip.ParseAddr(extract(r))
		if err != nil {
			return netip.Addr{}
		}
		return addr.Unmap()
	}
}

func ipExtractor(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, prefix := range trusted {
		prefix = prefix.Masked()
		bits := prefix.Addr().BitLen()
		options = append(options, echo.TrustIPRange(&net.IPNet{IP: prefix.Addr().AsSlice(), Mask: net.CIDRMask(prefix.Bits(), bits)}))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}
