package mailer

import (
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// lineMax is how long a header's line should be at the most (RFC 5322, 2.1.1). A word alone may be longer.
	lineMax = 76
	// wordMax is how long a word may be: with it, no line comes near the 998 bytes that servers take.
	wordMax = 900
	// chunkMax is how many bytes of text an encoded word holds: so it fits beside the name of its header.
	chunkMax = 39
	// paramMax is how many bytes of a parameter's value stand in one line.
	paramMax = 54
)

// header writes the lines of a mail's header. The first error stays.
type header struct {
	w    io.Writer
	utf8 bool // addresses beyond ASCII stand as they are (RFC 6532)
	err  error
}

// field writes one header of words, folded between them. Without words it writes none.
func (h *header) field(name string, words []string) {
	if len(words) == 0 || h.err != nil {
		return
	}
	_, h.err = io.WriteString(h.w, name+": "+fold(len(name)+2, words)+"\r\n")
}

// text writes a header of free text.
func (h *header) text(name, value string) { h.field(name, words(value)) }

// ids writes a header of message ids.
func (h *header) ids(name string, ids []string) {
	var all []string
	for _, id := range ids {
		if id = strings.Trim(id, "<> \t\r\n"); foreignID.MatchString(id) {
			all = append(all, "<"+id+">")
		}
	}
	if n := len(all); n > maxReferences { // the first one names the conversation, the last ones what it has come to
		all = append(all[:1], all[n-maxReferences+1:]...)
	}
	h.field(name, all)
}

// addresses writes a header of addresses.
func (h *header) addresses(name string, list []Address) {
	var all []string
	for i, a := range list {
		one := h.address(a)
		if i < len(list)-1 {
			one[len(one)-1] += ","
		}
		all = append(all, one...)
	}
	h.field(name, all)
}

// address gives one address as words. What a server cannot take stands as the name of a group of nobody (RFC 6857, 3.2).
func (h *header) address(a Address) []string {
	name := oneLine(a.Name)
	switch {
	case !ascii(a.Email) && !h.utf8:
		all := encode(strings.TrimSpace(name + " " + a.Email))
		all[len(all)-1] += ":;"
		return all
	case name == "":
		return []string{"<" + a.Email + ">"}
	case printable(name) && len(name) <= chunkMax:
		return []string{quote(name), "<" + a.Email + ">"}
	}
	return append(encode(name), "<"+a.Email+">")
}

// fold joins words into lines; used is how much of the first line is taken.
func fold(used int, words []string) string {
	var b strings.Builder
	for i, word := range words {
		switch {
		case i > 0 && used+1+len(word) > lineMax:
			b.WriteString("\r\n ")
			used = 1
		case i > 0:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += len(word)
	}
	return b.String()
}

// words makes a text into what a header may hold: its own words, or encoded ones (RFC 2047).
func words(text string) []string {
	if text = oneLine(text); text == "" {
		return nil
	}
	own := strings.Split(text, " ")
	for _, word := range own {
		if !printable(word) || len(word) > wordMax {
			return encode(text)
		}
	}
	return own
}

// encode makes a text into encoded words.
func encode(text string) []string {
	var all []string
	for _, chunk := range chunks(text, chunkMax, utf8.RuneLen) {
		all = append(all, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(chunk))+"?=")
	}
	return all
}

// chunks cuts a text into pieces of at most so much, which size counts.
func chunks(text string, most int, size func(rune) int) []string {
	var all []string
	from, n := 0, 0
	for i, r := range text {
		if n+size(r) > most {
			all, from, n = append(all, text[from:i]), i, 0
		}
		n += size(r)
	}
	return append(all, text[from:])
}

// oneLine makes a text one line: controls and runs of spaces become one space.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "\uFFFD"), func(r rune) bool {
		return r == ' ' || unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	}), " ")
}

// printable tells whether a text needs no encoding. What looks like an encoded word does: else it would be read as one.
func printable(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) < 0 && !strings.Contains(text, "=?")
}

func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// parameter gives a header's parameter that holds a file's name: as it is where it is plain and short, else in pieces as
// RFC 2231 has it.
func parameter(key, value string) string {
	if printable(value) && len(value) <= paramMax {
		return ";\r\n " + key + "=" + quote(value)
	}
	pieces := chunks(value, paramMax, func(r rune) int { return len(percent(string(r))) })
	if len(pieces) == 1 {
		return ";\r\n " + key + "*=utf-8''" + percent(value)
	}
	var b strings.Builder
	for i, piece := range pieces {
		charset := ""
		if i == 0 {
			charset = "utf-8''"
		}
		fmt.Fprintf(&b, ";\r\n %s*%d*=%s%s", key, i, charset, percent(piece))
	}
	return b.String()
}

// percent is RFC 2231's encoding.
func percent(text string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_' || c == '.' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// encodedParameter is a file's name for programs that do not know RFC 2231; they all read this, which no RFC has.
func encodedParameter(key, value string) string {
	if printable(value) && len(value) <= paramMax {
		return parameter(key, value)
	}
	return ";\r\n " + key + `="` + strings.Join(encode(value), "\r\n ") + `"`
}
