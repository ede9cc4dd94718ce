package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
)

// deskSettingsRoutes are the settings of the desk as a whole.
func (s *Server) deskSettingsRoutes() []route {
	return []route{
		{http.MethodGet, "/settings/desk", admin, limitRead, s.deskSettings},
		{http.MethodPost, "/settings/desk", admin, limitWrite, s.saveDeskSettings},
	}
}

type deskSettingsPage struct {
	settingsFrame
	Error                                           string
	ShopName, Language, Timezone, Country, Currency field
}

func (s *Server) deskSettings(c echo.Context) error {
	shop := s.shopOf(c.Request().Context())
	return s.showDeskSettings(c, s.empty(c, map[string]string{
		"shop_name": shop.Name, "locale": shop.Locale, "timezone": shop.Timezone, "country": shop.Country, "currency": shop.Currency,
	}))
}

func (s *Server) showDeskSettings(c echo.Context, f *form) error {
	frame, err := s.settings(c, "desk")
	if err != nil {
		return err
	}
	w := f.words
	return s.render(c, f.status(), "agent/desk_settings", deskSettingsPage{
		settingsFrame: frame, Error: f.General(),
		ShopName: f.input(field{Name: "shop_name", Label: w.T("auth.field.shop_name"), Hint: w.T("auth.hint.shop_name"), Max: tickets.NameMax, Required: true, Complete: "organization"}),
		Language: f.input(field{Name: "locale", Type: "select", Label: w.T("people.desk.language"), Options: languages()}),
		Timezone: f.input(field{Name: "timezone", Type: "select", Label: w.T("auth.field.timezone"), Hint: w.T("people.desk.zone_hint"), Options: plainOptions(with(timezones, f.values("timezone")))}),
		Country:  f.input(field{Name: "country", Type: "select", Label: w.T("auth.field.country"), Hint: w.T("people.desk.country_hint"), Options: named(w, "auth.country.", countries)}),
		Currency: f.input(field{Name: "currency", Type: "select", Label: w.T("auth.field.currency"), Options: plainOptions(with(currencies, f.values("currency")))}),
	})
}

// with adds a value that was chosen elsewhere (by a command) to those that the page offers.
func with(offered []string, value string) []string {
	if value == "" || slices.Contains(offered, value) {
		return offered
	}
	return append(slices.Clone(offered), value)
}

func (s *Server) saveDeskSettings(c echo.Context) error {
	f := s.sent(c)
	err := s.Tickets.SaveShop(c.Request().Context(), tickets.Shop{
		Name: strings.TrimSpace(c.FormValue("shop_name")), Locale: c.FormValue("locale"), Timezone: c.FormValue("timezone"),
		Country: c.FormValue("country"), Currency: c.FormValue("currency"),
	})
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showDeskSettings(c, f)
	}
	return c.Redirect(http.StatusSeeOther, "/settings/desk?saved=1")
}
