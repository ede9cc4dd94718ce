package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"huiyin/tickets/fault"
)

// observe writes the access log and counts requests. A line holds the route's pattern, never the path or the query:
// those may carry a person's data or a secret link.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		begun := time.Now()
		if err := next(c); err != nil {
			c.Error(err)
		}
		r, route, took := c.Request(), routeName(c), time.Since(begun)
		status := c.Response().Status
		if !c.Response().Committed && c.IsWebSocket() {
			status = http.StatusSwitchingProtocols
		}
		s.metrics.seen(route, r.Method, status, took)
		level := slog.LevelInfo
		if status < 400 && (strings.HasPrefix(route, "/static/") || route == "/healthz" || route == "/readyz" || route == "/metrics") {
			level = slog.LevelDebug
		}
		s.Log.LogAttrs(r.Context(), level, "request", slog.String("id", of(c).id), slog.String("method", r.Method),
			slog.String("route", route), slog.Int("status", status), slog.Int64("bytes", c.Response().Size),
			slog.Float64("ms", float64(took.Microseconds())/1000))
		return nil
	}
}

// routeName is the pattern of the route that was taken.
func routeName(c echo.Context) string {
	if path := c.Path(); path != "" {
		return path
	}
	return "none"
}

// recover turns a panic of a handler into an error with its place.
func (s *Server) recover(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler { //nolint:errorlint // a sentinel value of panic, never wrapped
				panic(cause)
			}
			stack := make([]byte, 8<<10)
			stack = stack[:runtime.Stack(stack, false)]
			err = fmt.Errorf("panic: %v\n%s", cause, stack)
		}()
		return next(c)
	}
}

// sameOrigin refuses what another site's page makes a browser send. The shopper's side is open to other sites: it
// knows people by bearer tokens, never by cookies.
func (s *Server) sameOrigin(c echo.Context) error {
	if err := s.origins.Check(c.Request()); err != nil {
		return fault.Wrap(fault.Denied, "web.error.foreign_site", err)
	}
	return nil
}

func newOrigins(baseURL string) (*http.CrossOriginProtection, error) {
	p := http.NewCrossOriginProtection()
	p.AddInsecureBypassPattern("/chat/v1/")
	p.AddInsecureBypassPattern("/api/v1/forms/{key}/responses") // knows people by signatures; it looks at the Origin itself
	// Behind a proxy that changes Host, an old browser's Origin is the public address.
	return p, p.AddTrustedOrigin(baseURL)
}

// zip compresses texts. Assets bring their own, sockets and the chat's short answers do without.
func (s *Server) zip() echo.MiddlewareFunc {
	return middleware.GzipWithConfig(middleware.GzipConfig{
		Level:     5,
		MinLength: 1400,
		Skipper: func(c echo.Context) bool {
			path := c.Request().URL.Path
			return c.IsWebSocket() || strings.HasPrefix(path, "/static/") || strings.HasPrefix(path, "/chat/") ||
				strings.HasPrefix(path, "/agent/") || path == "/metrics"
		},
	})
}

// quietHandler keeps the lines of net/http's own log (broken handshakes, scanners) down to debug.
type quietHandler struct{ slog.Handler }

// Handle writes the record as one of level debug.
func (h quietHandler) Handle(ctx context.Context, r slog.Record) error {
	r.Level = slog.LevelDebug
	if !h.Enabled(ctx, r.Level) {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}
