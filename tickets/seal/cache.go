package seal

import (
	"crypto/cipher"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"huiyin/tickets/id"
)

const (
	// cacheKeys bounds the data keys in memory: 8,192 of them weigh 7.5 MB.
	cacheKeys = 8192
	// cacheFor is how long a data key is used without asking the database for it, and so how long a process can go on
	// reading what another one has erased.
	cacheFor = time.Minute
)

// cache keeps the data keys used last, opened. It forgets at once what this process erases; dropped remembers those
// ids for as long as a reader that began before may try to put the key back.
type cache struct {
	mu      sync.Mutex
	now     func() time.Time
	keys    *simplelru.LRU[id.ID, cached]
	dropped *simplelru.LRU[id.ID, time.Time]
}

type cached struct {
	aead cipher.AEAD
	at   time.Time
}

func newCache(size int, now func() time.Time) *cache {
	keys, err := simplelru.NewLRU[id.ID, cached](size, nil)
	if err != nil {
		panic(err) // the size is a constant above zero
	}
	dropped, err := simplelru.NewLRU[id.ID, time.Time](size, nil)
	if err != nil {
		panic(err)
	}
	return &cache{now: now, keys: keys, dropped: dropped}
}

// get gives a key that is in the cache and not too old, or nil.
func (c *cache) get(key id.ID) cipher.AEAD {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, ok := c.keys.Get(key)
	if !ok {
		return nil
	}
	if c.now().Sub(entry.at) >= cacheFor {
		c.keys.Remove(key)
		return nil
	}
	return entry.aead
}

// put keeps a key, unless it was dropped a short while ago.
func (c *cache) put(key id.ID, aead cipher.AEAD) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if at, ok := c.dropped.Get(key); ok && now.Sub(at) < cacheFor {
		return
	}
	c.keys.Add(key, cached{aead: aead, at: now})
}

// drop forgets keys. When the transaction that erased them is rolled back, they are merely read from the database
// for a minute.
func (c *cache) drop(keys []id.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	for _, key := range keys {
		c.keys.Remove(key)
		c.dropped.Add(key, now)
	}
}
