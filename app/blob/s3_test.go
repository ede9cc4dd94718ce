package blob_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"huiyin/app/blob"
)

// bucketServer is a server that speaks S3, with one bucket; it gives its address for OpenBucket.
func bucketServer(t *testing.T) string {
	t.Helper()
	backend := s3mem.New()
	must(t, backend.CreateBucket("desk"))
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	return "s3+http://key:secret@" + strings.TrimPrefix(server.URL, "http://")
}

func TestABucketKeepsWhatAFolderKeeps(t *testing.T) {
	t.Parallel()
	b, err := blob.OpenBucket(t.Context(), bucketServer(t)+"/desk/files?region=us-east-1")
	must(t, err)
	keeps(t, b)
}

func TestAWrongBucketIsSaidAtStart(t *testing.T) {
	t.Parallel()
	server := bucketServer(t)
	for address, word := range map[string]string{
		server + "/absent": "no bucket absent", server: "names no bucket", "https://key:secret@host/desk": "write s3://", "s3://host/desk": "write s3://",
		"s3+http://key:secret@127.0.0.1:1/desk": "open the file store",
	} {
		if _, err := blob.OpenBucket(t.Context(), address); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v, want %q", address, err, word)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error shows the secret: %v", err)
		}
	}
}
