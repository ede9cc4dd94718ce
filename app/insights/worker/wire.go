package worker

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"huiyin/app/insights/grouping"
)

// question is what goes to a child: one of these.
type question struct {
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

func serve(questions <-chan *question, enc *gob.Encoder) error {
	e := newEngine()
	var pass *Pass
	var texts []Text
	for q := range questions {
		if q.Pass != nil {
			pass, texts = q.Pass, nil
			if pass.Memory > 0 {
				debug.SetMemoryLimit(int64(pass.Memory) << 20)
			}
			continue
		}
		if pass != nil && !q.Over {
			texts = append(texts, q.Texts...)
			continue
		}
		var a *answer
		if pass != nil {
			a = guarded(func() *answer { return e.passed(pass, texts) })
			pass, texts = nil, nil
		} else {
			a = guarded(func() *answer { return e.answer(q) })
		}
		if err := enc.Encode(a); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
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

func (e *engine) passed(p *Pass, texts []Text) *answer {
	r, err := e.pass(p, texts)
	if err != nil {
		return failed(err)
	}
	return &answer{Result: r}
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
