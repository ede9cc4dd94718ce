package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// shopperValues are what shops have, the nasty among it.
var shopperValues = []struct{ id, email, phone, order string }{
	{"u1", "li@shop.example", "+8613800138000", "20260001"},
	{"会员 李雷", "李.雷@例子.example", "138 0013 8000", "订单-1"},
	{"💐%2E%%s\"'$(x)`\\", "a+b@shop.example", "", "a b&c=d.e"},
}

// runs are the command for each language.
func runs(language, file string) []string {
	return map[string][]string{
		"PHP": {"php", file}, "Java": {"java", file}, "Node": {"node", file}, "Go": {"go", "run", file}, "Python": {"python3", file},
	}[language]
}

func TestTheSigningCodeOfEveryLanguageSignsWhatTheDeskTakes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	samples, err := signingSamples(d.inbox.Key)
	must(t, err)
	exp := strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10)
	for _, one := range samples {
		t.Run(one.Language, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(one.Code, d.inbox.Secret) || !strings.Contains(one.Code, d.inbox.Key) {
				t.Error("the code has the secret, or not the key")
			}
			run := sampleRunner(t, one, d.inbox.Secret)
			for _, v := range shopperValues {
				lines := strings.Split(strings.TrimSpace(run(true, v.id, v.email, v.phone, v.order, exp)), "\n")
				if len(lines) != 3 {
					t.Fatalf("%q", lines)
				}
				d.takesSigned(t, map[string]any{"id": v.id, "email": v.email, "phone": v.phone, "signature": strings.TrimSpace(lines[0])}, v.order, strings.TrimSpace(lines[2]), exp)
				d.takesSigned(t, map[string]any{"id": v.id, "email": v.email, "phone": v.phone, "signature": strings.TrimSpace(lines[1]), "exp": json.Number(exp)}, v.order, strings.TrimSpace(lines[2]), exp)
			}
			run(false, "a.b", "", "", "1", exp)
			run(false, "u1", "", "138.0013", "1", exp)
			run(false, "order.1", "", "", "1", exp)
		})
	}
}

// sampleRunner puts a sample into a folder of its own; run runs it and wants it to succeed or to refuse.
func sampleRunner(t *testing.T, one signingSample, secret string) func(well bool, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, one.File), []byte(one.Code), 0o600))
	command := runs(one.Language, one.File)
	if _, err := exec.LookPath(command[0]); err != nil {
		if os.Getenv("HUIYIN_TEST_REQUIRED") != "" {
			t.Fatalf("%s is missing", command[0])
		}
		t.Skipf("needs %s (Debian: php-cli, default-jdk-headless, nodejs, golang, python3)", command[0])
	}
	if one.Language == "Go" { // built once, the program is run many times
		build := exec.CommandContext(t.Context(), "go", "build", "-o", "sign", one.File)
		build.Dir = dir
		out, err := build.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		command = []string{filepath.Join(dir, "sign")}
	}
	return func(well bool, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), command[0], append(command[1:], args...)...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "HUIYIN_SECRET="+secret, "LC_ALL=C.UTF-8")
		var out, problem bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &problem
		if err := cmd.Run(); (err == nil) != well {
			t.Fatalf("%q: %v\n%s", args, err, problem.String())
		}
		return out.String()
	}
}

// takesSigned starts a chat and wants the identity and the order to be proved.
func (d *desk) takesSigned(t *testing.T, identity map[string]any, order, signature, exp string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"inbox": d.inbox.Key, "identity": identity, "order": order, "order_signature": signature, "order_exp": json.Number(exp)})
	must(t, err)
	r, err := http.Post(d.http.URL+"/chat/v1/sessions", "application/json", bytes.NewReader(body)) //nolint:noctx // a test's own server
	must(t, err)
	defer func() { must(t, r.Body.Close()) }()
	var got struct {
		Verified      bool `json:"verified"`
		OrderVerified bool `json:"order_verified"`
	}
	if err := json.NewDecoder(r.Body).Decode(&got); err != nil || r.StatusCode != http.StatusCreated || !got.Verified || !got.OrderVerified {
		t.Errorf("%v: %d %+v %v", identity, r.StatusCode, got, err)
	}
}
