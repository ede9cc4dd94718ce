package certs

import (
	"context"
	"log/slog"
	"strings"
	"sync"
)

// Teller is how this package says what is wrong.
type Teller struct {
	// Text gives a text of app/i18n; the log gets the English one.
	Text func(locale, key string, args map[string]any) string
	Log  *slog.Logger
	// Alert tells the administrators of a problem while it stands, AlertOver that it is over. nil: only the log.
	Alert     func(ctx context.Context, kind string, args map[string]string)
	AlertOver func(ctx context.Context, kind string)
}

// watch knows the problem of each host and tells of what changes.
type watch struct {
	Teller
	kinds []string // all that may have been raised before this process began

	mu       sync.Mutex
	standing map[string]Problem // by host
	began    bool
}

func newWatch(t Teller, kinds ...string) *watch {
	return &watch{Teller: t, kinds: kinds, standing: map[string]Problem{}}
}

// raise says that a host has a problem, once while it is the same.
func (w *watch) raise(ctx context.Context, host string, p Problem) {
	w.mu.Lock()
	before, had := w.standing[host]
	w.standing[host] = p
	w.mu.Unlock()
	if had && before.Kind == p.Kind {
		return
	}
	if had {
		w.end(ctx, before.Kind)
	}
	w.Log.ErrorContext(ctx, "certificate", "host", host, "problem", w.words(p), "detail", p.Args["detail"])
	if w.Alert != nil {
		w.Alert(ctx, p.Kind, p.Args)
	}
}

// over says that a host has no problem (any more). The first time it ends what an earlier process has raised.
func (w *watch) over(ctx context.Context, host string) {
	w.mu.Lock()
	before, had := w.standing[host]
	delete(w.standing, host)
	clean := !w.began && len(w.standing) == 0
	w.began = w.began || clean
	w.mu.Unlock()
	if had {
		w.Log.InfoContext(ctx, "certificate is well again", "host", host)
		w.end(ctx, before.Kind)
	}
	if clean {
		for _, kind := range w.kinds {
			w.end(ctx, kind)
		}
	}
}

// end ends an alert unless another host has the same problem.
func (w *watch) end(ctx context.Context, kind string) {
	w.mu.Lock()
	still := false
	for _, p := range w.standing {
		still = still || p.Kind == kind
	}
	w.mu.Unlock()
	if !still && w.AlertOver != nil {
		w.AlertOver(ctx, kind)
	}
}

// problem is what is wrong with a host, or nil.
func (w *watch) problem(host string) *Problem {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p, ok := w.standing[host]; ok {
		return &p
	}
	return nil
}

// words are a problem's text in English, for the log.
func (w *watch) words(p Problem) string {
	if w.Text == nil {
		return p.Kind
	}
	args := make(map[string]any, len(p.Args))
	for name, value := range p.Args {
		args[name] = value
	}
	return w.Text("en", "notify.alert."+strings.ReplaceAll(p.Kind, ".", "_")+".text", args)
}
