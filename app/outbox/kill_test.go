package outbox_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/outbox"
)

// childEnv makes this test binary a process that runs a pump until it is killed; its value is the diary file of Work.
const childEnv = "HUIYIN_OUTBOX_TEST_CHILD"

// kills is how often the pump's process is killed.
const kills = 5

func TestKilledReadersGoOn(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			where := db.Options{Log: slog.New(slog.DiscardHandler)}
			if dialect == db.SQLite {
				where.Path = filepath.Join(t.TempDir(), "huiyin.db")
			} else {
				where.DSN = dbtest.Postgres(t)
			}
			d, err := db.Open(t.Context(), where)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = d.Close() })
			if _, err := d.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			diary := filepath.Join(t.TempDir(), "diary")
			var want []int64
			for round := range int64(kills + 1) {
				child := startChild(t, where, diary)
				for pos := range int64(200) {
					want = append(want, write(t, d, round, pos+1)...)
				}
				if round == kills {
					within(t, patience, "the last round", func() bool {
						return len(handled(t, d)) >= len(want) && len(linesOf(t, diary)) > 0 && last(linesOf(t, diary)) == last(want)
					})
				}
				if err := child.Process.Kill(); err != nil {
					t.Fatal(err)
				}
				_ = child.Wait()
			}
			same(t, handled(t, d), want)
			atLeastOnceInOrder(t, linesOf(t, diary), want)
		})
	}
}

func last(n []int64) int64 { return n[len(n)-1] }

// handled is what the reader in the transaction wrote: exactly once, in order.
func handled(t *testing.T, d *db.DB) (n []int64) {
	t.Helper()
	if err := d.Read(t.Context()).Raw("SELECT at FROM events WHERE type = 'echo' ORDER BY n").Scan(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

// atLeastOnceInOrder allows that after a kill a batch comes again, and nothing else.
func atLeastOnceInOrder(t *testing.T, got, want []int64) {
	t.Helper()
	repeats := 0
	next := 0 // the place in want of the newest event seen
	for i, n := range got {
		switch {
		case next < len(want) && n == want[next]:
			next++
		case n < want[next-1] || n == want[next-1]:
			repeats++
			if i > 0 && got[i-1] < n && indexOf(want, n) != indexOf(want, got[i-1])+1 {
				t.Fatalf("a repeated batch leaves out events between %d and %d", got[i-1], n)
			}
		default:
			t.Fatalf("event %d comes where %d is due", n, want[next])
		}
	}
	if next != len(want) {
		t.Fatalf("%d of %d events arrived", next, len(want))
	}
	t.Logf("%d events, %d of them repeated after %d kills", len(want), repeats, kills)
}

func indexOf(all []int64, n int64) int {
	for i, x := range all {
		if x == n {
			return i
		}
	}
	return -1
}

// linesOf reads the numbers of a diary; a line cut by a kill is no number.
func linesOf(t *testing.T, path string) (n []int64) {
	t.Helper()
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if x, err := strconv.ParseInt(lines.Text(), 10, 64); err == nil {
			n = append(n, x)
		}
	}
	return n
}

func startChild(t *testing.T, where db.Options, diary string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+diary, "CHILD_PATH="+where.Path, "CHILD_DSN="+where.DSN)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

func runChild() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // an orphan ends by itself
	defer cancel()
	d, err := db.Open(ctx, db.Options{Path: os.Getenv("CHILD_PATH"), DSN: os.Getenv("CHILD_DSN"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err)
	}
	file, err := os.OpenFile(os.Getenv(childEnv), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	notEcho := func(events []event) (kept []event) {
		for _, e := range events {
			if e.Type != "echo" {
				kept = append(kept, e)
			}
		}
		return kept
	}
	p, err := outbox.New(outbox.Options[event]{
		Write: d.Write, Read: d.Read, Postgres: d.Dialect() == db.Postgres, Number: number, Now: time.Now, Log: slog.Default(),
	}, []outbox.Reader[event]{
		{Name: "echo", Batch: 7, Handle: func(_ context.Context, tx *gorm.DB, events []event) error {
			for _, e := range notEcho(events) {
				if err := tx.Create(&event{Type: "echo", ActorKind: "system", At: e.N}).Error; err != nil {
					return err
				}
			}
			return nil
		}},
		{Name: "diary", Batch: 7, Work: func(_ context.Context, events []event) error {
			for _, e := range notEcho(events) {
				if _, err := fmt.Fprintln(file, e.N); err != nil {
					return err
				}
			}
			return nil
		}},
	})
	if err != nil {
		panic(err)
	}
	go func() {
		for range time.Tick(5 * time.Millisecond) {
			p.Wake() // the commits are another process's
		}
	}()
	p.Run(ctx)
}
