package config

import (
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// HTTPOff is the value of --http-listen for no plain HTTP at all.
const HTTPOff = "off"

// checkTLS holds the settings of TLS against each other: one that would be overlooked is refused.
func checkTLS(c Config) error {
	if err := oneOf("tls", c.TLS, TLSOff, TLSFiles, TLSACME); err != nil {
		return err
	}
	for _, only := range []struct{ setting, value, mode string }{
		{"tls-cert", c.TLSCert, TLSFiles}, {"tls-key", c.TLSKey, TLSFiles},
		{"acme-email", c.ACMEEmail, TLSACME}, {"acme-directory", c.ACMEDirectory, TLSACME},
		{"acme-hosts", strings.Join(c.ACMEHosts, ","), TLSACME},
	} {
		if only.value != "" && c.TLS != only.mode {
			return &Error{only.setting, "is for --tls " + only.mode + "; set that too, or leave this out"}
		}
	}
	if !c.Secured() {
		if c.HTTPListen != "" {
			return &Error{"http-listen", "is for --tls files or acme; with --tls off the desk listens at --listen alone"}
		}
		return nil
	}
	if !hasScheme(c.URL, "https") {
		return &Error{"url", "is needed with --tls " + c.TLS + ": give the address that browsers use, such as https://desk.example.com"}
	}
	if c.HTTPListen != HTTPOff {
		if err := checkListen("http-listen", c.HTTPListen); err != nil {
			return &Error{"http-listen", "is neither off nor a host and a port; give :80 or off"}
		}
	}
	if c.TLS == TLSFiles {
		return checkFiles(c)
	}
	return checkACME(c)
}

func checkFiles(c Config) error {
	if c.TLSCert == "" {
		return &Error{"tls-cert", "is needed with --tls files: name the PEM file of the certificate with its chain"}
	}
	if c.TLSKey == "" {
		return &Error{"tls-key", "is needed with --tls files: name the PEM file of the private key"}
	}
	return nil
}

func checkACME(c Config) error {
	for _, host := range c.ACMEHosts {
		_, err := netip.ParseAddr(host)
		_, bad := idna.Lookup.ToASCII(host)
		if err == nil || bad != nil || !strings.Contains(strings.Trim(host, "."), ".") || strings.ContainsAny(host, ":*/") {
			return &Error{"acme-hosts", "is wrong: a CA gives certificates to names of the public DNS alone, such as desk.example.com"}
		}
	}
	if c.ACMEEmail != "" && !strings.Contains(c.ACMEEmail, "@") {
		return &Error{"acme-email", "is no e-mail address; give one such as ops@example.com, or leave it out"}
	}
	if u, err := url.Parse(c.ACMEDirectory); c.ACMEDirectory != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		return &Error{"acme-directory", "is no https address; give the CA's directory, or leave it out for Let's Encrypt"}
	}
	return nil
}
