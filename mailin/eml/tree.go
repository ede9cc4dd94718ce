package eml

import (
	"bytes"
	"strings"
)

// node is one part of a mail: with children when it is a multipart, else with a body.
type node struct {
	header      header
	media       string // type/subtype in lower case; empty: none was given
	params      params
	disposition string
	dispParams  params
	body        []byte // as it came, undecoded
	preamble    []byte // of a multipart: what stands before its parts
	children    []*node
}

// parse reads one part and what is in it.
func (m *reader) parse(raw []byte, depth int, inDigest bool) *node {
	n := &node{}
	n.header, n.body = readHeader(raw, m.lim)
	m.describe(n, inDigest)
	m.divide(n, depth)
	return n
}

// describe reads what a part says of itself.
func (m *reader) describe(n *node, inDigest bool) {
	if raw := n.header.last("content-type"); raw != nil {
		n.media, n.params = m.parseParams(raw)
	}
	if raw := n.header.last("content-disposition"); raw != nil {
		n.disposition, n.dispParams = m.parseParams(raw)
	}
	if n.media == "" && inDigest {
		n.media = "message/rfc822"
	}
}

// divide finds the parts of a multipart.
func (m *reader) divide(n *node, depth int) {
	if !strings.HasPrefix(n.media, "multipart/") && n.media != "multipart" {
		return
	}
	if depth >= depthMax {
		m.lim.say(defectDepth)
		n.media = "application/octet-stream"
		return
	}
	boundary := n.params["boundary"]
	if boundary == "" || !bytes.Contains(n.body, []byte("--"+boundary)) {
		guessed := guessBoundary(n.body)
		if guessed == "" {
			m.lim.say(defectNoParts)
			n.preamble = n.body
			return
		}
		m.lim.say(defectBoundary)
		boundary = guessed
	}
	parts, before, closed := splitParts(n.body, boundary)
	n.preamble = n.body[:before]
	if !closed {
		m.lim.say(defectUnclosed)
	}
	if len(parts) == 0 {
		m.lim.say(defectNoParts)
	}
	for _, raw := range parts {
		if !m.lim.part() || m.lim.late() {
			return
		}
		n.children = append(n.children, m.parse(raw, depth+1, n.media == "multipart/digest"))
	}
}

// splitParts cuts a body at the lines of its boundary. Without the closing one the last part ends with the body. before is
// the length of what stands before the first of them.
func splitParts(body []byte, boundary string) (parts [][]byte, before int, closed bool) {
	mark := []byte("--" + boundary)
	begin := -1
	before = len(body)
	for at := 0; at < len(body); {
		i := bytes.Index(body[at:], mark)
		if i < 0 {
			break
		}
		i += at
		at = i + len(mark)
		if i > 0 && body[i-1] != '\n' && body[i-1] != '\r' {
			continue
		}
		rest := body[at:]
		last := bytes.HasPrefix(rest, []byte("--"))
		if last {
			rest = rest[2:]
		}
		line, _ := nextLine(rest)
		if len(bytes.TrimSpace(line)) > 0 { // a longer boundary that begins alike
			continue
		}
		if begin >= 0 {
			parts = append(parts, body[begin:lineEndBefore(body, begin, i)])
		} else {
			before = i
		}
		_, after := nextLine(rest)
		begin = len(body) - len(after)
		if after == nil {
			begin = len(body)
		}
		at = begin
		if last || len(parts) > partsMax {
			return parts, before, true
		}
	}
	if begin >= 0 && begin < len(body) {
		parts = append(parts, body[begin:])
	}
	return parts, before, false
}

// lineEndBefore gives where the line end before i begins: it belongs to the boundary.
func lineEndBefore(b []byte, from, i int) int {
	if i > from && b[i-1] == '\n' {
		i--
	}
	if i > from && b[i-1] == '\r' {
		i--
	}
	return i
}

// guessBoundary takes the first line of a body that begins with two dashes and comes back later, or is followed by a header.
func guessBoundary(body []byte) string {
	for b, tries := body, 0; len(b) > 0 && tries < 200; tries++ {
		var line []byte
		line, b = nextLine(b)
		line = bytes.TrimRight(line, " \t")
		if !bytes.HasPrefix(line, []byte("--")) || len(line) < 6 || len(line) > 200 || len(bytes.Trim(line, "-=_ ")) == 0 {
			continue
		}
		next, _ := nextLine(b)
		name, _, header := splitField(next)
		if header && strings.HasPrefix(name, "content-") || bytes.Contains(b, line) {
			return strings.TrimSuffix(string(line[2:]), "--")
		}
	}
	return ""
}
