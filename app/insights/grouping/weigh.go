package grouping

import (
	"math"

	"huiyin/app/insights/grouping/lexicon"
	"huiyin/app/insights/grouping/words"
)

const (
	// Length of the part that concepts have in a text, beside that of words, whose length is one. When both languages
	// are there, concepts are all that they share.
	conceptsAlone    = .5
	conceptsBridging = 1.7
	// presentShare is the share of all texts from which on a language counts as being there.
	presentShare = .1
	// kindWeight is what a particular concept (refund/waiting) counts beside the concept above it (refund): people write
	// of one matter in so many ways that the general one is found in both languages more often.
	kindWeight = .4
	// rarityPower flattens how much more a rare concept counts than a frequent one.
	rarityPower = .8
)

// weighed are the weights of concepts: how rare each is in the language in which it is less so.
type weighed struct {
	length float64 // of the part that concepts have
	of     []float32
}

func weigh(r *reading, lex *lexicon.Lexicon) weighed {
	var docs [words.Languages][]int
	var texts [words.Languages]int
	for l := range docs {
		docs[l] = make([]int, len(lex.Concepts))
	}
	for u := range r.units {
		l := r.units[u].language
		texts[l]++
		for _, c := range r.units[u].concepts {
			docs[l][c]++
		}
	}
	w := weighed{conceptsBridging, make([]float32, len(lex.Concepts))}
	var present [words.Languages]bool
	for l, n := range texts {
		if present[l] = float64(n) >= presentShare*float64(len(r.units)); !present[l] {
			w.length = conceptsAlone
		}
	}
	for c := range w.of {
		rarity := math.Inf(1)
		for l := range docs {
			if present[l] {
				rarity = min(rarity, math.Log(float64(texts[l]+1)/float64(docs[l][c]+1)))
			}
		}
		if math.IsInf(rarity, 1) {
			rarity = 0
		}
		rarity = math.Pow(rarity, rarityPower)
		if lex.Concepts[c].Parent != lexicon.None {
			rarity *= kindWeight
		}
		w.of[c] = float32(rarity)
	}
	return w
}
