package apptest_test

import (
	"fmt"
	"net/http"
	"net/mail"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"huiyin/app/apptest"
	"huiyin/app/mailer/mailertest"
)

var stopLink = regexp.MustCompile(`https?://\S+/asks/\S+`)

// Whose order is delivered is asked by mail; she opens the form, and on the page that the mail leads to says that she wants no
// more: the next order brings no mail, and one after she has taken it back does.
func TestWhoIsAskedByMailAfterDeliveryCanSayNo(t *testing.T) {
	t.Parallel()
	desk := apptest.StartProcess(t, "HUIYIN_LIMIT_SCALE=100")
	token := desk.AddAgent("boss@example.com", "周岚", "admin", agentPassword)
	server := mailertest.Start(t, mailertest.Options{})
	set := server.Settings()
	if status, body := desk.PostAs(t, "boss@example.com", agentPassword, "/settings/mail", url.Values{
		"host": {set.Host}, "port": {strconv.Itoa(set.Port)}, "security": {string(set.Security)}, "user": {set.User}, "password": {set.Password},
		"from_email": {set.From.Email}, "from_name": {set.From.Name},
	}); status >= http.StatusBadRequest {
		t.Fatalf("mail: %d %.300s", status, body)
	}
	c := newCaller(desk.Base(), token, 1)
	call := func(method, path, body string) {
		t.Helper()
		if _, _, err := c.call(t.Context(), http.StatusCreated, method, path, []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	form := strings.Replace(strings.Replace(deliveryForm, "after_order", "after_delivery", 1), `{"name"`, `{"quiet_days":0,"name"`, 1)
	call("POST", "/forms", form)
	deliver := func(order, email, locale string) {
		t.Helper()
		call("PUT", "/orders/"+order, fmt.Sprintf(`{"status":"shipped","updated_at":"2026-11-01T00:00:00Z","contact":{"email":%q,"locale":%q}}`, email, locale))
		if _, _, err := c.call(t.Context(), http.StatusOK, "PUT", "/orders/"+order,
			[]byte(fmt.Sprintf(`{"status":"delivered","updated_at":"2026-11-02T00:00:00Z","contact":{"email":%q,"locale":%q}}`, email, locale))); err != nil {
			t.Fatal(err)
		}
	}
	for i, one := range []struct {
		email, order            string
		look                    apptest.Look
		asks, done, again, back string
	}{
		{"mei@home.test", "A", apptest.Look{Locale: "zh-CN", Width: 360, Height: 740, Dark: true}, "不再询问您？", "以后不再请您评价", "可以再问我", "以后我们会偶尔请您评价"},
		{"li@home.test", "B", apptest.Look{Locale: "en"}, "No more questions?", "We will ask you no more", "You may ask me again", "We may ask you now and then"},
	} {
		before := len(server.Mails())
		deliver(one.order+"-1", one.email, one.look.Locale)
		letter := server.Wait(before + 1)[before]
		if head := letter.Header.Get("List-Unsubscribe-Post"); head != "List-Unsubscribe=One-Click" {
			t.Errorf("List-Unsubscribe-Post: %q", head)
		}
		stop := stopLink.FindString(letter.Text)
		if stop == "" || "<"+stop+">" != letter.Header.Get("List-Unsubscribe") {
			t.Fatalf("no way to say no: %q, %q", stop, letter.Header.Get("List-Unsubscribe"))
		}
		b := apptest.NewBrowser(t, one.look.Locale)
		page := b.Open(one.look, true, letter.Link())
		page.Wait("#q-stars-5")
		page.Go(stop)
		page.WaitText(one.asks)
		look := func(name string) {
			page.Axe(name)
			page.Shot(fmt.Sprintf("ask-%d-%s", i, name))
			if apptest.Eval[bool](page, `document.documentElement.scrollWidth > innerWidth`) {
				t.Errorf("%s: the page is wider than the screen", name)
			}
		}
		look("no more")
		page.Click("main button.go")
		page.WaitText(one.done, one.again)
		look("said no")
		deliver(one.order+"-2", one.email, one.look.Locale)
		page.Click("main button[name=again]")
		page.WaitText(one.back)
		look("taken back")
		deliver(one.order+"-3", one.email, one.look.Locale)
		for _, m := range server.Wait(before + 2)[before+1:] {
			if to, err := mail.ParseAddress(m.Header.Get("To")); err != nil || to.Address != one.email || !strings.Contains(m.Text, one.order+"-3") {
				t.Errorf("a mail to %s (%v): %.300s", m.Header.Get("To"), err, m.Text)
			}
		}
	}
}
