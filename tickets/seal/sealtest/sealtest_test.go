package sealtest_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"huiyin/tickets/seal"
	"huiyin/tickets/seal/sealtest"
)

const secret = "张三 <zhang@shop.example>"

func TestFindSeesEveryForm(t *testing.T) {
	t.Parallel()
	utf16le := func(s string) (out string) {
		for _, u := range utf16.Encode([]rune(s)) {
			out += string([]byte{byte(u), byte(u >> 8)})
		}
		return out
	}
	utf16be := func(s string) (out string) {
		for _, u := range utf16.Encode([]rune(s)) {
			out += string([]byte{byte(u >> 8), byte(u)})
		}
		return out
	}
	escaped := func(format string) string {
		var b strings.Builder
		for _, r := range secret {
			if r < 0x80 {
				b.WriteRune(r)
			} else {
				fmt.Fprintf(&b, format, r)
			}
		}
		return b.String()
	}
	asJSON, err := json.Marshal(map[string]string{"name": secret})
	if err != nil {
		t.Fatal(err)
	}
	twice, err := json.Marshal(string(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{
		"utf-8":                  secret,
		"utf-16le":               utf16le(secret),
		"utf-16be":               utf16be(secret),
		"lower case":             strings.ToLower(secret),
		"json":                   string(asJSON),
		"json in json":           string(twice),
		"json with small hex":    escaped(`\u%04x`),
		"json with capital hex":  escaped(`\u%04X`),
		"query":                  url.QueryEscape(secret),
		"query with small hex":   strings.ToLower(url.QueryEscape("张三")) + "+%3czhang%40shop.example%3e",
		"path":                   url.PathEscape(secret),
		"hex, as pg_dump writes": `\x` + hex.EncodeToString([]byte(secret)),
		"capital hex":            strings.ToUpper(hex.EncodeToString([]byte(secret))),
	}
	for lead := range 3 {
		plain := []byte(strings.Repeat("?", lead) + secret + "??")
		tests[fmt.Sprint("base64 at ", lead)] = base64.StdEncoding.EncodeToString(plain)
		tests[fmt.Sprint("base64 for urls at ", lead)] = base64.RawURLEncoding.EncodeToString(plain)
	}
	for name, content := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, filepath.Join(dir, "a", "huiyin.db-wal"), "\x00\x01"+content+"\x02")
			hits, files, err := sealtest.Find(dir, []string{"something else", secret})
			if err != nil || files != 1 || len(hits) == 0 || hits[0].Secret != secret || hits[0].File != filepath.Join("a", "huiyin.db-wal") {
				t.Errorf("Find = %v, %d files, %v, want a hit", hits, files, err)
			}
		})
	}
}

func TestFindSeesACutText(t *testing.T) {
	t.Parallel()
	long := "我的包裹一直没有到，已经等了整整两个星期，客服电话也打不通，请尽快处理好吗？"
	for name, cut := range map[string]string{"preview": string([]rune(long)[:20]), "second page": string([]rune(long)[12:])} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "huiyin.db"), cut)
		if hits, _, err := sealtest.Find(dir, []string{long}); err != nil || len(hits) == 0 {
			t.Errorf("%s: Find = %v, %v, want a hit", name, hits, err)
		}
	}
}

func TestFindSeesWhatLiesAcrossTwoReads(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for shift := range 40 {
		write(t, filepath.Join(dir, fmt.Sprint(shift)), strings.Repeat("x", 1<<20+shift-20)+secret+strings.Repeat("x", 1<<20))
	}
	hits, files, err := sealtest.Find(dir, []string{secret})
	where := map[string]int64{}
	for _, h := range hits {
		where[h.File] = h.Offset
	}
	if err != nil || files != 40 || len(where) != 40 {
		t.Fatalf("%d files, found in %d, %v, want 40", files, len(where), err)
	}
	if got, want := where["3"], int64(1<<20+3-20); got != want {
		t.Errorf("found at %d, want %d", got, want)
	}
}

func TestFindPassesSealedDataAndTheRing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ring := filepath.Join(dir, "keyring")
	if _, err := seal.CreateRing(ring, time.Now()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(ring)
	if err != nil {
		t.Fatal(err)
	}
	var key string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "key ") {
			key = strings.Fields(line)[4]
		}
	}
	random := make([]byte, 8<<20)
	source := rand.NewChaCha8([32]byte{1})
	source.Read(random) //nolint:errcheck // never fails
	write(t, filepath.Join(dir, "huiyin.db"), string(random))
	hits, files, err := sealtest.Find(dir, []string{secret, key, "张三丰", "13800138000", "secret"})
	if err != nil || files != 1 || len(hits) != 0 {
		t.Errorf("Find = %v, %d files, %v, want no hit in one file", hits, files, err)
	}
	write(t, filepath.Join(dir, "log"), "the key is "+key)
	if hits, _, err := sealtest.Find(dir, []string{key}); err != nil || len(hits) == 0 {
		t.Errorf("Find = %v, %v, want the key in the log", hits, err)
	}
}

func TestScanFailsTheTest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty := &recorder{TB: t}
	sealtest.Scan(empty, dir, []string{secret})
	if empty.errors == 0 {
		t.Error("an empty folder passes, want a failure: nothing was searched")
	}
	write(t, filepath.Join(dir, "log"), "nothing here")
	clean := &recorder{TB: t}
	sealtest.Scan(clean, dir, []string{secret})
	sealtest.ScanDump(clean, strings.NewReader("nothing here"), []string{secret})
	if clean.errors != 0 {
		t.Error("a clean folder fails")
	}
	dirty := &recorder{TB: t}
	write(t, filepath.Join(dir, "log"), "hello "+secret)
	sealtest.Scan(dirty, dir, []string{secret})
	sealtest.ScanDump(dirty, strings.NewReader("COPY x FROM stdin;\n1\t"+secret+"\n"), []string{secret})
	if dirty.errors < 2 {
		t.Errorf("%d failures, want one from each", dirty.errors)
	}
}

func TestShortSecretsAreRefused(t *testing.T) {
	t.Parallel()
	if _, _, err := sealtest.Find(t.TempDir(), []string{"Ann"}); err == nil {
		t.Error("no error for a secret that chance would find")
	}
}

// recorder counts failures instead of failing.
type recorder struct {
	testing.TB
	errors int
}

func (r *recorder) Helper()               {}
func (r *recorder) Error(...any)          { r.errors++ }
func (r *recorder) Errorf(string, ...any) { r.errors++ }

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
