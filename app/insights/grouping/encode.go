package grouping

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"

	"huiyin/app/insights/grouping/cluster"
	"huiyin/app/insights/grouping/space"
	"huiyin/app/insights/grouping/words"
)

// storedForm is raised when what is stored changes: a model of another form is built anew.
const storedForm = 1

// ErrForm is a stored model that this program does not read: build it anew.
var ErrForm = errors.New("grouping: the stored model is of another form")

// stored is a model as it is written. Words in it were used by Options.Writers people at least.
type stored struct {
	Form                int
	Tongues             [words.Languages]storedTongue
	Concepts            []string // by name: the lexicon may have been edited since
	Weights             []float32
	Length              float64
	Width               int
	Centers             []float32
	Fines               []fine
	LastFine, LastGroup int
	Writers             int
	Gates               gates
}

type storedTongue struct {
	Texts int
	Words []string
	Docs  []int32
	Space *space.Space
}

// Encode writes the model. The same model gives the same bytes. Whoever keeps it seals it: it holds words of shoppers.
func (m *Model) Encode(w io.Writer) error {
	s := stored{Form: storedForm, Weights: m.concepts.of, Length: m.concepts.length, Width: m.centers.Width, Centers: m.centers.V,
		Fines: m.fines, LastFine: m.lastFine, LastGroup: m.lastGroup, Writers: m.options.Writers, Gates: m.gates}
	for l, t := range m.tongues {
		s.Tongues[l] = storedTongue{t.texts, t.words, t.docs, t.space}
	}
	for _, c := range m.lexicon.Concepts {
		s.Concepts = append(s.Concepts, c.Name)
	}
	return gob.NewEncoder(w).Encode(s)
}

// Decode reads a model. o gives what is not stored: segmenter, lexicon, gate. Errors: ErrForm when it was written by
// another version or with another lexicon.
func Decode(r io.Reader, o Options) (*Model, error) {
	lex, err := o.lexicon()
	if err != nil {
		return nil, err
	}
	var s stored
	if err := gob.NewDecoder(r).Decode(&s); err != nil {
		return nil, fmt.Errorf("read the stored model: %w", err)
	}
	if s.Form != storedForm || len(s.Concepts) != len(lex.Concepts) || s.Width <= 0 || len(s.Centers) != s.Width*len(s.Fines) || !s.Gates.fit(s.Width) {
		return nil, ErrForm
	}
	for i, c := range lex.Concepts {
		if s.Concepts[i] != c.Name {
			return nil, ErrForm
		}
	}
	o.Writers = s.Writers
	m := &Model{options: o, lexicon: lex, atlas: atlas{concepts: weighed{s.Length, s.Weights}},
		centers: &cluster.Centroids{Width: s.Width, V: s.Centers}, fines: s.Fines, gates: s.Gates, lastFine: s.LastFine, lastGroup: s.LastGroup}
	for l, t := range s.Tongues {
		m.tongues[l] = &tongue{texts: t.Texts, words: t.Words, docs: t.Docs, space: t.Space}
		m.tongues[l].number()
	}
	return m, nil
}
