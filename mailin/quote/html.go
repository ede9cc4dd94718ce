package quote

import (
	"bytes"
	"regexp"
	"strings"

	"golang.org/x/net/html"

	"huiyin/mailin/plain"
)

// OfHTML parts what HTML says.
func OfHTML(text string) Split { return Text(plain.Text(HTML(text))) }

// HTML takes the elements out in which programs wrap what they quote, and what follows where they only mark its beginning. HTML
// that cannot be read comes back as it is.
func HTML(text string) string {
	if len(text) > plain.Max {
		return text
	}
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil { // nested deeper than the parser goes
		return text
	}
	if cut := cutQuoted(doc); !cut {
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

// cutQuoted takes quotations out of a tree; it tells whether there was one.
func cutQuoted(doc *html.Node) (cut bool) {
	var next *html.Node
	for n := doc; n != nil; n = next {
		next = following(n, true)
		if n.Type != html.ElementNode {
			continue
		}
		switch {
		case wraps(n):
			next = following(n, false)
			n.Parent.RemoveChild(n)
			cut = true
		case begins(n):
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
func wraps(n *html.Node) bool {
	switch {
	case hasClass(n, "gmail_quote", "gmail_quote_container"):
		return !forwarded(n)
	case hasClass(n, "gmail_attr", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote", "ntes-mailmaster-quote", "zmail_extra", "tutanota_quote", "WordSection1Quote", "mailbox_signature_quote", "moz-email-headers-table"):
		return true
	case n.Data == "blockquote":
		return strings.EqualFold(attr(n, "type"), "cite") || hasClass(n, "cite", "uol_quote", "quote", "iw_mail_quote") || attr(n, "cite") != "" || endsWithIt(n)
	}
	switch attr(n, "id") {
	case "isReplyContent", "isForwardContent", "original-content", "OLK_SRC_BODY_SECTION", "replySplit", "ntes-pcmail-quote", "spark-quote", "yahoo_quoted", "mail-editor-reference-message-container":
		return !strings.Contains(attr(n, "id"), "Forward") || !forwarded(n)
	}
	return false
}

// endsWithIt tells whether nothing is said after a blockquote and an attribution stands before it.
func endsWithIt(n *html.Node) bool {
	for at := following(n, false); at != nil; at = following(at, true) {
		if at.Type == html.TextNode && strings.TrimSpace(at.Data) != "" && !within(at, "style", "script", "title") {
			return false
		}
	}
	return true
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
func begins(n *html.Node) bool {
	switch attr(n, "id") {
	case "divRplyFwdMsg", "appendonsend", "x_divRplyFwdMsg", "x_appendonsend", "reply-intro", "ms-outlook-mobile-body-separator-line", "mail-editor-reference-message":
		return true
	}
	switch {
	case hasClass(n, "OutlookMessageHeader", "gmail_extra_header"):
		return true
	case n.Data == "hr":
		return headersFollow(n)
	case n.Data == "div" || n.Data == "td" || n.Data == "p":
		return topBorder.MatchString(attr(n, "style")) && headerBlock(splitLines(plain.Text(render(n))), 0)
	}
	return false
}

// headersFollow tells whether the text after a rule begins with the headers of a mail.
func headersFollow(n *html.Node) bool {
	var out strings.Builder
	for at := following(n, false); at != nil && out.Len() < 2000; at = following(at, true) {
		switch {
		case at.Type == html.TextNode && !within(at, "style", "script"):
			out.WriteString(strings.ReplaceAll(at.Data, "\n", " "))
		case at.Type == html.ElementNode && (at.Data == "br" || at.Data == "div" || at.Data == "p" || at.Data == "tr" || at.Data == "b"):
			out.WriteByte('\n')
		}
	}
	lines := joinHeaders(splitLines(out.String()))
	return len(lines) > 0 && headerBlock(lines, 0)
}

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

func render(n *html.Node) string {
	var out bytes.Buffer
	_ = html.Render(&out, n) // a buffer takes everything
	return out.String()
}

// forwarded tells whether an element holds a mail that is passed on, which is meant to be read.
func forwarded(n *html.Node) bool {
	for _, line := range splitLines(plain.Text(render(n))) {
		return separator(line)
	}
	return false
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
