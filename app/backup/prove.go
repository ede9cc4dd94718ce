package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"huiyin/app/db"
)

// Proof tells how a backup was tried.
type Proof struct {
	Rows  int64
	Files int
}

// Prove puts the backup at path and its keys into a scratch place that goes with the call, reads every row back from
// there and holds rows and files against the manifest. dir is where the place may lie; near is the desk's database,
// whose kind and schema are the backup's. An error says what does not agree.
func Prove(ctx context.Context, near *db.DB, path, dir string) (*Proof, error) {
	scratch, err := os.MkdirTemp(dir, "proof-*.tmp")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch) //nolint:errcheck // its name says what it is; the next tidying takes it
	lock := flock.New(filepath.Join(scratch, scratchLock))
	if _, err := lock.TryLock(); err != nil {
		return nil, err
	}
	defer lock.Close() //nolint:errcheck // it goes with the place
	out := &Proof{}
	for _, one := range []struct{ path, kind string }{{path, kindDesk}, {path + KeysSuffix, kindKeys}} {
		part := filepath.Join(scratch, one.kind)
		if err := os.Mkdir(part, 0o700); err != nil {
			return nil, err
		}
		err := withArchive(one.path, one.kind, func(a *reader) error { return a.prove(ctx, near, part, out) })
		if err != nil {
			return nil, fmt.Errorf("prove %s: %w", filepath.Base(one.path), err)
		}
	}
	return out, nil
}

func (a *reader) prove(ctx context.Context, near *db.DB, dir string, out *Proof) error {
	h := &a.header
	return near.Scratch(ctx, dir, h.Schema, h.Tables, func(fill *db.Filling, look *db.Snapshot) error {
		sums := map[string]TableSum{}
		for _, t := range h.Tables {
			if _, err := fill.Table(ctx, t, a.rows(t).next); err != nil {
				return err
			}
			var back sum // read from the place, not from the archive
			if err := look.Rows(ctx, t, func(row []byte) error { back.add(row); return nil }); err != nil {
				return err
			}
			sums[t.Name] = back.table()
			out.Rows += back.rows
		}
		var into sink
		if h.Kind == kindDesk {
			into = nowhere{}
		}
		seen, err := a.files(ctx, into)
		if err != nil {
			return err
		}
		out.Files += len(seen)
		var m Manifest
		return errors.Join(a.json(manifestName, &m), a.rest(), m.agree(sums, seen))
	})
}

// nowhere reads files to their end, which is what their sums need.
type nowhere struct{}

func (nowhere) put(_ string, r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return damaged(err)
}

func (nowhere) done() error { return nil }
