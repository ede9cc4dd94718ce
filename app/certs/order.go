package certs

import (
	"context"
	"crypto/tls"
	"time"
)

const (
	// orderPatience is longer than autocert tries.
	orderPatience = 6 * time.Minute
	// waitForOther is how soon a node looks whether another one has the certificate.
	waitForOther = 10 * time.Second
	// renewedEvery is how often a certificate is looked at; autocert renews it by itself, in its last third.
	renewedEvery = time.Hour
)

// retryAfter is how long to wait after so many failures in a row: CAs bear about five an hour.
var retryAfter = []time.Duration{2 * time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour}

// Run gets a certificate for each host and looks after them until ctx ends.
func (a *ACME) Run(ctx context.Context) {
	a.heard.begin(ctx)
	next, failures := map[string]time.Time{}, map[string]int{}
	for {
		wake := a.o.Now().Add(renewedEvery)
		for _, host := range a.o.Hosts {
			if at := next[host]; !at.After(a.o.Now()) {
				next[host] = a.o.Now().Add(a.tend(ctx, host, failures))
			}
			if next[host].Before(wake) {
				wake = next[host]
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(max(wake.Sub(a.o.Now()), time.Second)):
		}
	}
}

// tend does what a host's certificate needs now and gives how long to leave it alone.
func (a *ACME) tend(ctx context.Context, host string, failures map[string]int) time.Duration {
	ready, lease := a.isReady(host), "tls.acme."+host
	if !ready {
		if !a.mayOrder(ctx, host, lease) {
			return waitForOther
		}
		a.heard.begin(ctx)
	}
	cert, err := a.order(ctx, host)
	if ctx.Err() != nil {
		return renewedEvery
	}
	if err != nil {
		wait := retryAfter[min(failures[host], len(retryAfter)-1)]
		failures[host]++
		a.watch.raise(ctx, host, a.causes.find(ctx, host, a.heard.all(), err))
		if _, err := a.o.Lease(ctx, lease, wait+waitForOther); err != nil { // the next try is this node's too
			a.o.Log.WarnContext(ctx, "keep the lease of an order", "error", err)
		}
		return wait
	}
	failures[host] = 0
	if !ready {
		a.take(ctx, host, cert)
		if err := a.o.Release(ctx, lease); err != nil {
			a.o.Log.WarnContext(ctx, "give the lease of an order back", "error", err)
		}
	}
	if a.overdue(cert) {
		a.watch.raise(ctx, host, a.causes.find(ctx, host, a.heard.all(), nil))
	} else {
		a.watch.over(ctx, host)
	}
	return renewedEvery
}

// mayOrder tells whether asking for a certificate is this node's: it lies in the cache already, or nobody else orders it.
func (a *ACME) mayOrder(ctx context.Context, host, lease string) bool {
	if _, err := a.cache.Get(ctx, host); err == nil {
		return true
	}
	held, err := a.o.Lease(ctx, lease, orderPatience)
	if err != nil && ctx.Err() == nil {
		a.o.Log.WarnContext(ctx, "take the lease of an order", "error", err)
	}
	return err == nil && held
}

// order waits for a certificate, or for the end of ctx: autocert's own context knows nothing of it.
func (a *ACME) order(ctx context.Context, host string) (*tls.Certificate, error) {
	type answer struct {
		cert *tls.Certificate
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		cert, err := a.ask(host)
		answers <- answer{cert, err}
	}()
	select {
	case got := <-answers:
		return got.cert, got.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (a *ACME) isReady(host string) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.ready[host]
}

// take lets handshakes have the certificate.
func (a *ACME) take(ctx context.Context, host string, cert *tls.Certificate) {
	a.mu.Lock()
	a.ready[host] = true
	a.mu.Unlock()
	a.heard.begin(ctx)
	if cert.Leaf != nil {
		a.o.Log.InfoContext(ctx, "certificate by ACME", "host", host, "issuer", issuer(cert.Leaf), "until", day(cert.Leaf.NotAfter))
	}
}

// overdue tells whether a certificate should have been renewed long since: autocert begins at 30 days before its end,
// or at the last third of a shorter life.
func (a *ACME) overdue(cert *tls.Certificate) bool {
	if cert.Leaf == nil {
		return false
	}
	life := cert.Leaf.NotAfter.Sub(cert.Leaf.NotBefore)
	return cert.Leaf.NotAfter.Sub(a.o.Now()) < min(life/4, 20*24*time.Hour)
}
