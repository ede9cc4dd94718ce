package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"huiyin/app/blob"
	"huiyin/app/db"
)

// What lies in FILE.keys and not in FILE.
const (
	dataKeys   = "data_keys"
	masterKeys = "master_keys"
)

// KeysSuffix is what the name of a backup's keys ends with.
const KeysSuffix = ".keys"

// Source is a desk to copy.
type Source struct {
	DB    *db.DB
	Files string // folder of the sealed files; it need not be there
	// Bucket opens the file store in which they lie instead. nil: they lie in the folder.
	Bucket  func(ctx context.Context) (blob.Store, error)
	Program string // version of Huiyin, for the header
	Now     func() time.Time
	// Masters gives the master keys in use.
	Masters func(ctx context.Context) ([]Master, error)
	// Room tells how many bytes are free on the disk of a folder, and whether enough is left when need more are taken. nil:
	// always.
	Room func(dir string, need int64) (free int64, enough bool, err error)
	// Progress is told how many rows and files are written so far. nil: nobody asks.
	Progress func(rows, files int64)
}

// Made is a backup that was written.
type Made struct {
	Path  string // FILE; FILE.keys lies beside it
	Bytes int64  // of both
	Rows  int64
	Files int
	Took  time.Duration
	Header
}

// ErrExists is returned by Write when there is a file at path already.
var ErrExists = errors.New("there is a file already: give another name, or --force to replace it")

// Write copies the desk, which may serve meanwhile, into path and path.keys. Both appear whole or not at all: the keys
// first, so that no FILE ever stands without what opens it. Errors: ErrExists unless force, *RoomError.
func Write(ctx context.Context, s Source, path string, force bool) (*Made, error) {
	if !force {
		for _, p := range []string{path, path + KeysSuffix} {
			if _, err := os.Lstat(p); err == nil {
				return nil, fmt.Errorf("%s: %w", p, ErrExists)
			}
		}
	}
	if err := s.roomFor(ctx, filepath.Dir(path)); err != nil {
		return nil, err
	}
	return write(ctx, s, path, s.Now().UTC().Truncate(time.Second))
}

// write writes what says that it was made at a time.
func write(ctx context.Context, s Source, path string, at time.Time) (*Made, error) {
	begun := s.Now()
	m := &Made{Path: path, Header: Header{Format: format, Made: at, Program: s.Program, Dialect: s.DB.Dialect()}}
	err := s.DB.Snapshot(ctx, func(look *db.Snapshot) error {
		tables, err := s.head(ctx, look, &m.Header)
		if err != nil {
			return err
		}
		desk, err := create(path)
		if err != nil {
			return err
		}
		defer desk.discard()
		keys, err := create(path + KeysSuffix)
		if err != nil {
			return err
		}
		defer keys.discard()
		if err := s.writeDesk(ctx, look, desk, m, tables); err != nil {
			return err
		}
		if err := s.writeKeys(ctx, look, keys, m.Header, tables); err != nil {
			return err
		}
		return errors.Join(keys.keep(&m.Bytes), desk.keep(&m.Bytes))
	})
	if err != nil {
		return nil, fmt.Errorf("back up: %w", err)
	}
	m.Took = s.Now().Sub(begun)
	return m, nil
}

func (s *Source) head(ctx context.Context, look *db.Snapshot, h *Header) (tables []db.Table, err error) {
	if h.Schema, err = look.Schema(ctx); err != nil {
		return nil, err
	}
	if h.Masters, err = s.Masters(ctx); err != nil {
		return nil, err
	}
	return look.Tables(ctx)
}

func isKeys(t db.Table) bool { return t.Name == dataKeys || t.Name == masterKeys }

func (s *Source) writeDesk(ctx context.Context, look *db.Snapshot, to io.Writer, m *Made, tables []db.Table) (err error) {
	h := m.Header
	h.Kind, h.Tables = kindDesk, slices.DeleteFunc(slices.Clone(tables), isKeys)
	a, err := newWriter(to, &h)
	if err != nil {
		return err
	}
	manifest := Manifest{Tables: map[string]TableSum{}, Files: map[string]FileSum{}}
	if manifest.Counters, err = look.Counters(ctx); err != nil {
		return err
	}
	if m.Rows, err = s.tables(ctx, look, a, h.Tables, &manifest); err != nil {
		return err
	}
	if err := s.files(ctx, a, m.Rows, &manifest); err != nil {
		return err
	}
	m.Files = len(manifest.Files)
	return errors.Join(a.json(manifestName, &manifest), a.close())
}

func (s *Source) writeKeys(ctx context.Context, look *db.Snapshot, to io.Writer, h Header, tables []db.Table) error {
	h.Kind, h.Tables = kindKeys, slices.DeleteFunc(slices.Clone(tables), func(t db.Table) bool { return !isKeys(t) })
	a, err := newWriter(to, &h)
	if err != nil {
		return err
	}
	manifest := Manifest{Tables: map[string]TableSum{}}
	if _, err := s.tables(ctx, look, a, h.Tables, &manifest); err != nil {
		return err
	}
	return errors.Join(a.json(manifestName, &manifest), a.close())
}

// progressEvery is how many rows pass between two reports.
const progressEvery = 10_000

func (s *Source) tables(ctx context.Context, look *db.Snapshot, a *writer, tables []db.Table, m *Manifest) (rows int64, err error) {
	for _, t := range tables {
		b := &block{archive: a, table: t.Name}
		err := look.Rows(ctx, t, func(row []byte) error {
			if rows++; rows%progressEvery == 0 && s.Progress != nil {
				s.Progress(rows, 0)
			}
			return b.add(row)
		})
		if err == nil {
			err = b.flush()
		}
		if err != nil {
			return rows, fmt.Errorf("copy %s: %w", t.Name, err)
		}
		m.Tables[t.Name] = b.sum.table()
	}
	return rows, nil
}

// files copies the sealed files. One that goes while it is copied belonged to somebody who was erased meanwhile.
func (s *Source) files(ctx context.Context, a *writer, rows int64, m *Manifest) error {
	if s.Bucket != nil {
		return s.stored(ctx, a, rows, m)
	}
	err := filepath.WalkDir(s.Files, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case !d.Type().IsRegular() || !isFileName(d.Name()):
			return nil
		}
		rel, err := filepath.Rel(s.Files, path)
		if err != nil {
			return err
		}
		if s.Progress != nil {
			s.Progress(rows, int64(len(m.Files)+1))
		}
		return a.file(filepath.ToSlash(rel), path, m)
	})
	if err != nil {
		return fmt.Errorf("copy the files: %w", err)
	}
	return nil
}

// isFileName tells a finished file from one that is being written.
func isFileName(name string) bool { return filepath.Ext(name) == "" }

func (a *writer) file(name, path string, m *Manifest) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // read only
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := a.entry(filePrefix+name, info.Size()); err != nil {
		return err
	}
	h := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(a.tar, h), f, info.Size()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	m.Files[name] = FileSum{Size: info.Size(), SHA256: hex.EncodeToString(h.Sum(nil))}
	return nil
}

// newFile is a file that takes its name only when it is whole and durable. Its lock tells it from one that a killed
// process has left.
type newFile struct {
	*os.File
	path string
	lock *flock.Flock
}

const partSuffix = ".part"

func create(path string) (*newFile, error) {
	lock := flock.New(path+partSuffix, flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err == nil && !held {
		err = fmt.Errorf("%s: another process is writing it", path)
	}
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path+partSuffix, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return &newFile{File: f, path: path, lock: lock}, nil
}

// keep gives the file its name and adds its size to bytes.
func (f *newFile) keep(bytes *int64) error {
	info, err := f.Stat()
	if err == nil {
		*bytes += info.Size()
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.path+partSuffix, f.path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(f.path))
}

// discard removes what was not kept.
func (f *newFile) discard() {
	_ = f.Close()
	_ = os.Remove(f.path + partSuffix)
	_ = f.lock.Close()
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
