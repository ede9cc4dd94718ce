package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Bucket is a Store in a bucket that speaks S3.
type Bucket struct {
	client *minio.Client
	bucket string
	prefix string // "" or "folder/"
}

const (
	dialPatience   = 5 * time.Second  // for a connection: a host that swallows packets must not hold an upload longer
	shakePatience  = 10 * time.Second // for TLS
	bucketPatience = 60 * time.Second // for the beginning of an answer
	tries          = 3                // of one request; whoever waits for it can try again herself
)

// OpenBucket reads an address such as s3://KEY:SECRET@storage.example.com/bucket/folder?region=cn-hangzhou. The scheme
// s3+http speaks without TLS, for a server on the same machine. Whether the bucket stands in the path or before the host
// is found out; ?style=path or ?style=host says it. It looks whether the bucket is there.
func OpenBucket(ctx context.Context, address string) (*Bucket, error) {
	return openBucket(ctx, address, transport(dialPatience))
}

func openBucket(ctx context.Context, address string, via *http.Transport) (*Bucket, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "s3" && u.Scheme != "s3+http") || u.Host == "" || u.User == nil {
		return nil, errors.New("the address of the file store is none: write s3://KEY:SECRET@host/bucket?region=REGION")
	}
	bucket, folder, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if bucket == "" {
		return nil, errors.New("the address of the file store names no bucket: write s3://KEY:SECRET@host/bucket")
	}
	lookup, ok := styles[u.Query().Get("style")]
	if !ok {
		return nil, errors.New("the address of the file store has an unknown style: write ?style=path, ?style=host, or leave it out")
	}
	secret, _ := u.User.Password()
	client, err := minio.New(u.Host, &minio.Options{
		Creds: credentials.NewStaticV4(u.User.Username(), secret, ""), Secure: u.Scheme == "s3",
		Region: u.Query().Get("region"), BucketLookup: lookup, Transport: via, MaxRetries: tries,
	})
	if err != nil {
		return nil, fmt.Errorf("open the file store: %w", err)
	}
	b := &Bucket{client: client, bucket: bucket}
	if folder != "" {
		b.prefix = folder + "/"
	}
	there, err := client.BucketExists(ctx, bucket)
	if err != nil {
		return nil, fmt.Errorf("open the file store %s: %w", u.Host, err)
	}
	if !there {
		return nil, fmt.Errorf("the file store %s has no bucket %s: make it first", u.Host, bucket)
	}
	return b, nil
}

// styles are the ways in which a request names its bucket. A server of one's own mostly knows only the path.
var styles = map[string]minio.BucketLookupType{"": minio.BucketLookupAuto, "path": minio.BucketLookupPath, "host": minio.BucketLookupDNS}

func transport(dial time.Duration) *http.Transport {
	return &http.Transport{
		DialContext: (&net.Dialer{Timeout: dial, KeepAlive: 30 * time.Second}).DialContext, TLSHandshakeTimeout: shakePatience,
		ResponseHeaderTimeout: bucketPatience, IdleConnTimeout: 90 * time.Second, MaxIdleConnsPerHost: 8,
	}
}

// Put is part of Store.
func (b *Bucket) Put(ctx context.Context, name string, r io.Reader) error {
	if !ValidName(name) {
		return errName
	}
	content, err := io.ReadAll(r) // one request with a length: not every server knows parts and trailers
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	_, err = b.client.PutObject(ctx, b.bucket, b.prefix+name, bytes.NewReader(content), int64(len(content)),
		minio.PutObjectOptions{ContentType: "application/octet-stream", DisableMultipart: true, DisableContentSha256: true, SendContentMd5: true})
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	return nil
}

// Get is part of Store.
func (b *Bucket) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	if !ValidName(name) {
		return nil, errName
	}
	o, err := b.client.GetObject(ctx, b.bucket, b.prefix+name, minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	if _, err := o.Stat(); err != nil {
		_ = o.Close()
		if minio.ToErrorResponse(err).StatusCode == http.StatusNotFound {
			return nil, fs.ErrNotExist
		}
		return nil, fmt.Errorf("blob: %w", err)
	}
	return o, nil
}

// Delete is part of Store.
func (b *Bucket) Delete(ctx context.Context, name string) error {
	if !ValidName(name) {
		return errName
	}
	if err := b.client.RemoveObject(ctx, b.bucket, b.prefix+name, minio.RemoveObjectOptions{}); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	return nil
}

// Old is part of Store.
func (b *Bucket) Old(ctx context.Context, before time.Time, fn func(names []string) error) error {
	ctx, stop := context.WithCancel(ctx) // ends the listing when fn fails
	defer stop()
	var names []string
	for o := range b.client.ListObjects(ctx, b.bucket, minio.ListObjectsOptions{Prefix: b.prefix}) {
		if o.Err != nil {
			return fmt.Errorf("blob: %w", o.Err)
		}
		name := strings.TrimPrefix(o.Key, b.prefix)
		if !o.LastModified.Before(before) || !ValidName(name) {
			continue
		}
		if names = append(names, name); len(names) == batch {
			if err := fn(names); err != nil {
				return err
			}
			names = nil
		}
	}
	if len(names) > 0 {
		return fn(names)
	}
	return nil
}
