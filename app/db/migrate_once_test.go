package db_test

import (
	"bufio"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
)

func childMigrates(path string) error {
	d, err := db.Open(context.Background(), db.Options{Path: path})
	if err != nil {
		return err
	}
	n, err := d.Migrate(context.Background())
	if err != nil {
		return err
	}
	fmt.Println(n)
	return d.Close()
}

func TestProcessesThatMigrateAtOnceDoItOnce(t *testing.T) {
	t.Parallel()
	const processes = 4
	path := filepath.Join(t.TempDir(), "huiyin.db")
	outs := make([]*bufio.Reader, processes)
	cmds := make([]*exec.Cmd, processes)
	for i := range cmds {
		cmds[i] = child(t, "migrate "+path)
		out, err := cmds[i].StdoutPipe()
		must(t, err)
		outs[i] = bufio.NewReader(out)
		must(t, cmds[i].Start())
	}
	migrated := 0
	for i := range cmds {
		line, _ := outs[i].ReadString('\n')
		if err := cmds[i].Wait(); err != nil {
			t.Errorf("process %d: %v", i, err)
		}
		if n, _ := strconv.Atoi(strings.TrimSpace(line)); n > 0 {
			migrated++
		}
	}
	if migrated != 1 {
		t.Errorf("%d processes migrated, want 1", migrated)
	}
}

func TestConnectionsThatMigrateAtOnceDoItOnce(t *testing.T) {
	t.Parallel()
	dsn := dbtest.Postgres(t)
	const nodes = 4
	counts := make(chan int, nodes)
	for range nodes {
		go func() {
			d, err := db.Open(context.Background(), db.Options{DSN: dsn})
			if err != nil {
				t.Error(err)
				counts <- 0
				return
			}
			n, err := d.Migrate(context.Background())
			if err != nil {
				t.Error(err)
			}
			counts <- n
			_ = d.Close()
		}()
	}
	migrated := 0
	for range nodes {
		if <-counts > 0 {
			migrated++
		}
	}
	if migrated != 1 {
		t.Errorf("%d nodes migrated, want 1", migrated)
	}
}
