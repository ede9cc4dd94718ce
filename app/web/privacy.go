package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// NoticeVersion is the version of the desk's own privacy notice. Who accepted an older one is asked again, so it
// changes with what the notice says.
const NoticeVersion = "1"

type privacyPage struct {
	Page
	Version  string
	ShopName string
	Sections []string
}

// privacy is the desk's own notice; an inbox may name another.
func (s *Server) privacy(c echo.Context) error {
	p := privacyPage{Page: s.page(c), Version: NoticeVersion, Sections: []string{"kept", "why", "who", "safe", "long", "rights"}}
	if p.ShopName = p.Shop.Name; p.ShopName == "" {
		p.ShopName = p.T("web.privacy.this_shop")
	}
	return s.render(c, http.StatusOK, "public/privacy", p)
}
