package web

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// permission says who may take a route.
type permission string

// The permissions. Each of agent, manager, admin includes the ones after it.
const (
	public    permission = "public"    // anybody; nobody is asked who she is
	visitor   permission = "visitor"   // anybody; the page has a session and greets who is signed in
	setup     permission = "setup"     // anybody, while the desk has no agent
	agent     permission = "agent"     // who is signed in
	manager   permission = "manager"   // managers and administrators
	admin     permission = "admin"     // administrators
	operator  permission = "operator"  // the bearer of the metrics token
	chatOwner permission = "chatOwner" // chat asks for itself: shoppers' tokens, agents' sessions
)

// permitted lets only those through who have the permission.
func (s *Server) permitted(p permission) echo.MiddlewareFunc {
	check := map[permission]func(echo.Context) error{
		public:    func(echo.Context) error { return nil },
		chatOwner: func(echo.Context) error { return nil },
		visitor:   s.greet,
		setup:     s.whileEmpty,
		operator:  s.holdsMetricsToken,
		agent: func(c echo.Context) error {
			return s.hasRole(c, tickets.RoleAgent, tickets.RoleManager, tickets.RoleAdmin)
		},
		manager: func(c echo.Context) error { return s.hasRole(c, tickets.RoleManager, tickets.RoleAdmin) },
		admin:   func(c echo.Context) error { return s.hasRole(c, tickets.RoleAdmin) },
	}[p]
	if scope, manager, ok := p.scope(); ok {
		check = func(c echo.Context) error { return s.holdsScope(c, scope, manager) }
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if check == nil {
				return fault.New(fault.Denied, "web.error.denied") // a permission that nobody has
			}
			if err := check(c); err != nil {
				return err
			}
			return next(c)
		}
	}
}

// sessioned tells whether routes of a permission load the browser's session.
func (p permission) sessioned() bool {
	return p == visitor || p == setup || p == agent || p == manager || p == admin
}

// greet finds out who is signed in, if anybody is.
func (s *Server) greet(c echo.Context) error {
	agent, err := s.Auth.Current(c.Request().Context())
	if fault.Is(err, fault.Unauthenticated) {
		return nil
	}
	if err != nil {
		return err
	}
	v := of(c)
	v.agent = agent
	if agent.Locale != "" {
		v.locale = s.Texts.Match("", agent.Locale)
	}
	return nil
}

func (s *Server) hasRole(c echo.Context, roles ...tickets.Role) error {
	if err := s.greet(c); err != nil {
		return err
	}
	who := of(c).agent
	if who == nil {
		return fault.New(fault.Unauthenticated, "auth.error.not_signed_in")
	}
	for _, role := range roles {
		if who.Role == role {
			return nil
		}
	}
	return fault.New(fault.Denied, "web.error.denied")
}

func (s *Server) whileEmpty(c echo.Context) error {
	needed, err := s.Auth.SetupNeeded(c.Request().Context())
	if err == nil && !needed {
		err = fault.New(fault.NotFound, "web.error.not_found")
	}
	return err
}

func (s *Server) holdsMetricsToken(c echo.Context) error {
	token, _ := strings.CutPrefix(c.Request().Header.Get("Authorization"), "Bearer ")
	switch {
	case s.MetricsToken == "":
		return fault.New(fault.NotFound, "web.error.not_found")
	case subtle.ConstantTimeCompare([]byte(token), []byte(s.MetricsToken)) != 1:
		return fault.New(fault.Unauthenticated, "web.error.metrics_token")
	}
	return nil
}

// session loads the browser's session before a handler and saves it when the answer begins.
func (s *Server) session(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		sessions, token := s.Auth.Sessions(), ""
		if cookie, err := c.Request().Cookie(sessions.Cookie.Name); err == nil {
			token = cookie.Value
		}
		ctx, err := sessions.Load(c.Request().Context(), token)
		if err != nil {
			return fmt.Errorf("load session: %w", err)
		}
		c.SetRequest(c.Request().WithContext(ctx))
		c.Response().Header().Add("Vary", "Cookie")
		c.Response().Before(func() { s.saveSession(context.WithoutCancel(ctx), c) })
		return next(c)
	}
}

func (s *Server) saveSession(ctx context.Context, c echo.Context) {
	sessions := s.Auth.Sessions()
	switch sessions.Status(ctx) {
	case scs.Unmodified:
	case scs.Destroyed:
		sessions.WriteSessionCookie(ctx, c.Response(), "", time.Time{})
	case scs.Modified:
		token, expiry, err := sessions.Commit(ctx)
		if err != nil { // the answer has begun: she will be asked to sign in again
			s.Log.ErrorContext(ctx, "save session", "id", of(c).id, "error", err)
			return
		}
		sessions.WriteSessionCookie(ctx, c.Response(), token, expiry)
	}
}

// timed ends a handler's context after its limit's time.
func timed(l limit) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if l.wait == 0 {
				return next(c)
			}
			whole := c.Request().Context()
			ctx, cancel := context.WithTimeout(whole, l.wait)
			c.SetRequest(c.Request().WithContext(ctx))
			err := next(c)
			cancel()
			c.SetRequest(c.Request().WithContext(whole)) // what answers an error must not find the handler's time over
			return err
		}
	}
}

// localPath is a path of ours to go on to, or the fallback: an address that somebody else made leads nowhere else.
func localPath(raw, fallback string) string {
	u, err := url.Parse(raw)
	if err != nil || raw == "" || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") ||
		strings.HasPrefix(raw, "//") || strings.ContainsAny(raw, "\\\r\n\t") {
		return fallback
	}
	return u.RequestURI()
}
