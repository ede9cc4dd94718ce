package standing_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"huiyin/app/apptest"
	"huiyin/app/standing"
	"huiyin/tickets/fault"
)

// smallDisk mounts a disk of 16 MB in memory.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16m"); err != nil {
		apptest.Missing(t, "the right to mount a disk ("+err.Error()+")", "run as root")
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

type watched struct {
	*standing.Watch
	now  time.Time
	told []string
}

func watch(dir string) *watched {
	w := &watched{now: time.Unix(1_800_000_000, 0)}
	w.Watch = standing.New(standing.Options{
		Dir: dir, Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler),
		Alert:     func(_ context.Context, kind string, _ map[string]string) { w.told = append(w.told, "raised "+kind) },
		AlertOver: func(_ context.Context, kind string) { w.told = append(w.told, "over "+kind) },
	})
	return w
}

// look passes the time of a look and looks twice, as a clock does that comes more often than anything changes.
func (w *watched) look(t *testing.T) error {
	t.Helper()
	w.now = w.now.Add(3 * time.Second)
	for range 2 {
		if err := w.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return w.MayWrite()
}

func refused(t *testing.T, err error) {
	t.Helper()
	f := fault.As(err)
	if f == nil || f.Kind != fault.Unavailable || f.RetryAfter <= 0 {
		t.Errorf("%v, want unavailable with a time to come back", err)
	}
}

func TestAFullDiskTakesNothingInUntilThereIsRoom(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t)
	w := watch(dir)
	if err := w.look(t); err != nil {
		t.Fatal(err)
	}
	big := filepath.Join(dir, "big")
	err := os.WriteFile(big, make([]byte, 20<<20), 0o600)
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk took it: %v", err)
	}
	if err := w.MayWrite(); err != nil {
		t.Errorf("looked again at once: %v", err)
	}
	refused(t, w.look(t))
	if err := os.Remove(big); err != nil {
		t.Fatal(err)
	}
	if err := w.look(t); err != nil {
		t.Errorf("there is room again: %v", err)
	}
	if got := fmt.Sprint(w.told); got != "[over disk.low raised disk.low over disk.low]" {
		t.Errorf("told %s", got)
	}
}

func TestAReadOnlyDiskTakesNothingIn(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t)
	w := watch(dir)
	remount := func(flags uintptr) {
		t.Helper()
		if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|flags, ""); err != nil {
			t.Fatal(err)
		}
	}
	remount(syscall.MS_RDONLY)
	refused(t, w.look(t))
	remount(0)
	if err := w.look(t); err != nil {
		t.Errorf("it can be written to again: %v", err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("probes were left: %v, %v", left, err)
	}
}

func TestAClockSetBackDoesNotKeepAnOldLook(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t)
	w := watch(dir)
	if err := w.look(t); err != nil {
		t.Fatal(err)
	}
	_ = os.WriteFile(filepath.Join(dir, "big"), make([]byte, 20<<20), 0o600)
	w.now = w.now.Add(-24 * time.Hour)
	refused(t, w.MayWrite())
}

func TestThereIsRoomForWhatLeavesTheDeskTakingIn(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t)
	for need, want := range map[int64]bool{1 << 20: true, 15 << 20: true, 16<<20 - 500_000: false, 1 << 30: false} {
		free, enough, err := standing.Room(dir, need)
		if err != nil || enough != want || free > 16<<20 {
			t.Errorf("%d bytes: %d free, enough %t, %v", need, free, enough, err)
		}
	}
}
