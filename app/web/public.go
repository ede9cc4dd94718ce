package web

import (
	"bytes"
	"net/http"
	"path"
	"time"

	"github.com/labstack/echo/v4"
)

// publicRoutes are the doors of those who ask: the widget, the chat as a page, the sample shop. They set no cookie and
// know nobody: who writes is between the chat's token and chat. Every page view of a shop asks for some of them, and a
// mobile carrier puts thousands behind one address, so they are limited like assets.
func (s *Server) publicRoutes() []route {
	const get = http.MethodGet
	table := []route{
		{get, "/widget.js", public, limitAsset, s.widgetLoader},
		{get, "/widget/frame", public, limitAsset, s.widgetFrame},
		{get, "/c/:key", public, limitAsset, s.chatPage},
	}
	if s.DemoShop != nil {
		table = append(table,
			route{get, "/demo/shop", public, limitRead, s.demoShop},
			route{get, "/demo/shop/orders", public, limitRead, s.demoOrders},
			route{http.MethodPost, "/demo/shop/orders/:order", public, limitPage, s.demoMoveOn},
			route{get, "/demo/shop/checkout", public, limitRead, s.demoCheckout},
			route{http.MethodPost, "/demo/shop/checkout", public, limitPage, s.demoBuy},
			route{get, "/demo/shop/done", public, limitRead, s.demoDone},
		)
	}
	if s.DemoMail != nil {
		table = append(table, s.demoMailRoutes()...)
	}
	return table
}

// loaderAge is how long a browser keeps the loader without asking: its address has no hash, shops write it into their
// pages.
const loaderAge = "public, max-age=300"

// widgetLoader is the script that shops embed. Any page may load it; which pages may show the chat is decided when the
// frame is asked for.
func (s *Server) widgetLoader(c echo.Context) error {
	h := c.Response().Header()
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", loaderAge)
	h.Set("Content-Security-Policy", "default-src 'none'")
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	hashed, err := s.assets.URL("widget/loader.js")
	if err != nil {
		return err
	}
	h.Set("Etag", `"`+path.Base(hashed)+`"`)
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(s.assets.Content("widget/loader.js")))
	return nil
}

// speak sets the language of a shopper's page: what the page around it asks for, else the browser's. It leaves no
// cookie, unlike the choice on the desk's own pages.
func (s *Server) speak(c echo.Context) string {
	v := of(c)
	v.locale = s.Texts.Match(c.Request().Header.Get("Accept-Language"), c.QueryParam("lang"))
	return v.locale
}
