package worker

import (
	"bufio"
	"context"
	"encoding/gob"
	"errors"
	"io"
	"iter"
	"os"
	"os/exec"
	"sync"
	"syscall"
)

// textsAtOnce go to a child in one piece.
const textsAtOnce = 1000

// child is a running one.
type child struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	pass *Pass // for which it was started, if any
	gone chan struct{}

	sending sync.Mutex // of enc
	enc     *gob.Encoder

	mu      sync.Mutex // of what follows
	last    uint64
	waiting map[uint64]chan *answer
}

func newChild(cmd *exec.Cmd, in io.WriteCloser, pass *Pass) *child {
	return &child{cmd: cmd, in: in, pass: pass, gone: make(chan struct{}), enc: gob.NewEncoder(in), waiting: map[uint64]chan *answer{}}
}

func (c *child) kill() { _ = c.cmd.Process.Kill() }

func (c *child) send(q *question) error {
	c.sending.Lock()
	defer c.sending.Unlock()
	return c.enc.Encode(q)
}

// sendAll sends the texts of a pass; others may ask in between.
func (c *child) sendAll(texts iter.Seq2[Text, error]) error {
	var part []Text
	for t, err := range texts {
		if err != nil {
			return err
		}
		if part = append(part, t); len(part) == textsAtOnce {
			if err := c.send(&question{Texts: part}); err != nil {
				return err
			}
			part = nil
		}
	}
	if len(part) > 0 {
		if err := c.send(&question{Texts: part}); err != nil {
			return err
		}
	}
	return c.send(&question{Over: true})
}

// ask sends a question, and what follows it, and waits for the answer.
func (c *child) ask(ctx context.Context, q *question, more ...func() error) (*answer, error) {
	n, found := c.expect()
	defer c.forget(n)
	q.N = n
	err := c.send(q)
	for _, fn := range more {
		if err == nil {
			err = fn()
		}
	}
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed) {
		err = ErrGone
	}
	if err != nil {
		return nil, err
	}
	select {
	case a := <-found:
		return a, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-c.gone:
	}
	select {
	case a := <-found: // its last one
		return a, nil
	default:
		return nil, ErrGone
	}
}

// expect gives a question its number and the place of its answer.
func (c *child) expect() (uint64, <-chan *answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	found := make(chan *answer, 1)
	c.waiting[c.last] = found
	return c.last, found
}

// forget gives a question up, if it was not answered.
func (c *child) forget(n uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, n)
}

// read hands out the answers of a child until it ends.
func (c *child) read(out io.Reader) {
	defer close(c.gone)
	for dec := gob.NewDecoder(bufio.NewReader(out)); ; {
		a := &answer{}
		if err := dec.Decode(a); err != nil {
			break
		}
		c.mu.Lock()
		if found := c.waiting[a.N]; found != nil {
			delete(c.waiting, a.N)
			found <- a
		}
		c.mu.Unlock()
	}
	_ = c.cmd.Wait() // how it ended says nothing that the missing answer does not
}
