package quote

import (
	"regexp"
	"strings"
)

// Passed is a mail that somebody has passed on: who wrote it first, and what she wrote.
type Passed struct {
	Name    string
	Address string
	Text    string
}

// passedLines is how far into a text the passed-on mail is looked for.
const passedLines = 200

var nameBefore = regexp.MustCompile(`^\s*"?([^"<>\[\]()@]{1,200}?)"?\s*(?:<|\[|\(|\(mailto:)`)

// PassedOn finds the mail in a text that passes one on; ok is false where the text has no headers of one that name an address.
func PassedOn(text string) (p Passed, ok bool) {
	all := strings.SplitN(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u00a0", " ").Replace(text), "\n", linesMax)
	for i := range all[:min(len(all), passedLines)] {
		if !headerBlock(all, i) {
			continue
		}
		end := i
		for j := i; j < len(all) && j < i+headerBlockLines; j++ {
			name, value := headerOf(all[j])
			if name == "" {
				if strings.TrimSpace(all[j]) == "" && end > i {
					break
				}
				continue
			}
			end = j + 1
			if name == "from" && p.Address == "" {
				p.Address = strings.Trim(mailbox.FindString(value), "<>[]().,;")
				p.Address = strings.TrimPrefix(p.Address, "mailto:")
				if m := nameBefore.FindStringSubmatch(value); m != nil {
					p.Name = strings.TrimSpace(strings.Trim(m[1], " *_"))
				}
			}
		}
		if p.Address == "" {
			return p, false
		}
		p.Text = strings.TrimSpace(unquoted(all[end:]))
		return p, true
	}
	return p, false
}

// unquoted takes the marks of quotation off lines that all have one.
func unquoted(lines []string) string {
	lines = trimBlank(lines)
	for _, line := range lines {
		if strings.TrimSpace(line) != "" && !isQuoted(line) {
			return strings.Join(lines, "\n")
		}
	}
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = strings.TrimPrefix(strings.TrimLeft(strings.TrimLeft(line, " \t"), ">＞"), " ")
	}
	return strings.Join(out, "\n")
}
