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
	// Push tells the desk of an order, new or changed, as a shop's server does. nil: the desk hears of none.
	Push func(ctx context.Context, o DemoPurchase) error
	// Form gives the feedback form that the shop shows after an order. nil: it shows none.
	Form func(ctx context.Context, locale string) (DemoForm, error)

	placed purchases
}

// DemoForm is a feedback form as a shop knows it: its public key and the secret that signs its links.
type DemoForm struct{ Key, Secret string }

// DemoCustomer is a sample customer as the shop knows her.
type DemoCustomer struct {
	ID, Name, Email, Phone string
	Orders                 []DemoOrder
}

// DemoOrder is a sample order.
type DemoOrder struct {
	Number   string
	State    string // unpaid, paid, shipped, refunding, delivered
	Item     string // the goods in the customer's language; empty: the shop's one product
	Quantity int
	Total    string
}

// demoSigned is how long a signature of the sample shop holds.
const demoSigned = 24 * time.Hour

// shopFrame is what every page of the sample shop has; the layout "shop" shows it.
type shopFrame struct {
	Page
	Title     string
	Where     string // goods, orders, checkout, done
	Step      int    // of the checkout, from 1
	Desk      string
	Inbox     string
	Bottom    int
	Night     bool // with a chat that is closed
	HasNight  bool
	Customer  *shopCustomer
	Customers []shopCustomer
	Identity  *shopIdentity
	Told      *shopOrder   // the order that the page names to the widget
	Attempt   *shopAttempt // what the page tells the desk of an order that was tried
	Form      *shopForm    // the feedback form after an order
	SignedOut bool
	SignOut   string
	Other     string // the same page in the other language
	OtherLocale,
	as string
	secret string // of the inbox; signs
	exp    int64
}

// shopPage is the product, or the orders.
type shopPage struct {
	shopFrame
	Carried []hiddenField // what the checkout has to know
	List    []shopOrder
}

// hiddenField is a value that a form carries.
type hiddenField struct{ Name, Value string }

type shopCustomer struct{ Name, Initial, Href string }

type shopOrder struct {
	Number, State, Item, Total, Signature string
	Quantity                              int
	Exp                                   int64
	Next                                  *shopNext // what can happen to it next; nil: nothing
}

// shopNext is a button of the demo that moves an order on, as a shop's warehouse would.
type shopNext struct{ Action, Label string }

// shopIdentity is what the shop's page tells the widget of a signed-in customer.
type shopIdentity struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Email     string `json:"email"`
	Phone     string `json:"phone"`
	Exp       int64  `json:"exp"`
	Signature string `json:"signature"`
}

func (s *Server) demoShop(c echo.Context) error {
	f, err := s.shopFrame(c, "goods", "public.shop.product")
	if err != nil {
		return err
	}
	p := &shopPage{shopFrame: *f, Carried: []hiddenField{{"lang", f.Locale}}}
	if f.as != "" {
		p.Carried = append(p.Carried, hiddenField{"as", f.as})
	}
	return s.renderShop(c, http.StatusOK, "public/shop", f, p)
}

func (s *Server) demoOrders(c echo.Context) error {
	f, err := s.shopFrame(c, "orders", "public.shop.orders")
	if err != nil {
		return err
	}
	p := &shopPage{shopFrame: *f}
	for _, o := range s.DemoShop.placed.of(f.as) {
		view := f.order(o.shown(f), f.secret, f.exp)
		if label := o.nextLabel(); label != "" {
			view.Next = &shopNext{f.Link("/demo/shop/orders/" + o.Number), f.T(label)}
		}
		p.List = append(p.List, view)
	}
	for _, one := range s.DemoShop.Customers {
		for _, o := range one.Orders {
			if one.ID == f.as {
				p.List = append(p.List, f.order(o, f.secret, f.exp))
			}
		}
	}
	return s.renderShop(c, http.StatusOK, "public/shop", f, p)
}

// shopFrame gathers what every page of the shop has; title is a key.
func (s *Server) shopFrame(c echo.Context, where, title string) (*shopFrame, error) {
	find, night := s.DemoShop.Inbox, c.QueryParam("night") != ""
	if night && s.DemoShop.ClosedInbox != nil {
		find = s.DemoShop.ClosedInbox
	}
	inbox, err := find(c.Request().Context(), s.speak(c))
	if err != nil {
		return nil, err
	}
	f := &shopFrame{
		Page: s.page(c), Where: where, Inbox: inbox.Key, Desk: s.BaseURL.Scheme + "://" + s.BaseURL.Host,
		Night: night, HasNight: s.DemoShop.ClosedInbox != nil, secret: inbox.Secret, exp: s.Now().Add(demoSigned).Unix(),
		SignedOut: c.QueryParam("out") != "", as: c.QueryParam("as"),
	}
	f.Title = f.T(title)
	f.OtherLocale = i18n.English
	if f.Locale == i18n.English {
		f.OtherLocale = i18n.Chinese
	}
	f.Other, f.SignOut = f.sameIn(c, f.OtherLocale), f.link("/demo/shop", f.Locale, "", true)
	f.fill(s.DemoShop.Customers)
	return f, nil
}

// sameIn is the address of the page that was asked for, in another language.
func (f *shopFrame) sameIn(c echo.Context, locale string) string {
	q := url.Values{}
	if c.Request().Method == http.MethodGet {
		q = c.QueryParams()
	}
	q.Set("lang", locale)
	q.Del("out")
	if f.as != "" {
		q.Set("as", f.as)
	}
	return f.Path + "?" + q.Encode()
}

func (s *Server) renderShop(c echo.Context, status int, page string, f *shopFrame, data any) error {
	c.Response().Header().Set("Content-Security-Policy", shopPolicy(f.Nonce, f.Desk))
	return s.render(c, status, page, data)
}

// shopPolicy is as strict as a careful shop's: of the widget it names the desk's origin and nothing else.
func shopPolicy(nonce, desk string) string {
	return strings.Join([]string{
		"default-src 'none'", "script-src 'nonce-" + nonce + "' " + desk, "style-src 'self'", "img-src 'self'", "frame-src " + desk,
		"base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
	}, "; ")
}

// fill puts in who is signed in, with the signature that a shop's server makes.
func (f *shopFrame) fill(customers []DemoCustomer) {
	for _, one := range customers {
		view := shopCustomer{one.Name, initial(one.Name), f.link(f.home(), f.Locale, one.ID, false)}
		f.Customers = append(f.Customers, view)
		if one.ID != f.as {
			continue
		}
		f.Customer = &view
		f.Identity = &shopIdentity{ID: one.ID, Name: one.Name, Email: one.Email, Phone: one.Phone, Exp: f.exp}
		f.Identity.Signature = "v2=" + sign(f.secret, "identity", one.ID, one.Email, one.Phone, strconv.FormatInt(f.exp, 10))
	}
}

// home is where somebody goes who signs in on the page.
func (f *shopFrame) home() string {
	if f.Where == "orders" {
		return "/demo/shop/orders"
	}
	return "/demo/shop"
}

func (f *shopFrame) order(o DemoOrder, secret string, exp int64) shopOrder {
	view := shopOrder{Number: o.Number, Item: o.Item, Quantity: o.Quantity, Total: o.Total, Exp: exp}
	view.Signature = sign(secret, "order", o.Number, strconv.FormatInt(exp, 10))
	if view.Item == "" {
		view.Item = f.T("public.shop.product")
	}
	view.State = f.T("public.shop.state_" + o.State)
	return view
}

// Link is a page of the shop for the same person in the same language.
func (f *shopFrame) Link(path string) string { return f.link(path, f.Locale, f.as, false) }

func (f *shopFrame) link(path, locale, as string, out bool) string {
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
