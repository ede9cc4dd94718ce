package backup_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"gorm.io/gorm"

	"huiyin/app/backup"
	"huiyin/app/db"
	"huiyin/app/db/dbtest"
)

func TestABackupThatWouldFillTheDiskIsNotBegun(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		x := newDesk(t, d)
		must(t, x.Run(t.Context()))
		var asked int64
		x.Room = func(_ string, need int64) (int64, bool, error) { asked = need; return 5_000_000, false, nil }
		x.now = x.now.Add(24 * time.Hour)
		err := x.Run(t.Context())
		var room *backup.RoomError
		if !errors.As(err, &room) || !strings.Contains(err.Error(), "make room") || asked < 8<<20 {
			t.Fatalf("%v, asked for %d", err, asked)
		}
		last, err := x.Last(t.Context())
		must(t, err)
		if last.Need != asked || last.Free != 5_000_000 || last.Name != "" {
			t.Errorf("written down: %+v", last)
		}
		list, err := backup.List(x.dir)
		must(t, err)
		if len(list) != 1 || fmt.Sprint(x.alerts) != "[over backup.failed over backup.room raised backup.room]" {
			t.Errorf("%d backups, told %v", len(list), x.alerts)
		}
		if _, err := backup.Write(t.Context(), x.Source, filepath.Join(t.TempDir(), "by-hand"), false); !errors.As(err, &room) {
			t.Errorf("one by hand: %v", err)
		}
		if _, err := backup.BeforeMigration(t.Context(), x.Source, x.dir); !errors.As(err, &room) {
			t.Errorf("one before a migration: %v", err)
		}
	})
}

func TestWhatAKilledBackupLeftIsGoneBeforeTheNextBegins(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.SQLite))
	scratch, busy := filepath.Join(x.dir, "proof-1.tmp"), filepath.Join(x.dir, "by-hand.huiyin.part")
	must(t, os.MkdirAll(scratch, 0o700))
	stray := []string{scratch, filepath.Join(x.dir, "desk-20261124-033000.huiyin.part"), filepath.Join(x.dir, "desk-20261124-033000.huiyin.keys.part")}
	for _, f := range append(stray[1:], busy, filepath.Join(scratch, "huiyin.db")) {
		must(t, os.WriteFile(f, []byte("half"), 0o600))
	}
	writer := flock.New(busy)
	_, err := writer.TryLock()
	must(t, err)
	x.Room = func(string, int64) (int64, bool, error) { return 0, false, nil }
	_ = x.Run(t.Context()) // refused: what was left may be what takes the room
	for _, f := range stray {
		if _, err := os.Stat(f); err == nil {
			t.Errorf("%s is still there", f)
		}
	}
	if _, err := os.Stat(busy); err != nil {
		t.Errorf("what somebody writes now was taken away: %v", err)
	}
	must(t, writer.Close())
}

// slow makes a desk's next backup wait until the test lets it go on.
func (x *desk) slow() (begun <-chan struct{}, goOn func()) {
	started, gate, once := make(chan struct{}), make(chan struct{}), sync.Once{}
	x.Masters = func(context.Context) ([]backup.Master, error) {
		once.Do(func() { close(started); <-gate })
		return []backup.Master{{Version: 1, Fingerprint: "3132-3334-3536-3738"}}, nil
	}
	return started, func() { close(gate) }
}

func TestASecondBackupIsToldThatOneIsUnderWay(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.SQLite))
	begun, goOn := x.slow()
	done := make(chan error)
	go func() { done <- x.Run(t.Context()) }()
	<-begun
	if err := x.Run(t.Context()); !errors.Is(err, backup.ErrUnderWay) {
		t.Errorf("Run: %v", err)
	}
	if err := x.Ask(t.Context()); !errors.Is(err, backup.ErrUnderWay) {
		t.Errorf("Ask: %v", err)
	}
	since, running, err := x.Running(t.Context())
	if err != nil || !running || since.At != x.now.UnixMilli() {
		t.Errorf("Running: %+v, %t, %v", since, running, err)
	}
	goOn()
	must(t, <-done)
	if _, running, _ = x.Running(t.Context()); running {
		t.Error("it is over and said to run")
	}
	must(t, x.Ask(t.Context()))
}

func TestABackupThatTheEndOfTheProcessBreaksOffIsNoFailure(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.SQLite))
	must(t, x.Run(t.Context()))
	was, err := x.Last(t.Context())
	must(t, err)
	begun, goOn := x.slow()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- x.Run(ctx) }()
	<-begun
	cancel()
	goOn()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if last, _ := x.Last(t.Context()); last != was {
		t.Errorf("written down: %+v", last)
	}
	if entries, _ := os.ReadDir(x.dir); len(entries) != 2 {
		t.Errorf("left over: %v", entries)
	}
}

// node is another process of x's desk, with a folder of its own.
func (x *desk) node(t *testing.T, host string, serving *[]string) *backup.Service {
	t.Helper()
	o := x.Options
	o.Node, o.Dir = host, filepath.Join(t.TempDir(), "backups")
	o.Nodes = &backup.Nodes{
		Lease: func(ctx context.Context, name string, ttl time.Duration) (bool, error) {
			held, _, err := x.db.Lease(ctx, name, host, ttl)
			return held, err
		},
		Release: func(ctx context.Context, name string) error { return x.db.Release(ctx, name, host) },
		Held: func(ctx context.Context, _ string) (bool, error) {
			held, err := x.db.Leases(ctx)
			return len(held) > 0, err
		},
		Serving: func(context.Context) ([]string, error) { return *serving, nil },
	}
	return backup.New(o)
}

func TestOneOfSeveralNodesMakesTheDailyBackup(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.Postgres))
	x.now = time.Date(2026, 11, 24, 19, 40, 0, 0, time.UTC) // 3:40 in the shop: ten minutes after the daily backup is due
	serving := []string{"web1", "web2"}
	one, two := x.node(t, "web1", &serving), x.node(t, "web2", &serving)
	kept := func(want ...int) {
		t.Helper()
		for i, s := range []*backup.Service{one, two} {
			if list, err := backup.List(s.Dir); err != nil || len(list) != want[i] {
				t.Errorf("%s keeps %d backups, want %d (%v)", s.Node, len(list), want[i], err)
			}
		}
	}
	both := func() { // at once, as their clocks go
		var looking sync.WaitGroup
		for _, s := range []*backup.Service{two, one} {
			looking.Go(func() {
				if err := s.Look(t.Context()); err != nil && !errors.Is(err, backup.ErrUnderWay) {
					t.Error(err)
				}
			})
		}
		looking.Wait()
	}
	must(t, one.Look(t.Context()))
	kept(1, 0)
	x.now = x.now.Add(24 * time.Hour)
	both()
	both()
	kept(2, 0) // the node that made the last one goes first
	if others, err := two.Folders(t.Context()); err != nil || len(others) != 1 || others[0].Node != "web1" || others[0].Dir != one.Dir || others[0].Kept != 2 {
		t.Errorf("web2 says of the others: %+v, %v", others, err)
	}
	serving = []string{"web2"} // web1 has died
	x.now = x.now.Add(24 * time.Hour)
	must(t, two.Look(t.Context()))
	kept(2, 1)
	must(t, one.Look(t.Context()))
	kept(2, 1)
}

func TestABackupOnAnotherNodeIsSeen(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.Postgres))
	begun, goOn := x.slow()
	serving := []string{"web1", "web2"}
	one, two := x.node(t, "web1", &serving), x.node(t, "web2", &serving)
	done := make(chan error)
	go func() { done <- one.Run(t.Context()) }()
	<-begun
	if since, running, err := two.Running(t.Context()); err != nil || !running || since.Node != "web1" {
		t.Errorf("Running: %+v, %t, %v", since, running, err)
	}
	if err := two.Ask(t.Context()); !errors.Is(err, backup.ErrUnderWay) {
		t.Errorf("Ask: %v", err)
	}
	goOn()
	must(t, <-done)
}

// Whoever is erased by way of one node is in the keys of no node's folder a look later.
func TestTheOtherNodesRenewTheirKeysToo(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.Postgres))
	serving := []string{"web1", "web2"}
	one, two := x.node(t, "web1", &serving), x.node(t, "web2", &serving)
	run := func(text string) {
		t.Helper()
		must(t, x.db.Write(t.Context(), func(tx *gorm.DB) error { return tx.Exec(text).Error }))
	}
	run(`INSERT INTO huiyin_keys.data_keys (id, purpose, contact_id, master, wrapped, created_at) VALUES (1, 'contact', 1, 1, 'wrapped', 1)`)
	must(t, two.Run(t.Context()))
	rows := func() int64 {
		t.Helper()
		list, err := backup.List(two.Dir)
		must(t, err)
		proof, err := backup.Prove(t.Context(), x.db, list[0].Path, t.TempDir())
		must(t, err)
		return proof.Rows
	}
	before := rows()
	run(`DELETE FROM huiyin_keys.data_keys`)
	must(t, one.RenewKeys(t.Context()))
	must(t, two.Look(t.Context()))
	if after := rows(); after != before-1 {
		t.Errorf("%d rows before the erasure and %d after it", before, after)
	}
}

// A clock that jumps costs no backup, makes none twice, and never lets the newest look old.
func TestAJumpOfTheClockNeitherDoublesNorStopsTheDailyBackup(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.SQLite))
	made := 0
	look := func(want int) {
		t.Helper()
		must(t, x.Look(t.Context()))
		list, err := backup.List(x.dir)
		must(t, err)
		if made += want; len(list) != min(made, 7) {
			t.Errorf("at %s: %d backups, want %d", x.now.Format(time.DateTime), len(list), min(made, 7))
		}
		if len(list) > 0 {
			if _, err := backup.Prove(t.Context(), x.db, list[0].Path, t.TempDir()); err != nil { // it has its keys
				t.Error(err)
			}
		}
	}
	shop := time.FixedZone("CST", 8*3600)
	at := func(day, hour, minute int) { x.now = time.Date(2026, 11, day, hour, minute, 0, 0, shop) }
	at(25, 3, 30)
	look(1)
	at(25, 2, 31) // an hour back
	look(0)
	at(25, 3, 30) // half past three again
	look(0)
	at(26, 3, 29)
	look(0)
	at(26, 3, 30)
	look(1)
	at(27, 3, 40) // a day forward
	look(1)
	look(0)
	at(26, 3, 45) // and put right
	look(1)
	look(0)
	at(27, 3, 30)
	look(1)
	at(28, 3, 30)
	look(1)
}
