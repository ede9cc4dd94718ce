package apptest

import (
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy is a bad network between clients and a desk: it forwards TCP and, while it is told to, cuts connections at
// random, in the middle of frames too.
type Proxy struct {
	listener net.Listener
	target   func() string

	mu    sync.Mutex
	conns map[net.Conn]struct{}
	cuts  int
}

// NewProxy forwards to the address that target gives at each connection, so that a restarted desk is found again.
func NewProxy(t testing.TB, target func() string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: l, target: target, conns: map[net.Conn]struct{}{}}
	go p.accept()
	t.Cleanup(func() { _ = l.Close(); p.cut(1) })
	return p
}

// Addr is where clients connect.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Cuts is how many connections it has cut.
func (p *Proxy) Cuts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cuts
}

// Storm cuts the share of all connections each pause until stop is closed.
func (p *Proxy) Storm(stop <-chan struct{}, pause time.Duration, share float64) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			p.cut(share)
		}
	}
}

func (p *Proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.forward(c)
	}
}

func (p *Proxy) forward(client net.Conn) {
	defer client.Close()
	desk, err := net.DialTimeout("tcp", p.target(), time.Second)
	if err != nil {
		return
	}
	defer desk.Close()
	p.mu.Lock()
	p.conns[client] = struct{}{}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.conns, client)
		p.mu.Unlock()
	}()
	done := make(chan struct{}, 2)
	go func() { _, _ = io.Copy(desk, client); done <- struct{}{} }()
	go func() { _, _ = io.Copy(client, desk); done <- struct{}{} }()
	<-done
}

// cut resets a share of the connections: the peer gets an error, not an orderly end, and what was on the way is lost.
func (p *Proxy) cut(share float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		if rand.Float64() >= share {
			continue
		}
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = c.Close()
		p.cuts++
	}
}

// Balancer says to which node a client goes.
type Balancer struct {
	mu   sync.Mutex
	base string
}

// Switch begins with a node's address.
func Switch(base string) *Balancer { return &Balancer{base: base} }

// To sends the next connections to another node.
func (b *Balancer) To(base string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.base = base
}

// Base is the node's address now.
func (b *Balancer) Base() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.base
}
