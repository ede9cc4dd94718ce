package bus

import "strings"

// validSubject tells whether s is words joined by dots. With wild, a word may be "*" and the last one ">".
func validSubject(s string, wild bool) bool {
	if len(s) > MaxSubject {
		return false
	}
	for rest, more := s, true; more; {
		var word string
		word, rest, more = strings.Cut(rest, ".")
		if wild && (word == "*" || word == ">" && !more) {
			continue
		}
		if !validWord(word) {
			return false
		}
	}
	return true
}

// validWord tells whether w is a word of a subject. Words that begin with "_" are the bus's own.
func validWord(w string) bool {
	if w == "" || w[0] == '_' {
		return false
	}
	for _, c := range []byte(w) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// wildcard tells whether a valid pattern matches more than itself.
func wildcard(pattern string) bool { return strings.ContainsAny(pattern, "*>") }

// matches tells whether a valid subject is one of a valid pattern's.
func matches(pattern, subject string) bool {
	for {
		p, prest, pmore := strings.Cut(pattern, ".")
		s, srest, smore := strings.Cut(subject, ".")
		if p == ">" {
			return true
		}
		if p != "*" && p != s || pmore != smore {
			return false
		}
		if !pmore {
			return true
		}
		pattern, subject = prest, srest
	}
}
