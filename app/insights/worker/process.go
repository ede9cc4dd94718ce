package worker

import (
	"bufio"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// idle is how long a child waits for the next question before it is stopped: so long it holds the dictionary.
	idle = 5 * time.Minute
	// textsAtOnce go to a child in one piece.
	textsAtOnce = 1000
	// assignMost is how long a child may take for one piece of new texts, the dictionary loaded.
	assignMost = 2 * time.Minute
)

// Process works in a child process. The zero value of Command is this program with `insights worker`.
type Process struct {
	Command []string
	Env     []string // added to the child's
	Log     *slog.Logger
	// Plain: no dictionary is loaded for new texts either.
	Plain func() bool

	mu    sync.Mutex // one question at a time
	child *child
	rest  *time.Timer

	process atomic.Pointer[os.Process] // of the child, for Close
	closed  atomic.Bool
	passing atomic.Bool
}

// child is a running one.
type child struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	enc     *gob.Encoder
	answers chan *answer // closed when the child is gone
	gone    chan struct{}
}

// ErrBusy is a pass that is under way: two children at once would take too much memory.
var ErrBusy = errors.New("the worker is at a pass")

// Assign is part of Worker. Errors: ErrBusy besides.
func (p *Process) Assign(ctx context.Context, m Model, texts []string) ([]Member, error) {
	if p.passing.Load() {
		return nil, ErrBusy
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, assignMost)
	defer cancel()
	q := &question{Assign: &assignment{m.Name, texts}}
	a, err := p.ask(ctx, q)
	if err == nil && a.Wanted {
		if err = p.load(ctx, m); err != nil {
			return nil, err
		}
		a, err = p.ask(ctx, q)
	}
	if err != nil {
		return nil, err
	}
	return a.Members, a.err()
}

func (p *Process) load(ctx context.Context, m Model) error {
	model, err := m.Read(ctx)
	if err != nil {
		return err
	}
	a, err := p.ask(ctx, &question{Load: &loading{m.Name, model, m.Lexicon, p.Plain != nil && p.Plain()}})
	if err != nil {
		return err
	}
	return a.err()
}

// Pass is part of Worker. The child that does it is a fresh one and goes afterwards.
func (p *Process) Pass(ctx context.Context, pass Pass, texts iter.Seq2[Text, error]) (*Result, error) {
	p.passing.Store(true)
	defer p.passing.Store(false)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stop()
	defer p.stop()
	a, err := p.ask(ctx, &question{Pass: &pass}, func(send func(*question) error) error {
		var part []Text
		for t, err := range texts {
			if err != nil {
				return err
			}
			if part = append(part, t); len(part) == textsAtOnce {
				if err := send(&question{Texts: part}); err != nil {
					return err
				}
				part = nil
			}
		}
		if err := send(&question{Texts: part}); err != nil {
			return err
		}
		return send(&question{Over: true})
	})
	if err != nil {
		return nil, err
	}
	return a.Result, a.err()
}

// ErrGone is a child that ended before it answered: somebody has killed it, perhaps the system for want of memory.
var ErrGone = errors.New("the worker ended before it answered")

// errClosed is what is under way when the desk stops: it is done again.
var errClosed = fmt.Errorf("the worker is closed: %w", context.Canceled)

// ask sends a question, and what follows it, and waits for the answer. A child that was given up is killed.
func (p *Process) ask(ctx context.Context, q *question, more ...func(send func(*question) error) error) (*answer, error) {
	c, err := p.running(q.Pass)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.cmd.Process.Kill() })
	defer stop()
	send := func(q *question) error { return c.enc.Encode(q) }
	err = send(q)
	for _, fn := range more {
		if err == nil {
			err = fn(send)
		}
	}
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed) {
		err = ErrGone
	}
	if err == nil {
		if a, ok := <-c.answers; ok {
			p.restart()
			return a, nil
		}
		err = ErrGone
	}
	p.stop()
	if p.closed.Load() {
		err = errClosed
	}
	return nil, errors.Join(ctx.Err(), err)
}

// running gives the child, a new one where there is none.
func (p *Process) running(pass *Pass) (*child, error) {
	if p.closed.Load() {
		return nil, errClosed
	}
	if p.child != nil {
		select {
		case <-p.child.gone:
			p.stop()
		default:
			return p.child, nil
		}
	}
	command := p.Command
	if len(command) == 0 {
		path, err := os.Executable()
		if err != nil {
			return nil, err
		}
		command = []string{path, "insights", "worker"}
	}
	cmd := exec.Command(command[0], command[1:]...) //nolint:gosec // our own program
	cmd.Env = append(cmd.Environ(), p.Env...)
	if pass != nil && pass.Memory > 0 {
		cmd.Env = append(cmd.Env, fmt.Sprintf("GOMEMLIMIT=%dMiB", pass.Memory), "GOGC=50")
	}
	cmd.SysProcAttr = withParent()
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = &logged{log: p.Log}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the worker: %w", err)
	}
	c := &child{cmd: cmd, in: in, enc: gob.NewEncoder(in), answers: make(chan *answer), gone: make(chan struct{})}
	go c.read(out)
	p.child = c
	p.process.Store(cmd.Process)
	return c, nil
}

// read hands out the answers of a child until it ends.
func (c *child) read(out io.Reader) {
	defer close(c.gone)
	dec := gob.NewDecoder(bufio.NewReader(out))
	for {
		a := &answer{}
		if err := dec.Decode(a); err != nil {
			break
		}
		c.answers <- a
	}
	close(c.answers)
	_ = c.cmd.Wait() // how it ended says nothing that the missing answer does not
}

// restart counts the idle time from now on.
func (p *Process) restart() {
	if p.rest != nil {
		p.rest.Stop()
	}
	p.rest = time.AfterFunc(idle, func() {
		if p.mu.TryLock() { // else it is not idle
			defer p.mu.Unlock()
			p.stop()
		}
	})
}

// stop ends the child.
func (p *Process) stop() {
	if p.child == nil {
		return
	}
	_ = p.child.in.Close()
	_ = p.child.cmd.Process.Kill()
	for range p.child.answers { // until it is gone
	}
	<-p.child.gone
	p.child = nil
}

// Close is part of Worker. What is under way fails.
func (p *Process) Close() {
	p.closed.Store(true)
	if child := p.process.Load(); child != nil {
		_ = child.Kill()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rest != nil {
		p.rest.Stop()
	}
	p.stop()
}
