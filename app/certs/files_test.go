package certs

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"huiyin/app/certs/certstest"
)

// alerts remembers what was raised and what is over.
type alerts struct {
	mu  sync.Mutex
	all []string
}

func (a *alerts) teller(t testing.TB) Teller {
	note := func(s string) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.all = append(a.all, s)
	}
	return Teller{
		Log:       slog.New(slog.NewTextHandler(t.Output(), nil)),
		Alert:     func(_ context.Context, kind string, _ map[string]string) { note("+" + kind) },
		AlertOver: func(_ context.Context, kind string) { note("-" + kind) },
	}
}

// take gives what was noted since the last call.
func (a *alerts) take() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := strings.Join(a.all, " ")
	a.all = nil
	return s
}

func TestAPairThatCannotServeIsRefusedInOneLineWithTheMend(t *testing.T) {
	t.Parallel()
	ca, dir := certstest.NewCA(t), t.TempDir()
	in := func(name string) string {
		must(t, os.MkdirAll(filepath.Join(dir, name), 0o700))
		return filepath.Join(dir, name)
	}
	now := time.Now()
	good := ca.Issue(in("good"), certstest.Year(), "desk.test")
	other := ca.Issue(in("other"), certstest.Year(), "desk.test")
	old := ca.Issue(in("old"), certstest.Life{From: now.AddDate(-1, 0, 0), To: now.Add(-time.Hour)}, "desk.test")
	early := ca.Issue(in("early"), certstest.Life{From: now.Add(time.Hour), To: now.AddDate(1, 0, 0)}, "desk.test")
	text := filepath.Join(dir, "text")
	must(t, os.WriteFile(text, []byte("no certificate"), 0o600))
	for rule, c := range map[string]struct {
		pair certstest.Pair
		kind string
		says []string
	}{
		"a key of another":    {certstest.Pair{Cert: good.Cert, Key: other.Key}, kindMismatch, []string{good.Cert, other.Key, "does not belong"}},
		"ended":               {old, kindExpired, []string{old.Cert, "ended", "--tls acme"}},
		"not begun":           {early, kindExpired, []string{early.Cert, "clock"}},
		"no certificate file": {certstest.Pair{Cert: filepath.Join(dir, "x"), Key: good.Key}, kindUnreadable, []string{"no file", "--tls-cert"}},
		"no key file":         {certstest.Pair{Cert: good.Cert, Key: filepath.Join(dir, "x")}, kindUnreadable, []string{"no file", "--tls-key"}},
		"a folder":            {certstest.Pair{Cert: dir, Key: good.Key}, kindUnreadable, []string{dir, "--tls-cert"}},
		"no PEM":              {certstest.Pair{Cert: text, Key: good.Key}, kindBroken, []string{text, "PEM", "--tls-cert"}},
		"files swapped":       {certstest.Pair{Cert: good.Key, Key: good.Cert}, kindBroken, []string{good.Key, "certificate"}},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			_, err := OpenFiles(FilesOptions{Cert: c.pair.Cert, Key: c.pair.Key, Host: "desk.test", Now: time.Now})
			var bad *PairError
			if !errors.As(err, &bad) || bad.Kind != c.kind {
				t.Fatalf("got %v, want %s", err, c.kind)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %s", err)
			}
			for _, word := range c.says {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("%q does not say %q", err, word)
				}
			}
		})
	}
}

func TestAChangedPairIsTakenAndABadOneIsNot(t *testing.T) {
	t.Parallel()
	ca, dir, told := certstest.NewCA(t), t.TempDir(), &alerts{}
	pair := ca.Issue(dir, certstest.Year(), "desk.test")
	f, err := OpenFiles(FilesOptions{Teller: told.teller(t), Cert: pair.Cert, Key: pair.Key, Host: "desk.test", Now: time.Now})
	must(t, err)
	served := func() string { return string(f.pair.Load().Certificate[0]) }
	first, ctx := served(), t.Context()
	f.look(ctx)
	if told.take(); served() != first {
		t.Error("a pair that has not changed was changed")
	}

	ca.Issue(dir, certstest.Year(), "desk.test")
	f.look(ctx)
	second := served()
	if second == first || told.take() != "" {
		t.Error("a changed pair is not taken")
	}

	key, err := os.ReadFile(pair.Key)
	must(t, err)
	ca.Issue(dir, certstest.Year(), "desk.test")
	right, err := os.ReadFile(pair.Key)
	must(t, err)
	must(t, os.WriteFile(pair.Key, key, 0o600)) // only the certificate has come yet
	f.look(ctx)
	if got := told.take(); got != "" || served() != second {
		t.Errorf("half a pair has until the next look: %s", got)
	}
	f.look(ctx)
	f.look(ctx)
	if got := told.take(); got != "+"+kindMismatch || served() != second {
		t.Errorf("a bad pair: %q, want one alert and the old pair", got)
	}
	if s := f.State()[0]; s.Problem == nil || s.Problem.Kind != kindMismatch || s.Issuer != "Huiyin tests" {
		t.Errorf("the state says %+v", s)
	}

	must(t, os.Remove(pair.Key))
	f.look(ctx)
	f.look(ctx)
	if got := told.take(); got != "-"+kindMismatch+" +"+kindUnreadable {
		t.Errorf("a missing key: %q", got)
	}
	must(t, os.WriteFile(pair.Key, right, 0o600))
	f.look(ctx)
	if got := told.take(); got != "-"+kindUnreadable || served() == second {
		t.Errorf("the mended pair: %q", got)
	}
}

func TestTheAdministratorsHearOfACertificateThatEndsOrIsForOthers(t *testing.T) {
	t.Parallel()
	ca, now := certstest.NewCA(t), time.Now()
	for want, c := range map[string]struct {
		ahead time.Duration
		host  string
	}{
		"":                 {0, "desk.test"},
		"+" + kindName:     {0, "other.test"},
		"+" + kindExpiring: {360 * 24 * time.Hour, "desk.test"},
	} {
		told := &alerts{}
		pair := ca.Issue(t.TempDir(), certstest.Life{From: now.Add(-time.Hour), To: now.AddDate(1, 0, 0)}, "desk.test")
		f, err := OpenFiles(FilesOptions{
			Teller: told.teller(t), Cert: pair.Cert, Key: pair.Key, Host: c.host, Now: func() time.Time { return time.Now().Add(c.ahead) },
		})
		must(t, err)
		f.judge(t.Context())
		got := told.take()
		if want == "" && strings.Contains(got, "+") || want != "" && got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mustURL(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}
