package grouping

import (
	"huiyin/app/insights/grouping/lexicon"
	"huiyin/app/insights/grouping/words"
)

// Text is one thing that somebody said: a ticket, the shopper's turns of a chat, a form's answer.
type Text struct {
	Body string
	// Writer tells texts of one person from those of others. Empty: somebody of whom nothing else comes.
	Writer string
}

// Options of a build.
type Options struct {
	// Segmenter finds Chinese words. Nil: pairs of characters stand for words, which needs no memory.
	Segmenter words.Segmenter
	// Lexicon of concepts. Nil: that of Huiyin.
	Lexicon *lexicon.Lexicon
	// ComplaintsOnly leaves out what is no complaint (lexicon.Gate).
	ComplaintsOnly bool
	// Writers is how many people must have used a word before the model keeps it or a name shows it.
	Writers int
}

func (o Options) lexicon() (*lexicon.Lexicon, error) {
	if o.Lexicon != nil {
		return o.Lexicon, nil
	}
	return lexicon.Shops()
}

// Member says where a text belongs: to a fine group and the group around it, both by id, or to none (0).
type Member struct {
	Fine, Group int
	Score       float32 // cosine to the middle of the nearest fine group, also when it belongs to none
}
