package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// The limits of forms and short links stood in no list and counted nothing.
func TestEachRoutesLimitCounts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	l, now := newLimiters(1), time.Now()
	for _, r := range d.web.routes() {
		for range r.limit.burst {
			l.take(r.limit, r.method+r.path, now)
		}
		if wait := l.take(r.limit, r.method+r.path, now); wait <= 0 {
			t.Errorf("%s %s: request %d of one moment does not wait", r.method, r.path, r.limit.burst+1)
		}
		if wait := l.take(r.limit, "another address of "+r.path, now); wait > 0 {
			t.Errorf("%s %s: another address waits", r.method, r.path)
		}
	}
}

func TestAFormThatIsSentTooOftenSaysWhen(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(o *Options) { o.LimitScale = 0.01 })
	f, _ := d.form()
	for i, lang := range badLanguages {
		b := d.browser()
		b.lang = lang
		var last reply
		for range 5 {
			last = b.post("/f/"+f.Key+"?lang="+lang, url.Values{"id": {lang}, "a.stars": {"9"}})
		}
		if says := (both{"太频繁", "too many"})[i]; last.status != http.StatusTooManyRequests || last.header.Get("Retry-After") == "" || !strings.Contains(strings.ToLower(last.body), says) {
			t.Errorf("%s: %d, retry after %q: %.1500s", lang, last.status, last.header.Get("Retry-After"), last.body)
		}
	}
	d.nothing("too often", ofAForm...)
}
