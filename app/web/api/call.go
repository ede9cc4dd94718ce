package api

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"

	"huiyin/app/auth"
	"huiyin/app/idempotency"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Call is one request to an endpoint.
type Call struct {
	echo.Context
	api   *API
	Token *auth.TokenUse // nil on a public endpoint
	// Locale is the caller's language.
	Locale string
	body   []byte
}

// by is who acts.
func (c *Call) by() tickets.Actor { return auth.ActorOf(c.Token.Agent) }

// done is what the work of a write gives back.
type done struct {
	status  int
	value   any
	contact *tickets.Contact // whom the answer tells of; nil: nobody
}

// Once does a write: work runs in one transaction, and a second sending with the same Idempotency-Key gets the answer of the
// first. work may run more than once and only assigns.
func (c *Call) Once(work func(tx idempotency.Tx) (done, error)) error { return c.OnceAfter(nil, work) }

// OnceAfter is Once with something that is done before the transaction, unless the answer is known already.
func (c *Call) OnceAfter(prepare func(ctx context.Context) error, work func(tx idempotency.Tx) (done, error)) error {
	call := c.sending()
	call.Prepare = prepare
	out, err := c.api.Idempotency.Do(c.Request().Context(), call, func(tx idempotency.Tx) (idempotency.Answer, error) {
		d, err := work(tx)
		if err != nil {
			return idempotency.Answer{}, err
		}
		return d.answer()
	})
	return c.give(out, err)
}

// OnceLong is Once for work of several transactions, which goes on where a crash broke it off when it is called again.
func (c *Call) OnceLong(work func(ctx context.Context) (done, error)) error {
	out, err := c.api.Idempotency.DoLong(c.Request().Context(), c.sending(), func(ctx context.Context) (idempotency.Answer, error) {
		d, err := work(ctx)
		if err != nil {
			return idempotency.Answer{}, err
		}
		return d.answer()
	})
	return c.give(out, err)
}

// sending tells this request from others.
func (c *Call) sending() idempotency.Call {
	r := c.Request()
	call := idempotency.Call{Key: r.Header.Get("Idempotency-Key")}
	if c.Token != nil {
		call.Token = c.Token.ID
	}
	if call.Key != "" {
		call.Request = bytes.Join([][]byte{[]byte(r.Method), []byte(r.URL.Path), c.body}, []byte{0})
	}
	return call
}

func (d done) answer() (a idempotency.Answer, err error) {
	a.Status = d.status
	if d.contact != nil {
		a.Contact, a.KeyID = d.contact.ID, d.contact.KeyID
	}
	a.Body, err = json.Marshal(d.value)
	return a, err
}

// give answers with what a write gave.
func (c *Call) give(out idempotency.Answer, err error) error {
	if err != nil {
		return err
	}
	if out.Again {
		c.Response().Header().Set("Idempotent-Replay", "true")
	}
	return c.Blob(out.Status, "application/json", out.Body)
}

// Send answers.
func (c *Call) Send(status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return c.Blob(status, "application/json", body)
}

// page is an answer of a list.
type page[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

func sendPage[T any](c *Call, items []T, next string) error {
	p := page[T]{Items: items}
	if p.Items == nil {
		p.Items = []T{}
	}
	if next != "" {
		p.Next = &next
	}
	return c.Send(http.StatusOK, p)
}

// limit is how many items a page is to have. Errors: Invalid.
func (c *Call) limit() (int, error) {
	text := c.QueryParam("limit")
	if text == "" {
		return tickets.PageUsual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > tickets.PageMax {
		return 0, fault.InvalidField("limit", "invalid", "api.error.limit", map[string]any{"max": tickets.PageMax})
	}
	return n, nil
}

// known refuses query parameters that the endpoint does not have, which else would be overlooked in silence.
func (c *Call) known(names ...string) error {
	for name, values := range c.QueryParams() {
		known := false
		for _, one := range names {
			known = known || one == name
		}
		if !known || len(values) > 1 {
			return fault.InvalidField(name[:min(len(name), 100)], "unknown", "api.error.parameter", nil)
		}
	}
	return nil
}

// idParam reads an id of the address. Errors: NotFound.
func (c *Call) idParam(name string) (id.ID, error) {
	one, err := id.Parse(c.Param(name))
	if err != nil {
		return 0, fault.New(fault.NotFound, "web.error.not_found")
	}
	return one, nil
}

// idQuery reads an id of the query; zero where it is absent. Errors: Invalid.
func (c *Call) idQuery(name string) (id.ID, error) {
	text := c.QueryParam(name)
	if text == "" {
		return 0, nil
	}
	one, err := id.Parse(text)
	if err != nil {
		return 0, fault.InvalidField(name, "invalid", "api.error.id", nil)
	}
	return one, nil
}

// cursorAfter is a cursor of a list that is ordered by ids: after this one.
func cursorAfter(last id.ID) string {
	return base64.RawURLEncoding.EncodeToString([]byte("1" + last.String()))
}

// after reads such a cursor; zero at the beginning. Errors: Invalid.
func (c *Call) after() (id.ID, error) {
	text := c.QueryParam("cursor")
	if text == "" {
		return 0, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil && len(b) > 1 && b[0] == '1' {
		if last, err := id.Parse(string(b[1:])); err == nil {
			return last, nil
		}
	}
	return 0, fault.InvalidField("cursor", "invalid", "error.list.cursor", nil)
}

// timeQuery reads a time of the query as Unix milliseconds; zero where it is absent. Errors: Invalid.
func (c *Call) timeQuery(name string) (int64, error) {
	text := c.QueryParam(name)
	if text == "" {
		return 0, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Year() < 2000 || at.Year() > 2200 {
		return 0, fault.InvalidField(name, "invalid", "api.error.time", nil)
	}
	return at.UnixMilli(), nil
}

// idPage reads what a list that is ordered by ids is asked for; more names its parameters beside. Errors: Invalid.
func (c *Call) idPage(more ...string) (limit int, after id.ID, err error) {
	if err = c.known(append(more, "limit", "cursor")...); err != nil {
		return 0, 0, err
	}
	if limit, err = c.limit(); err != nil {
		return 0, 0, err
	}
	after, err = c.after()
	return limit, after, err
}

// cutPage leaves of a list what fits on a page and gives the cursor of the rest; empty: there is none.
func cutPage[T any](list []T, limit int, idOf func(*T) id.ID) ([]T, string) {
	if len(list) <= limit {
		return list, ""
	}
	return list[:limit], cursorAfter(idOf(&list[limit-1]))
}

// stamp is a time as the API writes it.
func stamp(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }

func stampOf(ms *int64) *string {
	if ms == nil {
		return nil
	}
	text := stamp(*ms)
	return &text
}

// renamed calls the fields of an error as the body of the request calls them.
func renamed(err error, as func(name string) string) error {
	e := fault.As(err)
	if e == nil {
		return err
	}
	out := *e
	out.Fields = nil
	for _, f := range e.Fields {
		f.Name = as(f.Name)
		out.Fields = append(out.Fields, f)
	}
	return &out
}
