package mailer

import (
	"slices"
	"strings"

	"github.com/wneessen/go-mail/smtp"
)

// way chooses how to sign in from what the server offers. nil: there is no common way.
func (d *dialogue) way(offered string, near bool) smtp.Auth {
	ways := strings.Fields(strings.ToUpper(offered))
	switch { // protected by TLS they are all alike; these two every server does right
	case slices.Contains(ways, "PLAIN"):
		return smtp.PlainAuth("", d.set.User, d.set.Password, d.set.Host, near)
	case slices.Contains(ways, "LOGIN"):
		return smtp.LoginAuth(d.set.User, d.set.Password, d.set.Host, near)
	}
	return nil
}
