package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// A till is the sample shop on a desk, with what it has told the desk.
type till struct {
	*desk
	told []DemoPurchase
	fail error
}

func newTill(t *testing.T) *till {
	t.Helper()
	shop := &till{}
	shop.desk = newDesk(t, withShop, func(o *Options) {
		o.DemoShop.Push = func(_ context.Context, p DemoPurchase) error {
			shop.told = append(shop.told, p)
			return shop.fail
		}
		o.DemoShop.Form = func(context.Context, string) (DemoForm, error) { return DemoForm{Key: "form-key", Secret: "s"}, nil }
	})
	return shop
}

func (s *till) pay(b *browser, as string, change map[string]string) reply {
	form := url.Values{"name": {"韩梅"}, "phone": {"138 0013 8000"}, "address": {"文三路 1 号"}, "payment": {"wechat"}, "colour": {"dawn"}, "quantity": {"2"}}
	for k, v := range change {
		form.Set(k, v)
	}
	return b.do(http.MethodPost, "/demo/shop/checkout?lang=en&as="+as, "text/html", form)
}

func TestTheCheckoutMakesAnOrderAndTellsTheDesk(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	b := s.browser()
	got := s.pay(b, "u1", nil)
	if got.status != http.StatusSeeOther || len(s.told) != 1 {
		t.Fatalf("%d, told %v", got.status, s.told)
	}
	o := s.told[0]
	if o.State != "paid" || o.Customer != "u1" || o.Quantity != 2 || o.Total() != "¥118.00" || o.SKU != "CL-500-DAWN" || o.Paid.IsZero() {
		t.Errorf("told %+v", o)
	}
	done := b.get(got.header.Get("Location"))
	for _, want := range []string{
		o.Number, `huiyin('attempt', {"id":"paid-` + o.Number, `data-huiyin-form="form-key"`, `data-order="` + o.Number, `huiyin('order', "` + o.Number,
	} {
		if !strings.Contains(done.body, want) {
			t.Errorf("the page after it lacks %s", want)
		}
	}
	if list := b.get("/demo/shop/orders?lang=en&as=u1").body; !strings.Contains(list, o.Number) {
		t.Error("her orders do not show it")
	}
	if list := b.get("/demo/shop/orders?lang=en").body; strings.Contains(list, o.Number) {
		t.Error("a stranger sees it")
	}
	wrong := strings.Replace(got.header.Get("Location"), "key=", "key=0", 1)
	if r := b.get(wrong); r.status != http.StatusNotFound {
		t.Errorf("a guessed page of an order gets %d", r.status)
	}
}

func TestARefusedPaymentKeepsTheOrderAndCanBePaidAgain(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	b := s.browser()
	got := s.pay(b, "", map[string]string{"payment": "refused"})
	if got.status != http.StatusConflict || len(s.told) != 1 || s.told[0].State != "unpaid" {
		t.Fatalf("%d, told %v", got.status, s.told)
	}
	for _, want := range []string{`"outcome":"failed","reason":"payment","step":"payment"`, `value="韩梅"`, `role="alert"`, "data-ask"} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	kept := regexp.MustCompile(`name="order" value="([^"]+)">\s*<input type="hidden" name="key" value="([^"]+)"`).FindStringSubmatch(got.body)
	if kept == nil {
		t.Fatal("the page does not carry the order")
	}
	if got = s.pay(b, "", map[string]string{"order": kept[1], "key": kept[2]}); got.status != http.StatusSeeOther || len(s.told) != 2 {
		t.Fatalf("%d, told %v", got.status, s.told)
	}
	if s.told[1].Number != s.told[0].Number || s.told[1].State != "paid" {
		t.Errorf("another order was made: %+v", s.told[1])
	}
	if s.pay(b, "", map[string]string{"order": kept[1], "key": "0"}); s.told[2].Number == kept[1] {
		t.Error("an order is paid by somebody to whom the shop has not named it")
	}
}

func TestTheCheckoutSaysWhatIsWrongAtItsField(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	for field, value := range map[string]string{"name": " ", "phone": "12", "address": "", "payment": "gold"} {
		got := s.pay(s.browser(), "", map[string]string{field: value})
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, s.web.Texts.Text("en", "public.shop.error."+field, nil)) {
			t.Errorf("%s %q: %d", field, value, got.status)
		}
		if !strings.Contains(got.body, `"reason":"input"`) {
			t.Errorf("%s: the desk is not told", field)
		}
	}
	got := s.pay(s.browser(), "", map[string]string{"colour": "ink", "quantity": "4"})
	if got.status != http.StatusConflict || !strings.Contains(got.body, `"reason":"stock"`) {
		t.Errorf("more than there is: %d", got.status)
	}
	got = s.pay(s.browser(), "", map[string]string{"name": `"><script>alert(1)</script>`, "phone": "x"})
	if strings.Contains(got.body, "<script>alert") {
		t.Error("a name is shown as markup")
	}
	if len(s.told) != 0 {
		t.Errorf("orders were made: %v", s.told)
	}
}

func TestAnOrderThatTheDeskDidNotTakeIsNotMade(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	s.fail = errors.New("down")
	b := s.browser()
	if got := s.pay(b, "u1", nil); got.status != http.StatusInternalServerError {
		t.Errorf("%d", got.status)
	}
	if list := b.get("/demo/shop/orders?lang=en&as=u1").body; strings.Contains(list, s.told[0].Number) {
		t.Error("the shop shows it all the same")
	}
}

func TestASampleOrderMovesOnForItsCustomerOnly(t *testing.T) {
	t.Parallel()
	s := newTill(t)
	b := s.browser()
	s.pay(b, "u1", nil)
	path := "/demo/shop/orders/" + s.told[0].Number + "?lang=en&as="
	for as, want := range map[string]int{"": 404, "u2": 404} {
		if got := b.do(http.MethodPost, path+as, "text/html", url.Values{}); got.status != want {
			t.Errorf("%q: %d, want %d", as, got.status, want)
		}
	}
	for _, want := range []string{"shipped", "delivered", "delivered"} {
		if got := b.do(http.MethodPost, path+"u1", "text/html", url.Values{}); got.status != http.StatusSeeOther {
			t.Fatalf("%d", got.status)
		}
		if last := s.told[len(s.told)-1]; last.State != want || last.Tracking == "" {
			t.Errorf("told %+v, want %s", last, want)
		}
	}
	if len(s.told) != 3 {
		t.Errorf("told %d times", len(s.told))
	}
}
