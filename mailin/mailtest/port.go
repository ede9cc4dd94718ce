package mailtest

import (
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"testing"
)

// Ports that tests give to programs lie below those that systems give away by themselves (from 32768 on Linux, 49152 elsewhere):
// else another test's connection takes one between its choice and the program's start.
const (
	lowestPort  = 10_000
	highestPort = 32_000
)

var given sync.Map // ports that this process has given already

// FreePort is a port of this machine that nothing listens at, for a program that must be told its own. No test of this process is
// given the same again.
func FreePort(t testing.TB) int {
	t.Helper()
	for range 1000 {
		port := lowestPort + rand.N(highestPort-lowestPort) //nolint:gosec // no secret
		if _, taken := given.LoadOrStore(port, true); taken {
			continue
		}
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal("no free port found")
	return 0
}
