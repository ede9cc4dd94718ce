package tickets

import (
	"context"
	"sync"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// inboxFor is how long an inbox is kept in memory: the longest time that a changed setting takes to hold everywhere.
const inboxFor = time.Second

// inboxCache keeps the inboxes read last. There are few; what is not one is never kept, so it cannot be filled from
// outside.
type inboxCache struct {
	now  func() time.Time
	mu   sync.Mutex
	ids  map[id.ID]cachedInbox
	keys map[string]id.ID
}

type cachedInbox struct {
	box *Inbox
	at  time.Time
}

func newInboxCache(now func() time.Time) *inboxCache {
	return &inboxCache{now: now, ids: map[id.ID]cachedInbox{}, keys: map[string]id.ID{}}
}

func (c *inboxCache) byKey(key string) *Inbox {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fresh(c.keys[key])
}

func (c *inboxCache) byID(inbox id.ID) *Inbox {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fresh(inbox)
}

func (c *inboxCache) fresh(inbox id.ID) *Inbox {
	e, ok := c.ids[inbox]
	if age := c.now().Sub(e.at); !ok || age < 0 || age >= inboxFor {
		return nil
	}
	return e.box
}

func (c *inboxCache) put(box *Inbox) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids[box.ID] = cachedInbox{box: box, at: c.now()}
	c.keys[box.Key] = box.ID
}

// defaultInboxSetting holds which inbox EnsureDefaults has made.
const defaultInboxSetting = "inbox.api"

// EnsureDefaults makes what every desk has: the inbox of the api channel, which calls without an inbox go to. It is
// called after each migration and does its work once, whichever process comes first.
func (s *Service) EnsureDefaults(ctx context.Context) error {
	if _, done, err := s.Setting(ctx, defaultInboxSetting); done || err != nil {
		return err
	}
	box, err := s.newInbox(NewInbox{Channel: ChannelAPI, Name: "API"})
	if err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		c := on(tx)
		first, err := s.claimSetting(c, defaultInboxSetting, []byte(box.ID.String()))
		if !first || err != nil {
			return err
		}
		return s.insertInbox(c, box)
	})
}

// DefaultInbox gives the inbox that EnsureDefaults made. Errors: NotFound.
func (s *Service) DefaultInbox(ctx context.Context) (*Inbox, error) {
	text, _, err := s.Setting(ctx, defaultInboxSetting)
	if err != nil {
		return nil, err
	}
	box, _ := id.Parse(string(text)) // zero, and so not found, where there is none
	return s.Inbox(ctx, box)
}
