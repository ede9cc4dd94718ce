package words

import "unicode"

// Language is what a text is read as.
type Language uint8

// The languages. A text of another script that has letters is read as English is: word by word.
const (
	Chinese Language = iota
	English
	Languages = 2
)

func (l Language) String() string {
	if l == Chinese {
		return "zh"
	}
	return "en"
}

// hanWeight is how many letters a Chinese character counts for: it says about as much as a short word.
const hanWeight = 4

// LanguageOf tells the language of a normal form by its scripts.
func LanguageOf(normal string) Language {
	han, letters := 0, 0
	for _, r := range normal {
		switch {
		case IsChinese(r):
			han++
		case unicode.IsLetter(r):
			letters++
		}
	}
	if han > 0 && han*hanWeight >= letters {
		return Chinese
	}
	return English
}

// IsChinese tells a Chinese character.
func IsChinese(r rune) bool {
	return r >= 0x4e00 && r <= 0x9fff || r >= 0x3400 && r <= 0x4dbf || r > 0xffff && unicode.Is(unicode.Han, r)
}
