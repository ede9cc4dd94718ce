package imapbox_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"huiyin/mailin/imapbox"
)

// script is a server that says what a test wants, right or wrong. A handler answers a command; it gives false to hang up.
type script struct {
	net.Listener
	greeting string
	on       map[string]func(w io.Writer, tag, rest string, lines *bufio.Reader) bool

	begun sync.Once // when the test is done with the handlers
	mu    sync.Mutex
	heard []string
}

const usualCapability = "IMAP4rev1 IDLE MOVE UIDPLUS ID AUTH=PLAIN"

// newScript is a server with one folder of the mails 1 to n, whose UIDs are a hundred more.
func newScript(t *testing.T, n int) *script {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &script{Listener: l, greeting: "* OK [CAPABILITY " + usualCapability + "] hello"}
	done := func(w io.Writer, tag string) bool { fmt.Fprintf(w, "%s OK done\r\n", tag); return true }
	s.on = map[string]func(io.Writer, string, string, *bufio.Reader) bool{
		"CAPABILITY": func(w io.Writer, tag, _ string, _ *bufio.Reader) bool {
			fmt.Fprintf(w, "* CAPABILITY %s\r\n", usualCapability)
			return done(w, tag)
		},
		"AUTHENTICATE": func(w io.Writer, tag, _ string, lines *bufio.Reader) bool {
			fmt.Fprint(w, "+ \r\n")
			_, _ = lines.ReadString('\n')
			return done(w, tag)
		},
		"ID": func(w io.Writer, tag, _ string, _ *bufio.Reader) bool {
			fmt.Fprint(w, "* ID NIL\r\n")
			return done(w, tag)
		},
		"SELECT": func(w io.Writer, tag, _ string, _ *bufio.Reader) bool {
			fmt.Fprintf(w, "* %d EXISTS\r\n* 0 RECENT\r\n* FLAGS ()\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT %d] x\r\n", n, 101+n)
			return done(w, tag)
		},
		"NOOP": func(w io.Writer, tag, _ string, _ *bufio.Reader) bool { return done(w, tag) },
		"UID SEARCH": func(w io.Writer, tag, _ string, _ *bufio.Reader) bool {
			fmt.Fprint(w, "* SEARCH")
			for i := range n {
				fmt.Fprintf(w, " %d", 101+i)
			}
			fmt.Fprint(w, "\r\n")
			return done(w, tag)
		},
		"UID FETCH": func(w io.Writer, tag, rest string, _ *bufio.Reader) bool {
			for i := range n {
				s.tell(w, i, rest, false)
			}
			return done(w, tag)
		},
		"FETCH": func(w io.Writer, tag, rest string, _ *bufio.Reader) bool {
			for i := range n {
				s.tell(w, i, rest, false)
			}
			return done(w, tag)
		},
	}
	t.Cleanup(func() { _ = l.Close() })
	return s
}

// tell answers a FETCH for one mail.
func (s *script) tell(w io.Writer, i int, rest string, uidLast bool) {
	if !strings.Contains(rest, "BODY") {
		fmt.Fprintf(w, "* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE \"03-Nov-2026 10:00:05 +0000\")\r\n", i+1, 101+i, len(letter(i)))
		return
	}
	if uidLast {
		fmt.Fprintf(w, "* %d FETCH (BODY[] {%d}\r\n%s UID %d)\r\n", i+1, len(letter(i)), letter(i), 101+i)
		return
	}
	fmt.Fprintf(w, "* %d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n", i+1, 101+i, len(letter(i)), letter(i))
}

func (s *script) serve() {
	for {
		conn, err := s.Accept()
		if err != nil {
			return
		}
		go s.talk(conn)
	}
}

func (s *script) talk(conn net.Conn) {
	defer conn.Close() //nolint:errcheck // the talk is over
	fmt.Fprintf(conn, "%s\r\n", s.greeting)
	lines := bufio.NewReader(conn)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		tag, rest, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		s.mu.Lock()
		s.heard = append(s.heard, rest)
		s.mu.Unlock()
		name, args, _ := strings.Cut(rest, " ")
		if name = strings.ToUpper(name); name == "UID" {
			second, more, _ := strings.Cut(args, " ")
			name, args = name+" "+strings.ToUpper(second), more
		}
		answer := s.on[name]
		if answer == nil {
			fmt.Fprintf(conn, "%s BAD unknown\r\n", tag)
			continue
		}
		if !answer(conn, tag, args, lines) {
			return
		}
	}
}

func (s *script) commands() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.heard, "\n")
}

func (s *script) config() imapbox.Config {
	s.begun.Do(func() { go s.serve() })
	return imapbox.Config{Host: "127.0.0.1", Port: s.Addr().(*net.TCPAddr).Port, Security: imapbox.Plain, User: "li", Password: "secret-word", CommandTime: time.Second, FetchTime: time.Second}
}

// quick fails when fn takes longer than a watchdog should let it.
func quick(t *testing.T, what string, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); fn() }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatalf("%s hangs", what)
	}
}

func newMails(b *imapbox.Box, after uint32) (got []imapbox.Mail, err error) {
	_, err = b.New(context.Background(), after, 100, mega, func(m imapbox.Mail) error { got = append(got, m); return nil })
	return got, err
}

func TestACutMailIsNoMail(t *testing.T) {
	t.Parallel()
	s := newScript(t, 3)
	usual := s.on["UID FETCH"]
	s.on["UID FETCH"] = func(w io.Writer, tag, rest string, lines *bufio.Reader) bool {
		if !strings.Contains(rest, "BODY") {
			return usual(w, tag, rest, lines)
		}
		s.tell(w, 0, rest, false)
		fmt.Fprintf(w, "* 2 FETCH (UID 102 BODY[] {1000}\r\nonly a beginning")
		return false
	}
	b := open(t, s.config())
	quick(t, "a cut mail", func() {
		got, err := newMails(b, 100)
		if len(got) != 0 || imapbox.ReasonOf(err) == "" || err == nil {
			t.Errorf("%d mails, %v", len(got), err)
		}
		b.Close()
	})
}

func TestASilentServerIsLeft(t *testing.T) {
	t.Parallel()
	for _, silent := range []string{"SELECT", "AUTHENTICATE", "UID SEARCH", "UID FETCH"} {
		t.Run(silent, func(t *testing.T) {
			t.Parallel()
			s := newScript(t, 3)
			s.on[silent] = func(io.Writer, string, string, *bufio.Reader) bool { return true }
			quick(t, "a silent server", func() {
				b, err := imapbox.Open(t.Context(), s.config())
				if err == nil {
					defer b.Close()
					_, err = newMails(b, 100)
				}
				if imapbox.ReasonOf(err) != imapbox.ReasonTimeout {
					t.Errorf("%v", err)
				}
			})
		})
	}
}

func TestAServerThatStopsWithinAMailIsLeft(t *testing.T) {
	t.Parallel()
	s := newScript(t, 1)
	usual := s.on["UID FETCH"]
	s.on["UID FETCH"] = func(w io.Writer, tag, rest string, lines *bufio.Reader) bool {
		if !strings.Contains(rest, "BODY") {
			return usual(w, tag, rest, lines)
		}
		fmt.Fprintf(w, "* 1 FETCH (UID 101 BODY[] {100000}\r\nhello")
		return true
	}
	b := open(t, s.config())
	quick(t, "a server that stops", func() {
		got, err := newMails(b, 100)
		if len(got) != 0 || imapbox.ReasonOf(err) != imapbox.ReasonTimeout {
			t.Errorf("%d mails, %v", len(got), err)
		}
		b.Close()
	})
}

func TestAUIDAfterTheMailIsNoGap(t *testing.T) {
	t.Parallel()
	s := newScript(t, 3)
	for _, name := range []string{"UID FETCH", "FETCH"} {
		s.on[name] = func(w io.Writer, tag, rest string, _ *bufio.Reader) bool {
			for i := range 3 {
				s.tell(w, i, rest, true)
			}
			fmt.Fprintf(w, "%s OK done\r\n", tag)
			return true
		}
	}
	got, err := newMails(open(t, s.config()), 100)
	if err != nil || len(got) != 3 || string(got[2].Raw) != string(letter(2)) {
		t.Errorf("%d mails, %v", len(got), err)
	}
}

func TestAnAnswerWithoutAMailThatIsThereIsAnError(t *testing.T) {
	t.Parallel()
	s := newScript(t, 3)
	for _, name := range []string{"UID FETCH", "FETCH"} {
		s.on[name] = func(w io.Writer, tag, rest string, _ *bufio.Reader) bool {
			for i := range 3 {
				if i != 1 || !strings.Contains(rest, "BODY") {
					s.tell(w, i, rest, false)
				}
			}
			fmt.Fprintf(w, "%s OK done\r\n", tag)
			return true
		}
	}
	got, err := newMails(open(t, s.config()), 100)
	if err == nil || len(got) != 1 {
		t.Errorf("%d mails were taken, %v; want the one before the gap, and an error", len(got), err)
	}
}

func TestAMailThatIsGoneIsNoError(t *testing.T) {
	t.Parallel()
	s := newScript(t, 3)
	for _, name := range []string{"UID FETCH", "FETCH"} {
		s.on[name] = func(w io.Writer, tag, rest string, _ *bufio.Reader) bool {
			s.tell(w, 0, rest, false)
			s.tell(w, 2, rest, false)
			fmt.Fprintf(w, "%s OK done\r\n", tag)
			return true
		}
	}
	got, err := newMails(open(t, s.config()), 100)
	if err != nil || len(got) != 2 || got[1].UID != 103 {
		t.Errorf("%d mails, %v", len(got), err)
	}
}

func TestTheLastMailIsNotTakenAgain(t *testing.T) {
	t.Parallel()
	s := newScript(t, 3)
	s.on["UID SEARCH"] = func(w io.Writer, tag, _ string, _ *bufio.Reader) bool { // as "104:*" is answered by the standard
		fmt.Fprintf(w, "* SEARCH 103\r\n%s OK done\r\n", tag)
		return true
	}
	if got, err := newMails(open(t, s.config()), 103); err != nil || len(got) != 0 {
		t.Errorf("%d mails, %v", len(got), err)
	}
}

func TestOnlyWhatCannotBreakIsAskedFor(t *testing.T) {
	t.Parallel()
	s := newScript(t, 3)
	if _, err := newMails(open(t, s.config()), 100); err != nil {
		t.Fatal(err)
	}
	said := strings.ToUpper(s.commands())
	for _, no := range []string{"ENVELOPE", "BODYSTRUCTURE", "BODY[]", "RFC822.HEADER", "RECENT", "SINCE"} {
		if strings.Contains(strings.ReplaceAll(said, "BODY.PEEK[]", ""), no) {
			t.Errorf("%s was asked for:\n%s", no, said)
		}
	}
	if id, sel := strings.Index(said, "ID ("), strings.Index(said, "SELECT"); id < 0 || id > sel {
		t.Errorf("ID does not come before SELECT:\n%s", said)
	}
}

func TestNetEasesRefusalIsKnown(t *testing.T) {
	t.Parallel()
	s := newScript(t, 1)
	s.on["SELECT"] = func(w io.Writer, tag, _ string, _ *bufio.Reader) bool {
		fmt.Fprintf(w, "%s NO SELECT Unsafe Login. Please contact kefu@188.com for help\r\n", tag)
		return true
	}
	if _, err := imapbox.Open(t.Context(), s.config()); imapbox.ReasonOf(err) != imapbox.ReasonUnsafe {
		t.Errorf("%v", err)
	}
}

func TestWithoutIDLEItAsksAfterThePause(t *testing.T) {
	t.Parallel()
	s := newScript(t, 1)
	s.greeting = "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello"
	s.on["CAPABILITY"] = func(w io.Writer, tag, _ string, _ *bufio.Reader) bool {
		fmt.Fprintf(w, "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n%s OK done\r\n", tag)
		return true
	}
	b := open(t, s.config())
	if b.Idles() {
		t.Fatal("it idles")
	}
	for range 2 {
		if err := b.Wait(t.Context(), 10*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(s.commands(), "NOOP") {
		t.Errorf("it has not asked:\n%s", s.commands())
	}
}

func TestATokenSignsInAndItsRefusalIsSaid(t *testing.T) {
	t.Parallel()
	for _, mech := range []string{"XOAUTH2", "OAUTHBEARER"} {
		t.Run(mech, func(t *testing.T) {
			t.Parallel()
			s := newScript(t, 1)
			capability := "IMAP4rev1 SASL-IR AUTH=" + mech
			s.greeting = "* OK [CAPABILITY " + capability + "] hello"
			s.on["CAPABILITY"] = func(w io.Writer, tag, _ string, _ *bufio.Reader) bool {
				fmt.Fprintf(w, "* CAPABILITY %s\r\n%s OK done\r\n", capability, tag)
				return true
			}
			s.on["AUTHENTICATE"] = func(w io.Writer, tag, rest string, lines *bufio.Reader) bool {
				name, first, _ := strings.Cut(rest, " ")
				raw, _ := base64.StdEncoding.DecodeString(first)
				if name == mech && strings.Contains(string(raw), "Bearer good") {
					fmt.Fprintf(w, "%s OK done\r\n", tag)
					return true
				}
				fmt.Fprintf(w, "+ %s\r\n", base64.StdEncoding.EncodeToString([]byte(`{"status":"401","schemes":"bearer"}`)))
				_, _ = lines.ReadString('\n')
				fmt.Fprintf(w, "%s NO failed\r\n", tag)
				return true
			}
			c := s.config()
			c.Token = func(context.Context) (string, error) { return "good", nil }
			open(t, c)
			c.Token = func(context.Context) (string, error) { return "stale", nil }
			quick(t, "a refusal", func() {
				_, err := imapbox.Open(t.Context(), c)
				var e *imapbox.Error
				if !errors.As(err, &e) || e.Reason != imapbox.ReasonPassword || !strings.Contains(e.Server, "401") {
					t.Errorf("%v", err)
				}
			})
		})
	}
}

func TestAPasswordIsNotSentWhereTheServerForbidsIt(t *testing.T) {
	t.Parallel()
	s := newScript(t, 1)
	s.greeting = "* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] hello"
	s.on["STARTTLS"] = func(w io.Writer, tag, _ string, _ *bufio.Reader) bool {
		fmt.Fprintf(w, "%s NO not today\r\n", tag)
		return true
	}
	if _, err := imapbox.Open(t.Context(), s.config()); imapbox.ReasonOf(err) != imapbox.ReasonPlainText {
		t.Errorf("%v", err)
	}
	if strings.Contains(s.commands(), "secret-word") {
		t.Error("it was sent")
	}
	c := s.config()
	c.Security = imapbox.StartTLS
	quick(t, "a STARTTLS that is refused", func() {
		if _, err := imapbox.Open(t.Context(), c); imapbox.ReasonOf(err) != imapbox.ReasonNoTLS {
			t.Errorf("%v", err)
		}
	})
}
