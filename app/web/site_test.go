package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"huiyin/app/certs"
	"huiyin/tickets"
)

func TestTheFilingStandsAtTheFootOfPublicPages(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("admin", "管理员", tickets.RoleAdmin))
	_, link := d.shopperTicket("你好")
	pages := []string{"/sign-in", "/privacy", "/absent", "/c/" + d.inbox.Key, link}
	for _, path := range pages {
		if r := d.browser().get(path); strings.Contains(r.body, "beian") {
			t.Errorf("%s speaks of a filing that there is not", path)
		}
	}
	if r := b.post("/settings/site", url.Values{"icp": {"沪icp备12345678号-1"}, "police": {"沪公网安备 31010102001234号"}}); r.status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.status, r.body)
	}
	for _, path := range pages {
		r := d.browser().get(path)
		for _, want := range []string{
			`<a href="https://beian.miit.gov.cn/" target="_blank" rel="noopener">沪ICP备12345678号-1</a>`,
			`<a href="https://beian.mps.gov.cn/#/query/webSearch?code=31010102001234" target="_blank" rel="noopener">沪公网安备31010102001234号</a>`,
		} {
			if !strings.Contains(r.body, want) {
				t.Errorf("%s lacks %s", path, want)
			}
		}
	}
	if r := d.frame(d.inbox.Key, d.http.URL, ""); strings.Contains(r.body, "beian") {
		t.Error("the widget's frame has a foot")
	}
	r := b.post("/settings/site", url.Values{"icp": {"12345678"}, "police": {"沪公网安备1号"}})
	if r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, `id="f-icp-wrong"`) || !strings.Contains(r.body, `id="f-police-wrong"`) || !strings.Contains(r.body, `value="12345678"`) {
		t.Errorf("wrong numbers: %d", r.status)
	}
}

// upload sends the form of a file as a browser does.
func (b *browser) upload(path, name, fileName, content string) reply {
	b.d.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	must(b.d.t, w.WriteField("name", name))
	part, err := w.CreateFormFile("file", fileName)
	must(b.d.t, err)
	_, err = part.Write([]byte(content))
	must(b.d.t, err)
	must(b.d.t, w.Close())
	req, err := http.NewRequest(http.MethodPost, b.d.http.URL+path, &body)
	must(b.d.t, err)
	req.Header.Set("Content-Type", w.FormDataContentType())
	res, err := b.client.Do(req)
	must(b.d.t, err)
	defer res.Body.Close()
	var read bytes.Buffer
	_, err = read.ReadFrom(res.Body)
	must(b.d.t, err)
	return reply{res.StatusCode, res.Header, read.String()}
}

func TestVerificationFilesLieAtTheRoot(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("admin", "管理员", tickets.RoleAdmin))
	const path = "/settings/site/files"
	if r := b.upload(path, "", `MP_verify_a1B2.txt`, "a1B2"); r.status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if r := b.post(path, url.Values{"name": {"/.well-known/pki-validation/fileauth.txt"}, "text": {"2026\r\nabc"}}); r.status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if r := b.upload(path, ".well-known/evil", "x.html", "<script>alert(1)</script>"); r.status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.status, r.body)
	}
	for path, want := range map[string]string{
		"/MP_verify_a1B2.txt": "a1B2", "/.well-known/pki-validation/fileauth.txt": "2026\nabc", "/.well-known/evil": "<script>alert(1)</script>",
	} {
		r := d.browser().get(path)
		if r.status != http.StatusOK || r.body != want {
			t.Errorf("%s: %d %q", path, r.status, r.body)
		}
		h := r.header
		if h.Get("Content-Type") != "text/plain; charset=utf-8" || h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s comes with %v", path, h)
		}
	}
	for _, path := range []string{"/mp_verify_a1b2.txt", "/MP_verify_a1B2.txt/", "/x/MP_verify_a1B2.txt", "/.well-known/MP_verify_a1B2.txt", "/..%2fMP_verify_a1B2.txt", "/.well-known/acme-challenge/x"} {
		if r := d.browser().get(path); r.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.status)
		}
	}
	for _, bad := range []url.Values{{"name": {"../x.txt"}, "text": {"x"}}, {"name": {"sign-in"}, "text": {"x"}}, {"name": {"x.txt"}, "text": {""}}, {}} {
		if r := b.post(path, bad); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, "-wrong") {
			t.Errorf("%v: %d", bad, r.status)
		}
	}
	if r := b.upload(path, "", "logo.txt", "\x89PNG\r\n"); r.status != http.StatusUnprocessableEntity {
		t.Errorf("a picture: %d", r.status)
	}
	if r := b.post(path+"/removal", url.Values{"name": {"MP_verify_a1B2.txt"}}); r.status != http.StatusSeeOther || d.browser().get("/MP_verify_a1B2.txt").status != http.StatusNotFound {
		t.Errorf("it stays: %d", r.status)
	}
}

func TestNoFileCanStandInThePlaceOfAPage(t *testing.T) {
	t.Parallel()
	d := newDesk(t, withShop)
	for _, r := range d.web.routes() {
		name := strings.TrimPrefix(r.path, "/")
		if name == "" || strings.Contains(name, ":") {
			continue
		}
		if d.tickets.PutSiteFile(t.Context(), strings.ReplaceAll(name, "*", "x"), []byte("x")) == nil {
			t.Errorf("a file may be called %s", name)
		}
	}
}

func TestTheSettingsTellHowTheCertificateStands(t *testing.T) {
	t.Parallel()
	state := []certs.HostState{{Host: "desk.example.com", Issuer: "Good CA", NotAfter: time.Date(2027, 2, 3, 0, 0, 0, 0, time.UTC)}}
	d := newDesk(t, func(o *Options) { o.Certificates = func() []certs.HostState { return state } })
	b := d.signedIn(d.agent("admin", "管理员", tickets.RoleAdmin))
	r := b.get("/settings/site")
	if !strings.Contains(r.body, "Good CA") || !strings.Contains(r.body, "2027") || strings.Contains(r.body, "notice bad") {
		t.Errorf("a good certificate: %s", r.body)
	}
	state = []certs.HostState{{Host: "desk.example.com", Problem: &certs.Problem{Kind: "tls.acme.filing", Args: map[string]string{"host": "desk.example.com"}}}}
	if r := b.get("/settings/site"); !strings.Contains(r.body, "notice bad") || !strings.Contains(r.body, "备案") {
		t.Errorf("no certificate: %s", r.body)
	}
	facts := certificateFacts(&Words{texts: d.web.Texts, Locale: "en", Zone: time.UTC}, state)
	if len(facts) != 1 || !facts[0].Bad || !strings.Contains(facts[0].Value, "provider") {
		t.Errorf("the health page says %+v", facts)
	}
	if r := newDesk(t).browser().get("/settings/site"); r.status != http.StatusSeeOther {
		t.Errorf("nobody: %d", r.status)
	}
}
