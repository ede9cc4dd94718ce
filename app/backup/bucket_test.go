package backup_test

import (
	"bytes"
	"context"
	"io"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"huiyin/app/backup"
	"huiyin/app/blob"
	"huiyin/app/db"
	"huiyin/app/db/dbtest"
)

// emptyBucket is a bucket of a server that speaks S3.
func emptyBucket(t *testing.T) blob.Store {
	t.Helper()
	backend := s3mem.New()
	must(t, backend.CreateBucket("desk"))
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	b, err := blob.OpenBucket(t.Context(), "s3+http://key:secret@"+strings.TrimPrefix(server.URL, "http://")+"/desk/files?region=us-east-1")
	must(t, err)
	return b
}

func TestTheFilesOfABucketAreInTheBackupAndGoBackIntoABucketOrAFolder(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.SQLite))
	from, into := emptyBucket(t), emptyBucket(t)
	content := map[string][]byte{}
	for range 3 {
		name := blob.NewName()
		content[name] = bytes.Repeat([]byte(name), 5000)
		must(t, from.Put(t.Context(), name, bytes.NewReader(content[name])))
	}
	x.Source.Bucket = func(context.Context) (blob.Store, error) { return from, nil }
	path := filepath.Join(t.TempDir(), "desk.huiyin")
	made, err := backup.Write(t.Context(), x.Source, path, false)
	must(t, err)
	if made.Files != 3 {
		t.Fatalf("%d files are in the backup, want those of the bucket", made.Files)
	}
	folder := blob.Folder{Dir: filepath.Join(t.TempDir(), "files")}
	for name, c := range map[string]struct {
		place backup.Place
		store blob.Store
	}{
		"a bucket": {backup.Place{Bucket: func(context.Context) (blob.Store, error) { return into, nil }}, into},
		"a folder": {backup.Place{Files: folder.Dir}, folder},
	} {
		c.place.DB, c.place.CheckRing = dbtest.Open(t, db.SQLite), func([]backup.Master) error { return nil }
		out, err := backup.Restore(t.Context(), c.place, path, path+backup.KeysSuffix)
		must(t, err)
		if out.Files != 3 {
			t.Errorf("%s: %d files", name, out.Files)
		}
		for file, want := range content {
			r, err := c.store.Get(t.Context(), file)
			must(t, err)
			got, err := io.ReadAll(r)
			must(t, err)
			must(t, r.Close())
			if !bytes.Equal(got, want) {
				t.Errorf("%s: %s is not what it was", name, file)
			}
		}
	}
}
