package eml

import (
	"bytes"
	"strings"

	"huiyin/mailin/plain"
)

// contents are the texts and files of a mail.
type contents struct {
	m     *reader
	depth int     // mails within mails
	said  []piece // what a person reads, in its order
	html  []string
	files []Attachment
	// What stands where no text should, for a mail that has none elsewhere.
	named     []string // texts with a file name, which are files too
	preambles []string
}

// piece is a text of the mail.
type piece struct {
	text   string
	isHTML bool
}

func (p piece) blank() bool { return strings.TrimSpace(p.text) == "" }

// collect gathers what the leaves hold, in their order.
func (m *reader) collect(root *node) *contents {
	c := &contents{m: m}
	if isText(root) && root.disposition == "" {
		delete(root.params, "name") // the mail itself, whatever it calls itself
	}
	c.take(root, nil)
	return c
}

func isText(n *node) bool {
	return n.media == "text/plain" || n.media == "text" || n.media == "text/html" || n.media == ""
}

// take looks at one part; parent is the multipart that it lies in.
func (c *contents) take(n, parent *node) {
	if len(n.preamble) > 0 {
		c.preamble(n)
	}
	name := n.name()
	attached := n.disposition == "attachment" || name != ""
	switch {
	case n.media == "multipart/alternative":
		c.alternative(n)
	case len(n.children) > 0, strings.HasPrefix(n.media, "multipart/") && len(n.preamble) > 0:
		for _, child := range n.children {
			c.take(child, n)
		}
	case !attached && isText(n) && n.media != "text/html":
		c.takeText(n)
	case !attached && n.media == "text/html":
		text := c.m.textOf(n)
		c.html, c.said = append(c.html, text), append(c.said, piece{text, true})
	case n.media == "message/rfc822" && n.disposition == "inline" && name == "" && (parent == nil || parent.media == "multipart/mixed"):
		c.forwarded(n)
	default:
		if n.media == "text/plain" && n.disposition != "attachment" {
			c.named = append(c.named, c.m.textOf(n))
		}
		c.file(n, name, parent != nil && parent.media == "multipart/related")
	}
}

// alternative takes the same said twice or more: the plain one is the text, HTML is for the eye.
func (c *contents) alternative(n *node) {
	before := len(c.said)
	for _, child := range n.children {
		c.take(child, n)
	}
	var best *piece
	for i := range c.said[before:] {
		p := &c.said[before+i]
		if !p.blank() && (best == nil || best.isHTML && !p.isHTML) {
			best = p
		}
	}
	if c.said = c.said[:before]; best != nil {
		c.said = append(c.said, *best)
	}
}

// preamble keeps what stands before the parts, unless it is the usual word to programs that know none.
func (c *contents) preamble(n *node) {
	text := strings.TrimSpace(c.m.toText(n.preamble[:min(len(n.preamble), 64<<10)], n.params["charset"]))
	if text != "" && !strings.Contains(strings.ToLower(text), "mime") && !strings.Contains(strings.ToLower(text), "multi-part") {
		c.preambles = append(c.preambles, text)
	}
}

// forwarded takes a mail that is shown within this one: as a file, and the files in it.
func (c *contents) forwarded(n *node) {
	c.file(n, "", false)
	if c.depth >= depthMax || !c.m.lim.part() || c.m.lim.late() {
		return
	}
	inner := &contents{m: c.m, depth: c.depth + 1}
	root := c.m.parse(trimLead(n.body), inner.depth, false)
	if len(root.children) == 0 {
		return
	}
	inner.take(root, nil)
	for _, f := range inner.files {
		if f.Name != "" {
			c.files = append(c.files, f)
		}
	}
}

// name is the file name of a part, if it has one.
func (n *node) name() string {
	for _, v := range []string{n.dispParams["filename"], n.params["name"], n.params["filename"], n.dispParams["name"]} {
		if v = strings.Join(strings.Fields(v), " "); v != "" {
			return v
		}
	}
	return ""
}

// decoded gives the bytes of a leaf.
func (m *reader) decoded(n *node) []byte {
	if m.lim.late() {
		return n.body[:m.lim.room(len(n.body))]
	}
	b := decodeTransfer(n.body, string(n.header.last("content-transfer-encoding")), m.lim)
	return b[:m.lim.room(len(b))]
}

// textOf gives the text of a leaf, with \n as its line end.
func (m *reader) textOf(n *node) string {
	b := m.decoded(n)
	if len(b) > textMax {
		m.lim.say(defectText)
		b = b[:textMax]
	}
	return m.toText(b, n.params["charset"])
}

func (m *reader) toText(b []byte, charset string) string {
	if bytes.IndexByte(b, 0) >= 0 && !strings.HasPrefix(strings.ToLower(charset), "utf-16") && !strings.HasPrefix(strings.ToLower(charset), "utf-32") {
		m.lim.say(defectNUL)
		b = bytes.ReplaceAll(b, []byte{0}, nil)
	}
	text, fits := toText(b, charset, m.hint)
	if !fits {
		m.lim.say(defectCharset)
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.ReplaceAll(text, "\r", "\n")
}

// takeText takes a plain text, and the uuencoded files that stand in it.
func (c *contents) takeText(n *node) {
	b := c.m.decoded(n)
	files, b := cutUUEncoded(b)
	for _, f := range files {
		c.files = append(c.files, Attachment{Name: f.name, Type: "application/octet-stream", Content: f.content[:c.m.lim.room(len(f.content))]})
	}
	if len(b) > textMax {
		c.m.lim.say(defectText)
		b = b[:textMax]
	}
	text := c.m.toText(b, n.params["charset"])
	if strings.EqualFold(n.params["format"], "flowed") {
		text = unflow(text, strings.EqualFold(n.params["delsp"], "yes"))
	}
	c.said = append(c.said, piece{text, false})
}

// file takes a leaf that is no text of the mail.
func (c *contents) file(n *node, name string, related bool) {
	b := c.m.decoded(n)
	if n.media == "application/ms-tnef" || strings.EqualFold(name, "winmail.dat") {
		if c.tnef(b) {
			return
		}
	}
	id := strings.Trim(c.m.rawText(n.header.first("content-id")), " \t<>")
	c.files = append(c.files, Attachment{
		Name: name, Type: mediaOr(n.media), Content: b, ContentID: id,
		Inline: n.disposition != "attachment" && (related && id != "" || n.disposition == "inline"),
	})
}

// tnef takes what an Outlook sent in one file; false when there was nothing in it.
func (c *contents) tnef(b []byte) bool {
	t, whole := readTNEF(b)
	if !whole {
		c.m.lim.say(defectTNEF)
	}
	for _, f := range t.files {
		c.files = append(c.files, Attachment{Name: f.name, Type: "application/octet-stream", Content: f.content, ContentID: f.id})
	}
	if len(c.said) == 0 && strings.TrimSpace(t.text) != "" {
		c.said = append(c.said, piece{t.text, false})
	}
	if len(c.html) == 0 && strings.TrimSpace(t.html) != "" {
		c.html, c.said = append(c.html, t.html), append(c.said, piece{t.html, true})
	}
	return len(t.files) > 0
}

func mediaOr(media string) string {
	if !strings.Contains(media, "/") {
		return "application/octet-stream"
	}
	return media
}

// into sets the texts and files of a message.
func (c *contents) into(msg *Message) {
	msg.HTML = strings.Join(c.html, "\n")
	var whole []string
	converted := ""
	for _, p := range c.said {
		switch {
		case p.blank():
		case p.isHTML:
			if c.m.lim.late() {
				continue
			}
			if len(p.text) > plain.Max {
				c.m.lim.say(defectText)
			}
			text := plain.Text(p.text)
			whole = append(whole, text)
			if converted == "" {
				converted = text
			}
		case msg.Text == "":
			msg.Text = strings.Trim(p.text, "\n")
			whole = append(whole, msg.Text)
		default:
			whole = append(whole, strings.Trim(p.text, "\n"))
			c.files = append(c.files, Attachment{Type: "text/plain", Content: []byte(p.text), Inline: true})
		}
	}
	if msg.Text == "" && converted != "" {
		msg.Text, msg.TextOfHTML = converted, true
	}
	for _, instead := range [][]string{c.named, c.preambles} {
		if msg.Text == "" {
			msg.Text = strings.Trim(strings.Join(instead, "\n"), "\n")
			whole = append(whole, msg.Text)
		}
	}
	msg.Whole = strings.Join(whole, "\n\n")
	msg.Attachments = c.files
}

// unflow joins the lines of format=flowed (RFC 3676) that belong together. Quoted lines stay as they are: they are not hers.
func unflow(text string, delSp bool) string {
	var out strings.Builder
	out.Grow(len(text))
	flows := false
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		quoted := strings.HasPrefix(line, ">")
		if out.Len() > 0 && (!flows || quoted) {
			out.WriteByte('\n')
		}
		if !quoted {
			line = strings.TrimPrefix(line, " ") // stuffed
		}
		if flows = !quoted && strings.HasSuffix(line, " ") && line != "-- "; flows && delSp {
			line = line[:len(line)-1]
		}
		out.WriteString(line)
	}
	return out.String()
}
