package apptest_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"huiyin/app/apptest"
	"huiyin/app/bus/bustest"
	"huiyin/app/certs/certstest"
	"huiyin/app/db/dbtest"
)

// pebble is an ACME server of the test's own, with a name service for it.
type pebble struct {
	directory string
	ca        *certstest.CA // that signs the directory's own certificate
	log       string
}

// startPebble starts Let's Encrypt's test server, which asks at these ports in the place of 80 and 443.
func startPebble(t *testing.T, httpPort, tlsPort string) pebble {
	t.Helper()
	server, names := apptest.Program(t, "pebble"), apptest.Program(t, "pebble-challtestsrv")
	dir, listen, manage, dns := t.TempDir(), apptest.FreeAddr(t), apptest.FreeAddr(t), apptest.FreeAddr(t)
	p := pebble{directory: "https://" + listen + "/dir", ca: certstest.NewCA(t), log: filepath.Join(dir, "log")}
	own := p.ca.Issue(dir, certstest.Year(), "127.0.0.1")
	settings, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": listen, "managementListenAddress": manage, "certificate": own.Cert, "privateKey": own.Key,
		"httpPort": number(httpPort), "tlsPort": number(tlsPort),
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "pebble.json")
	if err := os.WriteFile(file, settings, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, filepath.Join(dir, "dns"), exec.Command(names, "-dns01", dns, "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "",
		"-http01", "", "-https01", "", "-tlsalpn01", "", "-management", apptest.FreeAddr(t)))
	cmd := exec.Command(server, "-config", file, "-dnsserver", dns)
	cmd.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=20")
	run(t, p.log, cmd)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, err := tls.Dial("tcp", listen, &tls.Config{RootCAs: p.ca.Pool()})
		if err == nil {
			_ = conn.Close()
			return p
		}
		if time.Now().After(deadline) {
			said, _ := os.ReadFile(p.log)
			t.Fatalf("pebble does not serve: %v; its log:\n%s", err, said)
		}
	}
}

func number(port string) json.Number { return json.Number(port) }

// run starts a program that ends with the test.
func run(t *testing.T, log string, cmd *exec.Cmd) {
	t.Helper()
	f, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = f, f
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait(); _ = f.Close() })
}

func port(t *testing.T, addr string) string {
	t.Helper()
	_, p, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// byACME is a desk that is to get its certificate by ACME; asks names the CA.
func byACME(t *testing.T, plain string, env ...string) *apptest.Process {
	t.Helper()
	return apptest.NewSecureProcess(t, nil, append([]string{
		"HUIYIN_TLS=acme", "HUIYIN_ACME_EMAIL=ops@desk.example", "HUIYIN_HTTP_LISTEN=" + plain,
	}, env...)...)
}

func asks(p *apptest.Process, ca pebble) {
	p.Set("HUIYIN_ACME_DIRECTORY=" + ca.directory)
	p.Set("SSL_CERT_FILE=" + ca.ca.File)
}

// served is who signed the certificate that a desk shows now, and its serial number.
func served(t *testing.T, addr string) (issuer, serial string) {
	t.Helper()
	d := tls.Dialer{Config: &tls.Config{ServerName: apptest.SecureHost, InsecureSkipVerify: true}} //nolint:gosec // looks who signed it
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	leaf := conn.(*tls.Conn).ConnectionState().PeerCertificates[0]
	if leaf.VerifyHostname(apptest.SecureHost) != nil {
		t.Errorf("the certificate is for %v", leaf.DNSNames)
	}
	return leaf.Issuer.CommonName, leaf.SerialNumber.String()
}

// issued waits for a certificate of pebble.
func issued(t *testing.T, p *apptest.Process) (serial string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		issuer, serial := served(t, p.Addr)
		if strings.Contains(issuer, "Pebble") {
			return serial
		}
		if time.Now().After(deadline) {
			t.Fatalf("no certificate within 30 s; the desk's log:\n%s", p.Log())
		}
	}
}

func TestACMEGetsACertificateEitherWayAndKeepsIt(t *testing.T) {
	t.Parallel()
	for way, c := range map[string]struct{ shutTLS, shutHTTP bool }{
		"by TLS-ALPN-01":    {shutHTTP: true},
		"by HTTP-01":        {shutTLS: true},
		"plain HTTP is off": {shutHTTP: true},
	} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			plain := apptest.FreeAddr(t)
			listen := plain
			if way == "plain HTTP is off" {
				listen = "off"
			}
			p := byACME(t, listen)
			asksHTTP, asksTLS := port(t, plain), p.Port()
			if c.shutTLS {
				asksTLS = port(t, apptest.FreeAddr(t))
			}
			if c.shutHTTP {
				asksHTTP = port(t, apptest.FreeAddr(t))
			}
			asks(p, startPebble(t, asksHTTP, asksTLS))
			p.Start()
			serial := issued(t, p)
			if code := p.Stop(); code != 0 {
				t.Fatalf("exit code %d", code)
			}
			p.Start()
			if again := issued(t, p); again != serial {
				t.Error("the certificate was ordered again after a restart")
			}
			waitFor(t, "the log to tell of the certificate twice", func() bool { return strings.Count(p.Log(), "certificate by ACME") == 2 })
			if log := p.Log(); strings.Contains(log, `"level":"ERROR"`) {
				t.Errorf("the log:\n%s", log)
			}
			if listen != "off" {
				mustLead(t, plain)
			}
		})
	}
}

// mustLead looks that plain HTTP leads on all but the CA's questions.
func mustLead(t *testing.T, plain string) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for path, want := range map[string]int{"/sign-in": 301, "/healthz": 200, "/.well-known/acme-challenge/none": 404, "/.well-known/acme-challenge/huiyin-x": 404} {
		req, err := http.NewRequest(http.MethodGet, "http://"+plain+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = apptest.SecureHost
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, res.StatusCode, want)
		}
	}
}

func TestADeskWithoutACertificateServesAndSaysWhy(t *testing.T) {
	t.Parallel()
	closed := port(t, apptest.FreeAddr(t))
	p := byACME(t, apptest.FreeAddr(t))
	asks(p, startPebble(t, closed, closed))
	p.Start()
	if issuer, _ := served(t, p.Addr); !strings.Contains(issuer, "no certificate yet") {
		t.Errorf("visitors meet a certificate of %q", issuer)
	}
	for deadline := time.Now().Add(40 * time.Second); !strings.Contains(p.Log(), "not in the DNS"); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("nobody is told that %s has no address here:\n%s", apptest.SecureHost, p.Log())
		}
	}
	// Who must mend it gets in all the same, and reads it in the settings.
	p.AddAgent("wang@desk.example", "王芳", "admin", "correct horse battery")
	b := apptest.StartBrowser(t, t.TempDir(), "zh-CN",
		chromedp.Flag("host-resolver-rules", "MAP "+apptest.SecureHost+" 127.0.0.1"), chromedp.Flag("ignore-certificate-errors", true))
	page := b.Open(apptest.Look{Locale: "zh-CN", Width: 360, Height: 700}, false, p.Base()+"/sign-in?next=/settings/site")
	page.Type("#f-email", "wang@desk.example")
	page.Type("#f-password", "correct horse battery")
	page.Click("form.form button")
	page.WaitText("域名还没有解析", "A 记录")
	if apptest.Eval[bool](page, `document.querySelector(".sections").getBoundingClientRect().bottom > document.querySelector("h1").getBoundingClientRect().top`) {
		t.Error("the sections lie over the page on a phone")
	}
	page.Axe("a desk without a certificate")
	page.Shot("site-no-certificate")
	if code := p.Stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// Two nodes: one orders, and both show what it was given.
func TestNodesShareOneCertificate(t *testing.T) {
	t.Parallel()
	plain := apptest.FreeAddr(t)
	shared := []string{
		"HUIYIN_DATABASE=" + dbtest.Postgres(t), "HUIYIN_BUS=" + bustest.NATS(t), "HUIYIN_KEYRING=" + filepath.Join(t.TempDir(), "keyring.json"),
	}
	one, two := byACME(t, plain, shared...), byACME(t, "off", shared...)
	ca := startPebble(t, port(t, plain), one.Port())
	asks(one, ca)
	asks(two, ca)
	one.Start()
	two.Start()
	if a, b := issued(t, one), issued(t, two); a != b {
		t.Errorf("the nodes show the certificates %s and %s", a, b)
	}
	log, err := os.ReadFile(ca.log)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(log), "Issued certificate serial"); n != 1 {
		t.Errorf("%d certificates were ordered, want one", n)
	}
}
