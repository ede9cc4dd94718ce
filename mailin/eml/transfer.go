package eml

import (
	"bytes"
	"strings"
)

// decodeTransfer undoes a content transfer encoding (RFC 2045) as far as it goes.
func decodeTransfer(b []byte, encoding string, lim *budget) []byte {
	name, _, _ := strings.Cut(strings.ToLower(strings.Trim(encoding, " \t\"'")), ";")
	switch strings.TrimSpace(name) {
	case "base64", "base-64", "x-base64":
		out, junk := fromBase64(b)
		if junk {
			lim.say(defectBase64)
		}
		return out
	case "quoted-printable", "quotedprintable", "quoted_printable":
		return fromQuotedPrintable(b)
	case "x-uuencode", "uuencode", "x-uue", "uue":
		if files, _ := cutUUEncoded(b); len(files) > 0 {
			return files[0].content
		}
		return b
	case "", "7bit", "8bit", "binary", "7-bit", "8-bit", "7bits", "8bits", "none":
		return b
	}
	lim.say(defectEncoding)
	return b
}

var base64Values = func() (v [256]int8) {
	for i := range v {
		v[i] = -1
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		v[c] = int8(i)
	}
	return v
}()

func base64Value(c byte) int8 { return base64Values[c] }

// fromBase64 decodes what is base64 and passes over the rest; after padding it begins anew. junk tells whether there was
// something else than line ends.
func fromBase64(b []byte) (out []byte, junk bool) {
	out = make([]byte, 0, len(b)/4*3+3)
	var word uint32
	n := 0
	flush := func() { // what a whole group would have been
		if n >= 2 {
			word <<= uint(6 * (4 - n))
			out = append(out, byte(word>>16))
			if n == 3 {
				out = append(out, byte(word>>8))
			}
		}
		word, n = 0, 0
	}
	for _, c := range b {
		v := base64Values[c]
		switch {
		case v >= 0:
			if word, n = word<<6|uint32(v), n+1; n == 4 {
				out = append(out, byte(word>>16), byte(word>>8), byte(word))
				word, n = 0, 0
			}
		case c == '=':
			flush()
		case c > ' ':
			junk = true
		}
	}
	flush()
	return out, junk
}

// fromQuotedPrintable decodes; what is no encoding stays as it is.
func fromQuotedPrintable(b []byte) []byte {
	out := make([]byte, 0, len(b))
	said := 0 // what was encoded stays, a space at the end of a line too
	for len(b) > 0 {
		i := bytes.IndexAny(b, "=\n")
		if i < 0 {
			return append(out, b...)
		}
		out = append(out, b[:i]...)
		if b[i] == '\n' { // spaces before a line end were added on the way
			crlf := len(out) > 0 && out[len(out)-1] == '\r'
			out = append(out[:said], bytes.TrimRight(out[said:], " \t\r")...)
			if crlf {
				out = append(out, '\r')
			}
			out, b = append(out, '\n'), b[i+1:]
			continue
		}
		b = b[i+1:]
		if len(b) >= 2 {
			if hi, lo := hexValue(b[0]), hexValue(b[1]); hi >= 0 && lo >= 0 {
				out, b = append(out, byte(hi<<4|lo)), b[2:]
				said = len(out)
				continue
			}
		}
		if n, soft := softBreak(b); soft {
			b = b[n:]
			continue
		}
		out = append(out, '=')
	}
	return out
}

// softBreak gives the length of a line end, with spaces before it, at the beginning of b.
func softBreak(b []byte) (n int, ok bool) {
	for n < len(b) && (b[n] == ' ' || b[n] == '\t') {
		n++
	}
	switch {
	case n == len(b):
		return n, true
	case b[n] == '\n':
		return n + 1, true
	case b[n] == '\r':
		if n+1 < len(b) && b[n+1] == '\n' {
			return n + 2, true
		}
		return n + 1, true
	}
	return 0, false
}

func hexValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
