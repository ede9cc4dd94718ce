package words

import (
	_ "embed" // the lists
	"strings"
)

//go:embed stop_en.txt
var stopEnglishList string

//go:embed stop_zh.txt
var stopChineseList string

// Words that stand in every kind of text. Words that negate (not, no, never; 不, 没) stay: "received" and "not received"
// are different complaints.
var (
	stopEnglish = set(stopEnglishList)
	stopChinese = set(stopChineseList)
)

func set(list string) map[string]bool {
	words := map[string]bool{}
	for line := range strings.Lines(list) {
		line, _, _ = strings.Cut(line, "#")
		for _, w := range strings.Fields(line) {
			words[w] = true
		}
	}
	return words
}
