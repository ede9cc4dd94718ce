package web

import (
	"regexp"
	"strings"
)

// segment is a piece of a message's text; with Href it is a link.
type segment struct{ Text, Href string }

// webAddress finds what looks like a web address: it ends at a space, at quotes and brackets of any kind, and at Chinese
// punctuation, which stands right behind it. lib/linkify.js finds the same; a test holds the two together.
var webAddress = regexp.MustCompile(`(?i)https?://[^\s<>"'，。！？；：、（）《》〈〉「」『』【】“”‘’…]+`)

// linkify cuts a text into plain pieces and links. It makes no markup: the template escapes every piece.
func linkify(text string) []segment {
	var out []segment
	end := 0
	for _, at := range webAddress.FindAllStringIndex(text, -1) {
		link := trimLink(text[at[0]:at[1]])
		if !strings.Contains(link, "://") || strings.HasSuffix(link, "://") {
			continue
		}
		if at[0] > end {
			out = append(out, segment{Text: text[end:at[0]]})
		}
		out = append(out, segment{Text: link, Href: link})
		end = at[0] + len(link)
	}
	if end < len(text) {
		out = append(out, segment{Text: text[end:]})
	}
	return out
}

// trimLink drops the punctuation of the sentence that the address stands in, and a closing bracket that was not opened.
func trimLink(link string) string {
	for {
		trimmed := strings.TrimRight(link, ".,;:!?*_~|")
		if strings.HasSuffix(trimmed, ")") && strings.Count(trimmed, "(") < strings.Count(trimmed, ")") {
			trimmed = strings.TrimSuffix(trimmed, ")")
		}
		if strings.HasSuffix(trimmed, "]") && strings.Count(trimmed, "[") < strings.Count(trimmed, "]") {
			trimmed = strings.TrimSuffix(trimmed, "]")
		}
		if trimmed == link {
			return link
		}
		link = trimmed
	}
}
