package apptest_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"huiyin/app/apptest"
	"huiyin/app/db/dbtest"
)

// onBoth runs fn for a desk on each database; fresh gives the settings of another, empty place of the same kind.
func onBoth(t *testing.T, fn func(t *testing.T, fresh func() []string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		fn(t, func() []string { return nil })
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		fn(t, func() []string { return []string{"HUIYIN_DATABASE=" + dbtest.Postgres(t)} })
	})
}

// chatter lets shoppers write until stop is closed and gives what was acked to each of them.
func chatter(ctx context.Context, t *testing.T, base func() string, key string, shoppers int) (clients []*apptest.Client, stop func()) {
	t.Helper()
	run, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	for i := range shoppers {
		c := apptest.NewClient(base, key)
		if err := c.Start(ctx); err != nil {
			t.Fatal(err)
		}
		clients = append(clients, c)
		running.Go(func() { c.Run(run) })
		running.Go(func() {
			for n := 0; run.Err() == nil; n++ {
				if _, _, waiting, _ := c.State(); waiting < 8 {
					c.Send(fmt.Sprintf("shopper %d says %d", i, n))
				}
				time.Sleep(time.Duration(2+rand.IntN(10)) * time.Millisecond)
			}
		})
	}
	return clients, func() { cancel(); running.Wait() }
}

// A backup that is taken while shoppers write is a desk of its own: it opens elsewhere with the key ring, every
// conversation in it is a beginning of the real one without a gap, and what was acked before it began is in it.
func TestABackupUnderLoadIsAWholeDesk(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, fresh func() []string) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		desk := apptest.StartProcess(t, append(fresh(), "HUIYIN_LIMIT_SCALE=100")...)
		key := desk.AddInbox("Shop", map[string]any{})
		clients, stop := chatter(ctx, t, desk.Base, key, 10)
		time.Sleep(time.Second)
		before := make([]map[string]int64, len(clients))
		for i, c := range clients {
			_, before[i], _, _ = c.State()
		}
		file := filepath.Join(t.TempDir(), "desk.huiyin")
		desk.Command("", "backup", file)
		stop()

		other := apptest.NewProcess(t, append(fresh(), "HUIYIN_LIMIT_SCALE=100")...)
		copyFile(t, filepath.Join(desk.Dir, "keyring.json"), filepath.Join(other.Dir, "keyring.json"))
		other.Command("", "restore", file, "--keys", file+".keys")
		other.Start()
		for i, c := range clients {
			taken := c.Again(ctx, other.Base, key, len(before[i]))
			if len(taken) < len(before[i]) {
				t.Errorf("shopper %d finds %d messages, %d were acked before the backup began", i, len(taken), len(before[i]))
			}
			for n, m := range taken {
				if m.Seq != int64(n+1) {
					t.Fatalf("shopper %d: message %d has seq %d", i, n+1, m.Seq)
				}
			}
		}
		if code := other.Stop(); code != 0 {
			t.Errorf("the restored desk ended with %d:\n%s", code, other.Log())
		}
	})
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// fails runs a command that must end with exit 1 or 2 and say a word in one line.
func fails(t *testing.T, p *apptest.Process, word string, args ...string) {
	t.Helper()
	out, code := p.Try(args...)
	if code == 0 || !strings.Contains(out, word) || strings.Count(strings.TrimSpace(out), "\n") > 0 {
		t.Errorf("huiyin %s: exit %d, %q; want a refusal in one line with %q", strings.Join(args, " "), code, out, word)
	}
}

func TestARestoreRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	desk := apptest.StartProcess(t)
	desk.AddInbox("Shop", map[string]any{})
	dir := t.TempDir()
	file := filepath.Join(dir, "desk.huiyin")
	desk.Command("", "backup", file)
	fails(t, desk, "--force", "backup", file)
	fails(t, desk, "another Huiyin", "restore", file, "--keys", file+".keys")

	place := apptest.NewProcess(t)
	fails(t, place, "master key 1", "restore", file, "--keys", file+".keys") // no ring
	stranger := apptest.StartProcess(t)
	ring := filepath.Join(place.Dir, "keyring.json")
	copyFile(t, filepath.Join(stranger.Dir, "keyring.json"), ring)
	fails(t, place, "fingerprint", "restore", file, "--keys", file+".keys") // another desk's ring
	copyFile(t, filepath.Join(desk.Dir, "keyring.json"), ring)
	fails(t, place, "other file", "restore", file+".keys", "--keys", file)
	fails(t, place, "no such file", "restore", file, "--keys", filepath.Join(dir, "absent.keys"))
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, cut := range []int{0, 10, len(whole) / 2, len(whole) - 3} {
		part := filepath.Join(dir, fmt.Sprintf("cut-%d.huiyin", cut))
		if err := os.WriteFile(part, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		fails(t, place, "damaged", "restore", part, "--keys", file+".keys")
	}
	for range 5 { // a byte that turned over on the disk
		turned := append([]byte(nil), whole...)
		turned[8+rand.IntN(len(turned)-8)] ^= 0x20
		part := filepath.Join(dir, "turned.huiyin")
		if err := os.WriteFile(part, turned, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, code := place.Try("restore", part, "--keys", file+".keys"); code == 0 {
			t.Errorf("a backup with a turned bit was restored: %s", out)
		}
	}
	// after all of this the place is as empty as before
	place.Command("", "restore", file, "--keys", file+".keys")
	fails(t, place, "not empty", "restore", file, "--keys", file+".keys")
}

// A restore that is killed at any moment is called again and ends well; until then nobody can serve from the place.
func TestARestoreThatIsKilledIsCalledAgain(t *testing.T) {
	t.Parallel()
	onBoth(t, restoreKilled)
}

func restoreKilled(t *testing.T, fresh func() []string) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	desk := apptest.StartProcess(t, append(fresh(), "HUIYIN_LIMIT_SCALE=100")...)
	key := desk.AddInbox("Shop", map[string]any{})
	clients, stop := chatter(ctx, t, desk.Base, key, 10)
	time.Sleep(1500 * time.Millisecond)
	stop()
	if err := os.MkdirAll(filepath.Join(desk.Dir, "files", "ab"), 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range 300 { // sealed files, as far as a backup knows
		if err := os.WriteFile(filepath.Join(desk.Dir, "files", "ab", fmt.Sprintf("f%03d", i)), fmt.Append(nil, strings.Repeat("x", 2000), i), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "desk.huiyin")
	desk.Command("", "backup", file)
	broken := 0
	for round, have := range []int{-1, 0, 1, 100, 299} { // files when it is killed; -1: it has only begun
		place := apptest.NewProcess(t, append(fresh(), "HUIYIN_LIMIT_SCALE=100")...)
		copyFile(t, filepath.Join(desk.Dir, "keyring.json"), filepath.Join(place.Dir, "keyring.json"))
		place.Begin("restore", file, "--keys", file+".keys").KillWhen(func() bool {
			if _, err := os.Stat(filepath.Join(place.Dir, "restore.unfinished")); err != nil || have < 0 {
				return err == nil
			}
			list, err := os.ReadDir(filepath.Join(place.Dir, "files", "ab"))
			return err == nil && len(list) >= have
		})
		if _, err := os.Stat(filepath.Join(place.Dir, "restore.unfinished")); !errors.Is(err, fs.ErrNotExist) {
			broken++
			fails(t, place, "broken off", "keys", "list")
		}
		if out, code := place.Try("restore", file, "--keys", file+".keys"); code != 0 && !strings.Contains(out, "not empty") {
			t.Fatalf("round %d: %s", round, out)
		}
		place.Start()
		_, acked, _, _ := clients[0].State()
		if taken := clients[0].Again(ctx, place.Base, key, len(acked)); len(taken) < len(acked) {
			t.Errorf("round %d: %d messages of %d", round, len(taken), len(acked))
		}
		if list, err := os.ReadDir(filepath.Join(place.Dir, "files", "ab")); err != nil || len(list) != 300 {
			t.Errorf("round %d: %d files, %v", round, len(list), err)
		}
		place.Kill()
	}
	if broken < 3 {
		t.Error("hardly a restore was caught in the middle: the test tries nothing")
	}
}

// A backup that is killed leaves no FILE, and the next one has room under the same name.
func TestABackupThatIsKilledLeavesNoFile(t *testing.T) {
	t.Parallel()
	onBoth(t, backupKilled)
}

func backupKilled(t *testing.T, fresh func() []string) {
	desk := apptest.StartProcess(t, fresh()...)
	desk.AddInbox("Shop", map[string]any{})
	big := filepath.Join(desk.Dir, "files", "ab")
	if err := os.MkdirAll(big, 0o700); err != nil {
		t.Fatal(err)
	}
	noise := make([]byte, 32<<20)
	for i := range noise {
		noise[i] = byte(rand.Uint32())
	}
	if err := os.WriteFile(filepath.Join(big, "large"), noise, 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "desk.huiyin")
	killed := 0
	for round := range 4 {
		if desk.Begin("backup", file).KillWhen(func() bool {
			part, err := os.Stat(file + ".part")
			return err == nil && part.Size() >= int64(round)<<23
		}) {
			killed++
			if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("round %d: a FILE stands there", round)
			}
		} else {
			_ = os.Remove(file)
			_ = os.Remove(file + ".keys")
		}
	}
	if killed == 0 {
		t.Error("no backup was caught in the middle: the test tries nothing")
	}
	_ = os.Remove(file + ".keys") // the keys come first
	desk.Command("", "backup", file)
}

func TestASecondDeskOnTheSameFolderIsRefused(t *testing.T) {
	t.Parallel()
	desk := apptest.StartProcess(t)
	out, code := desk.Try("serve", "--listen", "127.0.0.1:0", "--url", "http://localhost:1")
	if code != 1 || !strings.Contains(out, "another Huiyin works on this data folder") {
		t.Errorf("exit %d: %s", code, out)
	}
	desk.Kill()
	desk.Start() // the lock went with its holder
}

func TestTheKeyRingOnPaperOpensTheDesk(t *testing.T) {
	t.Parallel()
	desk := apptest.StartProcess(t)
	desk.AddInbox("Shop", map[string]any{})
	page := desk.Command("", "keys", "export")
	desk.Stop()
	ring := filepath.Join(desk.Dir, "keyring.json")
	if err := os.WriteFile(ring, []byte(strings.Replace(page, "\nsum ", "\nsum 0", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	fails(t, desk, "damaged", "keys", "list")
	if err := os.WriteFile(ring, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	desk.Start()
}
