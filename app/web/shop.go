package web

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"
	_ "time/tzdata" // the machine may have no zones of its own
)

const shopSetting = "shop"

// Shop are the settings of the whole desk that the first run asks for. Timezone decides every day, week and hour that
// is shown.
type Shop struct {
	Name     string `json:"name"`
	Locale   string `json:"locale"` // of what the desk says by itself
	Timezone string `json:"timezone"`
	Country  string `json:"country"`  // ISO 3166-1 alpha-2; reads phone numbers
	Currency string `json:"currency"` // ISO 4217
}

func (s Shop) zone() *time.Location {
	if zone, err := time.LoadLocation(s.Timezone); err == nil && s.Timezone != "" {
		return zone
	}
	return time.UTC
}

var defaultShop = Shop{Locale: "zh-CN", Timezone: "Asia/Shanghai", Country: "CN", Currency: "CNY"}

// shopCache keeps the settings for a moment: what another node or a command changes holds here within a second.
type shopCache struct{ at atomic.Pointer[cachedShop] }

type cachedShop struct {
	shop  Shop
	until time.Time
}

const shopFresh = 900 * time.Millisecond

// shopOf gives the settings; when the database does not answer, the last known ones.
func (s *Server) shopOf(ctx context.Context) Shop {
	now := s.Now()
	cached := s.shop.at.Load()
	if cached != nil && now.Before(cached.until) {
		return cached.shop
	}
	shop := defaultShop
	data, found, err := s.Tickets.Setting(ctx, shopSetting)
	if err == nil && found {
		err = json.Unmarshal(data, &shop)
	}
	if err != nil {
		s.Log.WarnContext(ctx, "read the shop's settings", "error", err)
		if cached != nil {
			return cached.shop
		}
		return defaultShop
	}
	s.shop.at.Store(&cachedShop{shop, now.Add(shopFresh)})
	return shop
}

// saveShop stores the settings.
func (s *Server) saveShop(ctx context.Context, shop Shop) error {
	data, err := json.Marshal(shop)
	if err != nil {
		return fmt.Errorf("encode shop: %w", err)
	}
	if err := s.Tickets.SetSetting(ctx, shopSetting, data); err != nil {
		return err
	}
	s.shop.at.Store(nil)
	return nil
}
