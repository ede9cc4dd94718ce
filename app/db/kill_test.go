package db_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"huiyin/app/db"
)

// childEnv makes this test binary do one job on a database: "write <start> <path>" or "migrate <path>".
const childEnv = "HUIYIN_DB_TEST_CHILD"

func runChild(job string) int {
	words := strings.SplitN(job, " ", 3)
	var err error
	switch words[0] {
	case "write":
		err = childWrites(words[1], words[2])
	case "migrate":
		err = childMigrates(strings.Join(words[1:], " "))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func child(t *testing.T, job string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+job)
	cmd.Stderr = os.Stderr
	return cmd
}

// childWrites writes items in two halves and prints each id once its write is acked, until it is killed.
func childWrites(start, path string) error {
	first, err := strconv.ParseInt(start, 10, 64)
	if err != nil {
		return err
	}
	d, err := db.Open(context.Background(), db.Options{Path: path})
	if err != nil {
		return err
	}
	var next atomic.Int64
	next.Store(first)
	failed := make(chan error)
	for range 50 {
		go func() {
			for {
				id := next.Add(1)
				err := d.Write(context.Background(), func(tx *gorm.DB) error {
					if err := add(tx, id, 1); err != nil {
						return err
					}
					return add(tx, id, 2)
				})
				if err == nil {
					_, err = os.Stdout.WriteString(strconv.FormatInt(id, 10) + "\n")
				}
				if err != nil {
					failed <- err
				}
			}
		}()
	}
	return <-failed
}

func TestWhatWasAckedSurvivesKill9(t *testing.T) {
	t.Parallel()
	const kills, atLeast = 5, 200
	path := filepath.Join(t.TempDir(), "huiyin.db")
	d, err := db.Open(t.Context(), db.Options{Path: path})
	must(t, err)
	withItems(t, d)
	must(t, d.Close())
	acked := map[int64]bool{}
	for round := range int64(kills) {
		killMidway(t, fmt.Sprintf("write %d %s", round<<32, path), atLeast, acked)
		d := reopen(t, path)
		parts := map[int64]int{}
		for _, id := range ids(t, d) {
			parts[id]++
		}
		for id := range acked {
			if parts[id] != 2 {
				t.Fatalf("round %d: acked request %d has %d parts of 2", round, id, parts[id])
			}
		}
		for id, n := range parts {
			if n != 2 {
				t.Fatalf("round %d: request %d is half written", round, id)
			}
		}
		var check string
		must(t, d.Read(t.Context()).Raw("PRAGMA integrity_check").Scan(&check).Error)
		if check != "ok" {
			t.Fatalf("integrity_check = %s", check)
		}
		must(t, d.Close())
	}
}

// killMidway runs the job, kills it in the middle of its work and adds what it said it had written.
func killMidway(t *testing.T, job string, atLeast int, acked map[int64]bool) {
	t.Helper()
	cmd := child(t, job)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewScanner(out)
	n := 0
	for lines.Scan() { // what was in the pipe when the child died is acked as well
		id, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			break // cut in the middle of a line
		}
		acked[id] = true
		if n++; n == atLeast {
			must(t, cmd.Process.Kill())
		}
	}
	_ = cmd.Wait() // killed
	if n < atLeast {
		t.Fatalf("the child wrote %d", n)
	}
}
