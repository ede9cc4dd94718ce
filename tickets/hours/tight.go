package hours

import "regexp"

var betweenHan = regexp.MustCompile(`(\p{Han}) (\p{Han})`)

// Tight takes out spaces between two Chinese characters. A sentence has one where a clock stands ("客服 9:00 上班"), and one
// too many when a day comes before it ("客服明天 9:00 上班").
func Tight(sentence string) string {
	return betweenHan.ReplaceAllString(sentence, "$1$2")
}
