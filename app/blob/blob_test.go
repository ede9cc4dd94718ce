package blob_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	"huiyin/app/blob"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// signed is a seal that only binds: piece, place and a sum. It lets the tests see what the stream asks for.
func signed(file string) (blob.SealFunc, blob.OpenFunc) {
	sum := func(place string, b []byte) []byte {
		h := sha256.Sum256(append([]byte(file+"/"+place+"/"), b...))
		return h[:]
	}
	return func(place string, b []byte) ([]byte, error) { return append(sum(place, b), b...), nil },
		func(place string, b []byte) ([]byte, error) {
			if len(b) < 32 || !bytes.Equal(b[:32], sum(place, b[32:])) {
				return nil, blob.ErrDamaged
			}
			return b[32:], nil
		}
}

func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * 7)
	}
	return b
}

func TestAFileComesBackAsItWent(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, blob.Piece - 1, blob.Piece, blob.Piece + 1, 3*blob.Piece + 17} {
		seal, open := signed("a")
		in := pattern(n)
		out, err := io.ReadAll(blob.Open(blob.Seal(iotest.HalfReader(bytes.NewReader(in)), seal), open))
		must(t, err)
		if !bytes.Equal(in, out) {
			t.Errorf("%d bytes came back as %d", n, len(out))
		}
	}
}

func TestAFileThatWasTamperedWithDoesNotOpen(t *testing.T) {
	t.Parallel()
	seal, open := signed("a")
	whole, err := io.ReadAll(blob.Seal(bytes.NewReader(pattern(3*blob.Piece+17)), seal))
	must(t, err)
	one := 4 + 32 + blob.Piece // a whole piece with its head
	swapped := slices.Concat(whole[one:2*one], whole[:one], whole[2*one:])
	other, _ := signed("b")
	stranger, err := io.ReadAll(blob.Seal(bytes.NewReader(pattern(10)), other))
	must(t, err)
	turned := slices.Clone(whole)
	turned[one+100] ^= 1
	for name, b := range map[string][]byte{
		"empty": nil, "cut after a piece": whole[:2*one], "cut in a piece": whole[:2*one+5], "cut in a head": whole[:one+2], "swapped": swapped,
		"another's": stranger, "a turned bit": turned, "longer": slices.Concat(whole, whole[:one]), "noise": pattern(1000),
	} {
		if _, err := io.ReadAll(blob.Open(bytes.NewReader(b), open)); !errors.Is(err, blob.ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", name, err)
		}
	}
}

func TestAFolderKeepsWholeFilesOnly(t *testing.T) {
	t.Parallel()
	f := blob.Folder{Dir: filepath.Join(t.TempDir(), "files")}
	name := blob.NewName()
	broken := errors.New("the line broke")
	if err := f.Put(t.Context(), name, io.MultiReader(bytes.NewReader(pattern(10_000)), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Fatalf("%v", err)
	}
	if _, err := f.Get(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half a file is there: %v", err)
	}
	left := 0
	must(t, filepath.WalkDir(f.Dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			left++
		}
		return err
	}))
	if left != 0 {
		t.Errorf("%d parts were left", left)
	}
	keeps(t, f)
}

// keeps holds a store against what every store promises.
func keeps(t *testing.T, s blob.Store) {
	t.Helper()
	ctx := t.Context()
	names := []string{blob.NewName(), blob.NewName()}
	for i, name := range names {
		must(t, s.Put(ctx, name, bytes.NewReader(pattern(100_000*(i+1)))))
	}
	r, err := s.Get(ctx, names[1])
	must(t, err)
	b, err := io.ReadAll(r)
	must(t, errors.Join(err, r.Close()))
	if !bytes.Equal(b, pattern(200_000)) {
		t.Error("other bytes came back")
	}
	var old []string
	must(t, s.Old(ctx, time.Now().Add(time.Hour), func(list []string) error { old = append(old, list...); return nil }))
	slices.Sort(old)
	slices.Sort(names)
	if !slices.Equal(old, names) {
		t.Errorf("Old gave %v, want %v", old, names)
	}
	must(t, s.Old(ctx, time.Now().Add(-time.Hour), func(list []string) error { return fmt.Errorf("young ones: %v", list) }))
	must(t, s.Delete(ctx, names[0]))
	must(t, s.Delete(ctx, names[0]))
	if _, err := s.Get(ctx, names[0]); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a deleted file: %v", err)
	}
	for _, bad := range []string{"", "../../etc/passwd", "ab", names[1] + "x", "UPPERCASEUPPERCASEUPPERCAS"} {
		if err := s.Put(ctx, bad, bytes.NewReader(nil)); err == nil {
			t.Errorf("the name %q was taken", bad)
		}
	}
}

func TestAFolderSweepsPartsOfKilledProcesses(t *testing.T) {
	t.Parallel()
	f := blob.Folder{Dir: t.TempDir()}
	part := filepath.Join(f.Dir, "ab", "abcdefghijklmnopqrstuvwxyz.part")
	must(t, os.MkdirAll(filepath.Dir(part), 0o700))
	must(t, os.WriteFile(part, nil, 0o600))
	must(t, f.Old(context.Background(), time.Now().Add(time.Hour), func([]string) error { return nil }))
	if _, err := os.Stat(part); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the part is still there: %v", err)
	}
}
