package words

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Reader takes texts apart into tokens. Its Chinese words are found by a Segmenter; without one, pairs of characters
// stand for words. Safe for use by several goroutines.
type Reader struct{ segmenter Segmenter }

// Segmenter cuts a run of Chinese characters into words.
type Segmenter interface {
	Cut(run string) []string
}

// NewReader makes a reader; segmenter may be nil.
func NewReader(segmenter Segmenter) *Reader { return &Reader{segmenter} }

// Tokens reads the words of a normal form in their order.
func (r *Reader) Tokens(normal string) []Token {
	tokens := make([]Token, 0, len(normal)/4+1)
	for begin := 0; begin < len(normal); {
		first, _ := utf8.DecodeRuneInString(normal[begin:])
		han := IsChinese(first)
		end := begin + strings.IndexFunc(normal[begin:], func(c rune) bool { return IsChinese(c) != han })
		if end < begin {
			end = len(normal)
		}
		if run := normal[begin:end]; !han {
			tokens = latin(run, tokens)
		} else if r.segmenter != nil {
			tokens = r.chinese(run, tokens, clean(normal[:begin]))
		} else {
			tokens = pairs(run, tokens)
		}
		begin = end
	}
	return tokens
}

// clean tells that a text does not end in punctuation.
func clean(before string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	return before == "" || last == ' ' || unicode.IsLetter(last) || unicode.IsNumber(last)
}

func (r *Reader) chinese(run string, tokens []Token, joined bool) []Token {
	for _, word := range r.segmenter.Cut(run) {
		tokens = append(tokens, Token{Form: word, Shown: word, Stop: stopChinese[word], Joined: joined})
		joined = true
	}
	return tokens
}

// pairs reads overlapping pairs of characters; a lone character stays. Pairs within which a stop word of one character
// stands are kept: 不了, 没有.
func pairs(run string, tokens []Token) []Token {
	runes := []rune(run)
	if len(runes) == 1 {
		return append(tokens, Token{Form: run, Shown: run, Stop: stopChinese[run]})
	}
	for i := range len(runes) - 1 {
		pair := string(runes[i : i+2])
		tokens = append(tokens, Token{Form: pair, Shown: pair, Stop: stopChinese[pair]})
	}
	return tokens
}
