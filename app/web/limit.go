package web

import (
	"cmp"
	"math"
	"net/http"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"

	"huiyin/app/files"
	"huiyin/app/insights/oldtexts"
	"huiyin/app/orders"
	"huiyin/tickets/fault"
)

// limit is what a route allows: the size of a body, and how often one address may ask.
type limit struct {
	body  int64 // bytes
	every float64
	burst int
	wait  time.Duration // how long a handler may take; 0: the handler knows itself
	large string        // what is said of a body that is larger; it is told the MB. Empty: that it is
}

// The limits of routes. An office shares an address, so they are wide; what must be narrow (passwords) is throttled
// in the database.
var (
	limitAsset    = limit{body: 0, every: 500, burst: 2000}
	limitRead     = limit{body: 0, every: 50, burst: 400, wait: 30 * time.Second}
	limitWrite    = limit{body: 256 << 10, every: 30, burst: 200, wait: 30 * time.Second}
	limitImport   = limit{body: 12 << 20, every: 1, burst: 20, wait: 60 * time.Second}
	limitOldTexts = limit{body: oldtexts.FileMax + 64<<10, every: 0.5, burst: 10, wait: 2 * time.Minute, large: "oldtexts.file.too_large"}
	limitOrders   = limit{body: orders.FileMax + 64<<10, every: 0.5, burst: 10, wait: 2 * time.Minute, large: "orders.file.too_large"}
	limitUpload   = limit{body: files.MaxMB<<20 + 64<<10, every: 3, burst: 60, wait: 5 * time.Minute}
	limitExport   = limit{body: 16 << 10, every: 1, burst: 20, wait: 10 * time.Minute}
	limitSignIn   = limit{body: 16 << 10, every: 2, burst: 40, wait: 30 * time.Second}
	limitTry      = limit{body: 16 << 10, every: 1, burst: 20, wait: 80 * time.Second}                 // somebody waits for a mailbox to be tried out
	limitPage     = limit{body: 64 << 10, every: 10, burst: 120, wait: 30 * time.Second}               // a shopper's one ticket
	limitAnswer   = limit{body: files.MaxMB<<20 + 256<<10, every: 5, burst: 60, wait: 5 * time.Minute} // with files
	limitAPI      = limit{body: 256 << 10, every: 100, burst: 1000, wait: 30 * time.Second}            // also of one token
	limitBatch    = limit{body: 4 << 20, every: 10, burst: 100, wait: 60 * time.Second}
	limitShort    = limit{body: 0, every: 5, burst: 100, wait: 10 * time.Second}                         // codes are guessed slowly
	limitForm     = limit{body: 64 << 10, every: 50, burst: 600, wait: 30 * time.Second}                 // a carrier puts thousands behind one address
	limitFormPost = limit{body: files.MaxMB<<20 + 256<<10, every: 20, burst: 300, wait: 5 * time.Minute} // with photos
	limitChat     = limit{every: 500, burst: 5000}                                                       // chat counts for itself; this keeps what it refuses cheap
)

const limitedAddresses = 10_000 // how many addresses are counted at once, per limit

// limiters count requests per address in this process.
type limiters struct {
	scale float64
	sets  sync.Map // limit → *lru.Cache[string, *rate.Limiter], each made when it is first counted
}

func newLimiters(scale float64) *limiters { return &limiters{scale: scale} }

func (l *limiters) of(one limit) *lru.Cache[string, *rate.Limiter] {
	if set, ok := l.sets.Load(one); ok {
		return set.(*lru.Cache[string, *rate.Limiter])
	}
	cache, err := lru.New[string, *rate.Limiter](limitedAddresses)
	if err != nil {
		panic(err) // only a size of zero
	}
	set, _ := l.sets.LoadOrStore(one, cache)
	return set.(*lru.Cache[string, *rate.Limiter])
}

// take counts one request of an address and gives how long to wait, 0 for none.
func (l *limiters) take(of limit, address string, now time.Time) time.Duration {
	cache := l.of(of)
	limiter, ok := cache.Get(address)
	if !ok {
		limiter = rate.NewLimiter(rate.Limit(of.every*l.scale), int(math.Ceil(float64(of.burst)*l.scale)))
		if earlier, found, _ := cache.PeekOrAdd(address, limiter); found {
			limiter = earlier
		}
	}
	if limiter.AllowN(now, 1) {
		return 0
	}
	return time.Duration(float64(time.Second) / float64(limiter.Limit()))
}

// limited holds a route to its limits.
func (s *Server) limited(l limit) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if wait := s.limits.take(l, address(c), s.Now()); wait > 0 {
				return &fault.Error{Kind: fault.TooMany, Key: "web.error.too_many", RetryAfter: max(wait, time.Second)}
			}
			if l == limitChat {
				return next(c)
			}
			r := c.Request()
			if r.ContentLength > l.body {
				return &fault.Error{Kind: fault.TooLarge, Key: cmp.Or(l.large, "web.error.too_large"), Args: map[string]any{"max": l.body >> 20}}
			}
			r.Body = http.MaxBytesReader(c.Response(), r.Body, l.body) // a chunked body says its size only at its end
			return next(c)
		}
	}
}
