package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

const (
	onceKey = "once" // in the session
	// onceFor is how long a secret waits for the page that shows it.
	onceFor = 5 * time.Minute
)

// once is a secret that was made just now, on its way to the page that shows it for the only time. It waits in the
// browser's session, which is sealed, so that the answer to the form is a redirect and a reload makes no other.
type once struct {
	For    string `json:"for"`    // the page
	Secret string `json:"secret"` // a path of ours, or a token
	Whose  string `json:"whose"`
	Kind   string `json:"kind"`
	ID     string `json:"id"` // of what it belongs to
	At     int64  `json:"at"`
}

// showOnce keeps a secret for a page and leads there.
func (s *Server) showOnce(c echo.Context, o once, path string) error {
	o.At = s.Now().UnixMilli()
	data, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("keep what is shown once: %w", err)
	}
	s.Auth.Sessions().Put(c.Request().Context(), onceKey, string(data))
	return c.Redirect(http.StatusSeeOther, path)
}

// takeOnce gives the secret that waits for a page, and forgets it. Its zero value: there is none.
func (s *Server) takeOnce(c echo.Context, page string) once {
	sessions, ctx := s.Auth.Sessions(), c.Request().Context()
	var o once
	data := sessions.GetString(ctx, onceKey)
	if data == "" || c.Request().Method != http.MethodGet {
		return o
	}
	err := json.Unmarshal([]byte(data), &o)
	old := s.Now().Sub(time.UnixMilli(o.At)) > onceFor
	if err == nil && o.For != page && !old {
		return once{} // it waits for another page
	}
	sessions.Remove(ctx, onceKey)
	if err != nil || old {
		return once{}
	}
	c.Response().Header().Set("Cache-Control", "no-store") // the browser's Back must not show it again
	return o
}
