package plain_test

import (
	"strings"
	"testing"
	"time"

	"huiyin/mailin/plain"
)

func TestHTMLReadsAsItLooks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, html, text string }{
		{"lines", "a<br>b<br><br>c", "a\nb\n\nc"},
		{"paragraphs", "<p>a</p>\n<p>b\nc</p>", "a\n\nb c"},
		{"boxes", "<div>a<div>b</div></div><div>c</div>", "a\nb\nc"},
		{"cells", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
		{"lists", "<ul><li>a</li><li>b<ol><li>c</li><li>d</li></ol></li></ul>", "- a\n- b\n\n  1. c\n  2. d"},
		{"links", `<a href="https://shop.example/x">here</a> <a href="https://shop.example">shop.example</a> <a href="mailto:a@b.example">a@b.example</a>`, "here <https://shop.example/x> shop.example a@b.example"},
		{"quotations", "a<blockquote>b<br>c<blockquote>d</blockquote></blockquote>e", "a\n\n> b\n> c\n\n>> d\n\ne"},
		{"preformatted", "<pre>a\n  b</pre>", "a\n  b"},
		{"silence", "<style>p{}</style><script>x</script><title>t</title>a", "a"},
		{"entities", "a&nbsp;&amp;&#20013;", "a &中"},
		{"pictures", `<img src="x" alt="our shop"> <img src="y">`, "[our shop]"},
		{"behind a pasted picture", `<p><img src="data:image/png;base64,` + strings.Repeat("A", 2<<20) + `"></p><p>a</p>`, "a"},
		{"broken", "<p>a<b>b</p><td>c</x><", "ab\n\nc<"},
	} {
		if got := plain.Text(c.html); got != c.text {
			t.Errorf("%s: %q, want %q", c.name, got, c.text)
		}
	}
}

func TestDeepAndLongHTMLTakesNoTime(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]string{
		"nested": strings.Repeat("<div><blockquote>", 60_000) + "x", "brackets": strings.Repeat("<", 1<<20), "entities": strings.Repeat("&", 1<<20),
		"an attribute": "<a href=\"" + strings.Repeat("x", 2<<20), "links": strings.Repeat(`<a href="x">y`, 80_000), "list": strings.Repeat("<ol><li>", 100_000), "spaces": strings.Repeat(" a", 500_000),
	} {
		begin := time.Now()
		plain.Text(source)
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}
