package insights

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"huiyin/app/insights/grouping"
	"huiyin/app/insights/worker"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// memory that a pass takes, in MiB.
const (
	memoryMost  = 640 // more brings nothing: 100,000 texts take so much
	memoryLeast = 192
	// memoryFull is under what fewer texts are read.
	memoryFull   = 600
	textsFewer   = 60_000
	textsPlain   = 20_000
	memoryShare  = .75 // of what is free
	writersUsual = 5
)

// plan is what a pass may take.
type plan struct {
	memory, texts int
	plain         bool
}

func (s *Service) plan(last *Run) plan {
	p := plan{memory: s.Memory, texts: textsMost}
	if p.memory == 0 {
		p.memory = int(memoryShare * float64(worker.Free()))
	}
	p.memory = min(p.memory, memoryMost)
	if last != nil && last.Reason == killed { // perhaps it was too much
		p.memory = min(p.memory, last.Memory*2/3)
	}
	p.memory = max(p.memory, memoryLeast)
	switch {
	case p.memory < worker.PlainUnder:
		p.plain, p.texts = true, textsPlain
	case p.memory < memoryFull:
		p.texts = textsFewer
	}
	return p
}

// nextPlan is the plan of a pass that begins now.
func (s *Service) nextPlan(ctx context.Context) (plan, error) {
	runs, err := s.Runs(ctx, 1)
	if err != nil || len(runs) == 0 {
		return s.plan(nil), err
	}
	return s.plan(&runs[0]), nil
}

// Pass does the pass over all texts that is due, if any. Killed anywhere, it is simply done again: what was written until then
// is where it begins. Errors of the worker are noted in the run, and tried again after an hour.
func (s *Service) Pass(ctx context.Context) (*Run, error) {
	if s.Worker == nil {
		return nil, nil
	}
	r, err := s.due(ctx)
	if err != nil || r == nil {
		return nil, err
	}
	return r, s.passNow(ctx, r)
}

// PassNow does a pass whether it is due or not.
func (s *Service) PassNow(ctx context.Context, kind worker.Kind) (*Run, error) {
	digest, err := s.digest(ctx)
	if err != nil {
		return nil, err
	}
	r := &Run{Kind: kind, Reason: BecauseNight, digest: digest}
	return r, s.passNow(ctx, r)
}

func (s *Service) passNow(ctx context.Context, r *Run) error {
	how, err := s.nextPlan(ctx)
	if err != nil {
		return err
	}
	r.Plain, r.Memory = how.plain, how.memory
	of, err := s.Texts(ctx, textsMost)
	if err != nil {
		return err
	}
	r.Of = of
	if err := s.begin(ctx, r); err != nil {
		return err
	}
	if how.plain {
		s.Log.WarnContext(ctx, "complaints are grouped with little memory: Chinese is read by pairs of characters, and only the newest texts", "memory_mib", how.memory, "texts", min(of, how.texts), "of", of)
	}
	err = s.group(ctx, r, how)
	if errors.Is(err, grouping.ErrForm) && r.Kind != worker.Cold {
		r.Kind, r.Reason = worker.Cold, BecauseForm
		err = s.group(ctx, r, how)
	}
	if err != nil {
		err = errors.Join(ctx.Err(), err) // a database may call its end something else
		return errors.Join(fmt.Errorf("group complaints, %s: %w", r.Kind, err), s.fail(ctx, r, reasonOf(err)))
	}
	s.Log.InfoContext(ctx, "complaints are grouped", "kind", r.Kind, "why", r.Reason, "texts", r.Texts, "moved", r.Moved, "took", s.Now().Sub(r.BeganAt).Round(time.Millisecond))
	return nil
}

// reasonOf says whether a pass was stopped with the desk, was killed, or has failed.
func reasonOf(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return brokenOff
	case errors.Is(err, worker.ErrGone):
		return killed
	}
	return "error"
}

// passing is a pass at work.
type passing struct {
	s      *Service
	run    *Run
	load   *loading
	result *worker.Result
	// rows of fine groups that the worker names by numbers, made where they are new.
	fine    map[int]*Group
	groups  []Group
	aspects map[string]string // by key, as people of the shop's language call them
	own     map[int]id.ID     // groups by the number that the worker calls them by
	model   string
}

// group has the worker group all texts, and writes what it found.
func (s *Service) group(ctx context.Context, r *Run, how plan) error {
	p, err := s.passing(ctx, r)
	if err != nil {
		return err
	}
	pass := worker.Pass{Kind: r.Kind, Writers: s.Writers, Memory: how.memory, Plain: how.plain}
	if pass.Lexicon, err = s.ownLines(ctx); err != nil {
		return err
	}
	if r.Kind != worker.Cold {
		last, err := s.current(s.Store.Read(ctx))
		if err != nil {
			return err
		}
		if last == nil {
			return grouping.ErrForm
		}
		pass.Name = last.model
		if pass.Model, err = s.readModel(ctx, last.model); err != nil {
			return err
		}
	}
	if err := p.load.fillParents(s.Store.Read(ctx), &pass); err != nil {
		return err
	}
	if p.result, err = s.Worker.Pass(ctx, pass, p.load.texts(ctx, how.texts, r.Kind == worker.Cold)); err != nil {
		return err
	}
	if len(p.result.Members) != len(p.load.rows) {
		return fmt.Errorf("the worker answered for %d texts of %d", len(p.result.Members), len(p.load.rows))
	}
	r.Texts, r.Moved = len(p.load.rows), p.result.Moved
	return p.write(ctx)
}

func (s *Service) passing(ctx context.Context, r *Run) (*passing, error) {
	tx := s.Store.Read(ctx)
	f, err := s.allFines(tx)
	if err != nil {
		return nil, err
	}
	p := &passing{s: s, run: r, fine: map[int]*Group{}, own: map[int]id.ID{}}
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		return nil, err
	}
	if p.aspects, err = s.AspectNames(ctx, shop.Locale); err != nil {
		return nil, err
	}
	if p.groups, err = s.groups(tx, ` WHERE g.level = 'group' AND g.state IN ('open', 'muted')`); err != nil {
		return nil, err
	}
	p.load = &loading{s: s, fines: f, groups: map[id.ID]*Group{}, word: map[string]uint16{}}
	for i := range p.groups {
		g := &p.groups[i]
		g.ordinal = i + 1
		p.load.groups[g.ID], p.own[g.ordinal] = g, g.ID
	}
	return p, nil
}

// write brings the desk to what was found: new groups first, which nobody sees while nothing belongs to them; then the texts, a
// few at a time; then the model and the numbers of its fine groups, in one step; then names and what else is told of groups.
func (p *passing) write(ctx context.Context) (err error) {
	for _, step := range []func(context.Context) error{p.makeGroups, p.moveVoices, p.takeModel, p.describe, p.sample, p.twins, p.s.dropModels, p.end} {
		if err = step(ctx); err != nil {
			return err
		}
	}
	p.s.cache.drop()
	return nil
}

// errOvertaken is a pass whose run is over although it is at work: another one began, for this one was thought dead.
var errOvertaken = errors.New("another pass has begun")

// inPieces is that of the service, of a pass that nobody has overtaken. Whoever begins one ends those before (begin).
func (p *passing) inPieces(ctx context.Context, n, most int, fn func(tx *gorm.DB, from, to int) error) error {
	return p.s.inPieces(ctx, n, most, func(tx *gorm.DB, from, to int) error {
		if err := p.goesOn(tx); err != nil {
			return err
		}
		return fn(tx, from, to)
	})
}

// goesOn tells, within a transaction that is alone, that nobody has overtaken the pass. Errors: errOvertaken.
func (p *passing) goesOn(tx *gorm.DB) error {
	var n int
	if err := tx.Raw(`SELECT COUNT(*) FROM insight_runs WHERE id = ? AND state = 'running'`, int64(p.run.ID)).Row().Scan(&n); err != nil {
		return err
	}
	if n == 0 {
		return errOvertaken
	}
	return nil
}

// passPause is by how many times the pauses of a pass are longer than those of other writing (tickets.Pause), so that it writes a
// seventh of the time: it can wait, the chat cannot.
const passPause = 48

// inPieces calls fn in transactions of its own for a few of n things each, with pauses.
func (s *Service) inPieces(ctx context.Context, n, most int, fn func(tx *gorm.DB, from, to int) error) error {
	for from := 0; from < n; from += most {
		began := time.Now()
		if err := s.write(ctx, func(tx *gorm.DB) error { return fn(tx, from, min(n, from+most)) }); err != nil {
			return err
		}
		if err := tickets.Pause(ctx, passPause*time.Since(began)); err != nil {
			return err
		}
	}
	return nil
}
