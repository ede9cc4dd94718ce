package chat_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
)

// childEnv makes this test binary a server of a benchmark: "desk" or "relay".
const childEnv = "HUIYIN_CHAT_CHILD"

// child is a server in a process of its own, so that its memory and processor time are its own.
type child struct {
	URL    string
	Inbox  string
	Agents []string

	cmd *exec.Cmd
	in  io.Closer
}

// BenchmarkChild measures nothing: it is the server of a benchmark, until standard input ends.
func BenchmarkChild(b *testing.B) {
	switch os.Getenv(childEnv) {
	case "desk":
		serveDesk(b)
	case "relay":
		serveRelay(b)
	}
}

func serveDesk(t testing.TB) {
	w := newWorld(t, dbtest.Open(t, db.SQLite), 1e6)
	c := child{URL: w.node().url, Inbox: w.inbox.Key}
	for i := range benchAgents {
		c.Agents = append(c.Agents, w.agent(fmt.Sprint("a", i, "@huiyin.test"), fmt.Sprint("客服", i)).ID.String())
	}
	c.announce(t)
}

// serveRelay passes frames on between the two sockets of a room, and does nothing else.
func serveRelay(t testing.TB) {
	type member struct {
		ws *websocket.Conn
		mu sync.Mutex
	}
	var mu sync.Mutex
	rooms := map[string][]*member{}
	up := websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		room, me := r.URL.Query().Get("room"), &member{ws: ws}
		mu.Lock()
		rooms[room] = append(rooms[room], me)
		mu.Unlock()
		for {
			_, data, err := ws.ReadMessage()
			if err != nil {
				return
			}
			mu.Lock()
			all := rooms[room]
			mu.Unlock()
			for _, m := range all {
				m.mu.Lock()
				_ = m.ws.WriteMessage(websocket.TextMessage, data)
				m.mu.Unlock()
			}
		}
	}))
	child{URL: s.URL}.announce(t)
	s.CloseClientConnections()
	s.Listener.Close()
}

// announce tells the parent where we are and waits for it to be done.
func (c child) announce(t testing.TB) {
	b, err := json.Marshal(c)
	ok(t, err)
	fmt.Printf("\nchild %s\n", b)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// startChild runs this binary as a server.
func startChild(b testing.TB, kind string) *child {
	b.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$", "-test.bench=^BenchmarkChild$", "-test.benchtime=1x", "-test.timeout=20m")
	if to := os.Getenv("HUIYIN_CHAT_PROFILE"); to != "" && kind == "desk" {
		cmd.Args = append(cmd.Args, "-test.cpuprofile="+to)
	}
	cmd.Env = append(os.Environ(), childEnv+"="+kind)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	ok(b, err)
	out, err := cmd.StdoutPipe()
	ok(b, err)
	ok(b, cmd.Start())
	c := &child{}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if text, found := strings.CutPrefix(lines.Text(), "child "); found {
			ok(b, json.Unmarshal([]byte(text), c))
			break
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	c.cmd, c.in = cmd, in
	b.Cleanup(func() {
		_ = c.in.Close()
		_ = cmd.Wait()
	})
	return c
}

// cpu is the processor time that the child has used.
func (c *child) cpu(b testing.TB) time.Duration {
	b.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.cmd.Process.Pid))
	ok(b, err)
	f := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+2:]))
	user, err := strconv.Atoi(f[11])
	ok(b, err)
	system, err := strconv.Atoi(f[12])
	ok(b, err)
	return time.Duration(user+system) * 10 * time.Millisecond
}

// rss is the memory that the child holds, in MiB.
func (c *child) rss(b testing.TB) float64 {
	b.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	ok(b, err)
	for line := range strings.SplitSeq(string(raw), "\n") {
		if text, found := strings.CutPrefix(line, "VmRSS:"); found {
			kb, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "kB")))
			ok(b, err)
			return float64(kb) / 1024
		}
	}
	b.Fatal("no VmRSS")
	return 0
}

// session starts a chat with the child's desk.
func (c *child) session(b testing.TB) (token string) {
	b.Helper()
	resp, err := http.Post(c.URL+"/chat/v1/sessions", "application/json", strings.NewReader(`{"inbox":"`+c.Inbox+`"}`))
	ok(b, err)
	defer resp.Body.Close()
	var a obj
	ok(b, json.NewDecoder(resp.Body).Decode(&a))
	if a.str("session") == "" {
		b.Fatalf("session: %v", a)
	}
	return a.str("session")
}
