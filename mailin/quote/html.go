package quote

import (
	"bytes"
	"regexp"
	"strings"

	"golang.org/x/net/html"

	"huiyin/mailin/plain"
)

// OfHTML parts what HTML says.
func OfHTML(text string) Split { return Text(plain.Unmarked(HTML(text))) }

// treeMax is how much of a tree is looked at in one mail, in nodes; formatMax is how often the parser may repeat formatting
// elements that nobody closes: each paragraph gets all of them again.
const (
	treeMax   = 200_000
	formatMax = 100_000
	leadMax   = 300 // nodes from which the first lines of an element are read
)

// HTML takes the elements out in which programs wrap what they quote, and what follows where they only mark its beginning. HTML
// that cannot be read, or costs too much, comes back as it is.
func HTML(text string) string {
	if text = plain.WithoutData(text); len(text) > plain.Max || costly(text) {
		return text
	}
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil { // nested deeper than the parser goes
		return text
	}
	l := looker{left: treeMax}
	if cut := l.cutQuoted(doc); !cut {
		return text
	}
	if strings.TrimSpace(visible(doc)) == "" { // nothing but a quotation: a mail that was passed on
		return text
	}
	var out bytes.Buffer
	if html.Render(&out, doc) != nil {
		return text
	}
	return out.String()
}

var formatting = map[string]bool{"a": true, "b": true, "big": true, "code": true, "em": true, "font": true, "i": true, "nobr": true, "s": true, "small": true, "strike": true, "strong": true, "tt": true, "u": true}

// costly tells whether the parser would make many times more of it than there is.
func costly(text string) bool {
	z := html.NewTokenizer(strings.NewReader(text))
	open, blocks, cost := 0, 0, 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return false
		case html.StartTagToken:
			name, _ := z.TagName()
			if formatting[string(name)] {
				open++
				continue
			}
			blocks++
			if cost += open; cost > formatMax && open > 50 {
				return true
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); formatting[string(name)] && open > 0 {
				open--
			}
		}
	}
}

// looker looks at a tree, at so many nodes at most.
type looker struct{ left int }

// next is following, until enough was looked at.
func (l *looker) next(n *html.Node, into bool) *html.Node {
	if l.left--; l.left <= 0 {
		return nil
	}
	return following(n, into)
}

// lead gives the first lines of what is in an element, or with after of what comes after it.
func (l *looker) lead(n *html.Node, after bool) []string {
	var out strings.Builder
	end := following(n, false)
	at, nodes := following(n, !after), 0
	for ; at != nil && (after || at != end) && nodes < leadMax && out.Len() < 2000; at = l.next(at, true) {
		nodes++
		switch {
		case at.Type == html.TextNode && !within(at, "style", "script"):
			out.WriteString(strings.ReplaceAll(at.Data, "\n", " "))
		case at.Type == html.ElementNode && (at.Data == "br" || at.Data == "div" || at.Data == "p" || at.Data == "tr" || at.Data == "b"):
			out.WriteByte('\n')
		}
	}
	return joinHeaders(splitLines(out.String()))
}

// cutQuoted takes quotations out of a tree; it tells whether there was one.
func (l *looker) cutQuoted(doc *html.Node) (cut bool) {
	var next *html.Node
	for n := doc; n != nil; n = next {
		if next = l.next(n, true); n.Type != html.ElementNode || n.Parent == nil {
			continue
		}
		switch {
		case l.wraps(n):
			next = following(n, false)
			n.Parent.RemoveChild(n)
			cut = true
		case l.begins(n):
			removeFrom(n)
			return true
		}
	}
	return cut
}

// following is the next node in the order of the document; into its children only when asked.
func following(n *html.Node, into bool) *html.Node {
	if into && n.FirstChild != nil {
		return n.FirstChild
	}
	for ; n != nil; n = n.Parent {
		if n.NextSibling != nil {
			return n.NextSibling
		}
	}
	return nil
}

// removeFrom takes a node away and all that follows it.
func removeFrom(n *html.Node) {
	for up := n; up.Parent != nil; up = up.Parent {
		for up.NextSibling != nil {
			up.Parent.RemoveChild(up.NextSibling)
		}
	}
	n.Parent.RemoveChild(n)
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasClass(n *html.Node, names ...string) bool {
	for _, class := range strings.Fields(attr(n, "class")) {
		for _, name := range names {
			if class == name {
				return true
			}
		}
	}
	return false
}

// wraps tells whether an element holds a quotation and nothing else.
func (l *looker) wraps(n *html.Node) bool {
	switch {
	case hasClass(n, "gmail_quote", "gmail_quote_container"):
		return !l.forwarded(n)
	case hasClass(n, "gmail_attr", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote", "ntes-mailmaster-quote", "zmail_extra", "tutanota_quote", "WordSection1Quote", "mailbox_signature_quote", "moz-email-headers-table"):
		return true
	case n.Data == "blockquote":
		return strings.EqualFold(attr(n, "type"), "cite") || hasClass(n, "cite", "uol_quote", "quote", "iw_mail_quote") || attr(n, "cite") != "" || l.introduced(n)
	}
	switch attr(n, "id") {
	case "isReplyContent", "isForwardContent", "original-content", "OLK_SRC_BODY_SECTION", "replySplit", "ntes-pcmail-quote", "spark-quote", "yahoo_quoted", "mail-editor-reference-message-container":
		return !strings.Contains(attr(n, "id"), "Forward") || !l.forwarded(n)
	}
	return false
}

// introduced tells whether an attribution stands before a blockquote, as a program writes it. Many indent words of their own by one.
func (l *looker) introduced(n *html.Node) bool {
	var before []string
	line := ""
	at := n
	for steps := 0; steps < 60 && len(before) < attributionLines; steps++ {
		if l.left--; l.left <= 0 {
			break
		}
		if at = preceding(at); at == nil {
			break
		}
		switch {
		case at.Type == html.TextNode && strings.TrimSpace(at.Data) != "":
			line = strings.Join(strings.Fields(at.Data), " ") + " " + line
		case at.Type == html.ElementNode && (at.Data == "br" || at.Data == "div" || at.Data == "p") && strings.TrimSpace(line) != "":
			before, line = append([]string{strings.TrimSpace(line)}, before...), ""
		}
	}
	if line = strings.TrimSpace(line); line != "" && len(before) < attributionLines {
		before = append([]string{line}, before...)
	}
	before = append(before, ">")
	for i := range before[:len(before)-1] {
		if n, marked := attribution(before, i); n > 0 && marked && i+n == len(before)-1 {
			return true
		}
	}
	return false
}

// preceding is the node before, in the order of the document.
func preceding(n *html.Node) *html.Node {
	if n.PrevSibling == nil {
		return n.Parent
	}
	for n = n.PrevSibling; n.LastChild != nil; {
		n = n.LastChild
	}
	return n
}

func within(n *html.Node, names ...string) bool {
	for up := n.Parent; up != nil; up = up.Parent {
		for _, name := range names {
			if up.Data == name {
				return true
			}
		}
	}
	return false
}

var topBorder = regexp.MustCompile(`(?i)border-top\s*:\s*(?:solid\s*#(?:b5c4df|e1e1e1)|#(?:b5c4df|e1e1e1)|1px solid (?:#(?:b5c4df|e1e1e1)|rgb\(229, ?229, ?229\))|(?:1\.0pt|1pt|medium) solid|solid (?:windowtext|1\.0pt))`)

// begins tells whether a quoted mail begins with an element, and goes on after it.
func (l *looker) begins(n *html.Node) bool {
	switch attr(n, "id") {
	case "divRplyFwdMsg", "appendonsend", "x_divRplyFwdMsg", "x_appendonsend", "reply-intro", "ms-outlook-mobile-body-separator-line", "mail-editor-reference-message":
		return true
	}
	switch {
	case hasClass(n, "OutlookMessageHeader", "gmail_extra_header"):
		return true
	case n.Data == "hr":
		return hasHeaders(l.lead(n, true))
	case n.Data == "div" || n.Data == "td" || n.Data == "p":
		return topBorder.MatchString(attr(n, "style")) && hasHeaders(l.lead(n, false))
	}
	return false
}

func hasHeaders(lines []string) bool { return len(lines) > 0 && headerBlock(lines, 0) }

func splitLines(s string) (out []string) {
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// joinHeaders puts a header's name and its value, which are elements of their own, on one line.
func joinHeaders(lines []string) (out []string) {
	for _, line := range lines {
		if n := len(out); n > 0 && strings.HasSuffix(out[n-1], ":") && !strings.Contains(line, ":") {
			out[n-1] += " " + line
		} else {
			out = append(out, line)
		}
	}
	return out
}

// forwarded tells whether an element holds a mail that is passed on, which is meant to be read.
func (l *looker) forwarded(n *html.Node) bool {
	lines := l.lead(n, false)
	return len(lines) > 0 && separator(lines[0])
}

// visible gives the text of a tree.
func visible(n *html.Node) string {
	var out strings.Builder
	for at := n; at != nil; at = following(at, true) {
		if at.Type == html.TextNode && !within(at, "style", "script", "title") {
			out.WriteString(at.Data)
		}
	}
	return out.String()
}
