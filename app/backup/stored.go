package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"time"

	"huiyin/app/blob"
)

// Files that lie in a bucket stand in a backup like those of a folder, as FILE/xx/NAME, so that a backup of the one can be
// put back into the other.

// ahead is behind every file's time: a bucket's clock may be wrong by hours.
const ahead = 48 * time.Hour

// stored copies the sealed files of a bucket, one after the other. One that goes while it is copied belonged to somebody
// who was erased meanwhile.
func (s *Source) stored(ctx context.Context, a *writer, rows int64, m *Manifest) error {
	store, err := s.Bucket(ctx)
	if err != nil {
		return err
	}
	err = store.Old(ctx, time.Now().Add(ahead), func(names []string) error {
		for _, name := range names {
			if err := a.stored(ctx, store, name, m); err != nil {
				return err
			}
			if s.Progress != nil {
				s.Progress(rows, int64(len(m.Files)))
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("copy the files of the bucket: %w", err)
	}
	return nil
}

// stored copies one file. It is in memory for a moment: an entry of an archive begins with its size, and no file is larger
// than one upload.
func (a *writer) stored(ctx context.Context, store blob.Store, name string, m *Manifest) error {
	r, err := store.Get(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	content, err := io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	entry := name[:2] + "/" + name
	sum := sha256.Sum256(content)
	m.Files[entry] = FileSum{Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}
	return a.bytes(filePrefix+entry, content)
}

// bucket takes the files of an archive into a bucket. What was put there before is written again.
type bucket struct {
	ctx   context.Context //nolint:containedctx // a sink lives for one restore
	store blob.Store
}

func (b *bucket) put(name string, r io.Reader) error {
	if !blob.ValidName(path.Base(name)) {
		return damaged(fmt.Errorf("the file %q", name))
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return damaged(err)
	}
	return b.store.Put(b.ctx, path.Base(name), bytes.NewReader(content))
}

func (b *bucket) done() error { return nil }
