package certs

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	challengePath = "/.well-known/acme-challenge/"
	probePrefix   = "huiyin-"
	probeMax      = 64 << 10
	probePatience = 8 * time.Second
)

// prober asks the desk's own port 80 from outside, as the CA does. The answer that it waits for lies in the cache, so
// that any node may give it.
type prober struct {
	cache *cache
	port  string // 80, where CAs ask
}

// ask asks one address of a host.
func (p prober) ask(ctx context.Context, host string, at netip.Addr) finding {
	ctx, cancel := context.WithTimeout(ctx, probePatience)
	defer cancel()
	name, answer := probePrefix+rand.Text(), rand.Text()
	if p.cache.Put(ctx, name, []byte(answer)) != nil {
		return foundUs // the desk's own trouble says nothing about the way
	}
	defer func() { _ = p.cache.Delete(context.WithoutCancel(ctx), name) }()
	to := net.JoinHostPort(at.Unmap().String(), p.port)
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, to)
	}
	client := &http.Client{
		Transport:     &http.Transport{DialContext: dial, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+host+challengePath+name, nil)
	if err != nil {
		return foundUs
	}
	res, err := client.Do(req)
	if err != nil {
		return silence(err)
	}
	defer func() { _ = res.Body.Close() }()                   // was only read
	body, _ := io.ReadAll(io.LimitReader(res.Body, probeMax)) // half a page is enough to know it by
	switch {
	case string(body) == answer:
		return foundUs
	case intercepted(res, body):
		return foundFiling
	}
	return foundOther
}

// knock only looks whether the port opens, for a desk without plain HTTP.
func knock(port string) func(context.Context, string, netip.Addr) finding {
	return func(ctx context.Context, _ string, at netip.Addr) finding {
		ctx, cancel := context.WithTimeout(ctx, probePatience)
		defer cancel()
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(at.Unmap().String(), port))
		if err != nil {
			return foundNothing
		}
		_ = conn.Close()
		return foundUs
	}
}

// silence tells a way that is shut from one that is cut in the middle of a request for a certain name, as providers in
// mainland China do for names without 备案.
func silence(err error) finding {
	var dial *net.OpError
	if errors.Is(err, syscall.ECONNRESET) && (!errors.As(err, &dial) || dial.Op != "dial") {
		return foundFiling
	}
	return foundNothing
}

// filingMarks stand in the pages by which hosting providers in mainland China answer for a name without 备案. A shop's
// own footer has none of them: it says that there is one.
var filingMarks = [][]byte{
	[]byte("未备案"), []byte("没有备案"), []byte("未完成备案"), []byte("未进行备案"), []byte("未取得备案"), []byte("备案信息不符"),
	[]byte("\xce\xb4\xb1\xb8\xb0\xb8"), // 未备案 in GBK
	[]byte("non-compliance icp filing"), []byte("batit.aliyun.com"), []byte("webblock"),
}

// intercepted knows such a page.
func intercepted(res *http.Response, body []byte) bool {
	if strings.EqualFold(res.Header.Get("Server"), "Beaver") {
		return true
	}
	text := slices.Concat(body, []byte(res.Header.Get("Location")))
	lower := bytes.ToLower(text) // which loses what is not UTF-8
	return slices.ContainsFunc(filingMarks, func(mark []byte) bool { return bytes.Contains(text, mark) || bytes.Contains(lower, mark) })
}

// answerProbe answers the desk's own questions and leaves the CA's to next.
func (p prober) answerProbe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, ok := strings.CutPrefix(r.URL.Path, challengePath)
		if !ok || !strings.HasPrefix(name, probePrefix) {
			next.ServeHTTP(w, r)
			return
		}
		answer, err := p.cache.Get(r.Context(), name)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write(answer)
	})
}
