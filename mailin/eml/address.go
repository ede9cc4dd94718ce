package eml

import (
	"regexp"
	"strings"
)

// Address is one mailbox. Address is as it was written where it cannot be read as one.
type Address struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

// addresses reads the addresses of a header: strictly where it can be, by what looks like one where not.
func (m *reader) addresses(raw []byte) (out []Address) {
	if len(raw) == 0 {
		return nil
	}
	items := splitAddresses(m.rawText(raw))
	before := "" // of a name with a comma in it
	for i, item := range items {
		if len(out) >= addressesMax {
			m.lim.say(defectAddresses)
			break
		}
		if before != "" {
			item, before = before+", "+item, ""
		}
		a, ok := m.address(item)
		if !ok && i+1 < len(items) && !strings.Contains(item, "@") && strings.Contains(items[i+1], "<") && len(item) < 200 {
			before = item
			continue
		}
		if a.Address == "" && a.Name == "" {
			continue
		}
		if !ok {
			m.lim.say(defectAddress)
		}
		out = append(out, a)
	}
	return out
}

// splitAddresses parts a list at the commas and semicolons that are not within quotes, brackets or comments.
func splitAddresses(s string) (out []string) {
	from, quoted, angle, comment := 0, false, false, 0
	cut := func(to int) {
		if one := strings.TrimSpace(s[from:to]); one != "" {
			out = append(out, one)
		}
		from = to + 1
	}
	for i := 0; i < len(s) && len(out) <= addressesMax; i++ {
		switch c := s[i]; {
		case c == '\\' && (quoted || comment > 0):
			i++
		case c == '"' && comment == 0:
			quoted = !quoted && strings.IndexByte(s[i+1:min(len(s), i+2000)], '"') >= 0
		case quoted:
		case c == '(':
			comment++
		case c == ')' && comment > 0:
			comment--
		case comment > 0:
		case c == '<':
			angle = strings.IndexByte(s[i+1:min(len(s), i+2000)], '>') >= 0
		case c == '>':
			angle = false
		case angle:
		case c == ',' || c == ';':
			cut(i)
		case c == ':' && !strings.ContainsAny(s[from:i], "@<=") && !strings.HasPrefix(s[i:], "://") && !strings.EqualFold(s[max(from, i-len("mailto")):i], "mailto"):
			from = i + 1 // the name of a group
		}
	}
	if from < len(s) {
		cut(len(s))
	}
	return out
}

var anyAddress = regexp.MustCompile(`[^\s<>()\[\],;:"'=?]+@[^\s<>()\[\],;:"'=?]+`)

// address reads one; not ok when there is no address in it.
func (m *reader) address(s string) (a Address, ok bool) {
	open := lastOutsideQuotes(s, '<')
	if open >= 0 {
		inner, after, closed := strings.Cut(s[open+1:], ">")
		name := strings.TrimRight(s[:open], "< \t")
		if strings.TrimSpace(name) == "" && closed {
			name = strings.TrimSpace(after)
		}
		a.Name = m.displayName(name)
		if a.Address, ok = m.spec(inner); ok || a.Address != "" {
			return a, ok
		}
		if found := anyAddress.FindString(s[:open]); found != "" {
			a.Address = strings.ToLower(found)
			return a, true
		}
		return a, false
	}
	if spec, comment, has := strings.Cut(s, "("); has {
		a.Name = m.displayName(strings.TrimSuffix(strings.TrimSpace(comment), ")"))
		if after := afterComment("(" + comment); strings.TrimSpace(spec) == "" {
			spec = after
		}
		s = spec
	}
	decoded := strings.TrimSpace(decodeWords(s, m.hint))
	if one, good := m.spec(decoded); good {
		a.Address = one
		return a, true
	}
	if at := anyAddress.FindStringIndex(decoded); at != nil {
		a.Address = decoded[at[0]:at[1]]
		if a.Name == "" {
			a.Name = m.displayName(strings.TrimSpace(decoded[:at[0]] + decoded[at[1]:]))
		}
		return a, true
	}
	a.Address = strings.Trim(decoded, `" '`)
	return a, false
}

// lastOutsideQuotes finds the bracket that opens the address; names have some of their own, in quotes.
func lastOutsideQuotes(s string, c byte) int {
	quoted, last, anywhere := false, -1, -1
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == c:
			anywhere = i
			if !quoted {
				last = i
			}
		}
	}
	if last < 0 {
		return anywhere
	}
	return last
}

// spec reads what stands between the brackets.
func (m *reader) spec(s string) (string, bool) {
	s = strings.TrimSpace(decodeWords(s, m.hint))
	s = strings.Trim(s, "<> \t'")
	for _, prefix := range []string{"mailto:", "smtp:"} {
		if len(s) > len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
			s = s[len(prefix):]
		}
	}
	if strings.HasPrefix(s, "@") { // a route (RFC 822)
		if _, after, ok := strings.Cut(s, ":"); ok {
			s = after
		}
	}
	if local, domain, ok := cutLast(s, "@"); ok && !strings.ContainsAny(domain, " \t") && domain != "" && local != "" {
		if strings.HasPrefix(local, `"`) || !strings.ContainsAny(local, " \t") {
			return local + "@" + domain, true
		}
	}
	if found := anyAddress.FindString(s); found != "" {
		return found, true
	}
	return s, false
}

func cutLast(s, sep string) (before, after string, ok bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// displayName reads a name: quotes and comments go, encoded words are decoded, also within quotes.
func (m *reader) displayName(s string) string {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, `"`) {
		if inner, rest := cutQuoted(s); strings.TrimSpace(rest) == "" {
			s = inner
		} else {
			s = inner + rest
		}
	}
	s = decodeWords(s, m.hint)
	s = strings.TrimSpace(strings.ReplaceAll(s, `"`, ""))
	if len(s) >= 2 && s[0] == '\'' && s[len(s)-1] == '\'' {
		s = s[1 : len(s)-1]
	}
	return strings.Join(strings.Fields(s), " ")
}
