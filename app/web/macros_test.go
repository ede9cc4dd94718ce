package web

import (
	"bytes"
	"cmp"
	"encoding/json"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"huiyin/app/macros"
	"huiyin/tickets"
)

// sendFile sends a multipart form with a file, or without one for nil.
func (b *browser) sendFile(path string, fields map[string]string, file []byte) reply {
	b.d.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range fields {
		must(b.d.t, w.WriteField(name, value))
	}
	if file != nil {
		part, err := w.CreateFormFile("file", "replies.csv")
		must(b.d.t, err)
		_, err = part.Write(file)
		must(b.d.t, err)
	}
	must(b.d.t, w.Close())
	req, err := http.NewRequest(http.MethodPost, b.d.http.URL+path, &body)
	must(b.d.t, err)
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Accept-Language", cmp.Or(b.lang, "en"))
	res, err := b.client.Do(req)
	must(b.d.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(b.d.t, err)
	return reply{res.StatusCode, res.Header, string(text)}
}

func (b *browser) replies() (titles []string) {
	b.d.t.Helper()
	var all []macros.Entry
	must(b.d.t, json.Unmarshal([]byte(b.do("GET", "/macros", "application/json", nil).body), &all))
	for _, m := range all {
		titles = append(titles, string(m.Scope)+" "+m.Title)
	}
	return titles
}

func TestQuickRepliesArePersonalUnlessAManagerSharesThem(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	wang, zhao, lead := d.agent("wang", "王芳", tickets.RoleAgent), d.agent("zhao", "赵磊", tickets.RoleAgent), d.agent("lead", "李静", tickets.RoleManager)
	b, other, boss := d.signedIn(wang), d.signedIn(zhao), d.signedIn(lead)
	mine := url.Values{"shelf": {"person-" + wang.ID.String()}, "title": {"退款"}, "text": {"{{contact.name|您}}好"}, "group": {"售后"}}
	saved := b.post("/settings/replies", mine)
	if saved.status != http.StatusSeeOther {
		t.Fatalf("save: %d %s", saved.status, saved.body)
	}
	_, macro, _ := strings.Cut(saved.header.Get("Location"), "#m")
	shared := url.Values{"shelf": {"everyone"}, "title": {"您好"}, "text": {"您好"}}
	if got := b.post("/settings/replies", shared); got.status != http.StatusForbidden {
		t.Errorf("an agent shares: %d", got.status)
	}
	if got := boss.post("/settings/replies", shared); got.status != http.StatusSeeOther {
		t.Errorf("a manager shares: %d", got.status)
	}
	if got := strings.Join(b.replies(), "|"); got != "everyone 您好|person 退款" {
		t.Errorf("she has %s", got)
	}
	for name, who := range map[string]*browser{"a colleague": other, "a manager": boss} {
		if got := strings.Join(who.replies(), "|"); got != "everyone 您好" {
			t.Errorf("%s has %s", name, got)
		}
		for _, path := range []string{"", "/move", "/deletion"} {
			if got := who.post("/settings/replies/"+macro+path, mine); got.status != http.StatusNotFound {
				t.Errorf("%s, %q: %d", name, path, got.status)
			}
		}
		if got := who.get("/settings/replies/" + macro); got.status != http.StatusNotFound || strings.Contains(got.body, "退款") {
			t.Errorf("%s reads it: %d", name, got.status)
		}
		if got := who.script("/macros/"+macro+"/uses", url.Values{}); got.status != http.StatusNotFound {
			t.Errorf("%s uses it: %d", name, got.status)
		}
		if strings.Contains(who.get("/settings/replies").body, "退款") || strings.Contains(who.get("/settings/replies/export.csv").body, "退款") {
			t.Errorf("%s sees it in the list or the export", name)
		}
	}
	if got := b.script("/macros/"+macro+"/uses", url.Values{}); got.status != http.StatusOK {
		t.Errorf("she uses it: %d", got.status)
	}
	if page := b.get("/settings/replies?q=" + url.QueryEscape("退")).body; !strings.Contains(page, "1 quick reply found") || !strings.Contains(page, "used 1 time") {
		t.Error("it is not found by its title")
	}
	if got := b.post("/settings/replies/"+macro+"/deletion", url.Values{}); got.status != http.StatusSeeOther || len(b.replies()) != 1 {
		t.Errorf("deleted: %d, %v", got.status, b.replies())
	}
}

func TestTheListOfQuickRepliesIsSentOnceUntilItChanges(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	wang := d.agent("wang", "王芳", tickets.RoleAgent)
	b := d.signedIn(wang)
	ask := func(tag string) (status int, header http.Header) {
		req, err := http.NewRequest(http.MethodGet, d.http.URL+"/macros", nil)
		must(t, err)
		req.Header.Set("If-None-Match", tag)
		res, err := b.client.Do(req)
		must(t, err)
		must(t, res.Body.Close())
		return res.StatusCode, res.Header
	}
	status, first := ask("")
	tag := first.Get("ETag")
	if status != http.StatusOK || tag == "" || strings.Contains(first.Get("Cache-Control"), "no-store") {
		t.Fatalf("%d, ETag %q, %q", status, tag, first.Get("Cache-Control"))
	}
	if status, _ := ask(tag); status != http.StatusNotModified {
		t.Errorf("unchanged: %d", status)
	}
	b.post("/settings/replies", url.Values{"shelf": {"person-" + wang.ID.String()}, "title": {"a"}, "text": {"b"}})
	if status, now := ask(tag); status != http.StatusOK || now.Get("ETag") == tag {
		t.Errorf("changed: %d", status)
	}
}

func TestAQuickReplysFormSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	wang := d.agent("wang", "王芳", tickets.RoleAgent)
	b := d.signedIn(wang)
	whole := func(change ...string) url.Values {
		v := url.Values{"shelf": {"person-" + wang.ID.String()}, "title": {"a"}, "text": {"b"}}
		for i := 0; i < len(change); i += 2 {
			v.Set(change[i], change[i+1])
		}
		return v
	}
	for _, test := range []struct {
		form url.Values
		says string
	}{
		{whole("title", " "), "f-title-wrong"},
		{whole("text", ""), "f-text-wrong"},
		{whole("text", "{{customer}}"), "There is no variable “customer”"},
		{whole("shortcut", "a b"), "f-shortcut-wrong"},
		{whole("subgroup", "x"), "f-group-wrong"},
		{whole("shelf", "nobody"), "f-shelf-wrong"},
		{whole("shelf", "team-17"), "does not exist"},
	} {
		r := b.post("/settings/replies", test.form)
		if (r.status != http.StatusUnprocessableEntity && r.status != http.StatusNotFound) || !strings.Contains(html.UnescapeString(r.body), test.says) {
			t.Errorf("%v: %d, says nothing of %q", test.form, r.status, test.says)
		}
	}
	if r := b.script("/settings/replies", whole("title", "")); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.header.Get("Content-Type"), "problem+json") {
		t.Errorf("a script: %d %s", r.status, r.body)
	}
}

func TestAFileIsShownBeforeItIsImported(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	wang := d.agent("wang", "王芳", tickets.RoleAgent)
	b := d.signedIn(wang)
	shelf := map[string]string{"shelf": "person-" + wang.ID.String()}
	file := "\ufeff分组,标题,内容\n售后,退款,三天\n,坏,{{nope}}\n,<b>粗</b>,\"两\n行\"\n"
	r := b.sendFile("/settings/replies/import", shelf, []byte(file))
	if r.status != http.StatusOK || !strings.Contains(r.body, "Import 2 quick replies") || !strings.Contains(r.body, "no variable") || strings.Contains(r.body, "<b>粗") {
		t.Fatalf("preview: %d %s", r.status, r.body)
	}
	if n := len(b.replies()); n != 0 {
		t.Errorf("%d are written by the preview", n)
	}
	lines := regexp.MustCompile(`name="lines" value="([^"]*)"`).FindStringSubmatch(r.body)
	shelf["lines"] = html.UnescapeString(lines[1])
	done := b.sendFile("/settings/replies/import/confirmation", shelf, nil)
	if done.status != http.StatusSeeOther {
		t.Fatalf("confirmed: %d %s", done.status, done.body)
	}
	if page := b.get(done.header.Get("Location")).body; !strings.Contains(page, "2 added, 0 changed, 0 as before, 1 refused") {
		t.Errorf("it does not say what was done: %s", done.header.Get("Location"))
	}
	if got := strings.Join(b.replies(), "|"); got != "person 退款|person <b>粗</b>" && got != "person <b>粗</b>|person 退款" {
		t.Errorf("imported %s", got)
	}
	exported := b.get("/settings/replies/export.csv")
	if again := b.sendFile("/settings/replies/import", shelf, []byte(exported.body)); !strings.Contains(again.body, "nothing to import") {
		t.Error("the export, imported, would change something")
	}
	if sample := b.get("/settings/replies/sample.csv"); !strings.Contains(b.sendFile("/settings/replies/import", shelf, []byte(sample.body)).body, "Import 2 quick replies") {
		t.Error("the sample cannot be imported")
	}

	for name, bad := range map[string]struct {
		fields map[string]string
		file   []byte
		status int
	}{
		"no file":           {shelf, nil, 422},
		"a picture":         {shelf, []byte("\x89PNG\r\n\x1a\n\x00"), 422},
		"no header":         {shelf, []byte("a,b\nc,d\n"), 422},
		"too large":         {shelf, bytes.Repeat([]byte("a,b\n"), 6<<18), 422},
		"everyone's":        {map[string]string{"shelf": "everyone"}, []byte(file), 403},
		"another person's":  {map[string]string{"shelf": "person-17"}, []byte(file), 404},
		"nobody's":          {map[string]string{}, []byte(file), 422},
		"far too large":     {shelf, bytes.Repeat([]byte("a"), 13<<20), 413},
		"a name of a shelf": {map[string]string{"shelf": "team-x"}, []byte(file), 422},
	} {
		if got := b.sendFile("/settings/replies/import", bad.fields, bad.file); got.status != bad.status {
			t.Errorf("%s: %d, want %d", name, got.status, bad.status)
		}
	}
	shelf["lines"] = "[{]"
	if got := b.sendFile("/settings/replies/import/confirmation", shelf, nil); got.status != http.StatusUnprocessableEntity {
		t.Errorf("broken lines: %d", got.status)
	}
}
