package eml

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// word is one encoded word (RFC 2047).
type word struct {
	charset string
	kind    byte // B or Q
	text    string
}

// decodeWords turns the encoded words of a header into text, wherever they stand: in quotes, in file names, run together.
// Neighbours of one charset are joined before they are decoded, because senders cut characters in two.
func decodeWords(s, hint string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	var out strings.Builder
	var run []word
	flush := func() {
		if len(run) > 0 {
			out.WriteString(decodeRun(run, hint))
			run = nil
		}
	}
	for s != "" {
		at := strings.Index(s, "=?")
		if at < 0 {
			break
		}
		w, n, ok := cutWord(s[at:])
		if between := s[:at]; len(run) == 0 || strings.Trim(between, " \t\r\n") != "" {
			flush()
			out.WriteString(between)
		}
		if !ok {
			flush()
			out.WriteString("=?")
			s = s[at+2:]
			continue
		}
		if len(run) > 0 && run[0].charset != w.charset {
			flush()
		}
		run = append(run, w)
		s = s[at+n:]
	}
	flush()
	out.WriteString(s)
	return out.String()
}

// cutWord reads the word at the beginning of s. One that has lost its end ends with s.
func cutWord(s string) (w word, n int, ok bool) {
	charset, rest, ok := strings.Cut(s[2:], "?")
	if !ok || charset == "" || len(charset) > 60 || strings.ContainsAny(charset, " \t\"<>@,") || len(rest) < 2 || rest[1] != '?' {
		return w, 0, false
	}
	kind := rest[0] &^ 0x20
	if kind != 'B' && kind != 'Q' {
		return w, 0, false
	}
	begin := 2 + len(charset) + 1 + 2
	body := s[begin:]
	end := strings.Index(body, "?=")
	// "?=3D" within a Q word is a question mark that should have been encoded, unless the word ends there.
	for kind == 'Q' && end >= 0 && end+3 < len(body) && hexValue(body[end+2]) >= 0 && hexValue(body[end+3]) >= 0 && strings.Contains(body[end+2:], "?=") &&
		!strings.Contains(body[end+2:end+2+strings.Index(body[end+2:], "?=")], "=?") {
		next := strings.Index(body[end+2:], "?=")
		end += 2 + next
	}
	if end < 0 {
		if strings.Contains(body, "=?") || strings.ContainsAny(body, " \t\"<") {
			return w, 0, false
		}
		return word{normalLabel(charset), kind, strings.TrimSuffix(body, "?")}, len(s), true
	}
	return word{normalLabel(charset), kind, body[:end]}, begin + end + 2, true
}

func decodeRun(run []word, hint string) string {
	var raw []byte
	pending := "" // base64 that stops within a group
	for i, w := range run {
		if w.kind == 'Q' {
			raw = append(raw, fromQ(w.text)...)
			continue
		}
		pending += w.text
		if bare := strings.TrimRight(pending, "= "); len(bare)%4 != 0 && len(bare) == len(pending) && i+1 < len(run) && run[i+1].kind == 'B' {
			continue
		}
		b, _ := fromBase64([]byte(pending))
		raw, pending = append(raw, b...), ""
	}
	text, _ := toText(raw, run[0].charset, hint)
	return text
}

// fromQ decodes the Q encoding; spaces in it are forgiven.
func fromQ(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '_':
			out = append(out, ' ')
		case c == '=' && i+2 < len(s) && hexValue(s[i+1]) >= 0 && hexValue(s[i+2]) >= 0:
			out = append(out, byte(hexValue(s[i+1])<<4|hexValue(s[i+2])))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return out
}

// headerText turns the raw value of a header into text.
func (m *reader) headerText(raw []byte) string {
	if len(raw) == 0 {
		return ""
	}
	return strings.TrimSpace(decodeWords(m.rawText(raw), m.hint))
}

// rawText gives the characters of a header without looking at encoded words.
func (m *reader) rawText(raw []byte) string {
	if bytes.IndexByte(raw, 0) >= 0 {
		m.lim.say(defectNUL)
		raw = bytes.ReplaceAll(raw, []byte{0}, nil)
	}
	if bytes.Contains(raw, []byte("\x1b$")) || !utf8.Valid(raw) {
		m.lim.say(defectHeaderBytes)
		text, _ := toText(raw, m.hint, m.hint)
		return text
	}
	return string(raw)
}
