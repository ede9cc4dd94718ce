package safe_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"huiyin/mailin/safe"
	"huiyin/mailin/safe/safetest"
)

// allowedTags and their attributes are all that may be left; what they may hold is looked at one by one.
var loaders = map[string]bool{"src": true, "srcset": true, "background": true, "poster": true, "data": true, "action": true, "formaction": true, "ping": true, "xlink:href": true, "lowsrc": true, "dynsrc": true, "srcdoc": true, "manifest": true, "cite": true}

// danger says what of cleaned HTML a browser would run, fetch or be led astray by.
func danger(clean string) (found []string) {
	doc, err := html.Parse(strings.NewReader(clean))
	if err != nil {
		return []string{err.Error()}
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script", "style", "link", "meta", "base", "iframe", "frame", "frameset", "object", "embed", "applet", "form", "input", "button", "textarea", "select", "svg", "math", "template", "video", "audio", "source", "track", "portal", "picture", "noscript", "area", "map":
			found = append(found, "<"+n.Data+">")
		}
		for _, a := range n.Attr {
			v := strings.ToLower(strings.TrimSpace(a.Val))
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "id", a.Key == "name", a.Key == "class", a.Key == "form", a.Key == "attributionsrc":
				found = append(found, a.Key)
			case a.Key == "href" && !strings.HasPrefix(v, "http://") && !strings.HasPrefix(v, "https://") && !strings.HasPrefix(v, "mailto:") && !strings.HasPrefix(v, "tel:") && !strings.HasPrefix(v, "cid:"):
				found = append(found, "href "+v)
			case a.Key == "src" && n.Data == "img" && (strings.HasPrefix(v, "cid:") || strings.HasPrefix(v, "data:image/") && !strings.Contains(v, "svg")):
			case loaders[a.Key]:
				found = append(found, a.Key+" "+v)
			case a.Key == "style" && (strings.ContainsAny(v, `\@<`) || strings.Contains(v, "url") || strings.Contains(v, "position") || strings.Contains(v, "expression") || strings.Contains(v, "transform") || strings.Contains(v, "image-set") || strings.Contains(v, "var(")):
				found = append(found, "style "+v)
			case a.Key == "target" && v != "_blank":
				found = append(found, "target "+v)
			}
		}
	}
	return found
}

func TestNothingOfAHostileMailIsLeft(t *testing.T) {
	t.Parallel()
	all := safetest.Mails()
	if len(all) < 150 {
		t.Fatalf("%d mails, want 150", len(all))
	}
	for _, source := range all {
		for _, whole := range []string{source, "<p>before</p>" + source + "<p>after</p>", "<table><tr><td>" + source} {
			got := safe.HTML(whole, safe.Options{}).HTML
			if found := danger(got); len(found) > 0 {
				t.Errorf("%q leaves %q: %q", source, found, got)
			}
			if again := safe.HTML(got, safe.Options{}).HTML; len(danger(again)) > 0 {
				t.Errorf("%q is dangerous the second time: %q", source, again)
			}
		}
	}
}

func TestPicturesAreShownAsTheReaderWants(t *testing.T) {
	t.Parallel()
	const source = `<p>a <img src="https://away.example/1.png" alt="one" width="600"> <img src="cid:two@x"> <img src="cid:gone"> <img src="data:image/png;base64,AAAA"> <img src="data:image/svg+xml;base64,AAAA"></p>`
	here := func(id string) string {
		if id == "two@x" {
			return "/files/2"
		}
		return ""
	}
	r := safe.HTML(source, safe.Options{CID: here})
	if r.Remote != 1 || len(r.CIDs) != 2 || !strings.Contains(r.HTML, `data-remote="https://away.example/1.png"`) || !strings.Contains(r.HTML, `src="/files/2"`) ||
		!strings.Contains(r.HTML, `data-missing="gone"`) || !strings.Contains(r.HTML, "data:image/png") || strings.Contains(r.HTML, "svg") {
		t.Errorf("%+v", r)
	}
	r = safe.HTML(source, safe.Options{Remote: true})
	if r.Remote != 0 || !strings.Contains(r.HTML, `src="https://away.example/1.png"`) || !strings.Contains(r.HTML, `src="cid:two@x"`) {
		t.Errorf("%+v", r)
	}
	for _, form := range []string{`<img src="https://away.example/x" width=1 height=1>`, `<td background="https://away.example/x">x</td>`, `<p style="background:url(https://away.example/x)">x</p>`, `<style>p{background:url('//away.example/x')}</style>`, `<link rel="stylesheet" href="https://away.example/x">`} {
		if r := safe.HTML(form, safe.Options{}); r.Remote != 1 || strings.Contains(r.HTML, ` src=`) {
			t.Errorf("%s: %+v", form, r)
		}
	}
}

func TestWhatAMailLooksLikeIsKept(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`<table width="600" cellpadding="0" bgcolor="#ffffff"><tr><td align="center" style="padding:10px 5px;color:#333;font-family:'微软雅黑',Arial">好</td></tr></table>`: `padding: 10px 5px; color: #333; font-family: &#39;微软雅黑&#39;,Arial`,
		`<font color="red" size="+2" face="Arial">x</font>`: `<font color="red" size="+2" face="Arial">x</font>`,
		`<a href="https://shop.example/?a=1&amp;b=2">x</a>`: `href="https://shop.example/?a=1&amp;b=2"`,
		`<a href="tel:+86100">x</a>`:                        `href="tel:+86100"`,
		`<ol start="3"><li>x</li></ol>`:                     `<ol start="3"><li>x</li></ol>`,
		`<p dir="rtl" lang="ar">x</p>`:                      `<p dir="rtl" lang="ar">x</p>`,
	} {
		if got := safe.HTML(source, safe.Options{}).HTML; !strings.Contains(got, want) {
			t.Errorf("%s\ngives %s\nwithout %s", source, got, want)
		}
	}
}

func TestHTMLThatIsLongOrDeepIsCleanedInTime(t *testing.T) {
	for name, source := range map[string]string{
		"30 MB": strings.Repeat("<div><p>word</p>", 2<<20), "deep": strings.Repeat("<div>", 400_000), "brackets": strings.Repeat("<", 2<<20), "entities": strings.Repeat("&", 2<<20), "quotes": `<a title="` + strings.Repeat(`x`, 2<<20),
		"a style": `<p style="` + strings.Repeat("color:red;", 200_000) + `">x`, "a style of colons": `<p style="` + strings.Repeat(":", 2<<20) + `">x`, "a border": `<p style="border:` + strings.Repeat("1px ", 300_000) + `">x`,
		"pictures": strings.Repeat(`<img src="cid:x">`, 120_000), "addresses": strings.Repeat(`<a href="https://a.example/?`+strings.Repeat("a", 200)+`">x</a>`, 8_000), "comments": strings.Repeat("<!--", 500_000), "links": strings.Repeat("<link href=", 180_000),
	} {
		begin := time.Now()
		safe.HTML(source, safe.Options{})
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

// FuzzSafe looks for HTML of which something dangerous is left.
func FuzzSafe(f *testing.F) {
	for _, source := range safetest.Mails() {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if got := safe.HTML(source, safe.Options{}).HTML; len(danger(got)) > 0 && len(source) < 10_000 {
			t.Errorf("%q leaves %q: %q", source, danger(got), got)
		}
	})
}
