package apptest

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// Frame is one frame of either socket, with the fields that the tests look at.
type Frame struct {
	Type       string  `json:"type"`
	ID         string  `json:"id,omitempty"`
	Session    string  `json:"session,omitempty"`
	Ticket     string  `json:"ticket,omitempty"`
	After      *int64  `json:"after,omitempty"`
	Seq        *int64  `json:"seq,omitempty"`
	Pos        *int64  `json:"pos,omitempty"`
	Kind       string  `json:"kind,omitempty"`
	Body       string  `json:"body,omitempty"`
	Code       string  `json:"code,omitempty"`
	RetryAfter float64 `json:"retry_after,omitempty"`
}

// keepTrying connects again and again until ctx ends, with a short pause of random length between.
func keepTrying(ctx context.Context, connect func(context.Context)) {
	for ctx.Err() == nil {
		connect(ctx)
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(20+rand.IntN(200)) * time.Millisecond):
		}
	}
}

// dial opens a socket that is closed when ctx ends; nil when the desk cannot be reached.
func dial(ctx context.Context, url, protocol string, header http.Header) *websocket.Conn {
	dialer := websocket.Dialer{Subprotocols: []string{protocol}, HandshakeTimeout: 5 * time.Second}
	conn, res, err := dialer.DialContext(ctx, "ws"+url[len("http"):], header)
	if res != nil {
		_ = res.Body.Close()
	}
	if err != nil {
		return nil
	}
	context.AfterFunc(ctx, func() { _ = conn.Close() })
	return conn
}

// readAll hands every frame to take until the connection breaks or take has enough.
func readAll(conn *websocket.Conn, take func(Frame) bool) {
	for {
		var f Frame
		if conn.ReadJSON(&f) != nil || !take(f) {
			return
		}
	}
}
