package blob

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Store keeps files by name. An implementation is safe for concurrent use.
type Store interface {
	// Put stores what r gives under a new name and returns when it is durable; nothing is there after an error.
	Put(ctx context.Context, name string, r io.Reader) error
	// Get opens a file. Errors: fs.ErrNotExist.
	Get(ctx context.Context, name string) (io.ReadCloser, error)
	// Delete removes a file; one that is not there is no error.
	Delete(ctx context.Context, name string) error
	// Old gives the names of files that were stored before a time, in pieces, until fn returns an error.
	Old(ctx context.Context, before time.Time, fn func(names []string) error) error
}

// NewName makes a random name of 26 letters and digits.
func NewName() string { return strings.ToLower(rand.Text()) }

// ValidName tells whether a name can be one of NewName.
func ValidName(name string) bool {
	if len(name) != 26 {
		return false
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '2' || r > '7') {
			return false
		}
	}
	return true
}

var errName = errors.New("blob: this is no file's name")

// Folder is a Store in the file system: DIR/ab/abcdef….
type Folder struct{ Dir string }

const (
	partSuffix = ".part" // of a file that is being written
	batch      = 200     // names in one piece of Old
)

func (f Folder) path(name string) (string, error) {
	if !ValidName(name) {
		return "", errName
	}
	return filepath.Join(f.Dir, name[:2], name), nil
}

// Put is part of Store. The file takes its name only when it lies on the disk whole.
func (f Folder) Put(ctx context.Context, name string, r io.Reader) (err error) {
	path, err := f.path(name)
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	out, err := os.OpenFile(path+partSuffix, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	_, err = io.Copy(out, &interruptible{ctx, r})
	if err == nil {
		err = out.Sync()
	}
	err = errors.Join(err, out.Close())
	if err == nil {
		err = os.Rename(path+partSuffix, path)
	}
	if err != nil {
		_ = os.Remove(path + partSuffix)
		return fmt.Errorf("blob: %w", err)
	}
	return errors.Join(syncDir(dir), syncDir(f.Dir))
}

// interruptible stops reading when its context ends.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

// Read is part of io.Reader.
func (i *interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(p)
}

// Get is part of Store.
func (f Folder) Get(_ context.Context, name string) (io.ReadCloser, error) {
	path, err := f.path(name)
	if err != nil {
		return nil, err
	}
	return os.Open(path)
}

// Delete is part of Store.
func (f Folder) Delete(_ context.Context, name string) error {
	path, err := f.path(name)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Old is part of Store. Parts that a killed process left are removed on the way.
func (f Folder) Old(ctx context.Context, before time.Time, fn func(names []string) error) error {
	var names []string
	err := filepath.WalkDir(f.Dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case d.IsDir():
			return nil
		}
		info, err := d.Info()
		if err != nil || !info.ModTime().Before(before) {
			return nil //nolint:nilerr // it has gone meanwhile
		}
		if strings.HasSuffix(d.Name(), partSuffix) {
			return os.Remove(path)
		}
		if names = append(names, d.Name()); len(names) < batch {
			return nil
		}
		full := names
		names = nil
		return fn(full)
	})
	if err == nil && len(names) > 0 {
		err = fn(names)
	}
	return err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
