package seal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

const (
	ringMode  = 0o600
	ringLimit = 1 << 20 // bytes; a ring of a thousand rotations is a sixth of it
	newSuffix = ".new"  // of the file in which a ring is written before it takes its place
)

// CreateRing makes a ring with one master key and writes it to path, where no file may be yet.
func CreateRing(path string, now time.Time) (*Ring, error) {
	var none *Ring
	ring, err := none.with(now)
	if err != nil {
		return nil, err
	}
	temp, err := writeBeside(path, ring)
	if err != nil {
		return nil, err
	}
	defer os.Remove(temp) //nolint:errcheck // the name may be gone already
	// A link never takes the place of a file, which a rename would.
	if err := os.Link(temp, path); err != nil {
		if _, missing := os.Lstat(path); !errors.Is(missing, fs.ErrNotExist) {
			return nil, &RingError{Path: path, Detail: "there is a file already; it is never overwritten", Err: err}
		}
		if err := os.Rename(temp, path); err != nil { // a file system without links
			return nil, cannotWrite(path, err)
		}
	}
	if err := syncDir(path); err != nil {
		return nil, err
	}
	return ring, nil
}

// LoadRing reads the ring at path. Others than the owner must not be able to read or change the file; LoadRing mends
// nothing, because who could read it may have done so.
func LoadRing(path string) (*Ring, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &RingError{Path: path, Kind: ErrRingMissing, Detail: "there is no such file"}
	}
	if err != nil {
		return nil, &RingError{Path: path, Detail: "cannot be read", Err: err}
	}
	defer f.Close() //nolint:errcheck // read only
	info, err := f.Stat()
	if err != nil {
		return nil, &RingError{Path: path, Detail: "cannot be read", Err: err}
	}
	if !info.Mode().IsRegular() {
		return nil, &RingError{Path: path, Kind: ErrRingDamaged, Detail: "is not a file"}
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, &RingError{Path: path, Kind: ErrRingExposed, Detail: fmt.Sprintf(
			"other users of this machine can reach it (mode %04o); run: chmod 600 %s", mode, path)}
	}
	text, err := io.ReadAll(io.LimitReader(f, ringLimit))
	if err != nil {
		return nil, &RingError{Path: path, Detail: "cannot be read", Err: err}
	}
	ring, err := parseRing(string(text))
	if err != nil {
		return nil, &RingError{
			Path: path, Kind: ErrRingDamaged,
			Detail: "is damaged; put a good copy of it there", Err: err,
		}
	}
	return ring, nil
}

// replace puts the ring in the place of the file at path, at once and durably: whoever opens the path sees the whole
// old or the whole new ring, also after a loss of power.
func (r *Ring) replace(path string) error {
	path, err := filepath.EvalSymlinks(path) // a rename over a link would leave the real file behind
	if err != nil {
		return cannotWrite(path, err)
	}
	temp, err := writeBeside(path, r)
	if err != nil {
		return err
	}
	defer os.Remove(temp) //nolint:errcheck // the name is gone after the rename
	// Made by another user (root, say), the server could not read it.
	if err := sameOwner(path, temp); err != nil {
		return cannotWrite(path, err)
	}
	if err := os.Rename(temp, path); err != nil {
		return cannotWrite(path, err)
	}
	return syncDir(path)
}

// writeBeside writes the ring to a file beside path and returns its name once it is durable. The name is always the
// same, so that a killed process leaves one stray copy at most and the next one clears it. Only one process is here
// at a time: every caller holds the lock on master_keys.
func writeBeside(path string, r *Ring) (string, error) {
	temp := path + newSuffix
	if err := clearStray(path); err != nil {
		return "", err
	}
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, ringMode)
	if err != nil {
		return "", cannotWrite(path, err)
	}
	_, err = f.WriteString(r.Text())
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		os.Remove(temp) //nolint:errcheck // the write's error counts
		return "", cannotWrite(path, err)
	}
	return temp, nil
}

// clearStray removes what a process that was killed in writeBeside left.
func clearStray(path string) error {
	if err := os.Remove(path + newSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return cannotWrite(path, err)
	}
	return nil
}

// syncDir makes the names in the folder of path durable.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil // has no such call; NTFS journals names
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return cannotWrite(path, err)
	}
	defer d.Close() //nolint:errcheck // read only
	if err := d.Sync(); err != nil {
		return cannotWrite(path, err)
	}
	return nil
}

func cannotWrite(path string, err error) error {
	return &RingError{Path: path, Detail: "cannot be written", Err: err}
}
