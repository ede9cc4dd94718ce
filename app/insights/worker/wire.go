package worker

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"

	"huiyin/app/insights/grouping"
)

// question is what goes to a child: one of these. New texts are asked about while a pass is under way.
type question struct {
	N      uint64 // its answer bears it; parts of a pass have none
	Assign *assignment
	Load   *loading
	Pass   *Pass  // texts follow
	Texts  []Text // a part of them
	Over   bool   // that was all
}

type assignment struct {
	Model string
	Texts []string
}

type loading struct {
	Name    string
	Model   []byte
	Lexicon string
	Plain   bool
}

// answer is what comes back.
type answer struct {
	N       uint64
	Members []Member
	Result  *Result
	Wanted  bool // the model is not here: load it
	Form    bool // grouping.ErrForm
	Error   string
}

func (a *answer) err() error {
	switch {
	case a.Form:
		return grouping.ErrForm
	case a.Error != "":
		return errors.New(a.Error)
	}
	return nil
}

func failed(err error) *answer {
	if errors.Is(err, grouping.ErrForm) {
		return &answer{Form: true}
	}
	return &answer{Error: err.Error()}
}

// Serve answers questions from in on out until in ends, which ends what is under way as well: it is all that the child does.
func Serve(in io.Reader, out io.Writer) error {
	questions, failure := make(chan *question), make(chan error, 1)
	go func() {
		defer close(questions)
		for dec := gob.NewDecoder(in); ; {
			q := &question{}
			if err := dec.Decode(q); err != nil {
				failure <- err // also when the desk has died
				return
			}
			questions <- q
		}
	}()
	done := make(chan error, 1)
	go func() { done <- serve(questions, gob.NewEncoder(out)) }()
	select {
	case err := <-done:
		return err
	case err := <-failure:
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
}

// serving is a child at work: this goroutine answers what is short, another does the pass.
type serving struct {
	*engine
	mu    sync.Mutex // of enc
	enc   *gob.Encoder
	texts []Text // of the pass, as far as they have come
}

func serve(questions <-chan *question, enc *gob.Encoder) error {
	s := &serving{engine: newEngine(), enc: enc}
	var pass func() *answer
	var n uint64
	over := make(chan error, 1)
	for {
		var q *question
		select {
		case err := <-over:
			if err != nil {
				return err
			}
			continue
		case q = <-questions:
		}
		switch {
		case q == nil:
			return nil
		case q.Pass != nil:
			n, pass = q.N, s.begun(q.Pass)
		case len(q.Texts) > 0:
			s.texts = append(s.texts, q.Texts...)
		case q.Over && pass != nil:
			go func() { over <- s.say(n, pass) }()
		default:
			if err := s.say(q.N, func() *answer { return s.answer(q) }); err != nil {
				return err
			}
		}
	}
}

// begun readies a pass and gives what does it when its texts are there.
func (s *serving) begun(p *Pass) func() *answer {
	s.texts = nil
	if p.Memory > 0 {
		debug.SetMemoryLimit(int64(p.Memory) << 20)
	}
	var m *grouping.Model
	failure := guarded(func() *answer {
		var err error
		if m, err = s.begin(p); err != nil {
			return failed(err)
		}
		return nil
	})
	return func() *answer {
		if failure != nil {
			return failure
		}
		r, err := s.pass(p, m, s.texts)
		if err != nil {
			return failed(err)
		}
		return &answer{Result: r}
	}
}

// say finds an answer and writes it.
func (s *serving) say(n uint64, find func() *answer) error {
	a := guarded(find)
	a.N = n
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.enc.Encode(a); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return nil
}

// guarded makes a mistake of ours an error: the child says what it was before it is started anew.
func guarded(fn func() *answer) (a *answer) {
	defer func() {
		if v := recover(); v != nil {
			a = &answer{Error: fmt.Sprintf("panic: %v\n%s", v, debug.Stack())}
		}
	}()
	return fn()
}

func (e *engine) answer(q *question) *answer {
	switch {
	case q.Load != nil:
		if err := e.load(q.Load.Name, q.Load.Model, lexical{q.Load.Lexicon, q.Load.Plain}); err != nil {
			return failed(err)
		}
		return &answer{}
	case q.Assign != nil && e.name != q.Assign.Model:
		return &answer{Wanted: true}
	case q.Assign != nil:
		return &answer{Members: e.assign(q.Assign.Texts)}
	}
	return &answer{Error: "this question is not known"}
}
