package apptest_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"huiyin/app/apptest"
	"huiyin/app/certs/certstest"
)

// byFiles starts a desk with a certificate from files.
func byFiles(t *testing.T, env ...string) (*apptest.Process, *certstest.CA, certstest.Pair, string) {
	t.Helper()
	ca := certstest.NewCA(t)
	pair := ca.Issue(t.TempDir(), certstest.Year(), apptest.SecureHost, "127.0.0.1")
	plain := apptest.FreeAddr(t)
	p := apptest.NewSecureProcess(t, ca.Pool(), append([]string{
		"HUIYIN_TLS=files", "HUIYIN_TLS_CERT=" + pair.Cert, "HUIYIN_TLS_KEY=" + pair.Key, "HUIYIN_HTTP_LISTEN=" + plain,
	}, env...)...)
	return p, ca, pair, plain
}

// output runs a program and gives what it prints, whatever its exit code.
func output(t *testing.T, stdin, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, apptest.Program(t, name), args...)
	cmd.Stdin = strings.NewReader(stdin)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	_ = cmd.Run() // a refusal is an answer too
	return out.String()
}

func TestTLSAgainstRealClients(t *testing.T) {
	t.Parallel()
	p, ca, _, plain := byFiles(t)
	p.Start()
	curl := func(args ...string) string {
		return output(t, "", "curl", append([]string{"-sS", "--noproxy", "*", "--max-time", "10", "--cacert", ca.File,
			"--resolve", apptest.SecureHost + ":" + p.Port() + ":127.0.0.1"}, args...)...)
	}
	t.Run("curl speaks HTTP/2 and is told to stay with TLS", func(t *testing.T) {
		got := curl("-i", p.Base()+"/healthz")
		for _, want := range []string{"HTTP/2 200", "strict-transport-security: max-age=31536000", "ok"} {
			if !strings.Contains(got, want) {
				t.Errorf("no %q in %s", want, got)
			}
		}
		if got := output(t, "", "curl", "-sS", "--noproxy", "*", "--resolve", apptest.SecureHost+":"+p.Port()+":127.0.0.1", p.Base()+"/healthz"); !strings.Contains(got, "certificate") {
			t.Errorf("curl trusts a certificate that it must not: %s", got)
		}
	})
	t.Run("plain HTTP leads to HTTPS and keeps the way", func(t *testing.T) {
		if got := curl("-i", "http://"+plain+"/c/KEY?order=1%2F2"); !strings.Contains(got, "301 Moved") || !strings.Contains(got, "Location: "+p.Base()+"/c/KEY?order=1%2F2") {
			t.Errorf("%s", got)
		}
		if got := curl("-i", "http://"+plain+"/healthz"); !strings.Contains(got, "200 OK") {
			t.Errorf("%s", got)
		}
	})
	t.Run("openssl finds TLS 1.2 and 1.3 and nothing older", func(t *testing.T) {
		for version, speaks := range map[string]bool{"-tls1": false, "-tls1_1": false, "-tls1_2": true, "-tls1_3": true} {
			got := output(t, "", "openssl", "s_client", "-connect", p.Addr, "-servername", apptest.SecureHost, "-CAfile", ca.File,
				"-cipher", "ALL:@SECLEVEL=0", version)
			if regexp.MustCompile(`New, TLSv1\.\d, Cipher is [A-Z]`).MatchString(got) != speaks {
				t.Errorf("%s: want %v: %s", version, speaks, got)
			}
		}
	})
	t.Run("sslscan finds nothing weak", func(t *testing.T) { grade(t, p.Addr) })
	t.Run("a broken hello harms nobody", func(t *testing.T) {
		conn, err := net.Dial("tcp", p.Addr)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = conn.Write([]byte("GET / HTTP/1.1\r\n\r\n"))
		_ = conn.Close()
		if got := curl(p.Base() + "/healthz"); got != "ok\n" {
			t.Errorf("%q", got)
		}
	})
	if code := p.Stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// grade holds what sslscan finds against what testers call an A: no protocol before TLS 1.2, forward secrecy and
// authenticated encryption in every suite, no renegotiation, no Heartbleed.
func grade(t *testing.T, addr string) {
	t.Helper()
	got := output(t, "", "sslscan", "--no-colour", "--sni-name="+apptest.SecureHost, addr)
	t.Log(got)
	for _, want := range []string{
		`SSLv2\s+disabled`, `SSLv3\s+disabled`, `TLSv1\.0\s+disabled`, `TLSv1\.1\s+disabled`, `TLSv1\.2\s+enabled`, `TLSv1\.3\s+enabled`,
		`TLSv1\.3 not vulnerable to heartbleed`, `renegotiation not supported`, `Preferred TLSv1\.3`, `x25519`,
	} {
		if !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("sslscan does not find %q", want)
		}
	}
	suites := regexp.MustCompile(`(?m)^(?:Preferred|Accepted)\s+(TLSv1\.\d)\s+\d+ bits\s+(\S+)`).FindAllStringSubmatch(got, -1)
	if len(suites) < 4 {
		t.Fatalf("only %d suites were found", len(suites))
	}
	for _, s := range suites {
		strong := regexp.MustCompile(`^(TLS_(AES|CHACHA20)|ECDHE-.*(GCM|CHACHA20))`).MatchString(s[2])
		if !strong || s[1] == "TLSv1.0" || s[1] == "TLSv1.1" {
			t.Errorf("the desk accepts %s %s", s[1], s[2])
		}
	}
}

func TestAChromiumOverTLSChatsOverItsSocket(t *testing.T) {
	t.Parallel()
	p, ca, _, _ := byFiles(t)
	p.Start()
	inbox := p.AddInbox("shop", map[string]any{})
	p.AddAgent("wang@desk.example", "王芳", "admin", "correct horse battery")
	b := apptest.StartBrowser(t, t.TempDir(), "zh-CN",
		chromedp.Flag("host-resolver-rules", "MAP "+apptest.SecureHost+" 127.0.0.1"), chromedp.Flag("ignore-certificate-errors-spki-list", ca.SPKI()))
	page := b.Open(apptest.Look{Locale: "zh-CN", Width: 390, Height: 800}, false, p.Base()+"/c/"+inbox)
	page.Wait("#text")
	if got := apptest.Eval[string](page, `performance.getEntriesByType("navigation")[0].nextHopProtocol`); got != "h2" {
		t.Errorf("the page came by %s, want h2", got)
	}
	if !apptest.Eval[bool](page, "isSecureContext") {
		t.Error("the page is not secure")
	}
	page.Type("#text", "在吗")
	page.Click("#send")
	page.WaitFor(`document.querySelector("#messages .sent, #messages [data-state=sent]") || /已发送|已送达/.test(document.body.innerText)`)
	desk := b.Open(apptest.Look{Locale: "zh-CN"}, true, p.Base()+"/sign-in")
	desk.Type("#f-email", "wang@desk.example")
	desk.Type("#f-password", "correct horse battery")
	desk.Click("form.form button")
	desk.WaitText("在吗")
	if !strings.Contains(p.Log(), `"route":"/agent/v1/socket"`) && !strings.Contains(p.Log(), `"route":"/chat/v1/*"`) {
		t.Error("no socket was opened")
	}
}

func TestAPairThatCannotServeStopsTheStartWithWords(t *testing.T) {
	t.Parallel()
	p, ca, pair, _ := byFiles(t)
	other := ca.Issue(t.TempDir(), certstest.Life{From: time.Now().AddDate(-1, 0, 0), To: time.Now().Add(-time.Hour)}, apptest.SecureHost)
	for _, c := range []struct{ setting, words string }{
		{"HUIYIN_TLS_KEY=" + other.Key, "does not belong"},
		{"HUIYIN_TLS_KEY=" + filepath.Join(p.Dir, "none"), "there is no file"},
		{"HUIYIN_TLS_KEY=" + p.Dir, "--tls-key"},
		{"HUIYIN_TLS_CERT=" + other.Cert, "does not belong"},
	} {
		p.Set("HUIYIN_TLS_CERT=" + pair.Cert)
		p.Set("HUIYIN_TLS_KEY=" + pair.Key)
		p.Set(c.setting)
		code, log := p.Fail()
		last := log[strings.LastIndex(strings.TrimSpace(log), "\n")+1:]
		if code != 1 || !strings.Contains(last, c.words) {
			t.Errorf("%s: exit %d, said %q, want 1 and %q", c.setting, code, last, c.words)
		}
	}
	p.Set("HUIYIN_TLS_CERT=" + other.Cert)
	p.Set("HUIYIN_TLS_KEY=" + other.Key)
	if code, log := p.Fail(); code != 1 || !strings.Contains(log, "ended on") {
		t.Errorf("an expired pair: exit %d, %s", code, log)
	}
}

func TestANewCertificateIsTakenWhileSocketsStayOpen(t *testing.T) {
	t.Parallel()
	p, ca, pair, _ := byFiles(t)
	p.Start()
	serial := func() string {
		conn, err := tls.Dial("tcp", p.Addr, &tls.Config{RootCAs: ca.Pool(), ServerName: apptest.SecureHost})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
	}
	first := serial()
	old, err := tls.Dial("tcp", p.Addr, &tls.Config{RootCAs: ca.Pool(), ServerName: apptest.SecureHost})
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	answers := bufio.NewReader(old)
	ask := func() {
		if _, err := old.Write([]byte("GET /healthz HTTP/1.1\r\nHost: " + apptest.SecureHost + "\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(answers, nil)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("the earlier connection: %v", err)
		}
		_, _ = io.Copy(io.Discard, res.Body) // the connection is asked again
		_ = res.Body.Close()
	}
	ask()
	ca.Issue(filepath.Dir(pair.Cert), certstest.Year(), apptest.SecureHost)
	for deadline := time.Now().Add(25 * time.Second); serial() == first; time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the new certificate is not taken within 25 s")
		}
	}
	ask()
}

func TestATakenPort80KeepsNobodyFromTheDesk(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p, _, _, _ := byFiles(t, "HUIYIN_HTTP_LISTEN="+taken.Addr().String())
	p.Start()
	if !strings.Contains(p.Log(), "--http-listen") {
		t.Errorf("nobody is told: %s", p.Log())
	}
	_ = taken.Close()
	for deadline := time.Now().Add(25 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		if res, err := http.Get("http://" + taken.Addr().String() + "/healthz"); err == nil {
			_ = res.Body.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the port is not taken once it is free")
		}
	}
}
