package imapbox_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"huiyin/mailin/imapbox"
)

// far is a connection whose other end seems to be another machine's.
type far struct{ net.Conn }

func (far) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 143} }

func TestThePasswordGoesOverAPlainConnectionOnlyToThisMachine(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]func(context.Context) (string, error){
		"a password": nil, "a token": func(context.Context) (string, error) { return "secret-word", nil },
	} {
		s := newScript(t, 1)
		c := s.config()
		c.Token = token
		c.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			return far{conn}, err
		}
		box, err := imapbox.Open(t.Context(), c)
		var e *imapbox.Error
		if !errors.As(err, &e) || e.Step != imapbox.StepSignIn || e.Reason != imapbox.ReasonPlainText {
			t.Errorf("%s: got %v", name, err)
		}
		if box != nil {
			box.Close()
		}
		if heard := s.commands(); strings.Contains(heard, "AUTHENTICATE") || strings.Contains(heard, "LOGIN ") {
			t.Errorf("%s: it was sent: %q", name, heard)
		}
	}
}
