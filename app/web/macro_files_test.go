package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"huiyin/app/files"
	"huiyin/tickets"
)

func TestFilesOfAQuickReplyAreAddedWithoutScriptsByWhoMayChangeIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	wang, zhao := d.agent("wang", "王芳", tickets.RoleAgent), d.agent("zhao", "赵磊", tickets.RoleAgent)
	b, other := d.signedIn(wang), d.signedIn(zhao)
	d.said(d.contact("李梅"), "你好")
	saved := b.post("/settings/replies", url.Values{"shelf": {"person-" + wang.ID.String()}, "title": {"退款"}, "text": {"好"}})
	_, macro, _ := strings.Cut(saved.header.Get("Location"), "#m")
	page := "/settings/replies/" + macro
	for name, test := range map[string]struct {
		file []byte
		says string
	}{"no file": {nil, "choose a file"}, "a program": {[]byte("MZ\x90\x00"), "replies.csv"}, "an empty one": {[]byte{}, "replies.csv"}} {
		if got := b.sendFile(page+"/files", nil, test.file); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, test.says) {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	must(t, d.web.Files.SetLimits(t.Context(), files.Limits{MaxMB: 1, Kinds: []string{files.KindDocument}}))
	if got := b.sendFile(page+"/files", nil, []byte("%PDF-1.7\n")); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a kind that the desk does not take: %d", got.status)
	}
	if got := b.sendFile(page+"/files", nil, make([]byte, 1<<20+1)); got.status < 400 || !strings.Contains(got.body, "1 MB") {
		t.Errorf("too large: %d", got.status)
	}
	for range tickets.MacroFilesMax {
		if got := b.sendFile(page+"/files", nil, []byte("a,b\n1,2\n")); got.status != http.StatusSeeOther {
			t.Fatalf("add: %d %s", got.status, got.body)
		}
	}
	if got := b.sendFile(page+"/files", nil, []byte("a")); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "at most 5 files") {
		t.Errorf("too many: %d", got.status)
	}
	_, rest, _ := strings.Cut(b.get(page).body, `href="`+page+"/files/")
	file, _, _ := strings.Cut(rest, `"`)
	if got := b.get(page + "/files/" + file); got.status != http.StatusOK || got.body != "a,b\n1,2\n" {
		t.Errorf("she reads it: %d %q", got.status, got.body)
	}
	if got := b.script("/tickets/1001/macros/"+macro+"/files", url.Values{}); got.status != http.StatusCreated || strings.Count(got.body, `"id"`) != tickets.MacroFilesMax {
		t.Errorf("she uses it: %d %s", got.status, got.body)
	}
	for what, status := range map[string]int{
		"reads": other.get(page + "/files/" + file).status, "adds": other.sendFile(page+"/files", nil, []byte("a")).status,
		"removes": other.post(page+"/files/"+file+"/deletion", url.Values{}).status,
		"uses":    other.script("/tickets/1001/macros/"+macro+"/files", url.Values{}).status,
	} {
		if status != http.StatusNotFound {
			t.Errorf("a colleague %s: %d, want 404", what, status)
		}
	}
	if got := b.post(page+"/files/"+file+"/deletion", url.Values{}); got.status != http.StatusSeeOther {
		t.Errorf("remove: %d", got.status)
	}
	if got := b.get("/settings/replies").body; !strings.Contains(got, "4 files") {
		t.Error("the list does not say how many files there are")
	}
}
