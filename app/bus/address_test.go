package bus

import (
	"slices"
	"strings"
	"testing"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule, in, prefix, shown string
		servers                 []string
	}{
		{"one server", "nats://h:4222", "huiyin.", "nats://h:4222", []string{"nats://h:4222"}},
		{"the path names the desk", "nats://h:4222/shop-1/", "huiyin.shop-1.", "nats://h:4222", []string{"nats://h:4222"}},
		{"several servers", "nats://a, tls://b/shop", "huiyin.shop.", "nats://a,tls://b", []string{"nats://a", "tls://b"}},
		{"the log gets no password", "nats://u:secret@h", "huiyin.", "nats://h", []string{"nats://u:secret@h"}},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			got, err := parseAddress(c.in)
			if err != nil {
				t.Fatal(err)
			}
			if got.prefix != c.prefix || got.shown != c.shown || !slices.Equal(got.servers, c.servers) {
				t.Errorf("got %+v, want %+v", got, c)
			}
		})
	}
}

func TestABadAddressIsRefusedWithoutItsPassword(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"redis://u:secret@h", "nats://", "h:4222", "nats://u:secret@h/a.b", "nats://u:secret@h:x", "nats://u:se cret@h", ","} {
		_, err := Open(in, nil)
		if err == nil {
			t.Errorf("%q: no error", in)
		} else if strings.Contains(err.Error(), "cret") {
			t.Errorf("%q: the error shows the password: %v", in, err)
		}
	}
}
