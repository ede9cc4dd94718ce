package macros

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// Limits of the ways in which one title is read: a character with two readings doubles them.
const (
	readingsMax  = 8
	initialsMost = 20
)

// Initials gives the first letters by which a Chinese title is typed, 退款 as tk; a character with several readings
// gives several (长度 as zd and cd). Letters and digits stand for themselves. A title without Chinese gives none.
func Initials(title string) []string {
	args := pinyin.NewArgs()
	args.Style, args.Heteronym = pinyin.FirstLetter, true
	all, chinese := []string{""}, false
	for _, r := range strings.ToLower(title) {
		var letters []string
		switch {
		case unicode.Is(unicode.Han, r):
			chinese, letters = true, pinyin.SinglePinyin(r, args)
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			letters = []string{string(r)}
		}
		if letters = different(letters); len(letters) == 0 {
			continue
		}
		if len(all[0]) >= initialsMost {
			break
		}
		all = product(all, letters)
	}
	if !chinese || all[0] == "" {
		return nil
	}
	return all
}

// different gives the first two letters that are not the same: further readings are of the kind that nobody types.
func different(letters []string) []string {
	for i, letter := range letters {
		if letter != letters[0] {
			return []string{letters[0], letters[i]}
		}
	}
	return letters[:min(len(letters), 1)]
}

// product joins every beginning with every letter, and where that are too many with the first one only.
func product(beginnings, letters []string) []string {
	if len(beginnings)*len(letters) > readingsMax {
		letters = letters[:1]
	}
	out := make([]string, 0, len(beginnings)*len(letters))
	for _, b := range beginnings {
		for _, l := range letters {
			out = append(out, b+l)
		}
	}
	return out
}
