package safe

import (
	"html"
	"strings"

	nethtml "golang.org/x/net/html"
)

const (
	attrsMax = 60      // attributes of one element
	attrMax  = 2 << 10 // bytes of one attribute that is not the address of a picture
	dataMax  = 1 << 20 // bytes of a picture in its address
)

// trim leaves out what costs much to look at, or means something else once it is unescaped: elements with many attributes, long
// ones, styles with escapes. It counts what would have been fetched from elsewhere, but for the pictures of img.
func trim(source string) (trimmed string, elsewhere int) {
	var out strings.Builder
	out.Grow(len(source))
	z := nethtml.NewTokenizer(strings.NewReader(source))
	style := false
	for {
		switch kind := z.Next(); kind {
		case nethtml.ErrorToken:
			return out.String(), elsewhere
		case nethtml.StartTagToken, nethtml.SelfClosingTagToken:
			raw := z.Raw()
			cheap := len(raw) < attrMax && strings.IndexByte(string(raw), '\\') < 0
			text := ""
			if cheap {
				text = string(raw)
			}
			name, more := z.TagName()
			style = string(name) == "style"
			tag := "<" + string(name)
			for n := 0; more && n < attrsMax; n++ {
				var key, value []byte
				key, value, more = z.TagAttr()
				k, v := string(key), string(value)
				elsewhere += remote(string(name), k, v)
				if !cheap && fits(k, v) {
					tag += " " + k + `="` + html.EscapeString(v) + `"`
				}
			}
			if !cheap {
				text = tag + ">"
			}
			out.WriteString(text)
		case nethtml.TextToken:
			raw := z.Raw()
			if style {
				elsewhere += min(countURLs(string(raw)), 100)
			}
			out.Write(raw)
		default:
			style = false
			out.Write(z.Raw())
		}
	}
}

// fits tells whether an attribute is worth a look.
func fits(key, value string) bool {
	switch key {
	case "style":
		return len(value) <= attrMax && !strings.Contains(value, `\`)
	case "src":
		return len(value) <= dataMax
	}
	return len(value) <= attrMax && plainKey(key)
}

func plainKey(key string) bool {
	return key != "" && strings.Trim(strings.ToLower(key), "abcdefghijklmnopqrstuvwxyz-") == ""
}

// remote counts what an attribute would have a browser fetch.
func remote(tag, key, value string) int {
	switch key {
	case "style":
		return min(countURLs(value), 100)
	case "background", "poster", "srcset", "data", "dynsrc", "lowsrc":
	case "src":
		if tag == "img" {
			return 0 // counted where it is left out
		}
	case "href":
		if tag != "link" && tag != "image" && tag != "use" {
			return 0
		}
	default:
		return 0
	}
	if isRemote(value) {
		return 1
	}
	return 0
}

func isRemote(address string) bool {
	address = strings.ToLower(strings.TrimSpace(address[:min(len(address), 100)]))
	return strings.HasPrefix(address, "http:") || strings.HasPrefix(address, "https:") || strings.HasPrefix(address, "//")
}

// countURLs counts the addresses elsewhere in a style.
func countURLs(css string) (n int) {
	for _, mark := range []string{"url(", "@import"} {
		for rest := strings.ToLower(css); ; {
			_, after, ok := strings.Cut(rest, mark)
			if !ok {
				break
			}
			if isRemote(strings.TrimLeft(after[:min(len(after), 200)], " \t\r\n\"'")) {
				n++
			}
			rest = after
		}
	}
	return n
}
