package web

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// httpMetrics counts requests by the pattern of their route.
type httpMetrics struct {
	took *prometheus.HistogramVec
}

func newHTTPMetrics(registry *prometheus.Registry) (*httpMetrics, error) {
	m := &httpMetrics{took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "huiyin_http_request_seconds",
		Help:    "How long requests took, by route, method and class of status.",
		Buckets: []float64{.001, .005, .02, .05, .1, .25, .5, 1, 3, 10, 30},
	}, []string{"route", "method", "status"})}
	return m, registry.Register(m.took)
}

func (m *httpMetrics) seen(route, method string, status int, took time.Duration) {
	m.took.WithLabelValues(route, knownMethod(method), strconv.Itoa(status/100)+"xx").Observe(took.Seconds())
}

// knownMethod keeps made-up methods from filling the registry.
func knownMethod(method string) string {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return method
	}
	return "other"
}
