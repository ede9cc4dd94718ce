// Package plain turns the HTML of mails into text that reads as the HTML looks: paragraphs and lines stay apart, lists have
// their dashes, links their addresses, quotations their marks. It reads tokens, not trees, so neither depth nor what is broken
// stops it.
package plain

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Max is how much HTML is read, in bytes.
const Max = 1 << 20

// depthMax is how deep quotations are marked.
const depthMax = 20

// block elements stand on lines of their own; spaced ones have a blank line around them.
var (
	block = set(atom.Address, atom.Article, atom.Aside, atom.Center, atom.Dd, atom.Details, atom.Dialog, atom.Div, atom.Dt, atom.Fieldset, atom.Figcaption, atom.Figure, atom.Footer,
		atom.Form, atom.Header, atom.Hgroup, atom.Hr, atom.Li, atom.Main, atom.Nav, atom.Section, atom.Summary, atom.Tr, atom.Table, atom.Tbody, atom.Thead, atom.Tfoot, atom.Caption, atom.Body)
	spaced = set(atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Dl, atom.Pre, atom.Blockquote)
	// silent elements say nothing.
	silent = set(atom.Style, atom.Script, atom.Title, atom.Noscript, atom.Template, atom.Select, atom.Textarea, atom.Iframe, atom.Object, atom.Svg, atom.Math, atom.Noembed, atom.Noframes, atom.Xmp)
)

func set(all ...atom.Atom) map[atom.Atom]bool {
	out := map[atom.Atom]bool{}
	for _, a := range all {
		out[a] = true
	}
	return out
}

// Text gives what a person would read; quotations have their marks.
func Text(source string) string { return read(source, writer{marks: true}) }

// Unmarked is Text without marks of quotation, for where what is quoted was taken out before.
func Unmarked(source string) string { return read(source, writer{}) }

func read(source string, w writer) string {
	source = WithoutData(source)
	z := html.NewTokenizer(strings.NewReader(source[:min(len(source), Max)]))
	z.SetMaxBuf(Max)
	var skip atom.Atom // the silent element that this is in
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		switch kind {
		case html.TextToken:
			if skip == 0 {
				w.text(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			name, more := z.TagName()
			tag := atom.Lookup(name)
			switch {
			case skip != 0:
				if kind == html.EndTagToken && tag == skip {
					skip = 0
				}
			case silent[tag]:
				if kind == html.StartTagToken {
					skip = tag
				}
			case kind == html.EndTagToken:
				w.end(tag)
			default:
				w.begin(tag, func(key string) string { return attribute(z, &more, key) })
			}
		}
	}
	return w.String()
}

// dataAddress is a picture that stands in its own address; a pasted one may be longer than all the words.
var dataAddress = regexp.MustCompile(`data:image/[a-z+.-]{1,20};base64,[A-Za-z0-9+/=%\s]{1000,}`)

// WithoutData leaves pasted pictures out, so that the words behind them are within the limits.
func WithoutData(source string) string {
	if len(source) < 1000 || !strings.Contains(source, ";base64,") {
		return source
	}
	return dataAddress.ReplaceAllString(source, "data:,")
}

// attribute looks for one of the attributes that were not read yet.
func attribute(z *html.Tokenizer, more *bool, key string) (found string) {
	for *more {
		var k, v []byte
		k, v, *more = z.TagAttr()
		if string(k) == key {
			return string(v)
		}
	}
	return ""
}

// writer puts the text together.
type writer struct {
	out     strings.Builder
	line    strings.Builder
	blanks  int // line ends that are due before the next text
	space   bool
	pre     int
	quoted  int
	marks   bool  // quotations are marked
	ordered []int // numbers of the lists that this is in; 0: one of dashes
	href    string
	linkAt  int // length of the line where the link began; -1: it is on another line
}

func (w *writer) begin(tag atom.Atom, attr func(string) string) {
	switch {
	case tag == atom.Br:
		w.newLine()
	case spaced[tag]:
		w.separate(2)
	case block[tag]:
		w.separate(1)
	}
	switch tag {
	case atom.Pre:
		w.pre++
	case atom.Blockquote:
		if w.marks {
			w.quoted = min(w.quoted+1, depthMax)
		}
	case atom.Ul, atom.Ol:
		if len(w.ordered) < depthMax {
			start := 0
			if tag == atom.Ol {
				start = 1
			}
			w.ordered = append(w.ordered, start)
		}
	case atom.Li:
		w.item()
	case atom.Td, atom.Th:
		w.space = true
	case atom.Hr:
		w.write("---")
		w.separate(1)
	case atom.A:
		w.href, w.linkAt = strings.TrimSpace(attr("href")), w.line.Len()
	case atom.Img:
		if alt := strings.TrimSpace(attr("alt")); alt != "" && len(alt) < 200 {
			w.text(" [" + alt + "] ")
		}
	}
}

func (w *writer) end(tag atom.Atom) {
	switch tag {
	case atom.A:
		w.endLink()
	case atom.Pre:
		w.pre = max(w.pre-1, 0)
	case atom.Ul, atom.Ol:
		if n := len(w.ordered); n > 0 {
			w.ordered = w.ordered[:n-1]
		}
	case atom.Blockquote:
		w.flush()
		w.separate(2)
		w.quoted = max(w.quoted-1, 0)
		return
	}
	switch {
	case spaced[tag]:
		w.separate(2)
	case block[tag]:
		w.separate(1)
	}
}

// item writes the mark of a list's item.
func (w *writer) item() {
	n := len(w.ordered)
	mark := "- "
	if n > 0 && w.ordered[n-1] > 0 {
		mark = itoa(w.ordered[n-1]) + ". "
		w.ordered[n-1]++
	}
	w.write(strings.Repeat("  ", max(n-1, 0)) + mark)
	w.space = false
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

// endLink writes where a link leads, unless its text says so.
func (w *writer) endLink() {
	href := w.href
	w.href = ""
	if href == "" || strings.HasPrefix(href, "#") || len(href) > 500 || strings.HasPrefix(strings.ToLower(href), "javascript:") || strings.HasPrefix(strings.ToLower(href), "cid:") {
		return
	}
	label := ""
	if line := w.line.String(); w.linkAt >= 0 && w.linkAt <= len(line) {
		label = strings.TrimSpace(line[w.linkAt:])
	}
	bare := strings.TrimSuffix(strings.TrimPrefix(href, "mailto:"), "/")
	if label == "" || strings.Contains(label, bare) || strings.Contains(href, label) {
		return
	}
	w.text(" <" + strings.TrimPrefix(href, "mailto:") + ">")
}

// text writes characters; white space is one space, but for preformatted text.
func (w *writer) text(s string) {
	if w.pre > 0 {
		for i, part := range strings.Split(strings.ReplaceAll(s, "\r", ""), "\n") {
			if i > 0 {
				w.newLine()
			}
			if part != "" {
				w.write(part)
			}
		}
		return
	}
	for i, word := range strings.FieldsFunc(s, isSpace) {
		if i > 0 || w.space || isSpace(rune(s[0])) {
			w.gap()
		}
		w.space = false
		w.write(strings.ReplaceAll(word, "\u00a0", " "))
	}
	if s != "" && isSpace(rune(s[len(s)-1])) {
		w.space = true
	}
}

func isSpace(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\f' }

func (w *writer) gap() {
	if line := w.line.String(); line != "" && !strings.HasSuffix(line, " ") {
		w.line.WriteByte(' ')
	}
}

// write adds to the line, after the line ends that are due.
func (w *writer) write(s string) {
	if w.line.Len() == 0 {
		for ; w.blanks > 0; w.blanks-- {
			if w.out.Len() > 0 {
				w.out.WriteByte('\n')
			}
		}
	}
	w.line.WriteString(s)
}

// flush ends the line, if there is one.
func (w *writer) flush() {
	line := strings.TrimRight(w.line.String(), " ")
	w.line.Reset()
	w.space, w.linkAt = false, -1
	if line == "" {
		return
	}
	if w.quoted > 0 {
		w.out.WriteString(strings.Repeat(">", w.quoted) + " ")
	}
	w.out.WriteString(line)
}

// separate lets the next text begin on a new line, after n line ends.
func (w *writer) separate(n int) {
	w.flush()
	w.blanks = max(w.blanks, n)
}

// newLine is a line break that counts by itself.
func (w *writer) newLine() {
	w.flush()
	w.blanks = min(w.blanks+1, 3)
}

// String gives the text.
func (w *writer) String() string {
	w.flush()
	return strings.TrimSpace(strings.ToValidUTF8(w.out.String(), ""))
}
