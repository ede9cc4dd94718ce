package main

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var address = regexp.MustCompile(`http://[a-z0-9.:\[\]]+`)

func get(t *testing.T, url string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}

func TestServePrintsItsAddressAndEndsCleanly(t *testing.T) {
	t.Parallel()
	env := map[string]string{"HUIYIN_DATA": t.TempDir(), "HUIYIN_LISTEN": "127.0.0.1:0"}
	out, errs, ended, stop := start(t, env)
	out.waitFor(t, ended, "administrator")
	base := address.FindString(out.String())
	for _, path := range []string{"/healthz", "/readyz"} {
		if status := get(t, base+path); status != http.StatusOK {
			t.Errorf("%s: %d", path, status)
		}
	}
	cli(t)("", "health", "--listen", strings.TrimPrefix(base, "http://")).want(t, exitDone, "ready")
	for _, path := range []string{"/demo/shop", "/demo/mail", "/demo/mail/new"} {
		if status := get(t, base+path); status != http.StatusNotFound {
			t.Errorf("serve shows the demo's %s: %d", path, status)
		}
	}
	if !strings.Contains(errs.String(), "keyring.json") {
		t.Errorf("no word of the new key ring: %s", errs)
	}
	if code := stop(); code != exitDone {
		t.Errorf("exit code %d: %s", code, errs)
	}
	cli(t)("", "health", "--listen", strings.TrimPrefix(base, "http://")).want(t, exitFailed, "--listen")
}

func TestServeOnATakenPortNamesTheFlag(t *testing.T) {
	t.Parallel()
	out, _, ended, stop := start(t, map[string]string{"HUIYIN_DATA": t.TempDir(), "HUIYIN_LISTEN": "127.0.0.1:0"})
	defer stop()
	out.waitFor(t, ended, "ready at")
	taken := strings.Replace(strings.TrimPrefix(address.FindString(out.String()), "http://"), "localhost", "127.0.0.1", 1)
	cli(t)("", "serve", "--listen", taken).want(t, exitFailed, "--listen")
}

func TestDemoShowsAFilledShopAndLeavesNothingBehind(t *testing.T) {
	env := map[string]string{"HUIYIN_LISTEN": "127.0.0.1:0", "LANG": "zh_CN.UTF-8"}
	t.Setenv("TMPDIR", t.TempDir())
	out, errs, ended, stop := start(t, env, "demo")
	out.waitFor(t, ended, "300/300")
	text := out.String()
	for _, word := range []string{"青禾小店", "li.jing@example.com", "王芳", "qinghe-tea-house", "/demo/mail", "support@shop.example", "Ctrl+C"} {
		if !strings.Contains(text, word) {
			t.Errorf("the demo does not say %q:\n%s", word, text)
		}
	}
	page := regexp.MustCompile(`http://\S+/c/\S+`).FindString(text)
	for _, url := range []string{address.FindString(text) + "/demo/shop", address.FindString(text) + "/demo/mail", page} {
		if status := get(t, url); status != http.StatusOK {
			t.Errorf("%s: %d", url, status)
		}
	}
	if code := stop(); code != exitDone || errs.String() != "" {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if left, err := filepath.Glob(filepath.Join(os.TempDir(), "huiyin-demo-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestDemoLeavesARealDeskAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	huiyin := cli(t, "HUIYIN_DATA", dir, "HUIYIN_LISTEN", "127.0.0.1:0")
	addAgent(t, huiyin)
	huiyin("", "demo").want(t, exitFailed, "no demo")
}
