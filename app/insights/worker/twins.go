package worker

import (
	"cmp"
	"math"
	"slices"

	"huiyin/app/insights/grouping/words"
)

const (
	// twinTexts of a group are looked at for its twin.
	twinTexts = 60
	// twinLeast is the cosine between the concepts of two groups at which they may be of the same complaint.
	twinLeast = .45
	// mainly is the share of a group's texts that its language has at least.
	mainly = .8
)

// profile is what the texts of a group speak of.
type profile struct {
	group, texts, chinese int
	concepts              map[int32]float64
	length                float64
}

// twins finds groups of one language that speak of the same concepts as one of the other: each must be the other's nearest.
func (a *arranging) twins() {
	list := a.profiles()
	best := func(of *profile, chinese bool) (nearest *profile, score float64) {
		for _, p := range list {
			if p.isChinese() != chinese || p == of {
				continue
			}
			if c := of.cosine(p); c > score {
				nearest, score = p, c
			}
		}
		return nearest, score
	}
	for _, p := range list {
		if !p.isChinese() {
			continue
		}
		other, score := best(p, false)
		if other == nil || score < twinLeast {
			continue
		}
		if back, _ := best(other, true); back == p {
			a.Twins = append(a.Twins, Twin{number(p.group), number(other.group), score})
		}
	}
}

func (p *profile) isChinese() bool { return 2*p.chinese > p.texts }

func (p *profile) cosine(o *profile) float64 {
	sum := 0.
	for c, w := range p.concepts {
		sum += w * o.concepts[c]
	}
	if p.length == 0 || o.length == 0 {
		return 0
	}
	return sum / (p.length * o.length)
}

// profiles reads some texts of each group that is of one language.
func (a *arranging) profiles() []*profile {
	byGroup := map[int]*profile{}
	reader := words.NewReader(nil)
	in := map[int32]int{} // groups in which a concept is spoken of
	for i, m := range a.grouping.Members {
		if m.Group == 0 {
			continue
		}
		p := byGroup[m.Group]
		if p == nil {
			p = &profile{group: m.Group, concepts: map[int32]float64{}}
			byGroup[m.Group] = p
		}
		if p.texts == twinTexts {
			continue
		}
		p.texts++
		normal := words.Normal(a.texts[i].Body)
		if words.LanguageOf(normal) == words.Chinese {
			p.chinese++
		}
		for _, c := range a.lexicon.Find(normal, reader.Tokens(normal)) {
			if p.concepts[c] == 0 {
				in[c]++
			}
			p.concepts[c]++
		}
	}
	var list []*profile
	for _, p := range byGroup {
		if share := float64(p.chinese) / float64(p.texts); share > 1-mainly && share < mainly {
			continue // it is of both languages already
		}
		for c, n := range p.concepts {
			w := math.Sqrt(n/float64(p.texts)) * math.Log(float64(len(byGroup)+1)/float64(in[c]))
			p.concepts[c] = w
			p.length += w * w
		}
		p.length = math.Sqrt(p.length)
		list = append(list, p)
	}
	slices.SortFunc(list, func(x, y *profile) int { return cmp.Compare(x.group, y.group) })
	return list
}
