package web

import (
	"strings"

	"github.com/labstack/echo/v4"
)

// policy is the content security policy of an answer. A handler may change its own (of(c).policy) before it writes.
type policy struct {
	FrameAncestors []string // who may show the page in a frame; none by default
	Connect        []string // beside the desk itself
	Frames         bool     // the page shows other pages of the desk in frames
	TrustedTypes   bool     // scripts may not make elements out of texts
}

// deskPolicy is that of the desk's own pages. The socket's address is named because older Safaris do not count it as
// the page's own.
func (s *Server) deskPolicy() *policy {
	socket := "ws://" + s.BaseURL.Host
	if s.secure() {
		socket = "wss://" + s.BaseURL.Host
	}
	return &policy{TrustedTypes: true, Connect: []string{socket}}
}

// String is the header's value.
func (p *policy) String(nonce string) string {
	ancestors := "'none'"
	if len(p.FrameAncestors) > 0 {
		ancestors = strings.Join(p.FrameAncestors, " ")
	}
	parts := []string{
		"default-src 'none'",
		"script-src 'nonce-" + nonce + "'",
		"style-src 'self'",
		"img-src 'self' data: blob:",
		"font-src 'self'",
		"media-src 'self' blob:",
		"connect-src " + strings.Join(append([]string{"'self'"}, p.Connect...), " "),
		"manifest-src 'self'",
		"form-action 'self'",
		"base-uri 'none'",
		"frame-ancestors " + ancestors,
	}
	if p.Frames {
		parts = append(parts, "frame-src 'self'")
	}
	if p.TrustedTypes {
		parts = append(parts, "require-trusted-types-for 'script'", "trusted-types huiyin")
	}
	return strings.Join(parts, "; ")
}

// protect sets the headers that keep a page to itself. They are written when the answer begins, so that a handler can
// still change its policy.
func (s *Server) protect(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		v := of(c)
		c.Response().Before(func() {
			h := c.Response().Header()
			set := func(name, value string) {
				if h.Get(name) == "" {
					h.Set(name, value)
				}
			}
			set("Content-Security-Policy", v.policy.String(v.nonce))
			if len(v.policy.FrameAncestors) == 0 {
				set("X-Frame-Options", "DENY")
				set("Cross-Origin-Opener-Policy", "same-origin")
			}
			set("X-Content-Type-Options", "nosniff")
			set("Referrer-Policy", "same-origin")
			set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
			set("Cache-Control", "no-store")
			if s.secure() {
				set("Strict-Transport-Security", "max-age=31536000")
			}
		})
		if err := s.sameOrigin(c); err != nil {
			return err
		}
		return next(c)
	}
}
