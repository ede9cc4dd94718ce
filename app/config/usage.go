package config

import (
	"strings"
)

const (
	usageIndent = "      "
	usageWidth  = 96
)

// Usage describes the settings of the struct that into points to, as `huiyin help COMMAND` shows them.
func Usage(into any) string {
	var b strings.Builder
	for _, f := range fields(into) {
		b.WriteString(strings.TrimRight("  --"+f.name+" "+f.arg, " ") + "\n")
		for _, line := range wrap(f.usage, usageWidth-len(usageIndent)) {
			b.WriteString(usageIndent + line + "\n")
		}
		b.WriteString(usageIndent + variable(f.name))
		if f.def != "" {
			b.WriteString(", default " + f.def)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// wrap breaks a text into lines of at most width characters.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimLeft(line+" "+word, " ")
	}
	return append(lines, line)
}
