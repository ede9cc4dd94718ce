package certs

import (
	"net/http"
	"testing"
	"time"
)

func TestARefusedNonceIsAskedAgainAtOnceAndOtherRefusalsAsTheCASays(t *testing.T) {
	t.Parallel()
	asked := func(seconds string) http.Header { return http.Header{"Retry-After": {seconds}} }
	for what, c := range map[string]struct {
		n       int
		status  int
		header  http.Header
		min, to time.Duration
	}{
		"a nonce":                   {n: 1, status: 400, min: time.Millisecond, to: 200 * time.Millisecond},
		"a nonce for the 5th time":  {n: 5, status: 400, min: time.Millisecond, to: time.Second},
		"a nonce, ever again":       {n: 1 << 40, status: 400, min: time.Second, to: time.Second},
		"too many":                  {n: 1, status: 429, header: asked("90"), min: 90 * time.Second, to: 92 * time.Second},
		"too many, until a time":    {n: 1, status: 429, header: asked(time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)), min: 59 * time.Minute, to: 61 * time.Minute},
		"too many, until long ago":  {n: 1, status: 429, header: asked("Mon, 02 Jan 2006 15:04:05 GMT"), min: time.Millisecond, to: 2 * time.Second},
		"a number that is none":     {n: 1, status: 503, header: asked("-7"), min: time.Second, to: 2 * time.Second},
		"the CA's fault":            {n: 1, status: 500, min: time.Second, to: 2 * time.Second},
		"the CA's fault, 3rd time":  {n: 3, status: 500, min: 4 * time.Second, to: 5 * time.Second},
		"the CA's fault, ever more": {n: 99, status: 500, min: retryCeiling, to: retryCeiling},
	} {
		if got := retryIn(c.n, nil, &http.Response{StatusCode: c.status, Header: c.header}); got < c.min || got > c.to {
			t.Errorf("%s: after %v, want %v to %v", what, got, c.min, c.to)
		}
	}
}
