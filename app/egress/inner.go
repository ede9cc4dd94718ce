package egress

import (
	"net/netip"
	"slices"
)

// innerNetworks are not of the public internet, though they are unicast and not private: of carriers behind NAT
// (RFC 6598), for special purposes (RFC 6890), IPv6 forms of an IPv4 address, which may be an inner one (RFC 6052, 3056,
// 4380), and the address at which Azure answers its machines.
var innerNetworks = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4", "168.63.129.16/32", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
	"2001:db8::/32", "2002::/16", "fec0::/10")

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

// innerKind names why an address is not of the public internet; empty when it is. Link-local is a word of its own: that is
// where clouds give their machines' credentials.
func innerKind(ip netip.Addr) Kind {
	ip = ip.Unmap()
	switch {
	case ip.IsLinkLocalUnicast(), ip.IsLinkLocalMulticast():
		return KindLinkLocal
	case !ip.IsGlobalUnicast(), ip.IsPrivate(), ip.Zone() != "",
		slices.ContainsFunc(innerNetworks, func(n netip.Prefix) bool { return n.Contains(ip) }):
		return KindInner
	}
	return ""
}
