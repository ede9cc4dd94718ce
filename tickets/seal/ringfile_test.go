package seal_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"huiyin/tickets/seal"
)

func TestRingThatOthersCanReachIsRefused(t *testing.T) {
	t.Parallel()
	path, _, _ := newRing(t)
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o602, 0o610, 0o644, 0o666, 0o777} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := seal.LoadRing(path)
		if !errors.Is(err, seal.ErrRingExposed) || !strings.Contains(err.Error(), "chmod 600 "+path) {
			t.Errorf("mode %o: LoadRing: %v, want ErrRingExposed with the command to run", mode, err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("mode %o became %v, %v; LoadRing mends nothing", mode, info.Mode(), err)
		}
	}
	for _, mode := range []os.FileMode{0o600, 0o400} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.LoadRing(path); err != nil {
			t.Errorf("mode %o: LoadRing: %v", mode, err)
		}
	}
}

func TestRingThatIsNoFileIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := seal.LoadRing(filepath.Join(dir, "none")); !errors.Is(err, seal.ErrRingMissing) {
		t.Errorf("LoadRing of nothing: %v, want ErrRingMissing", err)
	}
	if _, err := seal.LoadRing(dir); !errors.Is(err, seal.ErrRingDamaged) {
		t.Errorf("LoadRing of a folder: %v, want ErrRingDamaged", err)
	}
	if _, err := seal.CreateRing(filepath.Join(dir, "none", "keyring"), made); err == nil {
		t.Error("CreateRing in a folder that is not there: no error")
	}
}

func TestCreateRingOverwritesNothing(t *testing.T) {
	t.Parallel()
	path, text, _ := newRing(t)
	if _, err := seal.CreateRing(path, made); err == nil {
		t.Error("CreateRing over a ring: no error")
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != text {
		t.Errorf("the ring changed, %v", err)
	}
}

// A process was killed while it wrote the ring: what it left is in nobody's way.
func TestReplaceClearsWhatAKilledProcessLeft(t *testing.T) {
	t.Parallel()
	path, text, ring := newRing(t)
	put(t, path+".new", text[:100])
	next, err := ring.With(made)
	if err == nil {
		err = next.Replace(path)
	}
	got, lerr := seal.LoadRing(path)
	if err != nil || lerr != nil || got.Newest() != 3 {
		t.Fatalf("Replace: %v, LoadRing: %v", err, lerr)
	}
	if _, err := os.Stat(path + ".new"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what was left is still there: %v", err)
	}
}

func TestReplaceFollowsALink(t *testing.T) {
	t.Parallel()
	path, _, ring := newRing(t)
	link := filepath.Join(t.TempDir(), "keyring")
	if err := os.Symlink(path, link); err != nil {
		t.Skipf("no links here: %v", err)
	}
	next, err := ring.With(made)
	if err == nil {
		err = next.Replace(link)
	}
	got, lerr := seal.LoadRing(path)
	if err != nil || lerr != nil || got.Newest() != 3 {
		t.Errorf("Replace: %v; LoadRing: %v; the file behind the link is to change", err, lerr)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became %v, %v", info.Mode(), err)
	}
}
