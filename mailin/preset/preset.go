// Package preset knows the mail providers that shops use: their servers, how one signs in there, whether addresses with
// a plus arrive. The words for people (names, where the authorisation code is) are mailbox.preset.NAME and
// mailbox.preset_help.NAME in the texts.
package preset

import (
	"slices"
	"strings"

	"huiyin/mailin/imapbox"
)

// SignIn is what a provider takes to let a program in.
type SignIn string

// The ways. Texts are mailbox.sign_in.WAY.
const (
	Password SignIn = "password" // that of the mailbox
	Code     SignIn = "code"     // an authorisation code (授权码) or app password that its web page gives
	OAuth    SignIn = "oauth"    // consent in the browser; no password
)

// Server is where and how to connect.
type Server struct {
	Host     string
	Port     int
	Security imapbox.Security
}

// Provider is one that shops use.
type Provider struct {
	Name   string // in Account.Preset
	IMAP   Server
	SMTP   Server
	SignIn SignIn
	OAuth  string // whose consent it takes: google, microsoft; empty: nobody's
	Plus   bool   // addresses with a plus are known to arrive; false: unknown, a test tells

	domains []string // of its own addresses
	mx      []string // ends of the names of its servers, for addresses of a company's domain
}

// Another is the name of whoever is none of them.
const Another = "another"

func secure(imap, smtp string) (in, out Server) {
	return Server{imap, 993, imapbox.TLS}, Server{smtp, 465, imapbox.TLS}
}

func provider(name, imap, smtp string, way SignIn, domains, mx []string) Provider {
	in, out := secure(imap, smtp)
	return Provider{Name: name, IMAP: in, SMTP: out, SignIn: way, domains: domains, mx: mx}
}

// all are the providers in the order of the pages.
var all = func() []Provider {
	gmail := provider("gmail", "imap.gmail.com", "smtp.gmail.com", OAuth, []string{"gmail.com", "googlemail.com"}, []string{"google.com", "googlemail.com"})
	gmail.OAuth, gmail.Plus = "google", true
	outlook := provider("outlook", "outlook.office365.com", "smtp.office365.com", OAuth,
		[]string{"outlook.com", "hotmail.com", "live.com", "live.cn", "msn.com"}, []string{"protection.outlook.com", "mx.microsoft"})
	outlook.OAuth, outlook.Plus = "microsoft", true
	outlook.SMTP.Port, outlook.SMTP.Security = 587, imapbox.StartTLS // it has no port 465
	return []Provider{
		provider("tencent", "imap.exmail.qq.com", "smtp.exmail.qq.com", Code, nil, []string{"mxbiz1.qq.com", "mxbiz2.qq.com"}),
		provider("aliyun", "imap.qiye.aliyun.com", "smtp.qiye.aliyun.com", Password, nil, []string{"qiye.aliyun.com", "mxhichina.com"}),
		provider("netease", "imap.qiye.163.com", "smtp.qiye.163.com", Code, nil, []string{"qiye.163.com", "qiye163.com", "mxmail.netease.com", "ym.163.com"}),
		provider("qq", "imap.qq.com", "smtp.qq.com", Code, []string{"qq.com", "vip.qq.com", "foxmail.com"}, []string{"mx1.qq.com", "mx2.qq.com", "mx3.qq.com"}),
		provider("163", "imap.163.com", "smtp.163.com", Code, []string{"163.com"}, nil),
		provider("126", "imap.126.com", "smtp.126.com", Code, []string{"126.com"}, nil),
		provider("yeah", "imap.yeah.net", "smtp.yeah.net", Code, []string{"yeah.net"}, nil),
		gmail, outlook,
		{Name: Another, IMAP: Server{"", 993, imapbox.TLS}, SMTP: Server{"", 465, imapbox.TLS}, SignIn: Password},
	}
}()

// All gives the providers in the order of the pages, Another at the end.
func All() []Provider { return slices.Clone(all) }

// Named gives a provider by its name.
func Named(name string) (Provider, bool) {
	i := slices.IndexFunc(all, func(p Provider) bool { return p.Name == name })
	if i < 0 {
		return Provider{}, false
	}
	return all[i], true
}

// Guess gives the provider of an address: by its domain, else by the names of the servers that take the domain's mail (its
// MX records; nil: not known). Of Another it proposes the usual names below the domain.
func Guess(address string, mx []string) Provider {
	domain := strings.ToLower(strings.TrimSpace(address[strings.LastIndex(address, "@")+1:]))
	for _, p := range all {
		if slices.Contains(p.domains, domain) {
			return p
		}
	}
	for _, host := range mx {
		host = strings.ToLower(strings.TrimSuffix(host, "."))
		for _, p := range all {
			if slices.ContainsFunc(p.mx, func(end string) bool { return host == end || strings.HasSuffix(host, "."+end) }) {
				return p
			}
		}
	}
	p, _ := Named(Another)
	if domain != "" {
		p.IMAP.Host, p.SMTP.Host = "imap."+domain, "smtp."+domain
	}
	return p
}
