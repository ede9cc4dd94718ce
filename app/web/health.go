package web

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	readyPatience = 3 * time.Second
	readyKept     = 200 * time.Millisecond
)

// alive says that the process lives.
func (s *Server) alive(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

type readiness struct {
	Status  string   `json:"status"`
	Missing []string `json:"missing,omitempty"`
}

// ready says whether the desk can serve, else what is missing; the reasons are in the log.
func (s *Server) ready(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), readyPatience)
	defer cancel()
	if missing := s.missing(ctx); len(missing) > 0 {
		return c.JSON(http.StatusServiceUnavailable, readiness{"unavailable", missing})
	}
	return c.JSON(http.StatusOK, readiness{Status: "ready"})
}

// missing names what does not work. Anybody may ask, so one look serves all who ask within readyKept.
func (s *Server) missing(ctx context.Context) []string {
	s.looked.Lock()
	defer s.looked.Unlock()
	if now := s.Now(); now.Sub(s.looked.at) < readyKept {
		return s.looked.missing
	}
	var missing []string
	for _, r := range s.Options.Ready {
		if err := r.Check(ctx); err != nil {
			missing = append(missing, r.Name)
			s.Log.WarnContext(ctx, "not ready", "missing", r.Name, "error", err)
		}
	}
	s.looked.at, s.looked.missing = s.Now(), missing
	return missing
}

// lookedReady is the last look at what the desk needs.
type lookedReady struct {
	sync.Mutex
	at      time.Time
	missing []string
}

// MetricsHandler gives the metrics without asking for anything, for a listener of their own.
func (s *Server) MetricsHandler() http.Handler {
	return promhttp.HandlerFor(s.Metrics, promhttp.HandlerOpts{ErrorLog: nil})
}
