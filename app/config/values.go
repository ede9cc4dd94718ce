package config

import (
	"fmt"
	"log/slog"
	"net/netip"
	"regexp"
	"slices"
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

// Inner are inner networks and the names of hosts in them, written with commas between.
type Inner []string

// UnmarshalText reads "10.0.0.0/8, 192.168.1.5, hooks.lan".
func (in *Inner) UnmarshalText(text []byte) error {
	*in = nil
	for part := range strings.SplitSeq(string(text), ",") {
		part = strings.ToLower(strings.TrimSpace(part))
		if part == "" {
			continue
		}
		if p, err := network(part); err == nil {
			part = p.String()
		} else if !hostName.MatchString(part) {
			return fmt.Errorf("%q is no network, no address and no name", part)
		}
		*in = append(*in, part)
	}
	return nil
}

// hostName is a name of labels, the last of which is no number: 10.0.0 is a broken address.
var hostName = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]*[a-z0-9])?\.)*[a-z]([a-z0-9-]*[a-z0-9])?$`)

// Networks are the networks among them.
func (in Inner) Networks() []netip.Prefix {
	var out []netip.Prefix
	for _, part := range in {
		if p, err := netip.ParsePrefix(part); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// Hosts are the names among them.
func (in Inner) Hosts() []string {
	return slices.DeleteFunc(slices.Clone([]string(in)), func(part string) bool { return strings.Contains(part, "/") })
}

// LogValue logs them in their written form.
func (in Inner) LogValue() slog.Value { return slog.StringValue(strings.Join(in, ",")) }
