package worker

import (
	"context"
	"iter"
	"sync"
)

// Local works in this process, without limits: for tests and small tools.
type Local struct {
	mu     sync.Mutex // of the engine for new texts; a pass has its own
	engine *engine
}

// Assign is part of Worker.
func (l *Local) Assign(ctx context.Context, m Model, texts []string) ([]Member, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.engine == nil {
		l.engine = newEngine()
	}
	if l.engine.name != m.Name {
		model, err := m.Read(ctx)
		if err != nil {
			return nil, err
		}
		if err := l.engine.load(m.Name, model, lexical{m.Lexicon, true}); err != nil {
			return nil, err
		}
	}
	return l.engine.assign(texts), nil
}

// Pass is part of Worker. Chinese is read by pairs of characters.
func (l *Local) Pass(_ context.Context, p Pass, texts iter.Seq2[Text, error]) (*Result, error) {
	var all []Text
	for t, err := range texts {
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	p.Plain = true
	e := newEngine()
	m, err := e.begin(&p)
	if err != nil {
		return nil, err
	}
	return e.pass(&p, m, all)
}

// Close is part of Worker.
func (l *Local) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.engine = nil
}
