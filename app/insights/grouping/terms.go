package grouping

import (
	"math"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"huiyin/app/insights/grouping/words"
)

const (
	leastDocs   = 4   // a term stands in so many texts of the group,
	leastShare  = .02 // and in this share of them
	phraseBonus = 1.25
)

// term is up to three words that stand side by side; unused ones are -1.
type term [3]int32

// scoredTerm is a term that sets a group apart.
type scoredTerm struct {
	term
	text         string
	score, share float64 // share of the texts that hold it
	phrase       bool    // more than one word
}

// terms chooses phrases none of which contains another.
func (n *namer) terms(units []int32) []scoredTerm {
	inside := map[term]int{}
	for _, u := range units {
		n.count(&n.reading.units[u], inside)
	}
	var candidates []scoredTerm
	in, all := float64(len(units)), float64(len(n.reading.units))
	for t, docs := range inside {
		if docs < min(leastDocs, max(2, len(units)/2)) || float64(docs) < leastShare*in {
			continue
		}
		p, q := float64(docs)/in, (float64(n.everywhere[t]-docs)+.5)/(all-in+1)
		score := p * math.Log(p/q)
		if t[1] >= 0 {
			score *= phraseBonus
		}
		if text := n.shown(t); score > 0 && !saysLittle(text) {
			candidates = append(candidates, scoredTerm{t, text, score, p, t[1] >= 0})
		}
	}
	sort.Slice(candidates, func(i, j int) bool {
		a, b := candidates[i], candidates[j]
		return a.score > b.score || a.score == b.score && a.text < b.text
	})
	var chosen []scoredTerm
	for _, c := range candidates {
		if len(chosen) == termsShown {
			break
		}
		overlaps := func(other scoredTerm) bool {
			return strings.Contains(other.text, c.text) || strings.Contains(c.text, other.text)
		}
		if !slices.ContainsFunc(chosen, overlaps) && n.saidByEnough(c.term, units) {
			chosen = append(chosen, c)
		}
	}
	return chosen
}

// saysLittle tells that a term by itself names nothing: a single character, a number, or a word that only turns or weighs others.
func saysLittle(text string) bool {
	return utf8.RuneCountInString(text) < 2 || littleSaid[text] || strings.ContainsAny(text, "0123456789")
}

var littleSaid = func() map[string]bool {
	out := map[string]bool{}
	for _, word := range strings.Fields(`no not never none nothing without much many more less few lot bit long back one two first last next day days week weeks month
 time times way thing things something anything everything 没有 不是 不能 不会 不到 没法 能用 能不能 是不是 可不可以 怎么办 第一 第二 这次 上次 每次 几次 之前 以后 以前 后来 最后 刚刚 马上 小时 没想到`) {
		out[word] = true
	}
	return out
}()

// saidByEnough tells that as many people said a term as Options.Writers asks for.
func (n *namer) saidByEnough(t term, units []int32) bool {
	var people []int32
	for _, u := range units {
		if len(people) >= n.options.Writers {
			return true
		}
		held := map[term]int{}
		if n.count(&n.reading.units[u], held); held[t] == 0 {
			continue
		}
		for _, person := range n.reading.units[u].writers {
			if !slices.Contains(people, person) {
				people = append(people, person)
			}
		}
	}
	return len(people) >= n.options.Writers
}

// count adds one to each term that a unit holds.
func (n *namer) count(u *unit, counts map[term]int) {
	known := n.known[u.language]
	seen := make(map[term]bool, 2*len(u.words))
	add := func(t term) {
		if !seen[t] {
			seen[t] = true
			counts[t]++
		}
	}
	for i, w := range u.words {
		w &= wordMask
		if known[w] < 0 {
			continue
		}
		add(term{w, -1, -1})
		if i+1 < len(u.words) && u.words[i+1]&joinedBit != 0 {
			next := u.words[i+1] & wordMask
			if known[next] >= 0 {
				add(term{w, next, -1})
			} else if i+2 < len(u.words) && u.words[i+2]&joinedBit != 0 && known[u.words[i+2]&wordMask] >= 0 && n.reading.stop[next] {
				add(term{w, next, u.words[i+2] & wordMask})
			}
		}
	}
}

// shown writes a term: Chinese words without, others with a space between.
func (n *namer) shown(t term) string {
	var b strings.Builder
	for i, w := range t {
		if w < 0 {
			break
		}
		word := n.reading.shown[w]
		if first, _ := utf8.DecodeRuneInString(word); i > 0 && !words.IsChinese(first) {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	return b.String()
}
