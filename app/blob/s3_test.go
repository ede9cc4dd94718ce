package blob_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

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
	for _, more := range []string{"", "&style=path"} {
		b, err := blob.OpenBucket(t.Context(), bucketServer(t)+"/desk/files?region=us-east-1"+more)
		must(t, err)
		keeps(t, b)
	}
}

func TestTheBucketStandsWhereTheAddressSays(t *testing.T) {
	t.Parallel()
	for style, want := range map[string]string{"path": "storage.example.test/desk/", "host": "desk.storage.example.test/"} {
		asked := make(chan string, 1)
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case asked <- r.Host + r.URL.Path:
			default:
			}
			w.WriteHeader(http.StatusOK)
		}))
		t.Cleanup(proxy.Close)
		_, err := blob.OpenBucketVia(t.Context(), "s3+http://key:secret@storage.example.test/desk?region=us-east-1&style="+style, proxy.Listener.Addr().String())
		must(t, err)
		if got := <-asked; got != want {
			t.Errorf("%s: asked for %q, want %q", style, got, want)
		}
	}
}

// swallowing is an address that takes no connection and refuses none, like a host behind a firewall: the queue of a
// listener that nobody accepts from, filled up.
func swallowing(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	must(t, err)
	t.Cleanup(func() { _ = syscall.Close(fd) })
	must(t, syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	must(t, syscall.Listen(fd, 0))
	at, err := syscall.Getsockname(fd)
	must(t, err)
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(at.(*syscall.SockaddrInet4).Port))
	for range 8 {
		c, err := net.DialTimeout("tcp", address, 100*time.Millisecond)
		if err != nil {
			return address
		}
		t.Cleanup(func() { _ = c.Close() })
	}
	t.Fatal("the queue takes more and more")
	return ""
}

func TestABucketThatHangsIsGivenUp(t *testing.T) {
	t.Parallel()
	begun := time.Now()
	_, err := blob.OpenBucketWithin(t.Context(), "s3+http://key:secret@"+swallowing(t)+"/desk?region=us-east-1", 100*time.Millisecond)
	var late net.Error
	if !errors.As(err, &late) || !late.Timeout() || time.Since(begun) > 20*time.Second {
		t.Errorf("no connection: %v after %v", err, time.Since(begun))
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0") // it takes connections and says nothing
	must(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begun = time.Now()
	if _, err = blob.OpenBucket(ctx, "s3+http://key:secret@"+silent.Addr().String()+"/desk?region=us-east-1"); err == nil || time.Since(begun) > 10*time.Second {
		t.Errorf("no answer: %v after %v", err, time.Since(begun))
	}
}

func TestAWrongBucketIsSaidAtStart(t *testing.T) {
	t.Parallel()
	server := bucketServer(t)
	for address, word := range map[string]string{
		server + "/absent": "no bucket absent", server: "names no bucket", "https://key:secret@host/desk": "write s3://", "s3://host/desk": "write s3://",
		"s3+http://key:secret@127.0.0.1:1/desk": "open the file store", server + "/desk?style=pat": "unknown style",
	} {
		if _, err := blob.OpenBucket(t.Context(), address); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v, want %q", address, err, word)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error shows the secret: %v", err)
		}
	}
}
