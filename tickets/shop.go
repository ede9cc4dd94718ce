package tickets

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"sync/atomic"
	"time"
	_ "time/tzdata" // the machine may have no zones of its own

	"huiyin/tickets/fault"
)

const shopSetting = "shop"

// Shop are the settings of the whole desk that the first run asks for. Timezone decides every day, week and hour that
// is shown.
type Shop struct {
	Name     string `json:"name"`
	Locale   string `json:"locale"`   // of what the desk says by itself
	Timezone string `json:"timezone"` // IANA name
	Country  string `json:"country"`  // ISO 3166-1 alpha-2; reads phone numbers
	Currency string `json:"currency"` // ISO 4217
}

// DefaultShop is what holds until somebody has chosen.
var DefaultShop = Shop{Locale: "zh-CN", Timezone: "Asia/Shanghai", Country: "CN", Currency: "CNY"}

// Zone is the shop's time zone; UTC when the name is none.
func (s Shop) Zone() *time.Location {
	if zone, err := time.LoadLocation(s.Timezone); err == nil && s.Timezone != "" {
		return zone
	}
	return time.UTC
}

// shopCache keeps the shop for a moment: what another node or a command changes holds here within a second.
type shopCache struct{ at atomic.Pointer[cachedShop] }

type cachedShop struct {
	shop  Shop
	until time.Time
}

// shopFor is how long the shop is kept in memory.
const shopFor = 900 * time.Millisecond

// Shop gives the desk's settings, at most a second old. When the database does not answer, the last known ones come
// with the error.
func (s *Service) Shop(ctx context.Context) (Shop, error) {
	now := s.now()
	cached := s.shop.at.Load()
	if cached != nil && now.Before(cached.until) {
		return cached.shop, nil
	}
	shop := DefaultShop
	data, found, err := s.Setting(ctx, shopSetting)
	if err == nil && found {
		err = json.Unmarshal(data, &shop)
	}
	if err != nil {
		err = fmt.Errorf("read the shop's settings: %w", err)
		if cached != nil {
			return cached.shop, err
		}
		return DefaultShop, err
	}
	s.shop.at.Store(&cachedShop{shop, now.Add(shopFor)})
	return shop, nil
}

// shopIn is the desk's settings as a transaction sees them.
func (s *Service) shopIn(c conn) (Shop, error) {
	if cached := s.shop.at.Load(); cached != nil && s.now().Before(cached.until) {
		return cached.shop, nil
	}
	shop := DefaultShop
	data, found, err := s.readSetting(c.tx, shopSetting)
	if err == nil && found {
		err = json.Unmarshal(data, &shop)
	}
	if err != nil {
		return shop, fmt.Errorf("read the shop's settings: %w", err)
	}
	return shop, nil // not kept: the transaction may have written it and not commit
}

// SaveShop replaces the desk's settings; every process follows within a second. Errors: Invalid.
func (s *Service) SaveShop(ctx context.Context, shop Shop) error {
	data, err := shop.encode()
	if err != nil {
		return err
	}
	if err := s.SetSetting(ctx, shopSetting, data); err != nil {
		return err
	}
	s.shop.at.Store(nil)
	return nil
}

// encode checks the settings and gives the form in which they are kept.
func (s Shop) encode() ([]byte, error) {
	var err error
	if s.Name, err = requiredLine("shop_name", s.Name, NameMax); err != nil {
		return nil, err
	}
	_, zoneErr := time.LoadLocation(s.Timezone)
	for _, one := range []struct {
		field, key string
		ok         bool
	}{
		{"locale", "error.shop.locale", s.Locale != "" && slices.Contains(agentLocales, s.Locale)}, {"timezone", "error.shop.timezone", zoneErr == nil && s.Timezone != "" && s.Timezone != "Local"},
		{"country", "error.shop.country", countryForm.MatchString(s.Country)}, {"currency", "error.shop.currency", currencyForm.MatchString(s.Currency)},
	} {
		if !one.ok {
			return nil, fault.InvalidField(one.field, "invalid", one.key, nil)
		}
	}
	data, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode shop: %w", err)
	}
	return data, nil
}

var (
	countryForm  = regexp.MustCompile(`^[A-Z]{2}$`)
	currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)
)
