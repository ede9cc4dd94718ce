package chat

import (
	"math"
	"net/netip"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// The limits; Options.LimitScale multiplies those that count work, not sizes.
const (
	frameMax     = 256 << 10 // bytes of one frame; more closes with 1009
	queueMax     = 1024      // frames waiting for one client; more cuts it with 1013
	queueLow     = 256       // a filler goes on reading below this
	helloWait    = 10 * time.Second
	writeWait    = 10 * time.Second // the longest that one write to a client may take
	batchMax     = 32 << 10         // bytes after which no further frame joins a write: 26 kbit/s is enough
	lingerWait   = time.Second      // how long a closed socket may take to say goodbye
	jobWait      = 30 * time.Second // the longest that one job of a client may take
	callWait     = 60 * time.Second // the longest that one HTTP call may take, a poll's wait included
	pollMax      = 25 * time.Second
	pollsSession = 4   // long polls of one session at once
	pollsAll     = 5e3 // long polls of the whole node
	pollItems    = 100
	subscribeMax = 50 // tickets that one agent's socket follows
	namedMax     = 50 // tickets that one hello may name
	pageSize     = 100
	stashMax     = 256
	clientIDMax  = 64
	agentSendsPS = 20
	floodPS      = 200 // frames a second of one socket, over a burst of floodBurst: abuse
	floodBurst   = 800
	limitersKept = 1 << 16
)

// pace is how fast the desk's clocks go; only tests hurry.
type pace struct {
	tick    time.Duration // of the keeper: a connection is pinged every 30th
	silence time.Duration // nothing heard for so long, not even a pong: half open
}

var usual = pace{tick: time.Second, silence: 75 * time.Second}

// limiters holds the token buckets of one limit, one a key, the least used ones forgotten. A key that was forgotten
// starts full.
type limiters[K comparable] struct {
	limit rate.Limit
	burst int
	mu    sync.Mutex
	kept  *lru.Cache[K, *rate.Limiter]
}

func newLimiters[K comparable](perSecond, burst, scale float64) *limiters[K] {
	kept, err := lru.New[K, *rate.Limiter](limitersKept)
	if err != nil {
		panic(err) // only for a size below one
	}
	return &limiters[K]{limit: rate.Limit(perSecond * scale), burst: int(math.Ceil(burst * scale)), kept: kept}
}

// take uses one token of key's bucket, or tells how long to wait for the next.
func (l *limiters[K]) take(key K) (wait time.Duration) {
	l.mu.Lock()
	bucket, ok := l.kept.Get(key)
	if !ok {
		bucket = rate.NewLimiter(l.limit, l.burst)
		l.kept.Add(key, bucket)
	}
	l.mu.Unlock()
	return takeOne(bucket)
}

func takeOne(bucket *rate.Limiter) time.Duration {
	if bucket.Allow() {
		return 0
	}
	r := bucket.Reserve()
	defer r.Cancel()
	return max(r.Delay(), time.Millisecond)
}

// flood counts the frames of one socket. It is a bucket in 16 bytes, owned by the reader.
type flood struct {
	level float64
	at    time.Time
}

// over tells whether this frame is one too many.
func (f *flood) over(now time.Time, scale float64) bool {
	if !f.at.IsZero() {
		f.level = max(0, f.level-now.Sub(f.at).Seconds()*floodPS*scale)
	}
	f.at = now
	f.level++
	return f.level > floodBurst*scale
}

// counts bounds how many of something a key holds at once: sockets of an address, polls of a session.
type counts[K comparable] struct {
	most int
	mu   sync.Mutex
	held map[K]int
}

func newCounts[K comparable](most int) *counts[K] {
	return &counts[K]{most: most, held: map[K]int{}}
}

// hold takes a place of key; give returns it.
func (c *counts[K]) hold(key K) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held[key] >= c.most {
		return false
	}
	c.held[key]++
	return true
}

func (c *counts[K]) give(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held[key]--; c.held[key] <= 0 {
		delete(c.held, key)
	}
}

// network is what the limits take for one address: the address itself, or the /64 that an IPv6 subscriber owns.
func network(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // an unknown address: all of them share one bucket
	}
	return p
}
