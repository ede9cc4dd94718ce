package app

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
)

// listen takes the desk's addresses before anything else: a taken one is said at once.
func (s *server) listen() (err error) {
	if s.listener, err = net.Listen("tcp", s.cfg.Listen); err != nil {
		return fmt.Errorf("listen on %s: %w (choose another with --listen)", s.cfg.Listen, err)
	}
	if s.cfg.MetricsListen != "" {
		if s.metricsListener, err = net.Listen("tcp", s.cfg.MetricsListen); err != nil {
			return fmt.Errorf("listen on %s: %w (choose another with --metrics-listen)", s.cfg.MetricsListen, err)
		}
	}
	s.base, err = s.publicURL()
	return err
}

// closeListeners gives the addresses back when the desk does not come to serve.
func (s *server) closeListeners() error {
	var errs []error
	for _, l := range []net.Listener{s.listener, s.metricsListener} {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	return errors.Join(errs...)
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
