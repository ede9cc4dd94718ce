package eml

import (
	"bytes"
	"strings"
)

// uuFile is a file that stands uuencoded in a text.
type uuFile struct {
	name    string
	content []byte
}

// cutUUEncoded takes the uuencoded files out of a text. (POSIX uuencode: "begin MODE NAME", lines that begin with their
// length, "end".)
func cutUUEncoded(b []byte) (files []uuFile, rest []byte) {
	done := 0 // of b, in rest or in a file
	for from := 0; len(files) < partsMax; {
		at := bytes.Index(b[from:], []byte("begin "))
		if at < 0 {
			break
		}
		at += from
		from = at + 1
		if at > 0 && b[at-1] != '\n' && b[at-1] != '\r' {
			continue
		}
		line, after := nextLine(b[at:])
		name, ok := uuName(string(line[:min(len(line), 300)]))
		if !ok {
			continue
		}
		content, after, ok := uuBody(after)
		if !ok {
			from = len(b) - len(after) // what was looked at is no file, and holds no beginning of one
			continue
		}
		files = append(files, uuFile{name, content})
		rest = append(rest, b[done:at]...)
		done = len(b) - len(after)
		from = done
	}
	if files == nil {
		return nil, b
	}
	return files, append(rest, b[done:]...)
}

// uuName reads "begin 644 name".
func uuName(line string) (string, bool) {
	mode, name, ok := strings.Cut(strings.TrimPrefix(line, "begin "), " ")
	name = strings.TrimSpace(name)
	if !ok || name == "" || len(mode) < 3 || len(mode) > 4 || strings.Trim(mode, "01234567") != "" {
		return "", false
	}
	return name, true
}

// uuBody decodes lines up to "end". A line that is none ends it: then there was no file, and rest begins with that line.
func uuBody(b []byte) (content, rest []byte, ok bool) {
	for len(b) > 0 {
		line, after := nextLine(b)
		switch {
		case string(bytes.TrimSpace(line)) == "end":
			return content, after, true
		case len(bytes.TrimSpace(line)) == 0 || string(line) == "`":
			b = after
			continue
		}
		n := int(line[0]-' ') & 63
		enough := (n + 2) / 3 * 4
		if line[0] < ' ' || line[0] > '`' || len(line)-1 < enough-3 { // some leave spaces at the end out
			return nil, b, false
		}
		content = append(content, uuLine(line[1:], n)...)
		b = after
	}
	return nil, nil, false
}

func uuLine(line []byte, n int) []byte {
	at := func(i int) byte {
		if i < len(line) {
			return (line[i] - ' ') & 63
		}
		return 0
	}
	var out []byte
	for i := 0; len(out) < n; i += 4 {
		a, b, c, d := at(i), at(i+1), at(i+2), at(i+3)
		out = append(out, a<<2|b>>4, b<<4|c>>2, c<<6|d)
	}
	return out[:n]
}
