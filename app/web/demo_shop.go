package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/app/i18n"
	"huiyin/tickets"
)

// DemoShop is the sample shop of `huiyin demo`: a page that embeds the widget as a real shop does.
type DemoShop struct {
	// Inbox gives the chat inbox whose widget the shop embeds in a language ("zh-CN", "en"). Its secret signs the sample
	// customers.
	Inbox func(ctx context.Context, locale string) (*tickets.Inbox, error)
	// ClosedInbox gives one that nobody answers now. nil: there is none.
	ClosedInbox func(ctx context.Context, locale string) (*tickets.Inbox, error)
	// Customers can be signed in as.
	Customers []DemoCustomer
}

// DemoCustomer is a sample customer as the shop knows her.
type DemoCustomer struct {
	ID, Name, Email, Phone string
	Orders                 []DemoOrder
}

// DemoOrder is a sample order.
type DemoOrder struct {
	Number   string
	State    string // shipped, refunding, delivered
	Item     string // the goods in the customer's language; empty: the shop's one product
	Quantity int
	Total    string
}

// demoSigned is how long a signature of the sample shop holds.
const demoSigned = 24 * time.Hour

// shopPage is a page of the sample shop.
type shopPage struct {
	Page
	Orders    bool // the page of the orders, else the product
	Desk      string
	Inbox     string
	Bottom    int
	Night     bool // with a chat that is closed
	HasNight  bool
	Customer  *shopCustomer
	Customers []shopCustomer
	List      []shopOrder
	Identity  *shopIdentity
	SignedOut bool
	SignOut   string
	Other     string // the same page in the other language
	OtherLocale,
	as string
}

type shopCustomer struct{ Name, Initial, Href string }

type shopOrder struct {
	Number, State, Item, Total, Signature string
	Quantity                              int
	Exp                                   int64
}

// shopIdentity is what the shop's page tells the widget of a signed-in customer.
type shopIdentity struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Email     string `json:"email"`
	Phone     string `json:"phone"`
	Exp       int64  `json:"exp"`
	Signature string `json:"signature"`
}

func (s *Server) demoShop(c echo.Context) error { return s.showShop(c, false) }

func (s *Server) demoOrders(c echo.Context) error { return s.showShop(c, true) }

func (s *Server) showShop(c echo.Context, orders bool) error {
	find, night := s.DemoShop.Inbox, c.QueryParam("night") != ""
	if night && s.DemoShop.ClosedInbox != nil {
		find = s.DemoShop.ClosedInbox
	}
	inbox, err := find(c.Request().Context(), s.speak(c))
	if err != nil {
		return err
	}
	p := &shopPage{
		Page: s.page(c), Orders: orders, Inbox: inbox.Key, Desk: s.BaseURL.Scheme + "://" + s.BaseURL.Host,
		Night: night, HasNight: s.DemoShop.ClosedInbox != nil,
		SignedOut: c.QueryParam("out") != "", as: c.QueryParam("as"),
	}
	p.OtherLocale = i18n.English
	if p.Locale == i18n.English {
		p.OtherLocale = i18n.Chinese
	}
	p.Other, p.SignOut = p.link(p.Path, p.OtherLocale, p.as, false), p.link(p.Path, p.Locale, "", true)
	p.fill(s.DemoShop.Customers, inbox.Secret, s.Now().Add(demoSigned).Unix())
	c.Response().Header().Set("Content-Security-Policy", shopPolicy(p.Nonce, p.Desk))
	return s.render(c, http.StatusOK, "public/shop", p)
}

// shopPolicy is as strict as a careful shop's: of the widget it names the desk's origin and nothing else.
func shopPolicy(nonce, desk string) string {
	return strings.Join([]string{
		"default-src 'none'", "script-src 'nonce-" + nonce + "' " + desk, "style-src 'self'", "img-src 'self'", "frame-src " + desk,
		"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
	}, "; ")
}

// fill puts in who is signed in, with the signatures that a shop's server makes.
func (p *shopPage) fill(customers []DemoCustomer, secret string, exp int64) {
	for _, one := range customers {
		view := shopCustomer{one.Name, initial(one.Name), p.link(p.Path, p.Locale, one.ID, false)}
		p.Customers = append(p.Customers, view)
		if one.ID != p.as {
			continue
		}
		p.Customer = &view
		p.Identity = &shopIdentity{ID: one.ID, Name: one.Name, Email: one.Email, Phone: one.Phone, Exp: exp}
		p.Identity.Signature = "v2=" + sign(secret, "identity", one.ID, one.Email, one.Phone, strconv.FormatInt(exp, 10))
		for _, o := range one.Orders {
			if !p.Orders {
				break
			}
			p.List = append(p.List, p.order(o, secret, exp))
		}
	}
}

func (p *shopPage) order(o DemoOrder, secret string, exp int64) shopOrder {
	view := shopOrder{Number: o.Number, Item: o.Item, Quantity: o.Quantity, Total: o.Total, Exp: exp}
	view.Signature = sign(secret, "order", o.Number, strconv.FormatInt(exp, 10))
	if view.Item == "" {
		view.Item = p.T("public.shop.product")
	}
	switch o.State {
	case "refunding":
		view.State = p.T("public.shop.state_refunding")
	case "shipped":
		view.State = p.T("public.shop.state_shipped")
	default:
		view.State = p.T("public.shop.state_delivered")
	}
	return view
}

// Link is a page of the shop for the same person in the same language.
func (p *shopPage) Link(path string) string { return p.link(path, p.Locale, p.as, false) }

func (p *shopPage) link(path, locale, as string, out bool) string {
	q := url.Values{"lang": {locale}}
	if as != "" {
		q.Set("as", as)
	}
	if out {
		q.Set("out", "1")
	}
	return path + "?" + q.Encode()
}

// sign is hex(HMAC-SHA256(secret, parts joined by dots)), as a shop's server makes it.
func sign(secret string, parts ...string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(strings.Join(parts, ".")))
	return hex.EncodeToString(mac.Sum(nil))
}
