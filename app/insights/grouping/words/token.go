package words

import (
	"strings"
	"unicode"

	"github.com/kljensen/snowball/english"
)

// Token is one word of a text, in the form it is counted by and in the form it is shown.
type Token struct {
	Form  string // stem of an English word, a Chinese word as it is
	Shown string
	// Stop words and numbers hold no meaning of their own: they are kept because phrases go across them.
	Stop bool
	// Joined tells that nothing but a space stood before it: both belong to one phrase.
	Joined bool
}

// maxWord is the longest word, in bytes: longer ones are noise.
const maxWord = 40

// Latin reads the words of a run without Chinese characters.
func latin(run string, tokens []Token) []Token {
	joined := true
	for begin := 0; begin < len(run); {
		word, gap, next := nextWord(run, begin)
		joined = joined && !gap
		if word != "" && len(word) <= maxWord {
			tokens = appendWord(tokens, word, joined)
			joined = true
		}
		begin = next
	}
	return tokens
}

// nextWord finds the next run of letters, digits and apostrophes from begin on; gap tells that punctuation stood before.
func nextWord(run string, begin int) (word string, gap bool, next int) {
	start := -1
	for i, r := range run[begin:] {
		inside := unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Mn, r) || start >= 0 && (r == '\'' || r == '’')
		switch {
		case inside && start < 0:
			start = begin + i
		case !inside && start >= 0:
			return run[start : begin+i], gap, begin + i
		case !inside && r != ' ' && r != '\'' && r != '-':
			gap = true
		}
	}
	if start < 0 {
		return "", gap, len(run)
	}
	return run[start:], gap, len(run)
}

// appendWord takes a word apart from its apostrophe: "can't" says can and not, "shop's" says shop.
func appendWord(tokens []Token, word string, joined bool) []Token {
	word = strings.ReplaceAll(word, "’", "'")
	negated := false
	if bare, ok := strings.CutSuffix(word, "n't"); ok {
		word, negated = bare, true
	}
	word, _, _ = strings.Cut(word, "'")
	if bare, not := contractions[word]; not {
		word, negated = bare, true
	}
	if word != "" {
		tokens = append(tokens, Token{Form: stem(word), Shown: word, Stop: stopEnglish[word] || isNumber(word), Joined: joined})
	}
	if negated {
		tokens = append(tokens, Token{Form: "not", Shown: "not", Joined: joined})
	}
	return tokens
}

// contractions as people type them.
var contractions = map[string]string{
	"cant": "can", "cannot": "can", "wont": "will", "dont": "do", "doesnt": "does", "didnt": "did", "isnt": "is", "wasnt": "was",
	"arent": "are", "havent": "have", "hasnt": "has", "couldnt": "could", "wouldnt": "would", "shouldnt": "should", "ca": "can", "wo": "will",
}

func isNumber(word string) bool {
	for _, r := range word {
		if !unicode.IsNumber(r) {
			return false
		}
	}
	return true
}

func stem(word string) string { return english.Stem(word, false) }
