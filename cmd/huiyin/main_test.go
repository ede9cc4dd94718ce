package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
)

// result is what a command line did.
type result struct {
	code        int
	out, errors string
}

// cli runs command lines of one desk; pairs are variables of the environment.
func cli(t *testing.T, pairs ...string) func(stdin string, args ...string) result {
	t.Helper()
	env := map[string]string{"HUIYIN_DATA": t.TempDir(), "LANG": "en_GB.UTF-8"}
	for i := 0; i < len(pairs); i += 2 {
		env[pairs[i]] = pairs[i+1]
	}
	return func(stdin string, args ...string) result {
		t.Helper()
		var out, errs bytes.Buffer
		code := run(t.Context(), args, func(k string) string { return env[k] }, strings.NewReader(stdin), &out, &errs)
		return result{code, out.String(), errs.String()}
	}
}

// want checks exit code and a word of the answer: of stdout when done, else of stderr, which holds one line.
func (r result) want(t *testing.T, code int, words ...string) {
	t.Helper()
	said := r.out
	if code != exitDone {
		said = r.errors
		if strings.Count(strings.TrimSpace(said), "\n") != 0 || !strings.HasPrefix(said, "huiyin") {
			t.Errorf("the error is no line that begins with huiyin: %q", said)
		}
	}
	if r.code != code {
		t.Fatalf("exit code %d, want %d: %s%s", r.code, code, r.out, r.errors)
	}
	for _, w := range words {
		if !strings.Contains(said, w) {
			t.Errorf("%q does not say %q", said, w)
		}
	}
}

func TestHelpNamesEveryCommand(t *testing.T) {
	t.Parallel()
	huiyin := cli(t)
	for _, args := range [][]string{{"help"}, {"--help"}, {"-h"}} {
		r := huiyin("", args...)
		for _, c := range commands() {
			if c.hidden {
				if strings.Contains(r.out, c.name) {
					t.Errorf("the help lists %q", c.name)
				}
				continue
			}
			r.want(t, exitDone, "  "+c.name+" ", c.brief)
		}
	}
}

func TestHelpExplainsEveryCommandWithItsSettings(t *testing.T) {
	t.Parallel()
	huiyin := cli(t)
	for _, c := range commands() {
		r := huiyin("", append([]string{"help"}, strings.Fields(c.name)...)...)
		r.want(t, exitDone, "Usage: huiyin "+c.name, c.about)
		if flag := huiyin("", append(strings.Fields(c.name), "--help")...); c.usage != nil && flag.out != r.out {
			t.Errorf("%s --help differs from help %s", c.name, c.name)
		}
	}
	huiyin("", "help", "serve").want(t, exitDone, "--trusted-proxies NETWORKS", "HUIYIN_METRICS_TOKEN", "default 127.0.0.1:8080")
	huiyin("", "help", "agent").want(t, exitDone, "agent add", "agent password")
}

func TestAWrongCommandLineExitsWith2AndSaysWhatToDo(t *testing.T) {
	t.Parallel()
	huiyin := cli(t)
	for rule, c := range map[string]struct {
		args []string
		want string
	}{
		"no such command":        {[]string{"sirve"}, "no command"},
		"half a command":         {[]string{"keys"}, "list, rotate"},
		"other half":             {[]string{"keys", "burn"}, "list, rotate"},
		"no such flag":           {[]string{"serve", "--prot", "1"}, "--prot"},
		"flags alone mean serve": {[]string{"--listen", "x"}, "--listen"},
		"something more":         {[]string{"serve", "now"}, "now"},
		"help of nothing":        {[]string{"help", "sirve"}, "sirve"},
		"version of something":   {[]string{"version", "x"}, "takes nothing"},
		"tls without a url":      {[]string{"serve", "--tls", "acme"}, "--url"},
		"no e-mail":              {[]string{"agent", "add", "--name", "A"}, "--email"},
		"no such role":           {[]string{"agent", "add", "--name", "A", "--email", "a@example.com", "--role", "boss"}, "agent, manager or admin"},
		"no such channel":        {[]string{"inbox", "add", "--name", "A", "--channel", "pigeon"}, "chat, email"},
		"no such file":           {[]string{"inbox", "add", "--name", "A", "--channel", "chat", "--config", "nowhere.json"}, "nowhere.json"},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			huiyin("", c.args...).want(t, exitUsage, c.want, "huiyin help")
		})
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestAnAnswerThatCannotBePrintedIsAFailure(t *testing.T) {
	t.Parallel()
	var errs bytes.Buffer
	if code := run(t.Context(), []string{"version"}, os.Getenv, strings.NewReader(""), full{}, &errs); code != exitFailed {
		t.Errorf("exit code %d, want %d: %s", code, exitFailed, &errs)
	}
}

func TestVersionIsOneLine(t *testing.T) {
	t.Parallel()
	r := cli(t)("", "version")
	r.want(t, exitDone, "huiyin ", "commit", "go1.")
	if strings.Count(r.out, "\n") != 1 {
		t.Errorf("got %q", r.out)
	}
}

// screen takes what a command that goes on printing says, and lets a test wait for a word of it.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func newScreen() *screen { return &screen{more: make(chan struct{}, 1)} }

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
	return s.text.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// waitFor waits until the screen says a word; the test fails when the command ends before.
func (s *screen) waitFor(t *testing.T, ended <-chan int, word string) {
	t.Helper()
	for !strings.Contains(s.String(), word) {
		select {
		case <-s.more:
		case code := <-ended:
			t.Fatalf("ended with %d before it said %q: %s", code, word, s)
		case <-t.Context().Done():
			t.Fatalf("never said %q: %s", word, s)
		}
	}
}

// start runs a command line until stop is called, which gives its exit code.
func start(t *testing.T, env map[string]string, args ...string) (out, errs *screen, ended chan int, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, errs, ended = newScreen(), newScreen(), make(chan int, 1)
	go func() {
		ended <- run(ctx, args, func(k string) string { return env[k] }, strings.NewReader(""), out, errs)
	}()
	return out, errs, ended, func() int {
		cancel()
		return <-ended
	}
}
