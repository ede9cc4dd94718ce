package mailer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail/smtp"
)

// bearer signs in by a token: XOAUTH2, which Google and Microsoft began with, or OAUTHBEARER (RFC 7628).
type bearer struct {
	way   string
	start string
	// said is what the server gave as the reason of its refusal: JSON, before its answer.
	said string
}

func newBearer(way string, set Settings, token string) *bearer {
	b := &bearer{way: way, start: fmt.Sprintf("user=%s\x01auth=Bearer %s\x01\x01", set.User, token)}
	if way == "OAUTHBEARER" {
		name := strings.NewReplacer("=", "=3D", ",", "=2C").Replace(set.User) // RFC 5801, 4
		b.start = "n,a=" + name + ",\x01host=" + set.Host + "\x01port=" + strconv.Itoa(set.port()) + "\x01auth=Bearer " + token + "\x01\x01"
	}
	return b
}

// Start is part of smtp.Auth.
func (b *bearer) Start(*smtp.ServerInfo) (way string, first []byte, err error) {
	return b.way, []byte(b.start), nil
}

// Next is part of smtp.Auth. The server asks again only to tell why it refuses; then an answer of nothing is due.
func (b *bearer) Next(challenge []byte, more bool) ([]byte, error) {
	if !more {
		return nil, nil
	}
	b.said = string(challenge)
	if b.way == "OAUTHBEARER" {
		return []byte{1}, nil
	}
	return []byte{}, nil
}

// way chooses how to sign in from what the server offers. nil: there is no common way.
func (d *dialogue) way(offered string, near bool) smtp.Auth {
	ways := strings.Fields(strings.ToUpper(offered))
	if d.set.Token != nil {
		for _, way := range []string{"XOAUTH2", "OAUTHBEARER"} {
			if slices.Contains(ways, way) {
				d.bearer = newBearer(way, d.set, d.set.Password)
				return d.bearer
			}
		}
		return nil
	}
	switch { // protected by TLS they are all alike; these two every server does right
	case slices.Contains(ways, "PLAIN"):
		return smtp.PlainAuth("", d.set.User, d.set.Password, d.set.Host, near)
	case slices.Contains(ways, "LOGIN"):
		return smtp.LoginAuth(d.set.User, d.set.Password, d.set.Host, near)
	}
	return nil
}

// token asks for what signs in, where it is no password. It is asked for first: a connection does not wait for it.
func (d *dialogue) token() error {
	if d.set.Token == nil || d.set.User == "" {
		return nil
	}
	d.at(StepSignIn, 0)
	token, err := d.set.Token(d.ctx)
	switch {
	case err != nil && d.ctx.Err() != nil:
		return err
	case err != nil:
		return &Error{Step: StepSignIn, Kind: NoToken, cause: err}
	case token == "" || strings.IndexFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0:
		return &Error{Step: StepSignIn, Kind: NoToken}
	}
	d.set.Password = token // from here on it is the secret that no answer may show
	return nil
}
