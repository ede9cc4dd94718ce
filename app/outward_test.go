package app

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"huiyin/app/sms"
)

func TestAGatewayWithinIsNotReached(t *testing.T) {
	t.Parallel()
	reached := false
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	t.Cleanup(srv.Close)
	_, err := outward(context.Background(), sms.Request{Method: http.MethodPost, URL: srv.URL})
	if !errors.Is(err, errInner) || reached {
		t.Errorf("the desk's own machine: %v, reached %v", err, reached)
	}
	for _, inner := range []string{"10.1.2.3:80", "192.168.0.1:80", "169.254.169.254:80", "100.64.0.1:80", "[::1]:80", "[fe80::1%eth0]:80", "[::ffff:127.0.0.1]:80", "[fd00::1]:443", "0.0.0.0:80", "x",
		"0.1.2.3:80", "192.0.0.8:80", "198.18.0.1:80", "240.0.0.1:80", "255.255.255.255:80", "224.0.0.1:80", "168.63.129.16:80",
		"[::7f00:1]:80", "[64:ff9b::7f00:1]:80", "[64:ff9b::a9fe:a9fe]:80", "[2002:7f00:1::]:80", "[2001::1]:80", "[fec0::1]:80",
	} {
		if outer(inner) == nil {
			t.Errorf("%s passes", inner)
		}
	}
	for _, public := range []string{"203.107.0.1:443", "[2400:3200::1]:443"} {
		if err := outer(public); err != nil {
			t.Errorf("%s: %v", public, err)
		}
	}
}
