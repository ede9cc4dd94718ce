package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"huiyin/app/insights/oldtexts"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

const oldLines = "评价内容,评价时间,评分,备注\n快递太慢了 <b>十天</b>,2026-03-01,1,x\n杯子碎了,昨天,1,y\n"

func TestAFileOfOldTextsIsShownTakenInAndTakenBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("boss", "Boss", tickets.RoleManager))
	b.has("/insights/import", "美洽", "千牛", "None yet.")
	if r := b.sendFile("/insights/import", map[string]string{"preset": "own"}, []byte("x")); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, "no text in the file") {
		t.Errorf("a file without texts: %d", r.status)
	}
	r := b.sendFile("/insights/import", map[string]string{"preset": "qianniu"}, []byte(oldLines))
	path := r.header.Get("Location")
	b.has(path, `<option value="text" selected>`, `<option value="rating" selected>`, "快递太慢了 &lt;b&gt;十天")
	for name, test := range map[string]struct {
		form url.Values
		says string
	}{
		"no text":        {url.Values{"column1": {"time"}}, "which column holds the text"},
		"a column twice": {url.Values{"column0": {"text"}, "column1": {"text"}}, "Two columns hold the same"},
		"no time":        {url.Values{"column0": {"text"}}, "No column holds a time"},
		"no day":         {url.Values{"column0": {"text"}, "day": {"soon"}}, "Give a day in the past"},
	} {
		if r := b.post(path+"/start", test.form); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, test.says) {
			t.Errorf("%s: %d, want %q", name, r.status, test.says)
		}
	}
	if r := b.post(path+"/start", url.Values{"column0": {"text"}, "column1": {"time"}, "column2": {"rating"}}); r.status != http.StatusSeeOther {
		t.Fatalf("start: %d", r.status)
	}
	if page := b.has(path, "live-part", "Waiting"); strings.Contains(page, "十天") {
		t.Error("a started import still shows its lines")
	}
	one, err := id.Parse(path[strings.LastIndexByte(path, '/')+1:])
	must(t, err)
	work := func() {
		_, err := d.oldTexts.Work(t.Context(), oldtexts.Job{Import: one})
		must(t, err)
	}
	work()
	b.has(path, "complaints taken in: 1", "not taken: 1", "Line 3, column B", "/rejected.csv", "Take the import back")
	b.has(path+"/rejected.csv", "3,B,Time")
	if r := b.post(path+"/return", nil); r.status != http.StatusSeeOther {
		t.Fatalf("taking back: %d", r.status)
	}
	work()
	if page := b.has(path, "Taken back"); strings.Contains(page, path+"/return") {
		t.Error("it can be taken back twice")
	}
	if r := b.post(path+"/return", nil); r.status != http.StatusConflict {
		t.Errorf("taking back twice: %d", r.status)
	}
	r = b.sendFile("/insights/import", map[string]string{"preset": "own"}, []byte(oldLines))
	if r := b.post(r.header.Get("Location")+"/removal", nil); r.status != http.StatusSeeOther {
		t.Errorf("another file: %d", r.status)
	}
	b.has("/insights/import", "Taken back")
}
