package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/app/auth"
	"huiyin/app/web/api"
	"huiyin/tickets"
	"huiyin/tickets/fault"
)

const (
	scopePrefix = "scope "
	byManager   = " manager"
)

// scoped is the permission of a program with an API token that has the scope. The empty scope: any token.
func scoped(scope auth.Scope) permission { return permission(scopePrefix + string(scope)) }

// scopedManager is scoped for tokens of managers and administrators alone.
func scopedManager(scope auth.Scope) permission { return scoped(scope) + byManager }

// scope reads such a permission.
func (p permission) scope() (scope auth.Scope, manager, ok bool) {
	text, ok := strings.CutPrefix(string(p), scopePrefix)
	text, manager = strings.CutSuffix(text, byManager)
	return auth.Scope(text), manager, ok
}

// apiRoutes are the doors of the REST API.
func (s *Server) apiRoutes() []route {
	table := []route{
		{http.MethodGet, "/api/v1/contacts/:contact/export", scopedManager(auth.ScopeContactsRead), limitExport, s.exportContact},
		{http.MethodDelete, "/api/v1/contacts/:contact", scopedManager(auth.ScopeContactsWrite), limitAPI, s.deleteContact},
	}
	for _, e := range s.api.Endpoints() {
		r := route{e.Method, "/api/v1" + e.Path, scoped(e.Scope), limitAPI, s.call(e)}
		if e.Manager {
			r.permission = scopedManager(e.Scope)
		}
		if e.Public {
			r.permission = public
		}
		if e.Size == api.Batch {
			r.limit = limitBatch
		}
		table = append(table, r)
	}
	return table
}

// call lets an endpoint handle a request.
func (s *Server) call(e api.Endpoint) echo.HandlerFunc {
	return func(c echo.Context) error {
		v := of(c)
		if e.Public && e.Scope != "" && c.Request().Header.Get("Authorization") != "" {
			if err := s.holdsScope(c, e.Scope, false); err != nil {
				return err
			}
		}
		return e.Handle(s.api.Call(c, v.token, v.locale))
	}
}

// holdsScope finds out whose token came, and whether it may. A browser's cookie is not asked for: it goes along with what
// other sites make the browser send.
func (s *Server) holdsScope(c echo.Context, scope auth.Scope, manager bool) error {
	scheme, token, _ := strings.Cut(c.Request().Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		c.Response().Header().Set("WWW-Authenticate", "Bearer")
		return fault.New(fault.Unauthenticated, "auth.error.token")
	}
	use, err := s.Auth.UseToken(c.Request().Context(), strings.TrimSpace(token))
	if err != nil {
		c.Response().Header().Set("WWW-Authenticate", "Bearer")
		return err
	}
	v := of(c)
	v.token, v.agent = use, use.Agent
	if use.Agent.Locale != "" && c.Request().Header.Get("Accept-Language") == "" {
		v.locale = s.Texts.Match("", use.Agent.Locale)
	}
	if wait := s.limits.take(limitAPI, "token "+use.ID.String(), s.Now()); wait > 0 {
		return &fault.Error{Kind: fault.TooMany, Key: "web.error.too_many", RetryAfter: wait}
	}
	switch {
	case scope != "" && !use.May(scope):
		return &fault.Error{Kind: fault.Denied, Key: "api.error.scope", Args: map[string]any{"scope": string(scope)}}
	case manager && use.Agent.Role == tickets.RoleAgent:
		return fault.New(fault.Denied, "web.error.denied")
	}
	return nil
}
