package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const password = "lange Wege, kurze Sätze"

func addAgent(t *testing.T, huiyin func(string, ...string) result) {
	t.Helper()
	huiyin(password+"\n", "agent", "add", "--email", "Li@Example.com", "--name", "李静", "--role", "admin").want(t, exitDone, "李静", "admin", "li@example.com")
}

func TestAgentAddReadsThePasswordFromItsInput(t *testing.T) {
	t.Parallel()
	huiyin := cli(t)
	add := []string{"agent", "add", "--email", "li@example.com", "--name", "李静"}
	huiyin("", add...).want(t, exitFailed, "standard input")
	huiyin("short\n", add...).want(t, exitUsage, "10")
	huiyin(password+"\r\n", add...).want(t, exitDone, "agent")
	huiyin(password+"\n", add...).want(t, exitFailed)
}

func TestRefusalsComeInTheLanguageOfTheTerminal(t *testing.T) {
	t.Parallel()
	huiyin := cli(t, "LANG", "zh_CN.UTF-8")
	huiyin("short\n", "agent", "add", "--email", "li@example.com", "--name", "李静").want(t, exitUsage, "密码")
}

func TestAgentPasswordNeedsAnAgent(t *testing.T) {
	t.Parallel()
	huiyin := cli(t)
	huiyin(password+"2\n", "agent", "password", "--email", "li@example.com").want(t, exitFailed)
	addAgent(t, huiyin)
	huiyin(password+"2\n", "agent", "password", "--email", "li@example.com").want(t, exitDone, "li@example.com")
}

func TestTokenAddPrintsTheTokenAlone(t *testing.T) {
	t.Parallel()
	huiyin := cli(t)
	huiyin("", "token", "add", "--agent", "li@example.com", "--name", "till").want(t, exitFailed)
	addAgent(t, huiyin)
	r := huiyin("", "token", "add", "--agent", "li@example.com", "--name", "till")
	r.want(t, exitDone, "hy_")
	if strings.Count(r.out, "\n") != 1 || strings.ContainsAny(strings.TrimSpace(r.out), " \t") {
		t.Errorf("got %q", r.out)
	}
}

func TestSettingsComeFromTheEnvironmentToo(t *testing.T) {
	t.Parallel()
	huiyin := cli(t, "HUIYIN_EMAIL", "li@example.com", "HUIYIN_NAME", "李静", "HUIYIN_ROLE", "manager")
	huiyin(password, "agent", "add").want(t, exitDone, "manager")
}

func TestInboxAddKeepsAMailboxOrNothing(t *testing.T) {
	t.Parallel()
	huiyin := cli(t)
	file := filepath.Join(t.TempDir(), "inbox.json")
	add := func(channel, text string) result {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return huiyin("", "inbox", "add", "--channel", channel, "--name", "Mail", "--config", file)
	}
	const server = `"imap": {"host": "imap.shop.example", "password": "s3cret-words"}`
	for _, bad := range []struct{ rule, channel, text, says string }{
		{"an unknown name", "email", `{"mail": {"mailbox": "kf@shop.example"}}`, "mailbox"},
		{"an unknown name within", "email", `{"mail": {"imap": {"pass": "s3cret-words"}}}`, "pass"},
		{"no address", "email", `{"mail": {` + server + `}}`, "address: "},
		{"no server", "email", `{"mail": {"address": "kf@shop.example"}}`, "imap_host: "},
		{"a port that is none", "email", `{"mail": {"address": "kf@shop.example", "imap": {"host": "imap.shop.example", "port": 99999}}}`, "imap_port: "},
		{"a chat has no mailbox", "chat", `{"mail": {"address": "kf@shop.example", ` + server + `}}`, "--channel email"},
		{"a setting of the inbox", "email", `{"reopen_days": -7, "mail": {"address": "kf@shop.example", ` + server + `}}`, "reopen_days"},
	} {
		r := add(bad.channel, bad.text)
		r.want(t, exitUsage, bad.says)
		if strings.Contains(r.out+r.errors, "s3cret") {
			t.Errorf("%s: the password is printed", bad.rule)
		}
	}
	good := `{"greeting": "Hello", "mail": {"address": "kf@shop.example", ` + server + `, "processed": "Huiyin", "auto_reply": {"on": true}}}`
	r := add("email", good)
	r.want(t, exitDone, `"channel": "email"`, "Hello")
	if strings.Contains(r.out, "s3cret") || strings.Contains(r.out, "kf@shop.example") {
		t.Error("the mailbox is printed")
	}
	// The address is taken now, and was not by what was refused before.
	add("email", good).want(t, exitFailed, "address: ")
}

func TestInboxAddPrintsTheInboxAsJSON(t *testing.T) {
	t.Parallel()
	huiyin := cli(t)
	file := filepath.Join(t.TempDir(), "inbox.json")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	add := []string{"inbox", "add", "--channel", "chat", "--name", "Shop", "--config", file}
	write(`{"allowed_origins": ["https://shop.example.com"], "greeting": "<hello>"}`)
	r := huiyin("", add...)
	r.want(t, exitDone, "<hello>")
	var box shownInbox
	if err := json.Unmarshal([]byte(r.out), &box); err != nil {
		t.Fatal(err)
	}
	if box.ID == 0 || box.Key == "" || box.Secret == "" || box.Name != "Shop" || box.Settings.AllowedOrigins[0] != "https://shop.example.com" {
		t.Errorf("got %+v", box)
	}
	for _, bad := range []string{`{"allowed_origin": []}`, `[]`, `{} {}`, `{`} {
		write(bad)
		huiyin("", add...).want(t, exitUsage, "--config")
	}
}

func TestKeysRotateMakesAnotherMasterKey(t *testing.T) {
	t.Parallel()
	huiyin := cli(t)
	before := huiyin("", "keys", "list")
	before.want(t, exitDone, "FINGERPRINT", "1 ")
	huiyin("", "keys", "rotate").want(t, exitDone, "keyring.json", "2 ")
	after := huiyin("", "keys", "list")
	after.want(t, exitDone)
	if strings.Count(after.out, "\n") != strings.Count(before.out, "\n")+1 {
		t.Errorf("before:\n%safter:\n%s", before.out, after.out)
	}
}

func TestAMissingKeyRingIsNamed(t *testing.T) {
	t.Parallel()
	ring := filepath.Join(t.TempDir(), "ring.json")
	huiyin := cli(t, "HUIYIN_KEYRING", ring)
	huiyin("", "keys", "list").want(t, exitDone)
	if err := os.Remove(ring); err != nil {
		t.Fatal(err)
	}
	huiyin("", "keys", "list").want(t, exitFailed, ring)
}

func TestMigrateBringsTheDatabaseUpToDateOnce(t *testing.T) {
	t.Parallel()
	huiyin := cli(t)
	huiyin("", "keys", "list", "--migrate", "check").want(t, exitFailed, "huiyin migrate")
	huiyin("", "migrate", "status").want(t, exitDone, "pending")
	huiyin("", "migrate").want(t, exitDone, "steps taken")
	huiyin("", "migrate").want(t, exitDone, "up to date.")
	if r := huiyin("", "migrate", "status"); strings.Contains(r.out, "pending") || !strings.Contains(r.out, "00001_desk.sql") {
		t.Errorf("got %q", r.out)
	}
	huiyin("", "keys", "list", "--migrate", "check").want(t, exitDone)
}
