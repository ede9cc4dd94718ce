package web

import (
	"crypto/hmac"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/tickets/fault"
)

// shopForm is the feedback form on the order-completed page, as a shop's server signs it.
type shopForm struct {
	Key, Signature string
	Exp            int64
	Link           string // the form as a page, for browsers without scripts
}

// donePage is what follows an order.
type donePage struct {
	shopFrame
	Number, Colour, ColourName, Total string
	Quantity                          int
}

// formSigned is how long the link of a form holds.
const formSigned = 30 * 24 * time.Hour

func (s *Server) demoDone(c echo.Context) error {
	f, err := s.shopFrame(c, "done", "public.shop.thanks")
	if err != nil {
		return err
	}
	o, known := s.DemoShop.placed.find(c.QueryParam("order"))
	if !known || !hmac.Equal([]byte(c.QueryParam("key")), []byte(f.orderKey(o.Number))) {
		return fault.New(fault.NotFound, "web.error.not_found")
	}
	f.Step = 3
	f.Told = &shopOrder{Number: o.Number, Exp: f.exp, Signature: sign(f.secret, "order", o.Number, strconv.FormatInt(f.exp, 10))}
	// The order's number is the attempt's id: a reload of the page tells of no other.
	f.Attempt = &shopAttempt{ID: "paid-" + o.Number, Order: o.Number, Outcome: "ok", Step: "payment"}
	if f.Form, err = s.shopForm(c, f.Locale, o.Number); err != nil {
		return err
	}
	colour := strings.ToLower(o.SKU[strings.LastIndex(o.SKU, "-")+1:])
	return s.renderShop(c, http.StatusOK, "public/shop_done", f, &donePage{
		shopFrame: *f, Number: o.Number, Colour: colour, ColourName: f.T("public.shop.colour_" + colour), Total: o.Total(), Quantity: o.Quantity,
	})
}

// shopForm signs the form for an order.
func (s *Server) shopForm(c echo.Context, locale, order string) (*shopForm, error) {
	if s.DemoShop.Form == nil {
		return nil, nil
	}
	known, err := s.DemoShop.Form(c.Request().Context(), locale)
	if err != nil {
		return nil, err
	}
	exp := s.Now().Add(formSigned).Unix()
	at := strconv.FormatInt(exp, 10)
	v := &shopForm{Key: known.Key, Exp: exp, Signature: sign(known.Secret, "form", known.Key, order, at)}
	q := url.Values{"order": {order}, "exp": {at}, "signature": {v.Signature}, "lang": {locale}}
	v.Link = s.BaseURL.JoinPath("f", known.Key).String() + "?" + q.Encode()
	return v, nil
}
