package web

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/netip"

	"github.com/labstack/echo/v4"

	"huiyin/app/auth"
	"huiyin/tickets"
)

// visit is what is known of one request.
type visit struct {
	id     string         // request id: in the log and on error pages
	nonce  string         // of the content security policy
	agent  *tickets.Agent // who is signed in; nil: nobody, or the route does not ask
	token  *auth.TokenUse // the API token that came; nil: none, or the route does not ask
	locale string
	words  *Words // made when first asked for
	policy *policy
}

const (
	visitKey     = "visit"
	localeCookie = "huiyin_locale" // what somebody chose before signing in
)

// meet begins every request: it gets an id, a nonce, and the best language that is known so far.
func (s *Server) meet(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		v := &visit{id: random(9), nonce: random(16), policy: s.deskPolicy()}
		c.Set(visitKey, v)
		c.Response().Header().Set(echo.HeaderXRequestID, v.id)
		v.locale = s.locale(c)
		return next(c)
	}
}

func of(c echo.Context) *visit {
	v, _ := c.Get(visitKey).(*visit)
	return v
}

// locale is the language somebody chose (in the address, then in the cookie), else the browser's.
func (s *Server) locale(c echo.Context) string {
	r := c.Request()
	accept := r.Header.Get("Accept-Language")
	if chosen := r.URL.Query().Get("locale"); chosen != "" {
		locale := s.Texts.Match(accept, chosen)
		if r.Method == http.MethodGet {
			http.SetCookie(c.Response(), &http.Cookie{
				Name: localeCookie, Value: locale, Path: "/", MaxAge: 365 * 24 * 3600,
				HttpOnly: true, Secure: s.secure(), SameSite: http.SameSiteLaxMode,
			})
		}
		return locale
	}
	if cookie, err := r.Cookie(localeCookie); err == nil {
		return s.Texts.Match(accept, cookie.Value)
	}
	return s.Texts.Match(accept, "")
}

// actor is the signed-in agent as the one who does something.
func actor(c echo.Context) tickets.Actor { return auth.ActorOf(of(c).agent) }

// address is the client's address in the form that limits count by.
func address(c echo.Context) string {
	addr, err := netip.ParseAddr(c.RealIP())
	if err != nil {
		return "unknown"
	}
	return auth.AddressKey(addr)
}

// random is n random bytes, safe in addresses.
func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b)
}
