package lexicon

import (
	_ "embed" // the list
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"huiyin/app/insights/grouping/words"
)

//go:embed gate.txt
var gateText string

// gate weighs blame against praise.
type gate struct {
	phrases *Lexicon
	weights []float64 // of each concept of phrases
	not     []bool    // concepts that turn round what stands behind
	asks    []bool    // concepts of questions
}

var theGate = sync.OnceValues(func() (*gate, error) { return parseGate(gateText) })

// parseGate reads the list: its lines are concepts whose names are a kind and a weight.
func parseGate(text string) (*gate, error) {
	l, err := Parse("== gate | 判断 | gate\n" + text)
	if err != nil {
		return nil, err
	}
	g := &gate{l, make([]float64, len(l.Concepts)), make([]bool, len(l.Concepts)), make([]bool, len(l.Concepts))}
	for i, c := range l.Concepts {
		kind, weight, _ := strings.Cut(c.Name, " ")
		if kind == "not" || kind == "plain" {
			g.not[i] = kind == "not"
			continue
		}
		if g.weights[i], err = strconv.ParseFloat(weight, 64); err != nil || kind != "blame" && kind != "ask" && kind != "praise" {
			return nil, fmt.Errorf("%q of the gate: give blame, ask or praise with a weight, plain or not", c.Name)
		}
		g.asks[i] = kind == "ask"
		if kind == "praise" {
			g.weights[i] = -g.weights[i]
		}
	}
	return g, nil
}

// IsComplaint tells whether a normal form blames more than it praises. What does neither counts as a complaint: a shopper
// who writes to the desk wants something.
func IsComplaint(normal string) bool {
	g, err := theGate()
	if err != nil {
		return true
	}
	blame, asked := g.weigh(normal)
	return blame+asked >= 0
}

// ComplainsInTalk is IsComplaint for what is said in a conversation, where much neither blames nor praises: numbers, answers,
// questions. Of that only what names something that goes wrong is a complaint. tokens are the words of the normal form.
func (l *Lexicon) ComplainsInTalk(normal string, tokens []words.Token) bool {
	g, err := theGate()
	if err != nil {
		return true
	}
	blame, asked := g.weigh(normal)
	return blame > 0 || blame == 0 && asked == 0 && slices.ContainsFunc(l.Find(normal, tokens), func(c int32) bool {
		k := &l.Concepts[c]
		return k.Named() && !k.Topic && !k.Mild
	})
}

// weigh weighs the phrases of a text, the longest at each place, and apart from them its questions; a phrase behind a negation
// counts the other way, and less.
func (g *gate) weigh(normal string) (total, asked float64) {
	const turned = -.5
	tokens := reader.Tokens(normal)
	weigh := func(concept int32, negated bool) {
		w := g.weights[concept]
		if negated && w < 0 {
			w *= turned
		} else if negated {
			w = 0
		}
		if g.asks[concept] {
			asked += w
		} else {
			total += w
		}
	}
	negated := false
	for i := 0; i < len(normal); {
		r, size := rune(normal[i]), 1
		if r >= 0x80 {
			r = []rune(normal[i:min(len(normal), i+4)])[0]
			size = len(string(r))
		}
		concept, length := g.longest(normal[i:], r)
		switch {
		case length == 0:
			negated = negated && words.IsChinese(r) // "不是很好"
			if strings.ContainsRune(",。!?; ", r) {
				negated = false
			}
			i += size
		case g.not[concept]:
			negated = true
			i += length
		default:
			weigh(concept, negated)
			negated = false
			i += length
		}
	}
	for i := 0; i < len(tokens); {
		concept, length := g.longestLatin(tokens[i:])
		if length == 0 {
			i++
			continue
		}
		if g.weights[concept] != 0 {
			weigh(concept, i > 0 && turning[tokens[i-1].Form] || i > 1 && turningFar[tokens[i-2].Form])
		}
		i += length
	}
	return total, asked
}

// Words that turn round the next word, and the one after it.
var turning, turningFar = stems("not no never hardly nothing"), stems("not no never")

func stems(text string) map[string]bool {
	out := map[string]bool{}
	for _, t := range reader.Tokens(text) {
		out[t.Form] = true
	}
	return out
}

// longest gives the concept of the longest phrase at the beginning of a text, and its length in bytes.
func (g *gate) longest(text string, first rune) (concept int32, length int) {
	for _, p := range g.phrases.chinese[first] {
		if n := len(p.han[0]); n > length && strings.HasPrefix(text, p.han[0]) {
			concept, length = p.concept, n
		}
	}
	return concept, length
}

// longestLatin gives the concept of the longest phrase at the beginning of some words, and its length in words.
func (g *gate) longestLatin(tokens []words.Token) (concept int32, length int) {
	shown := tokens[0].Shown
	try := func(key string) {
		for _, p := range g.phrases.english[key] {
			if n := len(p.latin[0]); n > length && runAt(p.latin[0], tokens, 0) {
				concept, length = p.concept, n
			}
		}
	}
	try(tokens[0].Form)
	for n := 1; n <= min(keyLetters, len(shown)); n++ {
		try(shown[:n] + "*")
	}
	return concept, length
}
