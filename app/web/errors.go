package web

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/tickets/fault"
)

// statuses are what the kinds of failure are called in HTTP.
var statuses = map[fault.Kind]int{
	fault.Internal:        http.StatusInternalServerError,
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.NotFound:        http.StatusNotFound,
	fault.Denied:          http.StatusForbidden,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Conflict:        http.StatusConflict,
	fault.TooMany:         http.StatusTooManyRequests,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

// fail answers every error, as page or as problem+json (RFC 9457).
func (s *Server) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	e := s.asFault(c, err)
	status := statuses[e.Kind]
	if code, said := refusedCall(c, err); code != 0 {
		status, e = code, said
	}
	sayWhenToRetry(c.Response().Header(), e)
	switch {
	case c.Request().Method == http.MethodHead:
		err = c.NoContent(status)
	case wantsJSON(c):
		err = s.failJSON(c, status, e)
	case e.Kind == fault.Unauthenticated && c.Request().Method == http.MethodGet && routeName(c) != "/metrics":
		err = c.Redirect(http.StatusSeeOther, "/sign-in?next="+url.QueryEscape(c.Request().URL.RequestURI()))
	default:
		err = s.failPage(c, e)
	}
	if err != nil {
		s.Log.WarnContext(c.Request().Context(), "answer an error", "id", of(c).id, "error", err)
	}
}

// refusedCall gives what only programs are told: that a path has no such method, that a body is of another type. 0: it is
// something else.
func refusedCall(c echo.Context, err error) (int, *fault.Error) {
	var http4 *echo.HTTPError
	if !strings.HasPrefix(c.Request().URL.Path, "/api/") || !errors.As(err, &http4) {
		return 0, nil
	}
	switch http4.Code {
	case http.StatusMethodNotAllowed:
		return http4.Code, fault.New(fault.Invalid, "api.error.method")
	case http.StatusUnsupportedMediaType:
		return http4.Code, fault.New(fault.Invalid, "api.error.content_type")
	case http.StatusNotFound:
		return http4.Code, fault.New(fault.NotFound, "api.error.path")
	}
	return 0, nil
}

func sayWhenToRetry(h http.Header, e *fault.Error) {
	if e.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
}

// asFault gives every error a kind and words, and logs what nobody expected.
func (s *Server) asFault(c echo.Context, err error) *fault.Error {
	var large *http.MaxBytesError
	var http4 *echo.HTTPError
	ctx := c.Request().Context()
	switch {
	case errors.As(err, &large):
		return fault.New(fault.TooLarge, "web.error.too_large")
	case errors.As(err, &http4) && http4.Code < 500:
		return ofStatus(http4.Code)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled) && ctx.Err() == nil:
		s.Log.WarnContext(ctx, "request took too long", "id", of(c).id, "route", routeName(c), "error", err)
		return &fault.Error{Kind: fault.Unavailable, Key: "web.error.unavailable", RetryAfter: retryUnavailable}
	}
	e := fault.As(err)
	if e == nil {
		e = fault.Wrap(fault.Internal, "web.error.internal", err)
	}
	if e.Kind == fault.Internal && ctx.Err() == nil {
		s.Log.ErrorContext(ctx, "request failed", "id", of(c).id, "route", routeName(c), "error", err)
	}
	if e.Kind == fault.Internal {
		return s.failure()
	}
	return e
}

// failure is what nobody expected, unless the disk is full: then it is that, and passes.
func (s *Server) failure() *fault.Error {
	if s.MayWrite != nil {
		if e := fault.As(s.MayWrite()); e != nil {
			return e
		}
	}
	return fault.New(fault.Internal, "web.error.internal")
}

const retryUnavailable = 5 * time.Second

// ofStatus names what echo itself refuses.
func ofStatus(code int) *fault.Error {
	switch code {
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return fault.New(fault.NotFound, "web.error.not_found")
	case http.StatusRequestEntityTooLarge:
		return fault.New(fault.TooLarge, "web.error.too_large")
	case http.StatusTooManyRequests:
		return fault.New(fault.TooMany, "web.error.too_many")
	case http.StatusUnauthorized:
		return fault.New(fault.Unauthenticated, "auth.error.not_signed_in")
	case http.StatusForbidden:
		return fault.New(fault.Denied, "web.error.denied")
	}
	return fault.New(fault.Invalid, "web.error.bad_request")
}

// wantsJSON tells a script from a person.
func wantsJSON(c echo.Context) bool {
	return strings.Contains(c.Request().Header.Get("Accept"), "json") || strings.HasPrefix(c.Request().URL.Path, "/api/")
}

type problem struct {
	Type       string         `json:"type"`
	Title      string         `json:"title"`
	Status     int            `json:"status"`
	Detail     string         `json:"detail"`
	RequestID  string         `json:"request_id"`
	RetryAfter int            `json:"retry_after,omitempty"` // seconds
	Errors     []problemField `json:"errors,omitempty"`
	More       any            `json:"more,omitempty"` // what scripts need to go on: see moreArg
}

// moreArg is the argument of an error that goes to scripts as it is.
const moreArg = "more"

type problemField struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (s *Server) failJSON(c echo.Context, status int, e *fault.Error) error {
	p := problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: s.say(c, e.Key, e.Args),
		RequestID: of(c).id, RetryAfter: int(math.Ceil(e.RetryAfter.Seconds())), More: e.Args[moreArg],
	}
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, problemField{Field: f.Name, Code: f.Code, Message: s.say(c, f.Key, f.Args)})
	}
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return c.Blob(status, "application/problem+json", body)
}

func (s *Server) say(c echo.Context, key string, args map[string]any) string {
	return s.Texts.Text(of(c).locale, key, args)
}

// errorPage is the page of an error.
type errorPage struct {
	Page
	Status  int
	Message string
	Help    string
	Fields  []string // what is wrong with single fields
	Back    string   // the page that a form was sent from
	ID      string
}

func (s *Server) failPage(c echo.Context, e *fault.Error) error {
	status := statuses[e.Kind]
	p := errorPage{
		Page: s.page(c), Status: status, Message: s.say(c, e.Key, e.Args),
		Help: s.say(c, "web.help."+strconv.Itoa(status), nil), ID: of(c).id,
	}
	for _, f := range e.Fields {
		if f.Key != e.Key {
			p.Fields = append(p.Fields, s.say(c, f.Key, f.Args))
		}
	}
	if c.Request().Method != http.MethodGet && c.Request().Referer() != "" {
		p.Back = backOf(c)
	}
	return s.render(c, status, "public/error", p)
}
