package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"

	"huiyin/app/config"
)

// terminal is what a command reads from and writes to.
type terminal struct {
	getenv func(string) string
	stdin  io.Reader
	stdout *printer
	stderr io.Writer
	alone  bool // the process is the command's: what it sets for the whole of it disturbs nobody
}

// printer remembers the first failure to print, so that commands need not look at each: run does at the end. A token
// that went to a full disk must not look like success.
type printer struct {
	mu  sync.Mutex
	w   io.Writer
	err error
}

// Write prints, unless printing has failed before.
func (p *printer) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return 0, p.err
	}
	n, err := p.w.Write(b)
	p.err = err
	return n, err
}

func (p *printer) failure() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return fmt.Errorf("print the answer: %w", p.err)
	}
	return nil
}

// logger makes the log of a command that serves.
func (t *terminal) logger(format string, level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(t.stderr, options))
	}
	return slog.New(slog.NewTextHandler(t.stderr, options))
}

// quietLogger makes the log of a command that does one thing and says itself what there is to say. Who asks for
// debug gets it.
func (t *terminal) quietLogger(d config.Desk) *slog.Logger {
	level := d.LogLevel
	if level >= slog.LevelInfo {
		level = slog.LevelError
	}
	return t.logger(d.Log, level)
}

// passwordMax bounds what is read as a password, in bytes.
const passwordMax = 4096

var errNoPassword = errors.New("no password came on standard input; give it as one line, such as `huiyin agent add … < FILE`")

// readPassword reads one line without its end. At a keyboard it asks, and does not show what is typed.
func (t *terminal) readPassword() (string, error) {
	if f, ok := t.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(t.stderr, "Password: ")
		typed, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(t.stderr)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		return string(typed), nil
	}
	line, err := bufio.NewReader(io.LimitReader(t.stdin, passwordMax)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	if line == "" {
		return "", errNoPassword
	}
	return line, nil
}

// locale is the language of the person at the terminal, as far as the desk speaks it.
func (t *terminal) locale() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := t.getenv(name); v != "" {
			if strings.HasPrefix(v, "zh") {
				return "zh-CN"
			}
			break
		}
	}
	return "en"
}
