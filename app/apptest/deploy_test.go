package apptest_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"huiyin/app/apptest"
	"huiyin/app/certs/certstest"
)

// front is a proxy of deploy/ before a desk.
type front struct {
	t    *testing.T
	desk *apptest.Process
	ca   *certstest.CA
	addr string // where it speaks TLS
	http string // where it leads to TLS
}

// behind starts a desk as the files of deploy/ want it, and the proxy that start makes out of them.
func behind(t *testing.T, start func(f *front, pair certstest.Pair)) *front {
	t.Helper()
	f := &front{t: t, ca: certstest.NewCA(t), addr: apptest.FreeAddr(t), http: apptest.FreeAddr(t)}
	f.desk = apptest.NewProcess(t, "HUIYIN_URL="+f.base(), "HUIYIN_TRUSTED_PROXIES=127.0.0.1", "HUIYIN_LIMIT_SCALE=0.05")
	f.desk.Start()
	start(f, f.ca.Issue(t.TempDir(), certstest.Year(), apptest.SecureHost))
	for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		conn, err := net.Dial("tcp", f.addr)
		if err == nil {
			_ = conn.Close()
			return f
		}
		if time.Now().After(deadline) {
			t.Fatalf("the proxy does not serve: %v", err)
		}
	}
}

func (f *front) base() string { return "https://" + apptest.SecureHost + ":" + port(f.t, f.addr) }

// from dials the proxy as somebody at an address of this machine.
func (f *front) from(ip string) func(ctx context.Context, network, _ string) (net.Conn, error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}}
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return d.DialContext(ctx, network, f.addr)
	}
}

func (f *front) ask(ip string, req *http.Request) (status int, body string, proto string) {
	f.t.Helper()
	client := &http.Client{
		Transport: &http.Transport{DialContext: f.from(ip), ForceAttemptHTTP2: true, DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: f.ca.Pool()}},
		Timeout:   20 * time.Second,
	}
	res, err := client.Do(req)
	if err != nil {
		f.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return res.StatusCode, string(b), res.Proto
}

func (f *front) request(method, path string, body io.Reader) *http.Request {
	f.t.Helper()
	req, err := http.NewRequest(method, f.base()+path, body)
	if err != nil {
		f.t.Fatal(err)
	}
	return req
}

// configured reads a file of deploy/ and puts the test's names, ports and paths in the place of its own; each must be there.
func configured(t *testing.T, file string, pairs ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "deploy", file))
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("%s no longer says %q", file, pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}

func save(t *testing.T, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func startNginx(f *front, pair certstest.Pair) {
	dir := f.t.TempDir()
	site := save(f.t, dir, "site.conf", configured(f.t, "nginx.conf",
		"listen 80;", "listen "+f.http+";", "listen [::]:80;", "", "listen 443 ssl http2;", "listen "+f.addr+" ssl http2;", "listen [::]:443 ssl http2;", "",
		"server 127.0.0.1:8080;", "server "+f.desk.Addr+";",
		"/etc/letsencrypt/live/desk.example.com/fullchain.pem", pair.Cert, "/etc/letsencrypt/live/desk.example.com/privkey.pem", pair.Key,
		"desk.example.com", apptest.SecureHost))
	main := save(f.t, dir, "nginx.conf", fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log;
events { worker_connections 512; }
http { access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
include %[2]s; }`, dir, site))
	if out, err := exec.Command(apptest.Program(f.t, "nginx"), "-t", "-p", dir, "-c", main, "-e", dir+"/error.log").CombinedOutput(); err != nil {
		f.t.Fatalf("nginx -t: %v\n%s", err, out)
	}
	run(f.t, filepath.Join(dir, "out"), exec.Command(apptest.Program(f.t, "nginx"), "-p", dir, "-c", main, "-e", dir+"/error.log"))
}

func startCaddy(f *front, pair certstest.Pair) {
	dir := f.t.TempDir()
	// As it stands the file has Caddy ask a public CA: the test gives it a certificate, and ports of its own.
	file := save(f.t, dir, "Caddyfile", fmt.Sprintf("{\n\tadmin off\n\thttp_port %s\n\thttps_port %s\n\tdefault_bind 127.0.0.1\n}\n", port(f.t, f.http), port(f.t, f.addr))+
		configured(f.t, "Caddyfile", "\ndesk.example.com {", "\n"+apptest.SecureHost+" {\n\ttls "+pair.Cert+" "+pair.Key, "127.0.0.1:8080", f.desk.Addr))
	env := append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	check := exec.Command(apptest.Program(f.t, "caddy"), "validate", "--adapter", "caddyfile", "--config", file)
	check.Env = env
	if out, err := check.CombinedOutput(); err != nil {
		f.t.Fatalf("caddy validate: %v\n%s", err, out)
	}
	cmd := exec.Command(apptest.Program(f.t, "caddy"), "run", "--adapter", "caddyfile", "--config", file)
	cmd.Env = env
	run(f.t, filepath.Join(dir, "out"), cmd)
}

func TestTheProxiesOfDeployCarryADesk(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*front, certstest.Pair){"nginx": startNginx, "Caddy": startCaddy} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := behind(t, start)
			f.pages(name)
			f.leads()
			session := f.chats()
			f.uploads(session)
			f.tellsAddresses()
		})
	}
}

// pages come by HTTP/2, as the desk made them.
func (f *front) pages(name string) {
	f.t.Helper()
	for path, want := range map[string]string{"/privacy": "<html", "/widget.js": "huiyin", "/healthz": "ok"} {
		status, body, proto := f.ask("127.0.0.4", f.request(http.MethodGet, path, nil))
		if status != http.StatusOK || !strings.Contains(body, want) || proto != "HTTP/2.0" {
			f.t.Errorf("%s gives %d by %s at %s", name, status, proto, path)
		}
	}
}

// leads from plain HTTP to TLS.
func (f *front) leads() {
	f.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequest(http.MethodGet, "http://"+f.http+"/c/KEY?order=1", nil)
	if err != nil {
		f.t.Fatal(err)
	}
	req.Host = apptest.SecureHost
	res, err := client.Do(req)
	if err != nil {
		f.t.Fatal(err)
	}
	_ = res.Body.Close()
	if got := res.Header.Get("Location"); !strings.HasPrefix(got, "https://"+apptest.SecureHost) || !strings.HasSuffix(got, "/c/KEY?order=1") || res.StatusCode/100 != 3 {
		f.t.Errorf("plain HTTP leads to %q with %d", got, res.StatusCode)
	}
}

// chats over the socket, and gives the session.
func (f *front) chats() string {
	f.t.Helper()
	inbox := f.desk.AddInbox("shop", map[string]any{})
	start := f.request(http.MethodPost, "/chat/v1/sessions", strings.NewReader(`{"inbox":"`+inbox+`"}`))
	start.Header.Set("Content-Type", "application/json")
	status, body, _ := f.ask("127.0.0.4", start)
	var answer struct{ Session string }
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusCreated {
		f.t.Fatalf("start a session: %d %s", status, body)
	}
	d := websocket.Dialer{NetDialContext: f.from("127.0.0.4"), TLSClientConfig: &tls.Config{RootCAs: f.ca.Pool()}, Subprotocols: []string{"huiyin.chat.v1"}}
	conn, _, err := d.Dial(strings.Replace(f.base(), "https", "wss", 1)+"/chat/v1/socket", nil)
	if err != nil {
		f.t.Fatalf("the socket: %v", err)
	}
	defer conn.Close()
	for _, frame := range []map[string]any{{"type": "hello", "session": answer.Session, "after": 0}, {"type": "send", "id": "0123456789abcdef", "body": "在吗"}} {
		if err := conn.WriteJSON(frame); err != nil {
			f.t.Fatal(err)
		}
	}
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	for {
		var frame struct{ Type string }
		if err := conn.ReadJSON(&frame); err != nil {
			f.t.Fatalf("no ack: %v", err)
		}
		if frame.Type == "ack" {
			return answer.Session
		}
	}
}

// uploads more than proxies let through by default; what the desk says of it is the desk's.
func (f *front) uploads(session string) {
	f.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", "notes.txt")
	if err == nil {
		_, err = part.Write(bytes.Repeat([]byte("plain words. "), 3<<20/13))
	}
	if err = firstError(err, w.Close()); err != nil {
		f.t.Fatal(err)
	}
	req := f.request(http.MethodPost, "/chat/v1/uploads", &body)
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+session)
	if status, answer, _ := f.ask("127.0.0.4", req); status != http.StatusCreated {
		f.t.Errorf("3 MB: %d %.200s", status, answer)
	}
}

// tellsAddresses: the desk counts each shopper for herself, whatever she says of her address.
func (f *front) tellsAddresses() {
	f.t.Helper()
	ask := func(ip, says string) int {
		req := f.request(http.MethodGet, "/sign-in", nil)
		if says != "" {
			req.Header.Set("X-Forwarded-For", says)
		}
		status, _, _ := f.ask(ip, req)
		return status
	}
	last := 0
	for i := 0; i < 40 && last != http.StatusTooManyRequests; i++ {
		last = ask("127.0.0.2", "")
	}
	if last != http.StatusTooManyRequests {
		f.t.Fatal("the limit is never reached")
	}
	if got := ask("127.0.0.2", "203.0.113.9"); got != http.StatusTooManyRequests {
		f.t.Errorf("a made-up address is believed: %d", got)
	}
	if got := ask("127.0.0.3", ""); got != http.StatusOK {
		f.t.Errorf("others share the limit: %d", got)
	}
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestTheServiceFileIsSoundAndShutsTheDeskIn(t *testing.T) {
	t.Parallel()
	analyze := apptest.Program(t, "systemd-analyze")
	unit := save(t, t.TempDir(), "huiyin.service", configured(t, "huiyin.service", "/usr/local/bin/huiyin", apptest.Binary(t)))
	if out, err := exec.Command(analyze, "verify", unit).CombinedOutput(); err != nil || len(bytes.TrimSpace(out)) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	out, err := exec.Command(analyze, "security", "--offline=true", "--threshold=20", unit).CombinedOutput()
	if err != nil {
		t.Errorf("systemd-analyze security: more than 2.0 of 10 is open: %v\n%.3000s", err, out)
	}
}
