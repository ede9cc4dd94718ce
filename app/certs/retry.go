package certs

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

const (
	nonceRetry   = 100 * time.Millisecond
	retryCeiling = 10 * time.Second
)

// retryIn is how long to wait before a question that the CA refused is put for the nth time more (acme.Client.RetryBackoff).
// A refusal with 400 is of a nonce alone, and comes with a fresh one: that is asked again at once (RFC 8555, section 6.5),
// where the library would wait for seconds each time. Others wait as long as the CA says (Retry-After), or ever longer.
func retryIn(n int, _ *http.Request, res *http.Response) time.Duration {
	if res.StatusCode == http.StatusBadRequest {
		return time.Duration(min(n, 10)) * nonceRetry
	}
	jitter := time.Millisecond + rand.N(time.Second) //nolint:gosec // spreads requests, hides nothing
	if asked, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && asked >= 0 {
		return time.Duration(asked)*time.Second + jitter
	}
	if until, err := http.ParseTime(res.Header.Get("Retry-After")); err == nil {
		return max(time.Until(until), 0) + jitter
	}
	return min(time.Second<<min(max(n-1, 0), 10)+jitter, retryCeiling)
}
