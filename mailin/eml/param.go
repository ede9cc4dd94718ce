package eml

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// params are the parameters of a Content-Type or Content-Disposition, names in lower case.
type params map[string]string

// parseParams reads "value; name=value; …" with quotes, comments and RFC 2231, and forgives what is usually wrong: no quotes
// around spaces, no semicolon, a semicolon in a name without quotes.
func (m *reader) parseParams(raw []byte) (value string, out params) {
	s := m.rawText(raw)
	value, rest, _ := strings.Cut(s, ";")
	value = strings.ToLower(strings.TrimSpace(withoutComments(value)))
	if i := strings.IndexAny(value, " \t,"); i >= 0 { // text/plain charset=x
		if value[i] != ',' && strings.Contains(value[i:], "=") {
			rest = s[strings.IndexAny(s, " \t")+1:]
		}
		value = value[:i]
	}
	out = params{}
	var pieces []fragment
	for rest != "" && len(out) < 100 {
		var name, v string
		name, v, rest = nextParam(rest)
		if name == "" {
			continue
		}
		base, section, star := strings.Cut(name, "*")
		if !star {
			if _, had := out[name]; !had {
				out[name] = decodeWords(v, m.hint)
			}
			continue
		}
		if len(pieces) >= piecesMax {
			m.lim.say(defectPieces)
			break
		}
		number, encoded := strings.CutSuffix(section, "*")
		if section == "" {
			encoded = true
		}
		n, _ := strconv.Atoi(number)
		pieces = append(pieces, fragment{base, n, v, encoded})
	}
	m.joinPieces(out, pieces)
	return value, out
}

// fragment is a part of a parameter's value (RFC 2231).
type fragment struct {
	name    string
	n       int
	value   string
	encoded bool
}

func (m *reader) joinPieces(out params, pieces []fragment) {
	slices.SortStableFunc(pieces, func(a, b fragment) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.n, b.n)) })
	for len(pieces) > 0 {
		n := 1
		for n < len(pieces) && pieces[n].name == pieces[0].name {
			n++
		}
		if v := m.joinOne(pieces[:n]); v != "" {
			out[pieces[0].name] = v
		}
		pieces = pieces[n:]
	}
}

func (m *reader) joinOne(pieces []fragment) string {
	var raw []byte
	charset := ""
	for i, p := range pieces {
		v := p.value
		if i == 0 && p.encoded {
			if parts := strings.SplitN(v, "'", 3); len(parts) == 3 {
				charset, v = parts[0], parts[2]
			}
		}
		if p.encoded {
			raw = append(raw, fromPercent(v)...)
		} else {
			raw = append(raw, v...)
		}
	}
	text, _ := toText(raw, charset, m.hint)
	return decodeWords(text, m.hint)
}

func fromPercent(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && hexValue(s[i+1]) >= 0 && hexValue(s[i+2]) >= 0 {
			out = append(out, byte(hexValue(s[i+1])<<4|hexValue(s[i+2])))
			i += 2
		} else {
			out = append(out, s[i])
		}
	}
	return out
}

// nextParam cuts "name=value" off.
func nextParam(s string) (name, value, rest string) {
	s = strings.TrimLeft(s, " \t\r\n;,")
	for strings.HasPrefix(s, "(") {
		s = strings.TrimLeft(afterComment(s), " \t\r\n;")
	}
	i := strings.IndexAny(s, "=;")
	if i < 0 {
		return "", "", ""
	}
	if s[i] == ';' {
		return "", "", s[i+1:]
	}
	name = strings.ToLower(strings.TrimSpace(s[:i]))
	s = strings.TrimLeft(s[i+1:], " \t\r\n")
	if strings.HasPrefix(s, `"`) {
		value, rest = cutQuoted(s)
		if after := strings.TrimLeft(rest, " \t"); after == "" || strings.ContainsAny(after[:1], ";(\r\n,") || beginsParam(after) {
			return name, value, rest
		}
		// quotes within a value that has none around it
	}
	end := len(s)
	for at := 0; at < len(s); {
		j := strings.IndexByte(s[at:], ';')
		if j < 0 {
			break
		}
		if at += j; beginsParam(s[at+1:]) { // else a semicolon of the value
			end = at
			break
		}
		at++
	}
	value = strings.TrimSpace(s[:end])
	if !strings.HasPrefix(value, "=?") {
		if k := strings.Index(value, " ("); k > 0 && strings.HasSuffix(value, ")") {
			value = value[:k]
		}
	}
	return name, strings.Trim(value, `"`), s[min(end+1, len(s)):]
}

// beginsParam tells whether "name=" comes next, or nothing.
func beginsParam(s string) bool {
	s = strings.TrimLeft(s, " \t\r\n;")
	name, _, ok := strings.Cut(s, "=")
	if s == "" || strings.HasPrefix(s, "(") {
		return true
	}
	name = strings.TrimSpace(name)
	return ok && name != "" && len(name) <= 40 && strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-_*.") == ""
}

// cutQuoted reads a quoted string; one that is not closed goes to the end.
func cutQuoted(s string) (value, rest string) {
	var out strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i++; i < len(s) {
				if s[i] != '"' && s[i] != '\\' { // a Windows path
					out.WriteByte('\\')
				}
				out.WriteByte(s[i])
			}
		case '"':
			return out.String(), s[i+1:]
		case '\r', '\n':
		default:
			out.WriteByte(s[i])
		}
	}
	return out.String(), ""
}

// afterComment gives what follows the comment that s begins with.
func afterComment(s string) string {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return s[i+1:]
			}
		}
	}
	return ""
}

// withoutComments puts a space in the place of each comment.
func withoutComments(s string) string {
	if !strings.ContainsRune(s, '(') {
		return s
	}
	var out strings.Builder
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && depth > 0:
			i++
		case c == '(':
			if depth++; depth == 1 {
				out.WriteByte(' ')
			}
		case c == ')' && depth > 0:
			depth--
		case depth == 0:
			out.WriteByte(c)
		}
	}
	return out.String()
}
