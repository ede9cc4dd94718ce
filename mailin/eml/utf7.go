package eml

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
)

// fromUTF7 reads RFC 2152; not ok when it is none.
func fromUTF7(b []byte) (string, bool) {
	var out strings.Builder
	for len(b) > 0 {
		c := b[0]
		if c >= 0x80 {
			return "", false
		}
		if b = b[1:]; c != '+' {
			out.WriteByte(c)
			continue
		}
		n := 0
		for n < len(b) && base64Value(b[n]) >= 0 {
			n++
		}
		run := b[:n]
		if b = b[n:]; len(b) > 0 && b[0] == '-' {
			b = b[1:]
			if n == 0 {
				out.WriteByte('+')
				continue
			}
		}
		raw, err := base64.RawStdEncoding.DecodeString(string(run))
		if err != nil {
			return "", false
		}
		units := make([]uint16, len(raw)/2)
		for i := range units {
			units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
		}
		out.WriteString(string(utf16.Decode(units)))
	}
	return out.String(), true
}
