package worker

import (
	"context"
	"iter"

	"huiyin/app/insights/grouping"
)

// Worker answers what needs much memory. Both implementations are safe for concurrent use.
type Worker interface {
	// Assign gives texts their fine groups by a model, by its numbers, also while a pass is under way. Errors: grouping.ErrForm
	// (build anew).
	Assign(ctx context.Context, m Model, texts []string) ([]Member, error)
	// Pass groups all texts.
	Pass(ctx context.Context, p Pass, texts iter.Seq2[Text, error]) (*Result, error)
	// Close stops what runs.
	Close()
}

// Model is a stored model. Read gives its bytes when the worker does not have it yet.
type Model struct {
	Name    string
	Lexicon string // a shop's own lines beside those of Huiyin
	Read    func(ctx context.Context) ([]byte, error)
}

// Member is where a text belongs: to a fine group, by the model's number, or to none (0).
type Member struct {
	Fine  int
	Score float32
}

// Kind is what a pass does.
type Kind string

// The kinds of pass.
const (
	Cold    Kind = "cold"    // builds a model from nothing
	Nightly Kind = "nightly" // takes in what is new
	Weekly  Kind = "weekly"  // the same, with words placed anew
)

// Pass says how all texts are grouped.
type Pass struct {
	Kind    Kind
	Name    string // of the model; texts that come meanwhile ask for it
	Model   []byte // of Nightly and Weekly
	Lexicon string // a shop's own lines beside those of Huiyin
	Writers int    // people who must have used a word before the model keeps it
	// Memory is the limit in MiB; Plain does without the Chinese dictionary.
	Memory int
	Plain  bool
	// Parents are the groups that fine groups belong to, both by numbers of the caller above 0.
	Parents map[int]int
	// Given are the fine groups of the model that people have given to their groups: whatever they came from, they stay whole.
	Given []int
	// Put is how many texts people have put into each group by hand, those too that nobody can read any more.
	Put map[int]int
}

// Text is a text with where it was before.
type Text struct {
	Body, Writer string
	// Fine is the number of the fine group in which it was; 0: none. Below 0: one that the model does not know, which holds what
	// people put there.
	Fine  int
	Group int // the group in which it was
	// Known: a pass has seen it before.
	Known bool
	// Keep: it stays where it is, because a person said so.
	Keep bool
	// Put: a person has put this text itself there, or into no group: groups learn from it.
	Put bool
}

// Result is what a pass found.
type Result struct {
	Members []Member // of the texts, in their order
	Fines   []Fine
	Groups  []Described
	Twins   []Twin
	Moved   int // texts that were elsewhere before
	Model   []byte
}

// Described is a group or a fine group in words. Number is the caller's for a group that it knows; below 0: a new one.
type Described struct {
	Number  int
	Name    string
	Terms   []string
	Size    int
	Samples []int // by their place among the texts
}

// Fine is a fine group. Its number, and that of members, is the model's; below 0 it is one that the caller gave, or one of before
// a cold build (with the sign turned) whose texts stay in it although the model has forgotten it.
type Fine struct {
	Described
	Was   int // the number that it had before; 0: it is new
	Group int // as Described.Number; 0 of those below 0
}

// Twin says that two groups of different languages may be of the same complaint.
type Twin struct {
	A, B  int
	Score float64
}

// lexical is how words are read.
type lexical struct {
	lexicon string
	plain   bool
}

// options are those of the engine.
func (e *engine) options(l lexical, writers int) (grouping.Options, error) {
	lex, err := lexiconWith(l.lexicon)
	if err != nil {
		return grouping.Options{}, err
	}
	o := grouping.Options{Lexicon: lex, Writers: writers}
	if !l.plain {
		o.Segmenter = e.dictionary
	}
	return o, nil
}
