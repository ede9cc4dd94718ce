package blob

import (
	"context"
	"net"
	"time"
)

// OpenBucketVia is OpenBucket with every connection led to one address.
func OpenBucketVia(ctx context.Context, address, to string) (*Bucket, error) {
	t := transport(dialPatience)
	t.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, to)
	}
	return openBucket(ctx, address, t)
}

// OpenBucketWithin is OpenBucket with another patience for connections.
func OpenBucketWithin(ctx context.Context, address string, dial time.Duration) (*Bucket, error) {
	return openBucket(ctx, address, transport(dial))
}
