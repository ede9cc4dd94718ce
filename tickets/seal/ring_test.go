package seal_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"huiyin/tickets/seal"
)

var made = time.Date(2026, 11, 23, 4, 20, 0, 0, time.UTC)

func newRing(t *testing.T) (path, text string, ring *seal.Ring) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "keyring")
	ring, err := seal.CreateRing(path, made)
	if err == nil {
		ring, err = ring.With(made.Add(time.Hour))
	}
	if err == nil {
		err = ring.Replace(path)
	}
	content, rerr := os.ReadFile(path)
	if err = errors.Join(err, rerr); err != nil {
		t.Fatal(err)
	}
	return path, string(content), ring
}

func TestRingComesBackFromItsFile(t *testing.T) {
	t.Parallel()
	path, text, ring := newRing(t)
	got, err := seal.LoadRing(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.Text() != ring.Text() || got.Text() != text || got.Newest() != 2 {
		t.Errorf("loaded\n%s\nwant\n%s", got.Text(), ring.Text())
	}
	for _, want := range []string{"huiyin-keyring 1\n", "\nkey 1 2026-11-23T04:20:00Z ", "\nkey 2 2026-11-23T05:20:00Z ", "\nsum "} {
		if !strings.Contains(text, want) {
			t.Errorf("the file lacks %q", want)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files in the folder, want the ring alone; %v", len(entries), err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
}

// Someone types the page in again: comments are left out, blanks and capitals differ.
func TestRingIsReadAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	path, text, _ := newRing(t)
	var typed strings.Builder
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); !strings.HasPrefix(line, "#") {
			if f[0] == "key" {
				f[3], f[4] = strings.ToUpper(f[3]), strings.ToUpper(strings.ReplaceAll(f[4], "-", ""))
			}
			typed.WriteString("  " + strings.Join(f, "   ") + " \r\n\r\n")
		}
	}
	put(t, path, typed.String())
	got, err := seal.LoadRing(path)
	if err != nil || got.Text() != text {
		t.Errorf("LoadRing: %v", err)
	}
}

func TestRingThatWasCutOrAlteredIsRefused(t *testing.T) {
	t.Parallel()
	path, text, ring := newRing(t)
	broken := map[string]string{"nothing": "", "something else": "hello\n", "twice": text + text, "more behind it": text + "key 3\n"}
	for n := range len(text) - 1 { // but for the last line feed
		broken["cut at "+text[:n]] = text[:n]
	}
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		if !strings.HasPrefix(line, "#") && line != "" {
			broken["without "+line] = strings.Join(append(append([]string{}, lines[:i]...), lines[i+1:]...), "")
		}
	}
	start := strings.Index(text, "key 1")
	for i := start; i < len(text)-1; i++ {
		b := []byte(text)
		if b[i]++; b[i-1] != '\n' && text[i] != ' ' && text[i] != '\n' && text[i] != '-' {
			broken["altered to "+string(b)] = string(b)
		}
	}
	for name, content := range broken {
		put(t, path, content)
		got, err := seal.LoadRing(path)
		if !errors.Is(err, seal.ErrRingDamaged) {
			t.Fatalf("%s: LoadRing = %v, %v, want ErrRingDamaged", name, got, err)
		}
		if !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Fatalf("%s: the error %q is not one line that names the file", name, err)
		}
		for _, secret := range keysIn(ring) {
			if strings.Contains(err.Error(), secret[:9]) {
				t.Fatalf("%s: the error %q tells the key", name, err)
			}
		}
	}
}

func TestFingerprintIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	_, text, ring := newRing(t)
	f, ok := ring.Fingerprint(2)
	if !ok || !strings.Contains(text, f.String()) {
		t.Errorf("Fingerprint(2) = %s, %t, not that of the file", f, ok)
	}
	if got, err := seal.ParseFingerprint(strings.ToUpper(f.String())); err != nil || got != f {
		t.Errorf("ParseFingerprint(%s) = %s, %v", f, got, err)
	}
	for _, bad := range []string{"", "1a2b", f.String() + "00", "zz2b-3c4d-5e6f-7081"} {
		if _, err := seal.ParseFingerprint(bad); err == nil {
			t.Errorf("ParseFingerprint(%q): no error", bad)
		}
	}
	if first, _ := ring.Fingerprint(1); first == f {
		t.Error("two master keys have one fingerprint")
	}
	if _, ok := ring.Fingerprint(3); ok {
		t.Error("a fingerprint of a key that is not there")
	}
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// keysIn gives the master keys as the file writes them.
func keysIn(r *seal.Ring) (keys []string) {
	for line := range strings.Lines(r.Text()) {
		if f := strings.Fields(line); f[0] == "key" {
			keys = append(keys, f[4])
		}
	}
	return keys
}
