package config

import (
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
)

// Secret is a setting that may hold a password. It prints as "(set)" in texts and logs.
type Secret string

// Reveal gives the value itself.
func (s Secret) Reveal() string { return string(s) }

// String says whether the secret is set.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "(set)"
}

// GoString keeps %#v from showing the value.
func (s Secret) GoString() string { return s.String() }

// MarshalText keeps encoders from showing the value.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue keeps the log from showing the value.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Networks is a list of networks, written with commas between; a lone address is a network of one.
type Networks []netip.Prefix

// UnmarshalText reads "10.0.0.0/8, 192.0.2.7, fd00::/8".
func (n *Networks) UnmarshalText(text []byte) error {
	*n = nil
	for part := range strings.SplitSeq(string(text), ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		p, err := network(part)
		if err != nil {
			return err
		}
		*n = append(*n, p)
	}
	return nil
}

func network(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, fmt.Errorf("%q is no address and no network", s)
	}
	return netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), nil
}

// String is the form that UnmarshalText reads.
func (n Networks) String() string {
	parts := make([]string, len(n))
	for i, p := range n {
		parts[i] = p.String()
	}
	return strings.Join(parts, ",")
}

// LogValue logs the networks in their written form.
func (n Networks) LogValue() slog.Value { return slog.StringValue(n.String()) }

// Names is a list of host names, written with commas between, in lower case.
type Names []string

// UnmarshalText reads "desk.example.com, help.example.com".
func (n *Names) UnmarshalText(text []byte) error {
	*n = nil
	for part := range strings.SplitSeq(string(text), ",") {
		if part = strings.ToLower(strings.TrimSpace(part)); part != "" {
			*n = append(*n, part)
		}
	}
	return nil
}

// LogValue logs the names in their written form.
func (n Names) LogValue() slog.Value { return slog.StringValue(strings.Join(n, ",")) }
