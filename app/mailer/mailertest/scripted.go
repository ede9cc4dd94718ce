package mailertest

import (
	"bufio"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"huiyin/app/mailer"
)

// Scripted starts a server that answers line by line what a script says: for each line that comes, named by its first
// word in capitals ("" is the greeting, "." the end of a mail), the text to send, "HANG" to say nothing more, or "DROP".
// What the script does not name is answered as a server would that takes everything.
func Scripted(t testing.TB, script map[string]string) mailer.Settings {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ScriptedOn(t, l, script)
}

// ScriptedOn is Scripted on a listener, which it closes.
func ScriptedOn(t testing.TB, l net.Listener, script map[string]string) mailer.Settings {
	t.Helper()
	var conns sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); conns.Wait() })
	conns.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns.Go(func() { play(conn, script) })
		}
	})
	return mailer.Settings{
		Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: mailer.None, User: "desk@shop.test", Password: "a secret code",
		From: mailer.Address{Name: "回音", Email: "desk@shop.test"},
	}
}

var usual = map[string]string{
	"": "220 mx.test", "EHLO": "250-mx.test\r\n250 AUTH PLAIN", "AUTH": "235 2.7.0 ok", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on",
	".": "250 taken", "QUIT": "221 bye",
}

// play follows the script until the other side is gone.
func play(conn net.Conn, script map[string]string) {
	defer conn.Close() //nolint:errcheck // a test's
	in := bufio.NewReader(conn)
	for word := ""; say(conn, in, script, word); {
		end := word == "DATA" // the lines of a mail are no commands
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			if word, _, _ = strings.Cut(strings.TrimRight(line, "\r\n"), " "); !end || word == "." {
				break
			}
		}
		word = strings.ToUpper(word)
	}
}

// say answers one word; false ends the connection.
func say(conn net.Conn, in io.Reader, script map[string]string, word string) bool {
	text, named := script[word]
	if !named {
		text = usual[word]
	}
	switch text {
	case "HANG":
		_, _ = io.Copy(io.Discard, in) // until the other side has had enough
		return false
	case "DROP":
		return false
	}
	_, err := io.WriteString(conn, text+"\r\n")
	return err == nil
}
