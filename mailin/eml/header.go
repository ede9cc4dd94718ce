package eml

import (
	"bytes"
	"strings"
)

// field is one header, unfolded and as it came otherwise.
type field struct {
	name  string // in lower case
	value []byte
	own   bool // value is no longer a part of the mail's bytes
}

// header is the header section of a mail or a part.
type header []field

// last gives the last value of a header that is not empty: of a doubled Content-Type the last one counts.
func (h header) last(name string) []byte {
	for i := len(h) - 1; i >= 0; i-- {
		if h[i].name == name && len(h[i].value) > 0 {
			return h[i].value
		}
	}
	return nil
}

// first gives the first value of a header that is not empty.
func (h header) first(name string) []byte {
	for _, f := range h {
		if f.name == name && len(f.value) > 0 {
			return f.value
		}
	}
	return nil
}

// all gives all values of a header.
func (h header) all(name string) (out [][]byte) {
	for _, f := range h {
		if f.name == name {
			out = append(out, f.value)
		}
	}
	return out
}

func (h header) has(name string) bool { return h.first(name) != nil }

// nextLine cuts the first line off. Lines end with CRLF, LF, a bare CR, or CRCRLF where something has turned LF into CRLF twice.
func nextLine(b []byte) (line, rest []byte) {
	i := bytes.IndexAny(b, "\r\n")
	switch {
	case i < 0:
		return b, nil
	case b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n':
		return b[:i], b[i+2:]
	case bytes.HasPrefix(b[i:], []byte("\r\r\n")):
		return b[:i], b[i+3:]
	}
	return b[:i], b[i+1:]
}

// readHeader reads the headers at the beginning of b and gives what follows the empty line after them.
func readHeader(b []byte, lim *budget) (h header, body []byte) {
	read := 0
	for len(b) > 0 {
		line, rest := nextLine(b)
		if len(line) == 0 {
			return h, rest
		}
		read += len(line)
		if read > headersMax {
			lim.say(defectHeaders)
			return h, afterHeaders(rest)
		}
		name, value, ok := splitField(line)
		switch {
		case (line[0] == ' ' || line[0] == '\t') && len(h) > 0:
			h.fold(line, lim)
		case ok:
			h = append(h, field{name: name, value: value})
		case endsHere(line, rest, len(h)):
			return h, b
		default:
			lim.say(defectHeaderLine)
		}
		b = rest
	}
	return h, nil
}

// fold appends a continued line to the last header.
func (h header) fold(line []byte, lim *budget) {
	last := &h[len(h)-1]
	if len(last.value)+len(line) > headerMax {
		lim.say(defectHeaderLong)
		return
	}
	if len(last.value) == 0 {
		line = bytes.TrimLeft(line, " \t")
	}
	if !last.own {
		last.value, last.own = append(make([]byte, 0, 4*len(last.value)+len(line)), last.value...), true
	}
	last.value = append(last.value, line...)
}

// splitField parts a header at its colon. A name is printable and has no space; a space before the colon is forgiven.
func splitField(line []byte) (name string, value []byte, ok bool) {
	i := bytes.IndexByte(line, ':')
	if i <= 0 || i > 200 {
		return "", nil, false
	}
	raw := bytes.TrimRight(line[:i], " \t")
	if len(raw) == 0 {
		return "", nil, false
	}
	for _, c := range raw {
		if c <= ' ' || c >= 0x7f {
			return "", nil, false
		}
	}
	if value = bytes.TrimSpace(line[i+1:]); len(value) > headerMax {
		value = value[:headerMax]
	}
	return strings.ToLower(string(raw)), value, true
}

// endsHere decides about a line that is no header: the body has begun without an empty line, unless known headers go on
// after it.
func endsHere(line, rest []byte, had int) bool {
	if bytes.HasPrefix(line, []byte("--")) {
		return true
	}
	for range 30 {
		line, rest = nextLine(rest)
		if len(line) == 0 {
			return had == 0
		}
		name, _, ok := splitField(line)
		if ok && (strings.HasPrefix(name, "content-") || strings.HasPrefix(name, "x-") || knownHeaders[name]) {
			return false
		}
	}
	return true
}

var knownHeaders = map[string]bool{
	"from": true, "to": true, "cc": true, "date": true, "subject": true, "message-id": true, "mime-version": true, "received": true, "reply-to": true,
	"return-path": true, "in-reply-to": true, "references": true, "sender": true, "delivered-to": true, "dkim-signature": true, "authentication-results": true,
}

// afterHeaders finds the body behind headers that are not looked at.
func afterHeaders(b []byte) []byte {
	best := -1
	for _, end := range []string{"\n\n", "\r\n\r\n", "\r\r"} {
		if i := bytes.Index(b, []byte(end)); i >= 0 && (best < 0 || i+len(end) < best) {
			best = i + len(end)
		}
	}
	if best < 0 {
		return nil
	}
	return b[best:]
}
