package certs

import (
	"net/http"
	"net/url"
	"strings"
)

// Redirect leads plain HTTP to the desk's address, path and query kept. alive answers /healthz, for those who watch the
// port itself.
func Redirect(base *url.URL, alive http.Handler) http.Handler {
	root := strings.TrimSuffix(base.String(), "/")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			alive.ServeHTTP(w, r)
			return
		}
		status := http.StatusMovedPermanently
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			status = http.StatusPermanentRedirect // keeps method and body
		}
		h := w.Header()
		h.Set("Location", root+pathOf(r.URL))
		h.Set("Connection", "close")
		w.WriteHeader(status)
	})
}

// pathOf is a request's path and query, which begins with a slash whatever the request line was.
func pathOf(u *url.URL) string {
	path := u.EscapedPath()
	if !strings.HasPrefix(path, "/") {
		path = "/"
	}
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return path
}
