package chat

import (
	"net/http"
	"strings"
)

// The languages of the desk. What is neither is answered in English; who says nothing is a Chinese shopper.
const (
	chinese = "zh-CN"
	english = "en"
)

// localeOf takes a language tag, or the list of an Accept-Language header, for one of ours.
func localeOf(tags string) string {
	if strings.TrimSpace(tags) == "" {
		return chinese
	}
	for tag := range strings.SplitSeq(tags, ",") {
		switch lang, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-"); {
		case strings.HasPrefix(lang, "zh"):
			return chinese
		case strings.HasPrefix(lang, "en"):
			return english
		}
	}
	return english
}

func localeOfRequest(r *http.Request) string { return localeOf(r.Header.Get("Accept-Language")) }
