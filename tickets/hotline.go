package tickets

import (
	"regexp"
	"strings"
)

// A hotline is digits as people write them, and perhaps an extension: "400-820-8820", "+86 21 5555 1234 转 8".
var (
	hotlineForm  = regexp.MustCompile(`(?i)^[+(]?[0-9][0-9 ()./+*#–-]{1,30}( ?(转|分机|ext\.?|x) ?[0-9]{1,6})?$`)
	hotlineParts = regexp.MustCompile(`(?i)^(.*?)(?: ?(?:转|分机|ext\.?|x) ?([0-9]{1,6}))?$`)
)

// DialURI is what a telephone dials for a hotline (RFC 3966): "tel:+862155551234,8". The extension comes after a pause,
// which telephones know; ";ext=" is what most of them drop. Of two numbers ("555 1234/35") it is the first.
func DialURI(hotline string) string {
	parts := hotlineParts.FindStringSubmatch(hotline)
	number, _, _ := strings.Cut(parts[1], "/")
	if strings.HasPrefix(number, "+") {
		number = strings.ReplaceAll(number, "(0)", "") // said at home, never dialled from abroad
	}
	var b strings.Builder
	for i, r := range number {
		switch {
		case r >= '0' && r <= '9', r == '*', r == '+' && i == 0:
			b.WriteRune(r)
		case r == '#':
			b.WriteString("%23") // else it begins a fragment
		}
	}
	if b.Len() == 0 {
		return ""
	}
	if parts[2] != "" {
		b.WriteString("," + parts[2])
	}
	return "tel:" + b.String()
}
