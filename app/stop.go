package app

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// How long what is under way may take after SIGTERM, 20 s in all: the answers to people first, then the jobs, which may
// ask for five seconds more.
const (
	answerPatience = 11 * time.Second
	jobPatience    = 3 * time.Second
	workPatience   = time.Second
)

// stop ends a desk in the order that loses nothing: not ready, nothing new is taken, sockets are told to come back and
// answers are finished, then what works behind, then the ground. What does not end in time is cut and logged; a desk
// that was asked to end has ended well.
func (s *server) stop() error {
	s.stopping.Store(true)
	s.stopAnswering()
	ctx, cancel := context.WithTimeout(context.Background(), jobPatience)
	defer cancel()
	s.worker.Close() // a pass is done again
	s.late("jobs", s.jobs.Stop(ctx))
	s.stopWork()
	done := make(chan struct{})
	go func() { s.work.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(workPatience):
		s.Log.Warn("work in the background was cut")
	}
	return errors.Join(s.closeBus(), s.Desk.Close())
}

// stopAnswering closes listeners at once and waits for sockets and requests side by side.
func (s *server) stopAnswering() {
	ctx, cancel := context.WithTimeout(context.Background(), answerPatience)
	defer cancel()
	var fronts sync.WaitGroup
	for _, h := range s.servers {
		fronts.Go(func() {
			if err := h.Shutdown(ctx); err != nil {
				s.late("web", errors.Join(err, h.Close()))
			}
		})
	}
	fronts.Go(func() { s.late("chat", s.chat.Close(ctx)) })
	fronts.Wait()
}

// late logs what did not end in time.
func (s *server) late(what string, err error) {
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		s.Log.Warn("stopping took too long, the rest was cut", "part", what, "error", err)
	}
}

// closeBus closes the bus if it was opened.
func (s *server) closeBus() error {
	if s.bus == nil {
		return nil
	}
	return s.bus.Close()
}
