package apptest_test

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"huiyin/app/apptest"
)

// SIGTERM ends the desk with exit code 0: sockets get 1001, and a client that dawdles holds nothing up for ever.
func TestSIGTERMEndsTheDeskInOrder(t *testing.T) {
	t.Parallel()
	desk := apptest.StartProcess(t)
	key := desk.AddInbox("Shop", map[string]any{})
	session := call[struct{ Session string }](t, desk, "POST", "/chat/v1/sessions", "", map[string]any{"inbox": key}).Session
	dialer := websocket.Dialer{Subprotocols: []string{"huiyin.chat.v1"}}
	socket, res, err := dialer.DialContext(t.Context(), "ws://"+desk.Addr+"/chat/v1/socket", nil)
	if err != nil {
		t.Fatal(err)
	}
	apptest.Drain(res.Body)
	defer socket.Close()
	if err := socket.WriteJSON(map[string]string{"type": "hello", "session": session}); err != nil {
		t.Fatal(err)
	}
	closed := make(chan error, 1)
	go func() {
		for {
			if _, _, err := socket.ReadMessage(); err != nil {
				closed <- err
				return
			}
		}
	}()
	slow, err := net.Dial("tcp", desk.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	_, err = fmt.Fprintf(slow, "POST /chat/v1/sessions HTTP/1.1\r\nHost: %s\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n{", desk.Addr)
	if err != nil {
		t.Fatal(err)
	}

	if code := desk.Stop(); code != 0 {
		t.Errorf("exit code %d, want 0; the log:\n%s", code, desk.Log())
	}
	var end *websocket.CloseError
	if err := <-closed; !errors.As(err, &end) || end.Code != websocket.CloseGoingAway {
		t.Errorf("the socket ended with %v, want close code 1001", err)
	}
	if strings.Contains(desk.Log(), "panic") {
		t.Errorf("the desk panicked:\n%s", desk.Log())
	}
}
