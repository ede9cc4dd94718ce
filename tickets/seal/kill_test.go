package seal_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// childEnv makes this test binary a process that rotates the master key of the desk named in it.
const childEnv = "HUIYIN_SEAL_TEST_ROTATE"

type child struct{ DSN, Path, Ring string }

func TestMain(m *testing.M) {
	if arg := os.Getenv(childEnv); arg != "" {
		if err := rotateForever(arg); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// rotateForever is the child: it rotates until it is killed.
func rotateForever(arg string) error {
	var c child
	if err := json.Unmarshal([]byte(arg), &c); err != nil {
		return err
	}
	d, err := db.Open(context.Background(), db.Options{DSN: c.DSN, Path: c.Path})
	if err != nil {
		return err
	}
	s, err := seal.Open(context.Background(), seal.Options{
		DB: seal.Store{Write: d.Write, Read: d.Read}, RingPath: c.Ring, Now: time.Now, NewID: id.NewMaker(2, time.Now).Next,
	})
	if err != nil {
		return err
	}
	fmt.Println("begins")
	for {
		if err := s.Rotate(context.Background(), nil); err != nil {
			return err
		}
	}
}

// Rotations are killed with -9 at random while this process serves: no data key is ever out of reach, and what is
// left behind is finished by the next one.
func TestKilledRotationsLoseNothing(t *testing.T) {
	t.Parallel()
	t.Run(db.SQLite, func(t *testing.T) {
		t.Parallel()
		killRotations(t, child{Path: filepath.Join(t.TempDir(), "huiyin.db")})
	})
	t.Run(db.Postgres, func(t *testing.T) {
		t.Parallel()
		killRotations(t, child{DSN: dbtest.Postgres(t)})
	})
}

func killRotations(t *testing.T, c child) {
	const kills = 8
	d, err := db.Open(context.Background(), db.Options{DSN: c.DSN, Path: c.Path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if _, err := d.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	desk := newDesk(t, d)
	c.Ring = desk.ring
	serving := desk.open(t)
	values := desk.newValues(t, serving, 300)
	for n := range kills {
		rotating := start(t, c)
		for deadline := time.Now().Add(rand.N(150 * time.Millisecond)); time.Now().Before(deadline); {
			desk.clock.advance(time.Minute) // each key is read from the database again
			desk.opens(t, serving, values[rand.IntN(len(values))])
		}
		rotating.kill(t)
		values = append(values, desk.newValue(t, serving, id.ID(10_000+n), "made after a kill"))
		desk.clock.advance(time.Minute)
		started := desk.open(t)
		for _, v := range values {
			desk.opens(t, serving, v)
			desk.opens(t, started, v)
		}
		if t.Failed() {
			return
		}
	}
	last := desk.open(t)
	desk.rotate(t, last)
	keys, inUse := desk.masters(t, last)
	if inUse != 1 || keys[len(keys)-1].DataKeys != int64(len(values)+2) {
		t.Errorf("Keys = %+v, want all data keys under the newest", keys)
	}
	if _, err := os.Stat(desk.ring + ".new"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a stray copy of the ring is left: %v", err)
	}
	t.Logf("%d master keys after %d kills", len(keys), kills)
}

type process struct{ cmd *exec.Cmd }

// start starts a child and waits until it rotates.
func start(t *testing.T, c child) process {
	t.Helper()
	arg, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childEnv+"="+string(arg))
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	p := process{cmd}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "begins\n" {
		p.kill(t)
		t.Fatalf("the child says %q, %v", line, err)
	}
	return p
}

func (p process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Errorf("the rotating process had ended: %v", err)
	}
	_ = p.cmd.Wait() // it was killed
}
