// Package bustest gives tests a real NATS server.
//
// The server is the one that HUIYIN_TEST_NATS names, else one started from the nats-server program in PATH: once for
// the test binary, on a free port, with its files in a temporary folder. It ends with the test binary, however that
// ends: it runs under a small shell that waits for the end of its standard input, a pipe that dies with the parent.
// Tests that need it skip when there is neither, and say so.
package bustest

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Env names a NATS server for the tests: "nats://127.0.0.1:4222".
const Env = "HUIYIN_TEST_NATS"

const program = "nats-server"

var (
	shared = sync.OnceValues(start)
	desks  atomic.Int64
)

// NATS gives the address of a desk of its own on the test server, or skips the test.
func NATS(t testing.TB) string {
	t.Helper()
	// Several test binaries share the server of the environment.
	desk := fmt.Sprintf("t%d-%d-%d", os.Getpid(), time.Now().UnixNano(), desks.Add(1))
	if url := os.Getenv(Env); url != "" {
		return strings.TrimRight(url, "/") + "/" + desk
	}
	need(t, "no "+program+" in PATH and no "+Env)
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return s.URL() + "/" + desk
}

// Own starts a server for this test alone, which may kill and restart it. It skips the test when there is no program,
// even if the environment names a server.
func Own(t testing.TB) *Server {
	t.Helper()
	need(t, "no "+program+" in PATH; the server of "+Env+" is not killed by tests")
	s, err := start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.end)
	return s
}

func need(t testing.TB, why string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		if os.Getenv("HUIYIN_TEST_REQUIRED") != "" { // make test skips nothing
			t.Fatal("needs a NATS server: " + why)
		}
		t.Skip("needs a NATS server: " + why)
	}
}
