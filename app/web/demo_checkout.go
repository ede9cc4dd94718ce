package web

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"huiyin/tickets/fault"
)

// What the sample shop sells: one thing in three colours. There is little left of the last.
var shopColours = []string{"sage", "dawn", "ink"}

const (
	shopPrice    = 5900 // fen
	shopMost     = 9
	shopLastOnes = 3 // of the colour ink
)

// shopWays are the ways to pay; the last is refused, so that a failure can be seen.
var shopWays = []string{"wechat", "alipay", "refused"}

// basket is what somebody is about to buy.
type basket struct {
	colour   string
	quantity int
	order    string // the number of an order that was made and not paid yet
}

// basketOf reads what a page of the checkout carries; what is no choice of the shop's becomes its first.
func (s *Server) basketOf(c echo.Context, f *shopFrame) basket {
	b := basket{colour: c.FormValue("colour")}
	if !slices.Contains(shopColours, b.colour) {
		b.colour = shopColours[0]
	}
	n, _ := strconv.Atoi(c.FormValue("quantity"))
	b.quantity = min(max(n, 1), shopMost)
	if number := c.FormValue("order"); number != "" && c.FormValue("key") == f.orderKey(number) {
		b.order = number
	}
	return b
}

// orderKey shows that the shop itself has named an order to this browser.
func (f *shopFrame) orderKey(number string) string { return sign(f.secret, "shop", number) }

// checkoutPage is the checkout.
type checkoutPage struct {
	shopFrame
	Error        string
	Help         bool // offer the chat beside the error
	Action       string
	Kept         []hiddenField
	Colour       string
	ColourName   string
	Quantity     int
	Total        string
	Details      []shopField
	Ways         []shopWay
	PaymentWrong string
}

// shopField is a field that must be filled in, and what the script says where it is not.
type shopField struct {
	field
	Missing string
}

type shopWay struct {
	Value, Text string
	On          bool
}

// shopAttempt is what the page tells the desk by huiyin('attempt', …).
type shopAttempt struct {
	ID      string `json:"id,omitempty"`
	Order   string `json:"order,omitempty"`
	Outcome string `json:"outcome"`
	Reason  string `json:"reason,omitempty"`
	Step    string `json:"step"`
}

func (s *Server) demoCheckout(c echo.Context) error {
	f, err := s.shopFrame(c, "checkout", "public.shop.checkout")
	if err != nil {
		return err
	}
	proposed := map[string]string{}
	if f.Identity != nil {
		proposed["name"], proposed["phone"] = f.Identity.Name, f.Identity.Phone
	}
	return s.showCheckout(c, f, s.empty(c, proposed), s.basketOf(c, f), http.StatusOK)
}

func (s *Server) showCheckout(c echo.Context, f *shopFrame, sent *form, b basket, status int) error {
	p := &checkoutPage{
		Error: sent.General(), Action: f.Link("/demo/shop/checkout"), Colour: b.colour, ColourName: f.T("public.shop.colour_" + b.colour),
		Quantity: b.quantity, Total: (&DemoPurchase{Price: shopPrice, Quantity: b.quantity}).Total(), PaymentWrong: sent.wrong("payment"),
		Kept: []hiddenField{{"colour", b.colour}, {"quantity", strconv.Itoa(b.quantity)}},
	}
	f.Step, p.Help = 1, f.Attempt != nil && f.Attempt.Reason != "input"
	if p.Help {
		f.Step = 2
	}
	if b.order != "" {
		p.Kept = append(p.Kept, hiddenField{"order", b.order}, hiddenField{"key", f.orderKey(b.order)})
		f.Told = &shopOrder{Number: b.order, Exp: f.exp, Signature: sign(f.secret, "order", b.order, strconv.FormatInt(f.exp, 10))}
	}
	for _, one := range []field{
		{Name: "name", Complete: "name", Max: 50}, {Name: "phone", Type: "tel", Complete: "tel", Max: 20, Hint: f.T("public.shop.hint.phone")},
		{Name: "address", Complete: "street-address", Max: 200, Hint: f.T("public.shop.hint.address")},
	} {
		one.Label = f.T("public.shop.field." + one.Name)
		p.Details = append(p.Details, shopField{sent.input(one), f.T("public.shop.error." + one.Name)})
	}
	for _, way := range shopWays {
		p.Ways = append(p.Ways, shopWay{way, f.T("public.shop.way." + way), sent.values("payment") == way})
	}
	p.shopFrame = *f
	return s.renderShop(c, status, "public/shop_checkout", f, p)
}

// demoBuy is the button that pays. What fails is said at its place, told to the desk as an order attempt, and can be tried
// again.
func (s *Server) demoBuy(c echo.Context) error {
	f, err := s.shopFrame(c, "checkout", "public.shop.checkout")
	if err != nil {
		return err
	}
	sent, b := s.sent(c), s.basketOf(c, f)
	wrong, attempt := checkPurchase(c, b), shopAttempt{Outcome: "failed", Reason: "input", Step: "details"}
	if wrong != nil && wrong.Kind == fault.Conflict {
		attempt = shopAttempt{Outcome: "failed", Reason: "stock", Step: "stock"}
	}
	if wrong == nil {
		o, err := s.place(c, f, &b)
		if err != nil {
			return err
		}
		if o.State == "paid" {
			q := url.Values{"order": {o.Number}, "key": {f.orderKey(o.Number)}}
			return c.Redirect(http.StatusSeeOther, f.Link("/demo/shop/done")+"&"+q.Encode())
		}
		wrong = fault.New(fault.Conflict, "public.shop.failed_payment")
		attempt = shopAttempt{Order: o.Number, Outcome: "failed", Reason: "payment", Step: "payment"}
	}
	if err := sent.refused(wrong); err != nil {
		return err
	}
	f.Attempt = &attempt
	return s.showCheckout(c, f, sent, b, sent.status())
}

var phoneForm = regexp.MustCompile(`^\+?[0-9][0-9 -]{5,18}$`)

// checkPurchase holds the form against the shop's rules. Invalid: a field; Conflict: there is too little left.
func checkPurchase(c echo.Context, b basket) *fault.Error {
	e := &fault.Error{Kind: fault.Invalid, Key: "web.error.bad_request"}
	wrong := func(name string) {
		e.Fields = append(e.Fields, fault.Field{Name: name, Code: "invalid", Key: "public.shop.error." + name})
	}
	for name, most := range map[string]int{"name": 50, "address": 200} {
		if text := strings.TrimSpace(c.FormValue(name)); text == "" || utf8.RuneCountInString(text) > most || !utf8.ValidString(text) {
			wrong(name)
		}
	}
	if !phoneForm.MatchString(strings.TrimSpace(c.FormValue("phone"))) {
		wrong("phone")
	}
	if !slices.Contains(shopWays, c.FormValue("payment")) {
		wrong("payment")
	}
	switch {
	case len(e.Fields) > 0:
		return e
	case b.colour == "ink" && b.quantity > shopLastOnes:
		return &fault.Error{Kind: fault.Conflict, Key: "public.shop.failed_stock", Args: map[string]any{"count": shopLastOnes}}
	}
	return nil
}

// place makes the order, or pays the one that waits for it, and tells the desk as a shop's server does.
func (s *Server) place(c echo.Context, f *shopFrame, b *basket) (DemoPurchase, error) {
	now := s.Now()
	o, known := s.DemoShop.placed.find(b.order)
	if !known {
		o = DemoPurchase{Number: s.DemoShop.placed.number(now.In(s.shopOf(c.Request().Context()).Zone())), Customer: f.as, Placed: now}
	}
	o.State, o.Name, o.Phone, o.Locale = "unpaid", strings.TrimSpace(c.FormValue("name")), strings.TrimSpace(c.FormValue("phone")), f.Locale
	if f.Identity != nil {
		o.Email = f.Identity.Email
	}
	o.SKU, o.Item = "CL-500-"+strings.ToUpper(b.colour), f.T("public.shop.product")+" "+f.T("public.shop.colour_"+b.colour)
	o.Quantity, o.Price, o.Updated = b.quantity, shopPrice, now
	if c.FormValue("payment") != "refused" {
		o.State, o.Paid = "paid", now
	}
	if s.DemoShop.Push != nil {
		if err := s.DemoShop.Push(c.Request().Context(), o); err != nil {
			return DemoPurchase{}, err
		}
	}
	s.DemoShop.placed.keep(o)
	b.order = o.Number
	return o, nil
}

// demoMoveOn sends or delivers an order, so that one can see it change beside a conversation.
func (s *Server) demoMoveOn(c echo.Context) error {
	f, err := s.shopFrame(c, "orders", "public.shop.orders")
	if err != nil {
		return err
	}
	o, known := s.DemoShop.placed.find(c.Param("order"))
	if !known || o.Customer == "" || o.Customer != f.as {
		return fault.New(fault.NotFound, "web.error.not_found")
	}
	if o.moveOn(s.Now()) {
		if s.DemoShop.Push != nil {
			if err := s.DemoShop.Push(c.Request().Context(), o); err != nil {
				return err
			}
		}
		s.DemoShop.placed.keep(o)
	}
	return c.Redirect(http.StatusSeeOther, f.Link("/demo/shop/orders"))
}
