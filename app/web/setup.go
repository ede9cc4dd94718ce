package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/app/auth"
	"huiyin/app/i18n"
	"huiyin/tickets"
	"huiyin/tickets/fault"
)

type setupPage struct {
	Page
	Error                                 string
	Code, Name, Email, Password           field
	ShopName, Site                        field
	Language, Timezone, Country, Currency field
}

// What the first run offers; anything else can be set later.
var (
	timezones = []string{
		"Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Asia/Tokyo", "Asia/Seoul", "Asia/Kolkata", "Asia/Dubai",
		"Europe/London", "Europe/Berlin", "Europe/Moscow", "America/Sao_Paulo", "America/New_York", "America/Chicago",
		"America/Los_Angeles", "Australia/Sydney", "UTC",
	}
	countries  = []string{"CN", "HK", "TW", "SG", "JP", "KR", "IN", "GB", "DE", "FR", "US", "CA", "BR", "AU"}
	currencies = []string{"CNY", "HKD", "TWD", "SGD", "JPY", "KRW", "INR", "GBP", "EUR", "USD", "CAD", "BRL", "AUD"}
)

func (s *Server) setupPage(c echo.Context) error {
	proposed := map[string]string{"locale": of(c).locale, "timezone": "Asia/Shanghai", "country": "CN", "currency": "CNY"}
	if of(c).locale != i18n.Chinese {
		proposed["timezone"], proposed["country"], proposed["currency"] = "UTC", "US", "USD"
	}
	return s.showSetup(c, s.empty(c, proposed))
}

func (s *Server) showSetup(c echo.Context, f *form) error {
	w := f.words
	return s.render(c, f.status(), "public/setup", setupPage{
		Page: s.page(c), Error: f.General(),
		Code:     f.input(field{Name: "code", Label: w.T("auth.field.code"), Hint: w.T("auth.hint.code"), Class: "code", Complete: "off", Max: 20, Required: true, Focus: f.err == nil}),
		Name:     f.input(field{Name: "name", Label: w.T("auth.field.name"), Hint: w.T("auth.hint.name"), Complete: "name", Max: 100, Required: true}),
		Email:    f.input(field{Name: "email", Type: "email", Label: w.T("auth.field.email"), Complete: "username", Required: true}),
		Password: f.input(field{Name: "password", Type: "password", Label: w.T("auth.field.password"), Hint: w.T("auth.hint.password", "min", auth.PasswordMin), Complete: "new-password", Required: true}),
		ShopName: f.input(field{Name: "shop_name", Label: w.T("auth.field.shop_name"), Hint: w.T("auth.hint.shop_name"), Max: 100, Required: true, Complete: "organization"}),
		Site:     f.input(field{Name: "allowed_origins", Type: "url", Label: w.T("auth.field.site"), Hint: w.T("auth.hint.site"), Complete: "url"}),
		Language: f.input(field{Name: "locale", Type: "select", Label: w.T("auth.field.language"), Options: languages()}),
		Timezone: f.input(field{Name: "timezone", Type: "select", Label: w.T("auth.field.timezone"), Options: plainOptions(timezones)}),
		Country:  f.input(field{Name: "country", Type: "select", Label: w.T("auth.field.country"), Options: named(w, "auth.country.", countries)}),
		Currency: f.input(field{Name: "currency", Type: "select", Label: w.T("auth.field.currency"), Options: plainOptions(currencies)}),
	})
}

// setUp makes the first administrator, the shop's settings and a first chat inbox, so that the desk can be used.
func (s *Server) setUp(c echo.Context) error {
	f, ctx := s.sent(c), c.Request().Context()
	shop, inbox, err := s.readShop(c)
	if err == nil {
		var agent *tickets.Agent
		agent, err = s.Auth.Setup(ctx, c.FormValue("code"), address(c), auth.FirstRun{
			Admin: auth.FirstAdmin{Email: c.FormValue("email"), Name: c.FormValue("name"), Password: c.FormValue("password")},
			Shop:  shop, Inbox: inbox,
		})
		if err == nil {
			if err := s.Auth.Begin(ctx, agent.ID); err != nil {
				return err
			}
			return c.Redirect(http.StatusSeeOther, "/settings/guide")
		}
	}
	if err := f.refused(err); err != nil {
		return err
	}
	return s.showSetup(c, f)
}

// readShop checks the part of the form that is about the shop, before anything is made.
func (s *Server) readShop(c echo.Context) (tickets.Shop, tickets.NewInbox, error) {
	shop := tickets.Shop{
		Name: strings.TrimSpace(c.FormValue("shop_name")), Locale: c.FormValue("locale"),
		Timezone: c.FormValue("timezone"), Country: c.FormValue("country"), Currency: c.FormValue("currency"),
	}
	inbox := tickets.NewInbox{Channel: tickets.ChannelChat, Name: shop.Name}
	if shop.Name == "" || len([]rune(shop.Name)) > tickets.NameMax {
		return shop, inbox, fault.InvalidField("shop_name", "invalid", "auth.error.shop_name", nil)
	}
	if _, err := time.LoadLocation(shop.Timezone); err != nil || shop.Timezone == "" {
		return shop, inbox, fault.InvalidField("timezone", "invalid", "web.error.choice", nil)
	}
	for _, one := range []struct {
		name, value string
		allowed     []string
	}{{"locale", shop.Locale, i18n.Locales()}, {"country", shop.Country, countries}, {"currency", shop.Currency, currencies}} {
		if !slices.Contains(one.allowed, one.value) {
			return shop, inbox, fault.InvalidField(one.name, "invalid", "web.error.choice", nil)
		}
	}
	if site := strings.TrimSpace(c.FormValue("allowed_origins")); site != "" {
		origin, ok := tickets.NormalOrigin(site)
		if !ok {
			return shop, inbox, fault.InvalidField("allowed_origins", "invalid", "auth.error.site", nil)
		}
		inbox.Settings.AllowedOrigins = []string{origin}
	}
	return shop, inbox, nil
}

// languages are the desk's languages, each in its own.
func languages() []option {
	return []option{{i18n.Chinese, "简体中文"}, {i18n.English, "English"}}
}

func plainOptions(values []string) []option {
	options := make([]option, len(values))
	for i, v := range values {
		options[i] = option{v, v}
	}
	return options
}

// named are options whose texts stand under a common beginning of keys.
func named(w *Words, prefix string, values []string) []option {
	options := make([]option, len(values))
	for i, v := range values {
		options[i] = option{v, w.T(prefix + strings.ToLower(v))}
	}
	return options
}
