package worker

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// idle is how long a child waits for the next question before it is stopped: so long it holds the dictionary.
	idle = 5 * time.Minute
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

	passing sync.Mutex // one pass at a time
	mu      sync.Mutex // of what follows; whoever asks about new texts holds it until the answer is there
	child   *child
	rest    *time.Timer

	process atomic.Pointer[os.Process] // of the child, for Close
	closed  atomic.Bool
}

// Assign is part of Worker. While a pass is under way its child answers: two at once would take too much memory.
func (p *Process) Assign(ctx context.Context, m Model, texts []string) ([]Member, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, assignMost)
	defer cancel()
	q := &question{Assign: &assignment{m.Name, texts}}
	a, err := p.askNow(ctx, q)
	if err == nil && a.Wanted {
		if err = p.load(ctx, m); err != nil {
			return nil, err
		}
		a, err = p.askNow(ctx, q)
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
	plain := p.Plain != nil && p.Plain()
	if p.child != nil && p.child.pass != nil { // it has the dictionary already, or may not
		plain = p.child.pass.Plain
	}
	a, err := p.askNow(ctx, &question{Load: &loading{m.Name, model, m.Lexicon, plain}})
	if err != nil {
		return err
	}
	return a.err()
}

// askNow asks the child that is there, or a new one. It does not end the child of a pass, which may be slow for a while.
func (p *Process) askNow(ctx context.Context, q *question) (*answer, error) {
	c, err := p.running(nil)
	if err != nil {
		return nil, err
	}
	if c.pass == nil {
		defer context.AfterFunc(ctx, c.kill)()
	}
	a, err := c.ask(ctx, q)
	if err == nil {
		p.restart()
		return a, nil
	}
	if c.pass == nil {
		p.stop()
	}
	return nil, p.because(ctx, err)
}

// Pass is part of Worker. The child that does it is a fresh one and goes afterwards.
func (p *Process) Pass(ctx context.Context, pass Pass, texts iter.Seq2[Text, error]) (*Result, error) {
	p.passing.Lock()
	defer p.passing.Unlock()
	c, err := p.fresh(&pass)
	if err != nil {
		return nil, err
	}
	defer p.end(c)
	defer context.AfterFunc(ctx, c.kill)()
	a, err := c.ask(ctx, &question{Pass: &pass}, func() error {
		pass.Model = nil // bulky, and sent
		return c.sendAll(texts)
	})
	if err != nil {
		return nil, p.because(ctx, err)
	}
	return a.Result, a.err()
}

// because says why there is no answer.
func (p *Process) because(ctx context.Context, err error) error {
	if p.closed.Load() {
		err = errClosed
	}
	return errors.Join(ctx.Err(), err)
}

// ErrGone is a child that ended before it answered: somebody has killed it, perhaps the system for want of memory.
var ErrGone = errors.New("the worker ended before it answered")

// errClosed is what is under way when the desk stops: it is done again.
var errClosed = fmt.Errorf("the worker is closed: %w", context.Canceled)

// fresh gives a child for a pass, in place of the one that is there.
func (p *Process) fresh(pass *Pass) (*child, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stop()
	return p.running(pass)
}

// end stops the child of a pass.
func (p *Process) end(c *child) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.child == c {
		p.stop()
	}
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
	c := newChild(cmd, in, pass)
	go c.read(out)
	p.child = c
	p.process.Store(cmd.Process)
	return c, nil
}

// restart counts the idle time from now on.
func (p *Process) restart() {
	if p.rest != nil {
		p.rest.Stop()
	}
	p.rest = time.AfterFunc(idle, func() {
		if p.mu.TryLock() { // else it is not idle
			defer p.mu.Unlock()
			if p.child != nil && p.child.pass == nil {
				p.stop()
			}
		}
	})
}

// stop ends the child.
func (p *Process) stop() {
	if p.child == nil {
		return
	}
	_ = p.child.in.Close()
	p.child.kill()
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
