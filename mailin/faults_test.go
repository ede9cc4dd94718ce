package mailin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/mailin/mailtest"
)

// childEnv makes this test binary a process that reads the mailboxes of a desk until it is killed; its value is a job.
const childEnv = "HUIYIN_MAILIN_TEST_CHILD"

// job says which desk a child serves, and at which step of the intake it kills itself.
type job struct {
	Path, DSN, Dir string
	Step           string
	After          int // so many steps later
}

func TestMain(m *testing.M) {
	if text := os.Getenv(childEnv); text != "" {
		runChild(text)
		return
	}
	os.Exit(m.Run())
}

func runChild(text string) {
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		panic(err)
	}
	log := slog.New(slog.DiscardHandler)
	base, err := db.Open(bg, db.Options{Path: j.Path, DSN: j.DSN, Log: log})
	if err != nil {
		panic(err)
	}
	var mu sync.Mutex
	left := j.After
	_, mails, _ := services(base, parts{dir: j.Dir, node: 2, log: log, wait: 2 * time.Second, step: func(name string) {
		mu.Lock()
		defer mu.Unlock()
		if name != j.Step {
			return
		}
		if left--; left < 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}})
	mails.Run(context.Background())
}

// steps are those of the intake, in their order.
var steps = []string{"fetched", "stored", "moved", "counted", "file", "read", "entered", "piece"}

// TestSoakMailsSurviveFaults: whatever happens to the network, the mail server and the process, each mail becomes one message, in
// the ticket where its conversation is. With HUIYIN_SOAK=1 they are 5,000.
func TestSoakMailsSurviveFaults(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			mails, times := 300, 1
			if os.Getenv("HUIYIN_SOAK") != "" {
				mails, times = 5000, 3
			}
			f := newFaults(t, dialect, mails)
			f.rounds = times * len(steps)
			f.run()
		})
	}
}

// faults is a desk in a process of its own, behind a bad network.
type faults struct {
	*desk
	where  job
	net    *badNet
	mails  []faultyMail
	doubly int
	rounds int
}

// faultyMail is one mail of a conversation.
type faultyMail struct {
	thread, n int
	raw       []byte
}

func newFaults(t *testing.T, dialect string, mails int) *faults {
	t.Helper()
	f := &faults{desk: &desk{t: t}}
	f.where.Dir = t.TempDir()
	o := db.Options{Log: slog.New(slog.DiscardHandler)}
	if dialect == db.SQLite {
		f.where.Path = filepath.Join(t.TempDir(), "huiyin.db")
		o.Path = f.where.Path
	} else {
		f.where.DSN = dbtest.Postgres(t)
		o.DSN = f.where.DSN
	}
	base, err := db.Open(bg, o)
	must(t, err)
	t.Cleanup(func() { _ = base.Close() })
	_, err = base.Migrate(bg)
	must(t, err)
	f.base = base
	f.tickets, f.Service, _ = services(base, parts{dir: f.where.Dir, node: 1, log: o.Log})
	f.begin()
	f.server = mailtest.StartDovecot(t)
	f.net = newBadNet(t, fmt.Sprintf("127.0.0.1:%d", f.server.Plain))
	a := f.account()
	a.IMAP.Port = f.net.port()
	must(t, f.Save(bg, a))
	f.write(mails)
	return f
}

// write makes conversations of one to five mails between a shopper, somebody she names, and the shop; one in ten has a file, and a few
// are too large for a row.
func (f *faults) write(most int) {
	for thread := 0; len(f.mails) < most; thread++ {
		var ids []string
		for n := range min(1+thread%5, most-len(f.mails)) {
			from, other := fmt.Sprintf("s%d@home.test", thread), fmt.Sprintf("c%d@home.test", thread)
			if n%3 == 2 {
				from, other = other, from
			}
			more := []string{"Cc: " + other}
			if n > 0 {
				more = append(more, "In-Reply-To: <"+ids[n-1]+">", "References: <"+strings.Join(ids, "> <")+">")
			}
			id := fmt.Sprintf("t%d.n%d@home.test", thread, n)
			ids = append(ids, id)
			text := fmt.Sprintf("mail %d of thread %d.\r\n%s", n, thread, strings.Repeat("filler ", 100+rand.IntN(700)))
			switch len(f.mails) % 40 {
			case 7, 17, 27, 37:
				more = append(more, "Content-Type: multipart/mixed; boundary=b")
				text = "--b\r\nContent-Type: text/plain\r\n\r\n" + text + "\r\n--b\r\nContent-Type: text/plain; name=note.txt\r\nContent-Disposition: attachment; filename=note.txt\r\n\r\nnote\r\n--b--"
			case 13:
				text += strings.Repeat("\r\nfiller that is long", 20_000)
			}
			f.mails = append(f.mails, faultyMail{thread, n, letter(id, from, fmt.Sprintf("Thread %d", thread), text, more...)})
		}
	}
}

// deliver puts all mails into the mailbox, many before what they answer, three in a hundred twice.
func (f *faults) deliver(pause time.Duration) {
	order := slices.Clone(f.mails)
	for at := 0; at < len(order); at += 20 {
		part := order[at:min(at+20, len(order))]
		rand.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
	}
	for i, m := range order {
		f.server.Deliver("support@shop.test", "INBOX", m.raw)
		if i%33 == 0 {
			f.doubly++
			f.server.Deliver("support@shop.test", "INBOX", append([]byte("Received: from another way\r\n"), m.raw...))
		}
		time.Sleep(pause)
	}
}

func (f *faults) child(j job) *exec.Cmd {
	f.t.Helper()
	text, err := json.Marshal(j)
	must(f.t, err)
	cmd := exec.CommandContext(f.t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	must(f.t, cmd.Start())
	return cmd
}

// run delivers while everything fails, and then looks at what has become of it.
func (f *faults) run() {
	delivered := make(chan struct{})
	go func() { defer close(delivered); f.deliver(5 * time.Millisecond) }()
	for round := range f.rounds {
		j := f.where
		j.Step, j.After = steps[round%len(steps)], rand.IntN(4)
		f.net.begin(rand.IntN(3))
		cmd := f.child(j)
		died := make(chan struct{})
		go func() { defer close(died); _ = cmd.Wait() }()
		f.happen(round)
		select {
		case <-died: // at its step
		case <-time.After(3 * time.Second): // it did not come there
			_ = cmd.Process.Kill()
			<-died
		}
	}
	<-delivered
	f.net.begin(0)
	cmd := f.child(f.where)
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	f.settle()
	f.check()
}

// happen does to the mail server what happens to them.
func (f *faults) happen(round int) {
	switch round {
	case 3, 9, 17:
		time.Sleep(300 * time.Millisecond)
		f.net.cut()
		f.server.Stop()
		time.Sleep(500 * time.Millisecond)
		f.server.Start()
	case 5, 11, 19:
		time.Sleep(300 * time.Millisecond)
		f.server.Forget("support@shop.test", "INBOX")
	case 7, 21:
		f.server.Rename("support@shop.test", "Huiyin", fmt.Sprintf("Elsewhere%d", round))
	}
}

// settle waits until the mailbox is empty and nothing waits.
func (f *faults) settle() {
	for end := time.Now().Add(5 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		left := f.count(`SELECT (SELECT COUNT(*) FROM mail_incoming WHERE state = 'new') + (SELECT COUNT(*) FROM mail_incoming WHERE NOT put_away AND epoch = (SELECT epoch FROM mail_accounts))`)
		if left == 0 && f.server.Count("support@shop.test", "INBOX") == 0 {
			return
		}
		if time.Now().After(end) {
			f.t.Fatalf("%d mails wait and %d are in the mailbox", left, f.server.Count("support@shop.test", "INBOX"))
		}
	}
}

// check compares what there is with what was sent: none lost, none doubled, none in the wrong ticket.
func (f *faults) check() {
	where, seen := map[int]map[int64]bool{}, map[string]int{}
	threads := map[int]bool{}
	for _, t := range f.all() {
		for _, said := range f.said(t.ID) {
			var n, thread int
			if _, err := fmt.Sscanf(strings.TrimPrefix(said, "contact: "), "mail %d of thread %d.", &n, &thread); err != nil {
				f.t.Errorf("ticket %d says %.60q", t.Number, said)
				continue
			}
			seen[fmt.Sprintf("%d of %d", n, thread)]++
			if where[thread] == nil {
				where[thread] = map[int64]bool{}
			}
			where[thread][t.Number] = true
			threads[thread] = true
			if want := fmt.Sprintf("Thread %d", thread); t.Subject != want {
				f.t.Errorf("mail %d of thread %d is in the ticket %q", n, thread, t.Subject)
			}
		}
	}
	lost, doubled, scattered := 0, 0, 0
	for _, m := range f.mails {
		switch n := seen[fmt.Sprintf("%d of %d", m.n, m.thread)]; {
		case n == 0:
			lost++
		case n > 1:
			doubled++
		}
	}
	for _, in := range where {
		if len(in) > 1 {
			scattered++
		}
	}
	f.t.Logf("%d mails of %d conversations, %d sent twice, %d connections cut: %d lost, %d doubled, %d conversations in more than one ticket",
		len(f.mails), len(threads), f.doubly, f.net.cuts(), lost, doubled, scattered)
	if lost+doubled+scattered > 0 {
		f.t.Fail()
	}
	if n := f.count(`SELECT COUNT(*) FROM mail_incoming WHERE state = 'failed'`); n > 0 {
		f.t.Errorf("%d mails were set aside", n)
	}
	if n, want := f.count(`SELECT COUNT(*) FROM attachments WHERE message_id IS NOT NULL`), f.withFiles(); n != want {
		f.t.Errorf("%d files, want %d", n, want)
	}
}

func (f *faults) withFiles() (n int) {
	for _, m := range f.mails {
		if strings.Contains(string(m.raw), "filename=note.txt") {
			n++
		}
	}
	return n
}

// badNet forwards to a mail server; it cuts connections in the middle of what the server says, or lets them stand still.
type badNet struct {
	net.Listener
	target string

	mu    sync.Mutex
	mode  int // 0: well; 1: cut after some bytes; 2: stand still after some
	conns map[net.Conn]bool
	n     int
}

func newBadNet(t *testing.T, target string) *badNet {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	b := &badNet{Listener: l, target: target, conns: map[net.Conn]bool{}}
	t.Cleanup(func() { _ = l.Close(); b.cut() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go b.forward(c)
		}
	}()
	return b
}

func (b *badNet) port() int { return b.Addr().(*net.TCPAddr).Port }

func (b *badNet) begin(mode int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mode = mode
}

func (b *badNet) cuts() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.n
}

// cut ends all connections.
func (b *badNet) cut() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.conns {
		_ = c.Close()
		b.n++
	}
	clear(b.conns)
}

func (b *badNet) forward(c net.Conn) {
	defer c.Close() //nolint:errcheck // over
	up, err := net.Dial("tcp", b.target)
	if err != nil {
		return
	}
	defer up.Close() //nolint:errcheck // over
	b.mu.Lock()
	mode := b.mode
	b.conns[c] = true
	b.mu.Unlock()
	go func() { _, _ = io.Copy(up, c); _ = up.Close() }()
	if mode == 0 {
		_, _ = io.Copy(c, up)
		return
	}
	_, _ = io.CopyN(c, up, 2000+rand.Int64N(120_000))
	b.mu.Lock()
	b.n++
	b.mu.Unlock()
	if mode == 2 {
		time.Sleep(10 * time.Second)
	}
}
