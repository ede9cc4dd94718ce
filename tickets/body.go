package tickets

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"huiyin/tickets/fault"
)

// Limits of texts, in Unicode code points after NFC.
const (
	BodyMax     = 10_000
	SubjectMax  = 300
	ClientIDMax = 64
	previewMax  = 140
)

// normalBody gives a message's body in its stored form: NFC, lines end with \n, no control characters but \n and \t.
// A body without anything to see is refused unless the message brings an attachment. Errors: Invalid, field body.
func normalBody(body string, attached bool) (string, error) {
	if !utf8.ValidString(body) {
		return "", fault.InvalidField("body", "invalid", "error.message.encoding", nil)
	}
	// NFC makes a text shorter by a few times at most, so what is far too long is not even normalised.
	if n := utf8.RuneCountInString(body); n > 4*BodyMax {
		return "", tooLong("body", "error.message.too_long", n, BodyMax)
	}
	body = norm.NFC.String(WithoutControls(body))
	if n := utf8.RuneCountInString(body); n > BodyMax {
		return "", tooLong("body", "error.message.too_long", n, BodyMax)
	}
	if !Visible(body) {
		if !attached {
			return "", fault.InvalidField("body", "required", "error.message.empty", nil)
		}
		body = ""
	}
	return body, nil
}

// normalLine gives a one-line text (subject, name, title) in its stored form: NFC, runs of white space and controls
// are one space, none at the ends.
func normalLine(field, text string, most int) (string, error) {
	if !utf8.ValidString(text) {
		return "", fault.InvalidField(field, "invalid", "error.text.encoding", nil)
	}
	if n := utf8.RuneCountInString(text); n > 4*most {
		return "", tooLong(field, "error.text.too_long", n, most)
	}
	text = norm.NFC.String(oneLine(text))
	if n := utf8.RuneCountInString(text); n > most {
		return "", tooLong(field, "error.text.too_long", n, most)
	}
	return text, nil
}

// OptionalLine brings a text of one line, which may be empty, into the form in which it is kept. Errors: Invalid.
func OptionalLine(field, text string, most int) (string, error) { return normalLine(field, text, most) }

// requiredLine is normalLine for a text that must be there.
func requiredLine(field, text string, most int) (string, error) {
	text, err := normalLine(field, text, most)
	if err == nil && !Visible(text) {
		err = fault.InvalidField(field, "required", "error.text.empty", nil)
	}
	return text, err
}

func tooLong(field, key string, got, most int) error {
	return fault.InvalidField(field, "too_long", key, map[string]any{"max": most, "got": got})
}

// WithoutControls turns \r\n and \r into \n and drops the other control characters of ASCII but \n and \t.
func WithoutControls(s string) string {
	clean := true
	for i := range len(s) {
		if s[i] < ' ' && s[i] != '\n' && s[i] != '\t' || s[i] == 0x7f {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r < ' ' && r != '\n' && r != '\t', r == 0x7f:
			return -1
		}
		return r
	}, s)
}

// Visible tells whether the text holds anything that can be seen: no white space, no format character (zero-width
// spaces, directions), none of the blanks that Unicode counts as letters or symbols.
func Visible(s string) bool {
	for _, r := range s {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r), unicode.Is(unicode.Cf, r):
		case r == '\u2800', r == '\u3164', r == '\u115f', r == '\u1160', r == '\uffa0':
		default:
			return true
		}
	}
	return false
}

// oneLine folds white space and controls into single spaces.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// filePreview stands in lists for a message that is a file and no words.
const filePreview = "📎"

// preview is the start of a body on one line.
func preview(body string) string {
	head := cut(body, 4*previewMax) // enough even when most of it is white space
	return cut(oneLine(head), previewMax)
}

// cut gives the first n code points.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
