package grouping

import (
	"math"
	"sort"

	"huiyin/app/insights/grouping/cluster"
	"huiyin/app/insights/grouping/words"
)

const (
	// A group is of a language when so much of it is.
	ofLanguage = .8
	// equalConcepts is how similar the concepts of two groups of different languages must be, against what they are
	// within, to be one group: their words cannot be alike.
	equalConcepts = .75
	// focused groups are those whose texts hold the same concepts: the mean cosine of two of them.
	focused = .25
)

// voice is what the texts of a group say in concepts.
type voice struct {
	size   float64
	spoken [words.Languages]float64
	sum    []float64
}

func (v *voice) within() float64 {
	square := 0.
	for _, x := range v.sum {
		square += x * x
	}
	return (square - v.size) / max(1, v.size*(v.size-1))
}

// language that the group is of, or none.
func (v *voice) language() (words.Language, bool) {
	for l, n := range v.spoken {
		if n >= ofLanguage*v.size {
			return words.Language(l), true
		}
	}
	return 0, false
}

// bridge joins groups of different languages that say the same in concepts, the most similar pair first, each group
// once. into says to which merged group each fine one belongs, and is changed.
func bridge(p *cluster.Points, concepts int, belongs, into []int32) {
	voices := listen(p, concepts, belongs, into)
	type pair struct {
		a, b  int32
		ratio float64
	}
	var pairs []pair
	for a := range voices {
		for b := range voices {
			la, oka := voices[a].language()
			lb, okb := voices[b].language()
			if !oka || !okb || la != words.Chinese || lb != words.English {
				continue
			}
			wa, wb := voices[a].within(), voices[b].within()
			if wa < focused || wb < focused {
				continue
			}
			dot := 0.
			for i, x := range voices[a].sum {
				dot += x * voices[b].sum[i]
			}
			if ratio := dot / (voices[a].size * voices[b].size) / math.Sqrt(wa*wb); ratio >= equalConcepts {
				pairs = append(pairs, pair{int32(a), int32(b), ratio})
			}
		}
	}
	sort.SliceStable(pairs, func(i, j int) bool { return pairs[i].ratio > pairs[j].ratio })
	joined := map[int32]bool{}
	for _, p := range pairs {
		if joined[p.a] || joined[p.b] {
			continue
		}
		joined[p.a], joined[p.b] = true, true
		for k := range into {
			if into[k] == p.b {
				into[k] = p.a
			}
		}
	}
}

// listen sums the concepts of each group, those of a text brought to length one.
func listen(p *cluster.Points, concepts int, belongs, into []int32) []voice {
	voices := make([]voice, len(into))
	for k := range voices {
		voices[k].sum = make([]float64, concepts)
	}
	for i, k := range belongs {
		if k == cluster.None {
			continue
		}
		v := &voices[into[k]]
		v.size++
		v.spoken[p.Block[i]]++
		square := 0.
		places, values := p.Shared(i)
		for j, place := range places {
			if int(place) < concepts {
				square += float64(values[j]) * float64(values[j])
			}
		}
		for j, place := range places {
			if int(place) < concepts {
				v.sum[place] += float64(values[j]) / math.Sqrt(square)
			}
		}
	}
	return voices
}
