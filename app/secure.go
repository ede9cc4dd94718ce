package app

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/net/idna"

	"huiyin/app/certs"
	"huiyin/app/config"
)

// plainRetry is how soon the address of plain HTTP is tried again while another program holds it.
const plainRetry = 10 * time.Second

// plainHTTP is the address that only leads to HTTPS and answers the CA. A desk serves without it, so a taken port is
// told of and tried again.
type plainHTTP struct {
	mu       sync.Mutex
	listener net.Listener // until it is served
	err      error        // why there is none
}

// problem is why the desk does not listen to plain HTTP; nil when it does.
func (p *plainHTTP) problem() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

func (p *plainHTTP) listen(address string) {
	l, err := net.Listen("tcp", address)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listener, p.err = l, err
}

// take gives the listener to whoever serves or closes it; nil when there is none.
func (p *plainHTTP) take() net.Listener {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.listener
	p.listener = nil
	return l
}

func (p *plainHTTP) close() error {
	if l := p.take(); l != nil {
		return l.Close()
	}
	return nil
}

// openCerts opens what gives the desk its certificates; nil when it does not speak TLS itself.
func (s *server) openCerts(text func(locale, key string, args map[string]any) string) (_ certs.Source, err error) {
	tell := certs.Teller{Text: text, Log: s.Log, Alert: s.alert, AlertOver: s.alertOver}
	switch s.cfg.TLS {
	case config.TLSFiles:
		return certs.OpenFiles(certs.FilesOptions{
			Teller: tell, Cert: s.cfg.TLSCert, Key: s.cfg.TLSKey, Host: s.base.Hostname(), Now: time.Now,
		})
	case config.TLSACME:
		hosts := make([]string, len(s.cfg.ACMEHosts))
		for i, host := range s.cfg.ACMEHosts {
			if hosts[i], err = idna.Lookup.ToASCII(host); err != nil {
				return nil, fmt.Errorf("host name of ACME: %w", err)
			}
		}
		o := certs.ACMEOptions{
			Teller: tell, Store: certs.Store{Write: s.DB.Write, Read: s.DB.Read}, Sealer: s.Sealer, Now: time.Now,
			Lease: func(ctx context.Context, name string, ttl time.Duration) (bool, error) {
				held, _, err := s.DB.Lease(ctx, name, s.holder, ttl)
				return held, err
			},
			Release: func(ctx context.Context, name string) error { return s.DB.Release(ctx, name, s.holder) },
			Hosts:   hosts, Email: s.cfg.ACMEEmail, Directory: s.cfg.ACMEDirectory,
		}
		if s.cfg.HTTPListen != config.HTTPOff {
			o.PortProblem = s.plain.problem
		}
		return certs.OpenACME(o)
	}
	return nil, nil
}

// certificates tells the settings how the certificates stand; nil when the desk does not speak TLS itself.
func (s *server) certificates() func() []certs.HostState {
	if s.certs == nil {
		return nil
	}
	return s.certs.State
}

// serveWeb answers browsers: over TLS where the desk speaks it itself, with plain HTTP beside it that leads there.
func (s *server) serveWeb(work context.Context, spawn func(what string, fn func() error)) {
	front := s.web.HTTPServer()
	s.servers = append(s.servers, front)
	if s.certs == nil {
		spawn("web", func() error { return notClosed(front.Serve(s.listener)) })
		return
	}
	front.TLSConfig = s.certs.Config()
	spawn("web", func() error { return notClosed(front.ServeTLS(s.listener, "", "")) })
	spawn("certificates", func() error { s.certs.Run(work); return nil })
	if s.cfg.HTTPListen != config.HTTPOff {
		plain := s.web.HTTPServer()
		plain.Handler = s.certs.Challenges(certs.Redirect(s.base, s.web.Handler()))
		s.servers = append(s.servers, plain)
		spawn("plain HTTP", func() error { return s.servePlain(work, plain) })
	}
}

// servePlain leads plain HTTP to HTTPS until its server is shut down.
func (s *server) servePlain(ctx context.Context, h *http.Server) error {
	told := false
	for {
		if l := s.plain.take(); l != nil {
			s.Log.InfoContext(ctx, "leading plain HTTP to HTTPS", "address", l.Addr().String())
			return notClosed(h.Serve(l))
		}
		if !told {
			s.Log.ErrorContext(ctx, "plain HTTP is not served: free the port, or choose another with --http-listen (or off)",
				"address", s.cfg.HTTPListen, "error", s.plain.problem())
			told = true
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(plainRetry):
			s.plain.listen(s.cfg.HTTPListen)
		}
	}
}
