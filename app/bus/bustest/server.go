package bustest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const startTimeout = 15 * time.Second

// guard runs the server of "$@" until standard input ends, then kills it and removes the folder "$0".
const guard = `"$@" & echo $! > "$0/guarded"; cat > /dev/null; kill -9 "$(cat "$0/guarded")" 2> /dev/null; rm -rf "$0"`

// A Server is a nats-server process.
type Server struct {
	port   int
	folder string
	guard  *exec.Cmd
	stdin  io.Closer // its end ends the server
}

func start() (*Server, error) {
	var err error
	for range 3 { // another process may take the free port first
		s := &Server{}
		if s.port, err = freePort(); err != nil {
			return nil, err
		}
		if err = s.Start(); err == nil {
			return s, nil
		}
	}
	return nil, err
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// URL is the server's address.
func (s *Server) URL() string { return "nats://" + s.host() }

func (s *Server) host() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Start runs the server again after Kill, on the same port.
func (s *Server) Start() error {
	folder, err := os.MkdirTemp("", "huiyin-nats-")
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(folder, "log"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	s.folder = folder
	s.guard = exec.Command("sh", "-c", guard, folder, program, "-a", "127.0.0.1", "-p", strconv.Itoa(s.port))
	s.guard.Stdout, s.guard.Stderr = log, log
	s.guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C reaches the test first
	if s.stdin, err = s.guard.StdinPipe(); err != nil {
		return err
	}
	if err := s.guard.Start(); err != nil {
		return err
	}
	if err := s.await(); err != nil {
		said, _ := os.ReadFile(log.Name())
		s.end()
		return fmt.Errorf("bustest: %w: %s", err, said)
	}
	return nil
}

// await waits until the server greets: another program on the port does not.
func (s *Server) await() error {
	for end := time.Now().Add(startTimeout); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if !s.alive() {
			continue
		}
		conn, err := net.DialTimeout("tcp", s.host(), time.Second)
		if err != nil {
			continue
		}
		buf := make([]byte, 4)
		_ = conn.SetReadDeadline(time.Now().Add(time.Second))
		_, err = io.ReadFull(conn, buf)
		_ = conn.Close()
		if err == nil && string(buf) == "INFO" {
			return nil
		}
	}
	return errors.New("nats-server did not start")
}

func (s *Server) pid() (int, error) {
	text, err := os.ReadFile(filepath.Join(s.folder, "guarded"))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

func (s *Server) alive() bool {
	pid, err := s.pid()
	return err == nil && syscall.Kill(pid, 0) == nil
}

// Kill ends the server with SIGKILL, as a crash would.
func (s *Server) Kill() error {
	pid, err := s.pid()
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return err
	}
	s.end()
	return nil
}

// end stops the server for good.
func (s *Server) end() {
	_ = s.stdin.Close()
	_ = s.guard.Wait()
}
