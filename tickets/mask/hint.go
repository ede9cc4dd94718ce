package mask

import (
	"strings"
	"unicode/utf8"
)

// Words beside a number that tell what it is, in lower case.
var (
	cardWords = []string{
		"卡号", "卡號", "银行", "銀行", "信用卡", "借记卡", "储蓄卡", "銀聯", "银联",
		"card", "visa", "amex", "american express", "unionpay", "jcb", "diners", "discover", "maestro",
	}
	idWords = []string{
		"身份", "身分", "证件", "證件", "证号", "證號", "identity", "id card", "id number", "id no", "national id",
	}
)

const (
	hintBefore = 24 // characters before the number in which a word counts
	hintAfter  = 12 // and after it: "4111… 是我的卡号"
)

// hint tells whether one of the words stands near s[start:end].
func hint(s string, start, end int, words []string) bool {
	from, to := start, end
	for range hintBefore {
		_, size := utf8.DecodeLastRuneInString(s[:from])
		from -= size
	}
	for range hintAfter {
		_, size := utf8.DecodeRuneInString(s[to:])
		to += size
	}
	before, after := strings.ToLower(s[from:start]), strings.ToLower(s[end:to])
	for _, w := range words {
		if strings.Contains(before, w) || strings.Contains(after, w) {
			return true
		}
	}
	return false
}
