package backup_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/backup"
	"huiyin/app/db"
	"huiyin/app/db/dbtest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// desk is a database with rows, files and a clock, as the service sees a desk.
type desk struct {
	*backup.Service
	db       *db.DB
	dir      string // of the backups
	files    string
	now      time.Time
	alerts   []string
	mu       sync.Mutex
	settings map[string][]byte
}

func newDesk(t *testing.T, d *db.DB) *desk {
	t.Helper()
	x := &desk{db: d, dir: filepath.Join(t.TempDir(), "backups"), files: filepath.Join(t.TempDir(), "files"), settings: map[string][]byte{}}
	x.now = time.Date(2026, 11, 25, 4, 0, 0, 0, time.UTC)
	must(t, d.Write(t.Context(), func(tx *gorm.DB) error {
		if err := tx.Exec("INSERT INTO master_keys (version, fingerprint, created_at) VALUES (1, ?, 1)", []byte("12345678")).Error; err != nil {
			return err
		}
		for i := range 2500 {
			if err := tx.Exec("INSERT INTO teams (id, name, created_at) VALUES (?, ?, 1)", i+1, []byte(strings.Repeat("n", i%700))).Error; err != nil {
				return err
			}
		}
		return nil
	}))
	must(t, os.MkdirAll(filepath.Join(x.files, "ab"), 0o700))
	must(t, os.WriteFile(filepath.Join(x.files, "ab", "one"), []byte("sealed"), 0o600))
	must(t, os.WriteFile(filepath.Join(x.files, "ab", "two.part"), []byte("being written"), 0o600))
	x.Service = backup.New(backup.Options{
		Source: backup.Source{
			DB: d, Files: x.files, Program: "test", Now: func() time.Time { return x.now },
			Masters: func(context.Context) ([]backup.Master, error) {
				return []backup.Master{{Version: 1, Fingerprint: "3132-3334-3536-3738"}}, nil
			},
		},
		Dir: x.dir, Log: slog.New(slog.DiscardHandler), Zone: func(context.Context) *time.Location { return time.FixedZone("CST", 8*3600) },
		Setting: func(_ context.Context, name string) ([]byte, bool, error) {
			x.mu.Lock()
			defer x.mu.Unlock()
			v, ok := x.settings[name]
			return v, ok, nil
		},
		SetSetting: func(_ context.Context, name string, v []byte) error {
			x.mu.Lock()
			defer x.mu.Unlock()
			x.settings[name] = v
			return nil
		},
		Alert:     func(_ context.Context, kind string, _ map[string]string) { x.alerts = append(x.alerts, "raised "+kind) },
		AlertOver: func(_ context.Context, kind string) { x.alerts = append(x.alerts, "over "+kind) },
	})
	return x
}

func TestEachBackupIsProvedAndWrittenDown(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		x := newDesk(t, d)
		must(t, x.Run(t.Context()))
		last, err := x.Last(t.Context())
		must(t, err)
		if last.Proved == 0 || last.Problem != "" || last.Files != 1 || last.Rows < 2500 || last.ProofFor < last.Rows {
			t.Errorf("written down: %+v", last)
		}
		list, err := backup.List(x.dir)
		must(t, err)
		if len(list) != 1 || list[0].Name() != last.Name || !list[0].Daily {
			t.Errorf("in the folder: %+v", list)
		}
		for _, f := range []string{list[0].Path, list[0].Path + backup.KeysSuffix} {
			if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", f, info.Mode(), err)
			}
		}
	})
}

func TestAProofFindsWhatIsNotAsItWas(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		x := newDesk(t, d)
		must(t, x.Run(t.Context()))
		list, err := backup.List(x.dir)
		must(t, err)
		whole, err := os.ReadFile(list[0].Path)
		must(t, err)
		for _, at := range []int{40, len(whole) / 2, len(whole) - 40} {
			turned := append([]byte(nil), whole...)
			for i := range 8 { // a single bit may be one that the compression does not use
				turned[at+i] ^= 0x55
			}
			must(t, os.WriteFile(list[0].Path, turned, 0o600))
			if _, err := backup.Prove(t.Context(), d, list[0].Path, x.dir); err == nil {
				t.Errorf("turned bytes at %d of %d were proved", at, len(whole))
			}
		}
		must(t, os.WriteFile(list[0].Path, whole, 0o600))
		proof, err := backup.Prove(t.Context(), d, list[0].Path, x.dir)
		must(t, err)
		if proof.Files != 1 {
			t.Errorf("%d files", proof.Files)
		}
		left, err := os.ReadDir(x.dir)
		must(t, err)
		if len(left) != 2 {
			t.Errorf("the scratch place was left: %v", left)
		}
	})
}

func TestSevenDaysAreKeptAndTheNewestKeysOnly(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.SQLite))
	for range 9 {
		must(t, x.Run(t.Context()))
		x.now = x.now.Add(24 * time.Hour)
	}
	for range 5 {
		_, err := backup.BeforeMigration(t.Context(), x.Source, x.dir)
		must(t, err)
		x.now = x.now.Add(time.Minute)
	}
	list, err := backup.List(x.dir)
	must(t, err)
	daily, keys := 0, 0
	for i, k := range list {
		if k.Daily {
			daily++
		}
		if _, err := os.Stat(k.Path + backup.KeysSuffix); err == nil {
			if keys++; i != 0 {
				t.Errorf("%s still has its keys", k.Name())
			}
		}
	}
	if daily != 7 || len(list) != 10 || keys != 1 {
		t.Errorf("%d daily, %d in all, %d keys; want 7, 10, 1", daily, len(list), keys)
	}
}

func TestABackupIsDueOnceADayInTheShopsZone(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.SQLite))
	at := func(day, hour, minute int) { // UTC; the shop is eight hours ahead
		x.now = time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC)
	}
	due := func(want bool) {
		t.Helper()
		got, err := x.Due(t.Context())
		must(t, err)
		if got != want {
			t.Errorf("at %s: due %t, want %t", x.now.Format(time.DateTime), got, want)
		}
	}
	at(25, 19, 29)
	due(true) // there has never been one
	must(t, x.Run(t.Context()))
	due(false)
	at(25, 19, 31) // 03:31 of the next day there
	due(true)
	must(t, x.Run(t.Context()))
	due(false)
	at(26, 19, 29)
	due(false)
	at(26, 19, 31)
	due(true)
	must(t, x.Run(t.Context()))
	must(t, x.SetPlan(t.Context(), backup.Plan{Hour: 5}))
	due(false)
	at(26, 21, 1) // 05:01
	due(true)
	at(20, 1, 0) // the clock went back a week: the record says nothing
	due(true)
}

func TestAFailedBackupIsToldAndTriedAgainInAnHour(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.SQLite))
	must(t, os.WriteFile(x.dir, []byte("a file stands where the folder should"), 0o600))
	if err := x.Run(t.Context()); err == nil {
		t.Fatal("it did not fail")
	}
	last, err := x.Last(t.Context())
	must(t, err)
	if last.Problem == "" || fmt.Sprint(x.alerts) != "[raised backup.failed]" {
		t.Errorf("%+v, %v", last, x.alerts)
	}
	if due, _ := x.Due(t.Context()); due {
		t.Error("due at once: a full disk would be tried without end")
	}
	x.now = x.now.Add(61 * time.Minute)
	if due, _ := x.Due(t.Context()); !due {
		t.Error("not due after an hour")
	}
	must(t, os.Remove(x.dir))
	must(t, x.Run(t.Context()))
	if fmt.Sprint(x.alerts) != "[raised backup.failed over backup.failed over backup.room]" {
		t.Errorf("%v", x.alerts)
	}
}

func TestTheKeysQuestionComesBackAfterARotation(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.SQLite))
	asked := func(want bool) {
		t.Helper()
		elsewhere, err := x.KeysElsewhere(t.Context())
		must(t, err)
		if elsewhere == want {
			t.Errorf("asked %t, want %t", !elsewhere, want)
		}
	}
	asked(true)
	must(t, x.ConfirmKeys(t.Context()))
	asked(false)
	x.Masters = func(context.Context) ([]backup.Master, error) {
		return []backup.Master{{Version: 2, Fingerprint: "aaaa-3334-3536-3738"}}, nil
	}
	asked(true)
}

// Whoever is erased after last night's backup is in none of the folder's keys, and every backup there still opens with them.
func TestRenewedKeysLackWhatWasDroppedAndOpenEveryBackup(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		x := newDesk(t, d)
		table := "data_keys"
		if d.Dialect() == db.Postgres {
			table = "huiyin_keys.data_keys"
		}
		run := func(text string, args ...any) {
			t.Helper()
			must(t, d.Write(t.Context(), func(tx *gorm.DB) error { return tx.Exec(text, args...).Error }))
		}
		for key := range 2 {
			run("INSERT INTO "+table+" (id, purpose, contact_id, master, wrapped, created_at) VALUES (?, 'contact', ?, 1, ?, 1)", key+1, key+1, []byte("wrapped"))
		}
		must(t, x.RenewKeys(t.Context())) // there are no backups yet
		must(t, x.Run(t.Context()))
		stray := filepath.Join(x.dir, "desk-20260101-033000.huiyin.keys")
		must(t, os.WriteFile(stray, []byte("old"), 0o600))
		run("DELETE FROM " + table + " WHERE id = 1")
		x.now = x.now.Add(time.Hour)
		must(t, x.RenewKeys(t.Context()))
		if _, err := os.Stat(stray); err == nil {
			t.Error("older keys are still there")
		}
		list, err := backup.List(x.dir)
		must(t, err)
		proof, err := backup.Prove(t.Context(), d, list[0].Path, t.TempDir())
		must(t, err)
		last, err := x.Last(t.Context())
		must(t, err)
		if proof.Rows >= last.ProofFor {
			t.Errorf("%d rows before and %d after a key was dropped", last.ProofFor, proof.Rows)
		}
	})
}
