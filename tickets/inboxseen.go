package tickets

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// SeenSite is a site on whose pages an inbox's chat was asked for: its origin, never a path.
type SeenSite struct {
	Origin  string `json:"origin"`
	At      int64  `json:"at"` // Unix ms, to the hour
	Refused bool   `json:"refused"`
}

// Limits of what is remembered. Anybody can make up origins: refused ones have few places of their own, so that they never
// push out a site that is allowed, and are written seldom.
const (
	sitesMax        = 20 // sites of an inbox, refused ones among them
	sitesRefusedMax = 5
	siteEvery       = time.Hour        // one write per site
	refusedEvery    = 10 * time.Second // one write of any refused site of an inbox
	sitesKept       = 2000             // entries in memory
)

// seenGate decides in memory whether a sight is worth a write.
type seenGate struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// pass tells whether key was let through longer ago than every, and lets it through.
func (g *seenGate) pass(key string, now time.Time, every time.Duration) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if at, ok := g.last[key]; ok && now.Sub(at) < every {
		return false
	}
	if g.last == nil || len(g.last) >= sitesKept {
		g.last = map[string]time.Time{}
	}
	g.last[key] = now
	return true
}

func seenSetting(inbox id.ID) string { return "inbox.seen." + inbox.String() }

// SeeSite remembers that a page of this origin has asked for an inbox's chat, and whether the inbox refused it. Most calls
// cost nothing; what is no origin is left out.
func (s *Service) SeeSite(ctx context.Context, box *Inbox, origin string) error {
	origin, ok := NormalOrigin(origin)
	if !ok || len(origin) > 260 {
		return nil
	}
	now, name := s.now(), seenSetting(box.ID)
	one := SeenSite{Origin: origin, At: Millis(now), Refused: !slices.Contains(box.Settings.AllowedOrigins, origin)}
	if one.Refused && !s.seen.pass(name, now, refusedEvery) {
		return nil
	}
	if !s.seen.pass(fmt.Sprint(name, one.Refused, origin), now, siteEvery) {
		return nil
	}
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		sites, err := s.readSeen(tx, name)
		if err != nil {
			return err
		}
		value, err := json.Marshal(withSite(sites, one))
		if err != nil {
			return err
		}
		// Two nodes at the same moment may lose one sight; the site's next page brings it back.
		_, err = s.putSetting(on(tx), name, value, replaceSetting)
		return err
	})
}

// withSite puts a site first and drops the oldest beyond the limits.
func withSite(sites []SeenSite, one SeenSite) []SeenSite {
	out, refused := []SeenSite{one}, 0
	if one.Refused {
		refused++
	}
	for _, old := range sites {
		if old.Origin == one.Origin || len(out) == sitesMax {
			continue
		}
		if old.Refused {
			if refused++; refused > sitesRefusedMax {
				continue
			}
		}
		out = append(out, old)
	}
	return out
}

func (s *Service) readSeen(tx *gorm.DB, name string) (sites []SeenSite, err error) {
	value, found, err := s.readSetting(tx, name)
	if err == nil && found {
		err = json.Unmarshal(value, &sites)
	}
	return sites, err
}

// SeenSites gives the sites on whose pages an inbox's chat was asked for, the newest first. Whether one is refused is
// judged by the settings of now.
func (s *Service) SeenSites(ctx context.Context, box *Inbox) ([]SeenSite, error) {
	sites, err := s.readSeen(s.store.Read(ctx), seenSetting(box.ID))
	for i := range sites {
		sites[i].Refused = !slices.Contains(box.Settings.AllowedOrigins, sites[i].Origin)
	}
	return sites, err
}

// AllowSite adds a site to those that may show an inbox's chat. Errors: NotFound, Invalid.
func (s *Service) AllowSite(ctx context.Context, inbox id.ID, origin string) (*Inbox, error) {
	return s.changeInbox(ctx, inbox, func(box *Inbox) (err error) {
		box.Settings.AllowedOrigins = append(slices.Clone(box.Settings.AllowedOrigins), origin)
		box.Settings, err = box.Settings.normal()
		return err
	})
}
