package bus

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// root is the first word of all our subjects on a message engine that others use too.
const root = "huiyin."

// An address is where NATS is and which desk's hints we speak of there.
type address struct {
	servers []string // without the desk's path
	prefix  string   // "huiyin." or "huiyin.shop."
	shown   string   // for the log: without user and password
}

// parseAddress reads "nats://a:4222,nats://b:4222/shop": the path, one word, keeps desks on a shared server apart. Its
// errors never show a password.
func parseAddress(s string) (address, error) {
	a := address{prefix: root}
	var shown []string
	for part := range strings.SplitSeq(s, ",") {
		u, err := url.Parse(strings.TrimSpace(part))
		if err != nil {
			return address{}, errors.New("bus: malformed address") // url.Error repeats the text, password included
		}
		if u.Scheme != "nats" && u.Scheme != "tls" || u.Host == "" {
			return address{}, fmt.Errorf("bus: %s is no nats:// or tls:// address", u.Redacted())
		}
		if desk := strings.Trim(u.Path, "/"); desk != "" {
			if !validWord(desk) {
				return address{}, fmt.Errorf("bus: %s: the path has to be one word of letters, digits, \"-\" and \"_\"", u.Redacted())
			}
			a.prefix = root + desk + "."
		}
		u.Path = ""
		a.servers = append(a.servers, u.String())
		u.User = nil
		shown = append(shown, u.String())
	}
	a.shown = strings.Join(shown, ",")
	return a, nil
}
