package apptest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var build struct {
	sync.Once
	path string
	err  error
}

// Binary builds the program once per test binary and gives its path.
func Binary(t testing.TB) string {
	t.Helper()
	build.Do(func() {
		dir, err := os.MkdirTemp("", "huiyin-binary-")
		if err != nil {
			build.err = err
			return
		}
		build.path = filepath.Join(dir, "huiyin")
		cmd := exec.Command("go", "build", "-o", build.path, "huiyin/cmd/huiyin")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			build.err = fmt.Errorf("build the program: %w: %s", err, out)
		}
	})
	if build.err != nil {
		t.Fatal(build.err)
	}
	return build.path
}

// Clean ends and removes what the tests of a package shared; TestMain calls it.
func Clean() {
	closeChromiums()
	if build.path != "" {
		_ = os.RemoveAll(filepath.Dir(build.path))
	}
}

// Process is a desk in a process of its own, which can be killed and started again on the same data.
type Process struct {
	t    testing.TB
	Dir  string // data folder
	Addr string // host:port, the same over restarts
	env  []string
	cmd  *exec.Cmd
	log  *os.File
	out  string // path of the log

	base   string // its public address, with a scheme
	client *http.Client

	signedIn sessions
}

// StartProcess starts `huiyin serve` on a free port with settings like "HUIYIN_DATABASE=postgres://…" and waits until it
// is ready.
func StartProcess(t testing.TB, env ...string) *Process {
	t.Helper()
	p := NewProcess(t, env...)
	p.Start()
	return p
}

// NewProcess is a desk that has its address but does not run yet.
func NewProcess(t testing.TB, env ...string) *Process {
	t.Helper()
	p := &Process{t: t, Dir: t.TempDir(), Addr: FreeAddr(t), client: http.DefaultClient}
	p.base = "http://" + p.Addr
	p.out = filepath.Join(t.TempDir(), "desk.log")
	p.env = append(os.Environ(), append([]string{
		"HUIYIN_DATA=" + p.Dir, "HUIYIN_LISTEN=" + p.Addr, "HUIYIN_URL=" + p.base, "HUIYIN_LOG=json",
	}, env...)...)
	t.Cleanup(p.Kill)
	return p
}

// Set changes a setting, written NAME=value, for the next start.
func (p *Process) Set(setting string) { p.env = append(p.env, setting) }

// Setting is what a variable says for the process; empty: nothing.
func (p *Process) Setting(name string) (value string) {
	for _, e := range p.env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			value = v
		}
	}
	return value
}

// Begun is a command of the program at work.
type Begun struct {
	cmd  *exec.Cmd
	done chan struct{}
}

// Begin starts a command and does not wait for it.
func (p *Process) Begin(args ...string) *Begun {
	p.t.Helper()
	b := &Begun{cmd: exec.Command(Binary(p.t), args...), done: make(chan struct{})}
	b.cmd.Env = p.env
	if err := b.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() { defer close(b.done); _ = b.cmd.Wait() }() // the exit code tells
	return b
}

// KillWhen kills the command as soon as something is so; it tells whether it was caught before its end.
func (b *Begun) KillWhen(is func() bool) (killed bool) {
	for {
		select {
		case <-b.done:
			return b.cmd.ProcessState.ExitCode() != 0
		default:
		}
		if is() {
			_ = b.cmd.Process.Kill()
			<-b.done
			return b.cmd.ProcessState.ExitCode() != 0
		}
	}
}

// Base is the desk's address.
func (p *Process) Base() string { return p.base }

// PID is the process's number while it runs.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Start starts the desk again and waits until it is ready; the time that took comes back.
func (p *Process) Start() time.Duration {
	p.t.Helper()
	log, err := os.OpenFile(p.out, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	p.log = log
	p.cmd = exec.Command(Binary(p.t), "serve")
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = p.env, log, log
	begin := time.Now()
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	deadline := begin.Add(30 * time.Second)
	for time.Now().Before(deadline) {
		res, err := p.client.Get(p.Base() + "/readyz")
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return time.Since(begin)
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	p.t.Fatalf("the desk is not ready after 30 s; its log:\n%s", p.Log())
	return 0
}

// Kill ends the process at once, as a crash does.
func (p *Process) Kill() {
	if p.cmd == nil || p.cmd.Process == nil {
		return
	}
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	p.cmd = nil
	_ = p.log.Close()
}

// Stop asks the process to end, as an operator does, and gives its exit code.
func (p *Process) Stop() int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { _ = p.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(25 * time.Second):
		p.t.Fatal("the desk did not stop within 25 s of SIGTERM")
	}
	code := p.cmd.ProcessState.ExitCode()
	p.cmd = nil
	_ = p.log.Close()
	return code
}

// Log is what the process has written so far.
func (p *Process) Log() string {
	b, err := os.ReadFile(p.out)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// Command runs another command of the program on the same data and gives its standard output.
func (p *Process) Command(stdin string, args ...string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, Binary(p.t), args...)
	var out, errs bytes.Buffer
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = p.env, strings.NewReader(stdin), &out, &errs
	if err := cmd.Run(); err != nil {
		p.t.Fatalf("huiyin %s: %v: %s", strings.Join(args, " "), err, errs.String())
	}
	return out.String()
}

// Try runs a command that may fail and gives what it said on standard error, and its exit code.
func (p *Process) Try(args ...string) (said string, code int) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, Binary(p.t), args...)
	var errs bytes.Buffer
	cmd.Env, cmd.Stderr = p.env, &errs
	_ = cmd.Run() // the exit code tells
	return errs.String(), cmd.ProcessState.ExitCode()
}

// AddInbox makes a chat inbox and gives its public key.
func (p *Process) AddInbox(name string, settings map[string]any) string {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), "inbox.json")
	b, err := json.Marshal(settings)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		p.t.Fatal(err)
	}
	var inbox struct{ Key string }
	if err := json.Unmarshal([]byte(p.Command("", "inbox", "add", "--channel", "chat", "--name", name, "--config", file)), &inbox); err != nil || inbox.Key == "" {
		p.t.Fatalf("inbox add answered no key: %v", err)
	}
	return inbox.Key
}

// AddAgent makes an agent and gives an API token of hers.
func (p *Process) AddAgent(email, name, role, password string) string {
	p.t.Helper()
	p.Command(password+"\n", "agent", "add", "--email", email, "--name", name, "--role", role)
	return strings.TrimSpace(p.Command("", "token", "add", "--agent", email, "--name", "test"))
}

// Drain reads and closes a body, so that its connection can be used again.
func Drain(body io.ReadCloser) {
	_, _ = io.Copy(io.Discard, body)
	_ = body.Close()
}
