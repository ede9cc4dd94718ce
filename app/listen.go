package app

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"

	"huiyin/app/config"
)

// listen takes the desk's addresses before anything else: a taken one is said at once.
func (s *server) listen() (err error) {
	if s.listener, err = net.Listen("tcp", s.cfg.Listen); err != nil {
		return fmt.Errorf("listen on %s: %w (%s)", s.cfg.Listen, err, listenHelp(err))
	}
	if s.cfg.MetricsListen != "" {
		if s.metricsListener, err = net.Listen("tcp", s.cfg.MetricsListen); err != nil {
			return fmt.Errorf("listen on %s: %w (choose another with --metrics-listen)", s.cfg.MetricsListen, err)
		}
	}
	if s.cfg.Secured() && s.cfg.HTTPListen != config.HTTPOff {
		s.plain.listen(s.cfg.HTTPListen)
	}
	s.base, err = s.publicURL()
	return err
}

// listenHelp says what to do about an address that cannot be had.
func listenHelp(err error) string {
	if errors.Is(err, os.ErrPermission) {
		return "ports below 1024 need CAP_NET_BIND_SERVICE, which deploy/huiyin.service gives; or choose another with --listen"
	}
	return "choose another with --listen"
}

// closeListeners gives the addresses back when the desk does not come to serve.
func (s *server) closeListeners() error {
	var errs []error
	for _, l := range []net.Listener{s.listener, s.metricsListener} {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	return errors.Join(append(errs, s.plain.close())...)
}

// publicURL is the address that links are built from: --url, or the listen address.
func (s *server) publicURL() (*url.URL, error) {
	if s.cfg.URL != "" {
		return url.Parse(s.cfg.URL)
	}
	host, port, err := net.SplitHostPort(s.listener.Addr().String())
	if err != nil {
		return nil, err
	}
	if ip, err := netip.ParseAddr(host); err == nil && (ip.IsUnspecified() || ip.IsLoopback()) {
		host = "localhost"
	}
	return &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}, nil
}
