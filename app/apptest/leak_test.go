package apptest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"huiyin/app/apptest"
	"huiyin/app/db/dbtest"
	"huiyin/tickets/seal/sealtest"
)

// What goes in below; none of it may be readable in what the desk keeps.
const (
	leakShopper  = "Theodora Quillfeather"
	leakEmail    = "theodora.quillfeather@example.com"
	leakPhone    = "13911122333"
	leakOrder    = "QH-20260815-778812"
	leakPage     = "shop.example/cart/quillfeather-basket"
	leakTitle    = "Quillfeather basket of blue teacups"
	leakMessage  = "The blue teacup from the market arrived with a broken handle, 杯子把手断了很难过"
	leakReply    = "So sorry, Theodora: a new blue teacup leaves tomorrow by courier"
	leakNote     = "She lives at 12 Nightingale Lane, ring twice"
	leakDraft    = "Half a thought about Nightingale Lane and the courier"
	leakAgent    = "Bartholomew Okonkwo-Lindqvist"
	leakAgentAt  = "bartholomew.okonkwo@example.com"
	leakPassword = "seven purple umbrellas"
	leakInbox    = "Quillfeather teacup counter"
	leakClientID = "client-made-id-quillfeather-1"
	leakFile     = "nightingale-courier-receipt.txt"
	leakContent  = "Receipt for one porcelain umbrella stand, paid by the widow of Ferncliff"
)

var leakSecrets = []string{
	leakShopper, "Quillfeather", leakEmail, leakPhone, leakOrder, leakPage, leakTitle, leakMessage, leakReply, leakNote, leakDraft,
	leakAgent, leakAgentAt, leakPassword, leakInbox, leakClientID, leakFile, leakContent, "Nightingale", "teacup", "Ferncliff",
}

func TestNothingPersonalCanBeReadInWhatTheDeskKeeps(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		desk := apptest.StartProcess(t, "HUIYIN_LOG_LEVEL=debug", "TMPDIR="+t.TempDir())
		secrets := live(t, desk)
		desk.Kill() // the write-ahead log stays as it is
		sealtest.Scan(t, desk.Dir, secrets)
		sealtest.ScanDump(t, strings.NewReader(desk.Log()), secrets)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		dsn := dbtest.Postgres(t)
		desk := apptest.StartProcess(t, "HUIYIN_LOG_LEVEL=debug", "HUIYIN_DATABASE="+dsn)
		secrets := live(t, desk)
		desk.Kill()
		sealtest.ScanDump(t, strings.NewReader(desk.Log()), secrets)
		sealtest.Scan(t, desk.Dir, secrets) // the files
		sealtest.ScanDump(t, dump(t, dsn), secrets)
	})
}

// dump is everything that the database would give away.
func dump(t *testing.T, dsn string) *bytes.Buffer {
	t.Helper()
	var out, errs bytes.Buffer
	program, err := exec.LookPath("pg_dump")
	if err != nil {
		apptest.Missing(t, "pg_dump", "PATH")
	}
	cmd := exec.Command(program, "--inserts", dsn)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("pg_dump: %v: %s", err, errs.String())
	}
	if out.Len() < 10_000 {
		t.Fatalf("the dump has only %d bytes", out.Len())
	}
	return &out
}

// live lets a shopper and an agent use all that keeps texts, and gives what must not be found.
func live(t *testing.T, desk *apptest.Process) []string {
	t.Helper()
	settings := filepath.Join(t.TempDir(), "inbox.json")
	if err := os.WriteFile(settings, []byte(`{"greeting":"Welcome to the teacup counter","hotline":"400-7788-1234"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var inbox struct{ Key, Secret string }
	if err := json.Unmarshal([]byte(desk.Command("", "inbox", "add", "--channel", "chat", "--name", leakInbox, "--config", settings)), &inbox); err != nil {
		t.Fatal(err)
	}
	token := desk.AddAgent(leakAgentAt, leakAgent, "agent", leakPassword)

	session := call[struct{ Session string }](t, desk, "POST", "/chat/v1/sessions", "", map[string]any{
		"inbox": inbox.Key, "locale": "en", "order": leakOrder,
		"page":     map[string]string{"url": "https://" + leakPage + "?token=quillfeather-secret", "title": leakTitle},
		"identity": map[string]string{"id": "user-quillfeather-7", "name": leakShopper, "email": leakEmail, "phone": leakPhone},
	}).Session
	ack := call[struct{ Ticket string }](t, desk, "POST", "/chat/v1/messages", session, map[string]any{
		"id": leakClientID, "body": leakMessage, "attachments": []string{sendFile(t, desk, session)}, "page": map[string]string{"url": "https://" + leakPage, "title": leakTitle},
	})
	agent := apptest.NewAgent(desk.Base, token, func(apptest.Frame) (string, bool) { return leakReply, true })
	go agent.Run(t.Context())
	agent.Subscribe(ack.Ticket)
	waitFor(t, "the reply's ack", func() bool { _, acked, _, _ := agent.State(); return len(acked) == 1 })
	browse(t, desk)
	return append([]string{inbox.Secret, session, token, "400-7788-1234", "user-quillfeather-7"}, leakSecrets...)
}

// sendFile uploads the shopper's file and gives its id.
func sendFile(t *testing.T, desk *apptest.Process, session string) string {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", leakFile)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write([]byte(leakContent)); err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, desk.Base()+"/chat/v1/uploads", &b)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+session)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var file struct{ ID string }
	if err := json.NewDecoder(res.Body).Decode(&file); err != nil || res.StatusCode != http.StatusCreated {
		t.Fatalf("the file: %d %v", res.StatusCode, err)
	}
	return file.ID
}

// browse signs in wrongly and rightly, looks for the shopper, and writes a note and a draft.
func browse(t *testing.T, desk *apptest.Process) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	visit := &http.Client{Jar: jar, Timeout: 20 * time.Second}
	do := func(method, path string, form url.Values) string {
		req, err := http.NewRequestWithContext(t.Context(), method, desk.Base()+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		if method != http.MethodGet {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		res, err := visit.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var b bytes.Buffer
		if _, err := b.ReadFrom(res.Body); err != nil {
			t.Fatal(err)
		}
		if res.StatusCode >= http.StatusBadRequest && path != "/sign-in" {
			t.Errorf("%s %s answers %d", method, path, res.StatusCode)
		}
		return b.String()
	}
	do("POST", "/sign-in", url.Values{"email": {leakAgentAt}, "password": {"no " + leakPassword}})
	do("POST", "/sign-in", url.Values{"email": {leakAgentAt}, "password": {leakPassword}})
	for _, q := range []string{leakEmail, leakPhone, leakOrder} {
		if page := do("GET", "/tickets?q="+url.QueryEscape(q), nil); !strings.Contains(page, "Quillfeather") {
			t.Errorf("the console does not find the shopper by %s", q)
		}
	}
	page := do("GET", "/tickets?list=all", nil)
	number := regexp.MustCompile(`/tickets/(\d+)`).FindStringSubmatch(page)
	if number == nil {
		t.Fatal("the console lists no ticket")
	}
	do("POST", "/tickets/"+number[1]+"/messages", url.Values{"kind": {"note"}, "body": {leakNote}, "seen": {"99"}})
	do("PUT", "/tickets/"+number[1]+"/drafts/reply", url.Values{"body": {leakDraft}})
	if page := do("GET", "/tickets/"+number[1], nil); !strings.Contains(page, "Nightingale") {
		t.Error("the console does not show the note: the test would look for what never went in")
	}
}

// call makes a JSON request and decodes its answer.
func call[T any](t *testing.T, desk *apptest.Process, method, path, bearer string, body any) T {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, desk.Base()+path, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var out T
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil || res.StatusCode >= http.StatusBadRequest {
		t.Fatal(fmt.Errorf("%s %s: status %d: %w", method, path, res.StatusCode, err))
	}
	return out
}

// waitFor waits until something holds.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	waitWithin(t, time.Minute, what, holds)
}

func waitWithin(t *testing.T, patience time.Duration, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
