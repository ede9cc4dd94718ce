package apptest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"huiyin/app/apptest"
	"huiyin/app/db"
)

// ledger is all that a desk holds: how often each row of each table is there, by its sum, and the sum of each file.
type ledger struct {
	rows  map[string]map[[32]byte]int
	files map[string][32]byte
}

func ledgerOf(t *testing.T, p *apptest.Process) ledger {
	t.Helper()
	l := ledger{rows: map[string]map[[32]byte]int{}, files: map[string][32]byte{}}
	opened(t, p, func(d *db.DB) {
		err := d.Snapshot(t.Context(), func(look *db.Snapshot) error {
			tables, err := look.Tables(t.Context())
			if err != nil {
				return err
			}
			for _, table := range tables {
				rows := map[[32]byte]int{}
				l.rows[table.Name] = rows
				if err := look.Rows(t.Context(), table, func(row []byte) error { rows[sha256.Sum256(row)]++; return nil }); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	root := filepath.Join(p.Dir, "files")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != "" {
			return err
		}
		content, err := os.ReadFile(path)
		l.files[strings.TrimPrefix(path, root)] = sha256.Sum256(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// writtenOnce are tables whose rows stay as they were written; the others have rows that change.
var writtenOnce = []string{"messages", "events", "contacts", "data_keys"}

// holds tells how a restored desk stands between the desk before the load and the desk after it: what the load has left
// alone is there row by row, and nothing is there that the desk never had.
func (restored ledger) holds(t *testing.T, before, after ledger) {
	t.Helper()
	for table, rows := range before.rows {
		for sum, n := range rows {
			if kept := min(n, after.rows[table][sum]); restored.rows[table][sum] < kept {
				t.Errorf("%s: a row is there %d times, want %d", table, restored.rows[table][sum], kept)
			}
		}
	}
	for _, table := range writtenOnce {
		if len(before.rows[table]) == 0 {
			t.Errorf("%s had no rows: the test tries nothing", table)
		}
		for sum, n := range restored.rows[table] {
			if n > max(before.rows[table][sum], after.rows[table][sum]) {
				t.Errorf("%s: a row is there that the desk never had", table)
			}
		}
	}
	for name, sum := range before.files {
		if restored.files[name] != sum {
			t.Errorf("the file %s is not what it was", name)
		}
	}
	for name, sum := range restored.files {
		if after.files[name] != sum {
			t.Errorf("the file %s is none of the desk's", name)
		}
	}
}

// asker is a shopper who begins a ticket with a file, by the way without sockets.
type asker struct {
	base, key string
	client    *http.Client
}

func (a asker) ask(ctx context.Context, n int) error {
	var session, file, ack struct{ Session, ID, Ticket string }
	if err := a.post(ctx, "/chat/v1/sessions", "", "application/json", fmt.Appendf(nil, `{"inbox":%q,"locale":"zh-CN"}`, a.key), &session); err != nil {
		return err
	}
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	part, err := parts.CreateFormFile("file", fmt.Sprintf("发票-%d.txt", n))
	if err != nil {
		return err
	}
	for range 20 + rand.IntN(200) {
		fmt.Fprintf(part, "%016x\n", rand.Uint64())
	}
	if err := parts.Close(); err != nil {
		return err
	}
	if err := a.post(ctx, "/chat/v1/uploads", session.Session, parts.FormDataContentType(), form.Bytes(), &file); err != nil {
		return err
	}
	return a.post(ctx, "/chat/v1/messages", session.Session, "application/json",
		fmt.Appendf(nil, `{"id":"first-%d","body":"第 %d 位顾客：请问发票什么时候开？","attachments":[%q]}`, n, n, file.ID), &ack)
}

func (a asker) post(ctx context.Context, path, bearer, kind string, body []byte, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", kind)
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := a.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s: status %d", path, res.StatusCode)
	}
	return json.NewDecoder(res.Body).Decode(into)
}

// fill makes tickets with a file each, several at once.
func (a asker) fill(ctx context.Context, t testing.TB, tickets int) {
	t.Helper()
	numbers := make(chan int)
	var asking sync.WaitGroup
	for range 16 {
		asking.Go(func() {
			for n := range numbers {
				if err := a.ask(ctx, n); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	for n := range tickets {
		numbers <- n
	}
	close(numbers)
	asking.Wait()
}

// A backup that is taken while shoppers write is put back, and every row and every file of it is held against the desk.
func TestSoakARestoredBackupHasEveryRowAndEveryFile(t *testing.T) {
	t.Parallel()
	tickets := 60
	if os.Getenv("HUIYIN_SOAK") != "" {
		tickets = 10_000
	}
	onBoth(t, func(t *testing.T, fresh func() []string) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
		defer cancel()
		desk := apptest.StartProcess(t, append(fresh(), "HUIYIN_LIMIT_SCALE=10000")...)
		key := desk.AddInbox("Shop", map[string]any{})
		a := asker{base: desk.Base(), key: key, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}}}
		begun := time.Now()
		a.fill(ctx, t, tickets)
		filled := time.Since(begun)
		waitFor(t, "the daily backup of the start is over", func() bool {
			return len(files(t, desk, "desk-*.huiyin.keys")) > 0 && len(files(t, desk, "proof-*")) == 0
		})
		before := ledgerOf(t, desk)
		if n := len(before.files); n < tickets || len(before.rows["tickets"]) < tickets {
			t.Fatalf("%d tickets and %d files, want %d each", len(before.rows["tickets"]), n, tickets)
		}

		_, stop := chatter(ctx, t, desk.Base, key, 10)
		loading, done := context.WithCancel(ctx)
		var load sync.WaitGroup
		load.Go(func() {
			for n := tickets; loading.Err() == nil; n++ {
				if err := a.ask(loading, n); err != nil && loading.Err() == nil {
					t.Error(err)
				}
			}
		})
		file := filepath.Join(t.TempDir(), "desk.huiyin")
		begun = time.Now()
		said := desk.Command("", "backup", file)
		took := time.Since(begun)
		done()
		load.Wait()
		stop()
		after := ledgerOf(t, desk)
		if len(after.rows["messages"]) <= len(before.rows["messages"]) {
			t.Error("nothing was written meanwhile: the test tries nothing")
		}

		place := apptest.NewProcess(t, fresh()...)
		copyFile(t, filepath.Join(desk.Dir, "keyring.json"), filepath.Join(place.Dir, "keyring.json"))
		begun = time.Now()
		place.Command("", "restore", file, "--keys", file+".keys")
		t.Logf("%d tickets in %s; backup %s (%s), restore %s", tickets, filled.Round(time.Millisecond), took.Round(time.Millisecond),
			strings.TrimSpace(said), time.Since(begun).Round(time.Millisecond))
		ledgerOf(t, place).holds(t, before, after)
	})
}
