package apptest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"huiyin/mailin/mailtest"
)

// SecureHost is the name of desks that speak TLS themselves; only the clients of a test know where it is.
const SecureHost = "desk.test"

// NewSecureProcess is a desk that speaks TLS, with settings like "HUIYIN_TLS=files". Its clients trust pool alone; nil:
// they look at no certificate.
func NewSecureProcess(t testing.TB, pool *x509.CertPool, env ...string) *Process {
	t.Helper()
	p := NewProcess(t)
	_, port, err := net.SplitHostPort(p.Addr)
	if err != nil {
		t.Fatal(err)
	}
	p.base = "https://" + net.JoinHostPort(SecureHost, port)
	p.client = p.Client(pool)
	p.env = append(p.env, append([]string{"HUIYIN_URL=" + p.base}, env...)...)
	return p
}

// Port is the port that the desk listens at.
func (p *Process) Port() string {
	_, port, _ := net.SplitHostPort(p.Addr)
	return port
}

// Client speaks with the desk under its name and follows no redirect.
func (p *Process) Client(pool *x509.CertPool) *http.Client {
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, p.Addr)
	}
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dial, ForceAttemptHTTP2: true, DisableKeepAlives: true,
			TLSClientConfig: &tls.Config{RootCAs: pool, InsecureSkipVerify: pool == nil}, //nolint:gosec // a desk without a certificate yet
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       10 * time.Second,
	}
}

// Fail starts a desk that must not come to serve; its exit code and log come back.
func (p *Process) Fail() (code int, log string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, Binary(p.t), "serve")
	cmd.Env = p.env
	out, err := cmd.CombinedOutput()
	if err == nil {
		p.t.Fatalf("the desk served and ended well:\n%s", out)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// FreeAddr is an address of this machine that nothing listens at.
func FreeAddr(t testing.TB) string {
	t.Helper()
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(mailtest.FreePort(t)))
}

// Program is the path of a program that a test needs. Without it the test is skipped; under `make test` it fails.
func Program(t testing.TB, name string) string {
	t.Helper()
	for _, path := range []string{name, "/usr/sbin/" + name} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	Missing(t, name, "PATH="+os.Getenv("PATH"))
	return ""
}
