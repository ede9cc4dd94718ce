package apptest

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// sessions are the cookies of who has signed in on a desk.
type sessions struct {
	sync.Mutex
	byEmail map[string]*http.Cookie
}

// session is the cookie that the sign-in form gives somebody who comes to the desk at base; it is asked for once.
func (p *Process) session(t testing.TB, base, email, password string) *http.Cookie {
	t.Helper()
	p.signedIn.Lock()
	defer p.signedIn.Unlock()
	if c := p.signedIn.byEmail[email]; c != nil {
		return c
	}
	at, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"email": {email}, "password": {password}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+p.Addr+"/sign-in", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = at.Host
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSeeOther || len(res.Cookies()) != 1 {
		t.Fatalf("sign in as %s: status %d, %d cookies", email, res.StatusCode, len(res.Cookies()))
	}
	if p.signedIn.byEmail == nil {
		p.signedIn.byEmail = map[string]*http.Cookie{}
	}
	p.signedIn.byEmail[email] = res.Cookies()[0]
	return res.Cookies()[0]
}

// OpenAs opens a private tab of somebody who has signed in on the desk at base, and goes to a path of it.
func (b *Browser) OpenAs(desk *Process, base, email, password string, look Look, path string) *Page {
	b.t.Helper()
	cookie := desk.session(b.t, base, email, password)
	p := b.tab(look, true)
	hidden := true
	p.do("take the session", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: cookie.Name, Value: cookie.Value, URL: base, HTTPOnly: &hidden})
		return err
	}))
	p.Go(base + path)
	return p
}

// PostAs sends a form of the console as somebody who has signed in and gives the answer.
func (p *Process) PostAs(t testing.TB, email, password, path string, form url.Values) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.AddCookie(p.session(t, p.base, email, password))
	res, err := p.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// SendFileAs sends a form of the console with one file in it, as somebody who has signed in, and gives where it leads.
func (p *Process) SendFileAs(t testing.TB, email, password, path string, values map[string]string, name string, file []byte) (status int, location string) {
	t.Helper()
	var sent bytes.Buffer
	form := multipart.NewWriter(&sent)
	for key, value := range values {
		_ = form.WriteField(key, value) // a buffer takes everything
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(file)
	_ = form.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.base+path, &sent)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.AddCookie(p.session(t, p.base, email, password))
	client := http.Client{Transport: p.client.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // read only
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode, res.Header.Get("Location")
}

// GetAs asks for a page of the console as somebody who has signed in.
func (p *Process) GetAs(t testing.TB, email, password, path string) (http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.base+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(p.session(t, p.base, email, password))
	res, err := p.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("get %s: %d %v", path, res.StatusCode, err)
	}
	return res.Header, string(b)
}
