package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"huiyin/app/blob"
	"huiyin/app/db"
)

// Place is where a backup is put back.
type Place struct {
	// DB is vacant; Restore brings its schema to the backup's version. Migrating it further is the caller's.
	DB    *db.DB
	Files string // folder of the sealed files; new names only
	// Bucket opens the file store that takes them instead. nil: the folder does.
	Bucket func(ctx context.Context) (blob.Store, error)
	// CheckRing refuses, saying which is wanted, when the key ring at hand does not hold the master keys.
	CheckRing func(masters []Master) error
}

// Restored tells what was put back.
type Restored struct {
	Header
	Rows  int64
	Files int
}

// Restore fills an empty place from the backup at path with the data keys of keysPath: the newest ones, whichever
// backup they were made with. Errors: ErrDamaged, db.ErrOccupied, and those of CheckRing. The rows are there as a whole
// or not at all; files may be left over after an error, and a second Restore writes them again.
func Restore(ctx context.Context, p Place, path, keysPath string) (*Restored, error) {
	out := &Restored{}
	err := withArchive(keysPath, kindKeys, func(keys *reader) error {
		return withArchive(path, kindDesk, func(desk *reader) error {
			out.Header = desk.header
			if err := p.check(desk, keys); err != nil {
				return err
			}
			if err := p.DB.MigrateTo(ctx, desk.header.Schema); err != nil {
				return err
			}
			return p.DB.Fill(ctx, func(f *db.Filling) error {
				out.Rows, out.Files = 0, 0
				return p.fill(ctx, f, desk, keys, out)
			})
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func withArchive(path, kind string, fn func(*reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // read only
	a, err := newReader(f, kind)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer a.close()
	return fn(a)
}

func (p *Place) check(desk, keys *reader) error {
	for _, a := range []*reader{desk, keys} {
		if a.header.Dialect != p.DB.Dialect() {
			return fmt.Errorf("the backup is of a desk on %s and this place is %s: restore it into its own kind of database (--database)",
				a.header.Dialect, p.DB.Dialect())
		}
	}
	if keys.header.Made.Before(desk.header.Made) {
		return fmt.Errorf("the keys are of %s, older than the backup of %s: take the newest FILE.keys",
			keys.header.Made.Format(timeForm), desk.header.Made.Format(timeForm))
	}
	return p.CheckRing(keys.header.Masters)
}

const timeForm = "2006-01-02 15:04 MST"

func (p *Place) fill(ctx context.Context, f *db.Filling, desk, keys *reader, out *Restored) error {
	into, err := p.sink(ctx)
	if err != nil {
		return err
	}
	rows, files, err := desk.pour(ctx, f, into)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	more, _, err := keys.pour(ctx, f, nil)
	if err != nil {
		return fmt.Errorf("restore the data keys: %w", err)
	}
	out.Rows, out.Files = rows+more, files
	return nil
}

func (p *Place) sink(ctx context.Context) (sink, error) {
	if p.Bucket == nil {
		return &folder{dir: p.Files}, nil
	}
	store, err := p.Bucket(ctx)
	return &bucket{ctx, store}, err
}

// sink takes the files of an archive.
type sink interface {
	put(name string, r io.Reader) error
	done() error
}

// pour puts all of an archive into its places and holds it against the manifest at its end.
func (a *reader) pour(ctx context.Context, f *db.Filling, files sink) (rows int64, n int, err error) {
	sums := map[string]TableSum{}
	for _, t := range a.header.Tables {
		r := a.rows(t)
		if _, err := f.Table(ctx, t, r.next); err != nil {
			return rows, 0, err
		}
		sums[t.Name] = r.sum.table()
		rows += r.sum.rows
	}
	seen, err := a.files(ctx, files)
	if err != nil {
		return rows, 0, err
	}
	var m Manifest
	if err := errors.Join(a.json(manifestName, &m), a.rest(), m.agree(sums, seen)); err != nil {
		return rows, 0, err
	}
	return rows, len(seen), f.Counters(ctx, m.Counters)
}

func (a *reader) files(ctx context.Context, into sink) (map[string]FileSum, error) {
	seen := map[string]FileSum{}
	for strings.HasPrefix(a.name, filePrefix) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		name := strings.TrimPrefix(a.name, filePrefix)
		if into == nil || !filepath.IsLocal(filepath.FromSlash(name)) {
			return nil, damaged(fmt.Errorf("the file %q", name))
		}
		h, size := sha256.New(), int64(0)
		if err := into.put(name, io.TeeReader(a.tar, &counted{h, &size})); err != nil {
			return nil, err
		}
		seen[name] = FileSum{Size: size, SHA256: hex.EncodeToString(h.Sum(nil))}
		if err := a.next(); err != nil {
			return nil, err
		}
	}
	if into == nil {
		return seen, nil
	}
	return seen, into.done()
}

type counted struct {
	w io.Writer
	n *int64
}

// Write is part of io.Writer.
func (c *counted) Write(p []byte) (int, error) {
	*c.n += int64(len(p))
	return c.w.Write(p)
}

// agree holds what was read against the manifest.
func (m *Manifest) agree(tables map[string]TableSum, files map[string]FileSum) error {
	if len(tables) != len(m.Tables) || len(files) != len(m.Files) {
		return damaged(errors.New("tables or files are missing"))
	}
	for name, got := range tables {
		if want := m.Tables[name]; got != want {
			return damaged(fmt.Errorf("table %s has %d rows of %d, or other ones", name, got.Rows, want.Rows))
		}
	}
	for name, got := range files {
		if got != m.Files[name] {
			return damaged(fmt.Errorf("file %s is not what was written", name))
		}
	}
	return nil
}

// folder takes files into a data folder.
type folder struct {
	dir  string
	made map[string]bool // folders to make durable
}

func (f *folder) put(name string, r io.Reader) (err error) {
	path := filepath.Join(f.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, r)
	if err != nil {
		err = damagedOrDisk(err)
	} else {
		err = out.Sync()
	}
	if f.made == nil {
		f.made = map[string]bool{f.dir: true}
	}
	f.made[filepath.Dir(path)] = true
	return errors.Join(err, out.Close())
}

// damagedOrDisk tells an archive that ends too early from a disk that takes no more.
func damagedOrDisk(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return err
	}
	return damaged(err)
}

func (f *folder) done() error {
	for dir := range f.made {
		if err := syncDir(dir); err != nil {
			return err
		}
	}
	return nil
}
