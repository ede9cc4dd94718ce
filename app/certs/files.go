package certs

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// lookEvery is how late a changed file is taken.
const lookEvery = 10 * time.Second

// expiringBefore is how long before its end a certificate that nobody has renewed is told of; a fifth of its life, where
// that is less.
const expiringBefore = 14 * 24 * time.Hour

// FilesOptions are what OpenFiles needs.
type FilesOptions struct {
	Teller
	Cert, Key string // PEM files; Cert with its chain
	Host      string // that browsers ask for
	Now       func() time.Time
}

// Files serves a certificate from two files.
type Files struct {
	o     FilesOptions
	watch *watch
	pair  atomic.Pointer[tls.Certificate]

	// Run's own.
	taken  stamp // of the pair that is served
	failed stamp // of a pair that could not be taken: told of when it is still so at the next look
}

// OpenFiles reads the pair. Errors: *PairError, for one that cannot serve.
func OpenFiles(o FilesOptions) (*Files, error) {
	f := &Files{o: o, taken: stampOf(o.Cert, o.Key)}
	f.watch = newWatch(o.Teller, kindUnreadable, kindBroken, kindMismatch, kindExpired, kindName, kindExpiring)
	pair, err := loadPair(o.Cert, o.Key, o.Now())
	if err != nil {
		return nil, err
	}
	f.pair.Store(pair)
	return f, nil
}

// Config serves whatever pair is the newest good one.
func (f *Files) Config() *tls.Config {
	return newConfig(func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return f.pair.Load(), nil })
}

// Challenges is next: nobody asks.
func (f *Files) Challenges(next http.Handler) http.Handler { return next }

// Run looks at the files until ctx ends.
func (f *Files) Run(ctx context.Context) {
	f.judge(ctx)
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			f.look(ctx)
		}
	}
}

// look takes a pair that has changed. Its two files are seldom written at once, so a bad pair has until the next look.
func (f *Files) look(ctx context.Context) {
	now := stampOf(f.o.Cert, f.o.Key)
	if now == f.taken {
		f.failed = stamp{}
		f.judge(ctx)
		return
	}
	pair, err := loadPair(f.o.Cert, f.o.Key, f.o.Now())
	if err == nil {
		f.pair.Store(pair)
		f.taken, f.failed = now, stamp{}
		f.o.Log.InfoContext(ctx, "took a new certificate", "file", f.o.Cert, "until", day(pair.Leaf.NotAfter))
		f.judge(ctx)
		return
	}
	var bad *PairError
	if now == f.failed && errors.As(err, &bad) {
		f.watch.raise(ctx, f.o.Host, Problem{bad.Kind, map[string]string{"file": bad.File, "host": f.o.Host, "detail": bad.Say}})
	}
	f.failed = now
}

// judge looks at the pair that is served.
func (f *Files) judge(ctx context.Context) {
	leaf := f.pair.Load().Leaf
	left, early := leaf.NotAfter.Sub(f.o.Now()), min(expiringBefore, leaf.NotAfter.Sub(leaf.NotBefore)/5)
	args := map[string]string{"file": f.o.Cert, "host": f.o.Host, "date": day(leaf.NotAfter)}
	switch {
	case left < early:
		f.watch.raise(ctx, f.o.Host, Problem{kindExpiring, args})
	case leaf.VerifyHostname(f.o.Host) != nil:
		f.watch.raise(ctx, f.o.Host, Problem{kindName, args})
	default:
		f.watch.over(ctx, f.o.Host)
	}
}

// State tells how the served pair stands.
func (f *Files) State() []HostState {
	leaf := f.pair.Load().Leaf
	return []HostState{{Host: f.o.Host, Issuer: issuer(leaf), NotAfter: leaf.NotAfter, Problem: f.watch.problem(f.o.Host)}}
}

// stamp tells one content of the two files from another without reading them; a symbolic link is followed.
type stamp struct{ cert, key fileStamp }

type fileStamp struct {
	modified int64
	size     int64
}

func stampOf(cert, key string) stamp {
	one := func(file string) fileStamp {
		info, err := os.Stat(file)
		if err != nil {
			return fileStamp{size: -1}
		}
		return fileStamp{info.ModTime().UnixNano(), info.Size()}
	}
	return stamp{one(cert), one(key)}
}
