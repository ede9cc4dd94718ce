//go:build unix

package mailer_test

import (
	"net"
	"strconv"
	"syscall"
	"testing"
	"time"

	"huiyin/app/mailer"
	"huiyin/app/mailer/mailertest"
)

// freePort is a port that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // a test's
	return l.Addr().(*net.TCPAddr).Port
}

func TestAHostThatTakesNoConnectionIsGivenUp(t *testing.T) {
	t.Parallel()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd) //nolint:errcheck // a test's
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	at, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	set := mailertest.Scripted(t, nil)
	set.Port = at.(*syscall.SockaddrInet4).Port
	for range 8 { // nobody accepts: the queue is soon full
		conn, err := (&net.Dialer{Timeout: 100 * time.Millisecond}).Dial("tcp", net.JoinHostPort(set.Host, strconv.Itoa(set.Port)))
		if err == nil {
			defer conn.Close() //nolint:errcheck // a test's
		}
	}
	failed(t, send(t, set, mailer.Options{Waits: short}), mailer.StepConnect, mailer.Timeout, 0)
}

func TestThePasswordGoesOverAPlainConnectionOnlyToThisMachine(t *testing.T) {
	t.Parallel()
	ip := outerIP(t)
	l, err := net.Listen("tcp", net.JoinHostPort(ip, "0"))
	if err != nil {
		t.Skipf("no address beside the loopback: %v", err)
	}
	set := mailertest.ScriptedOn(t, l, map[string]string{"AUTH": "HANG"})
	set.Host = ip
	e := send(t, set, mailer.Options{Waits: short})
	failed(t, e, mailer.StepSignIn, mailer.Plain, 0)
	if !e.Lasting() {
		t.Error("it is tried again")
	}
	set.User, set.Password = "", ""
	if e := send(t, set, mailer.Options{Waits: short}); e != nil {
		t.Errorf("without a password a plain connection is refused: %v", e)
	}
}

// outerIP is an address of this machine that is not the loopback.
func outerIP(t *testing.T) string {
	t.Helper()
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() && n.IP.To4() != nil {
			return n.IP.String()
		}
	}
	t.Skip("this machine has no address beside the loopback")
	return ""
}
