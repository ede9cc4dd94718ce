package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"huiyin/tickets"
)

// allow lets sites show the desk's chat.
func (d *desk) allow(sites ...string) {
	d.t.Helper()
	inbox, err := d.tickets.CreateInbox(context.Background(), tickets.NewInbox{
		Channel: tickets.ChannelChat, Name: "青禾小店", Settings: tickets.InboxSettings{AllowedOrigins: sites},
	})
	must(d.t, err)
	d.inbox = inbox
}

// frame asks for the page in the widget's iframe as a page of a site does.
func (d *desk) frame(key, site, more string) reply {
	d.t.Helper()
	return d.browser().get("/widget/frame?inbox=" + key + "&origin=" + url.QueryEscape(site) + more)
}

func ancestors(r reply) string {
	_, rest, _ := strings.Cut(r.header.Get("Content-Security-Policy"), "frame-ancestors ")
	rest, _, _ = strings.Cut(rest, ";")
	return rest
}

func TestOnlyAnInboxsSitesMayFrameItsChat(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.allow("https://shop.example", "https://m.shop.example:8443")
	r := d.frame(d.inbox.Key, "https://shop.example", "")
	if r.status != http.StatusOK || !strings.Contains(r.body, `id="chat-data"`) {
		t.Fatalf("an allowed site gets %d", r.status)
	}
	if want := "'self' " + d.http.URL + " https://shop.example https://m.shop.example:8443"; ancestors(r) != want {
		t.Errorf("frame-ancestors are %q, want %q", ancestors(r), want)
	}
	if r.header.Get("X-Frame-Options") != "" {
		t.Error("X-Frame-Options would keep every site out")
	}
	for _, site := range []string{"https://evil.example", "http://shop.example", "https://shop.example.evil.example", "", "null", "https://shop.example/"} {
		r := d.frame(d.inbox.Key, site, "")
		if r.status != http.StatusForbidden || strings.Contains(r.body, "chat-data") || strings.Contains(r.body, d.inbox.Key) {
			t.Errorf("%q gets %d", site, r.status)
		}
		if !strings.Contains(r.body, `data-code="origin"`) || ancestors(r) != "*" {
			t.Errorf("%q is not told why", site)
		}
	}
}

func TestAnUnknownKeyShowsNoChatAndSaysWhy(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	mail, err := d.tickets.CreateInbox(context.Background(), tickets.NewInbox{Channel: tickets.ChannelEmail, Name: "mail"})
	must(t, err)
	for _, key := range []string{"", "nope", mail.Key, "%00", "../x"} {
		r := d.frame(url.QueryEscape(key), d.http.URL, "")
		if r.status != http.StatusNotFound || !strings.Contains(r.body, `data-code="key"`) {
			t.Errorf("the frame of %q gets %d", key, r.status)
		}
	}
	for _, path := range []string{"/c/nope", "/c/" + mail.Key} {
		r := d.browser().get(path)
		if r.status != http.StatusNotFound || strings.Contains(r.body, "refused.js") || ancestors(r) != "'none'" {
			t.Errorf("%s gets %d, framed by %s", path, r.status, ancestors(r))
		}
	}
}

func TestTheChatAsAPageStandsAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	r := d.browser().get("/c/" + d.inbox.Key + "?order=20260001&signature=ab&exp=12")
	if r.status != http.StatusOK || ancestors(r) != "'none'" {
		t.Fatalf("%d, framed by %s", r.status, ancestors(r))
	}
	data := chatDataOf(t, r)
	if data.Mode != modePage || data.Inbox != d.inbox.Key || data.Origin != "" || *data.Order != (chatOrder{"20260001", "ab", "12"}) {
		t.Errorf("the script is told %+v", data)
	}
}

func chatDataOf(t *testing.T, r reply) chatData {
	t.Helper()
	m := regexp.MustCompile(`(?s)id="chat-data">(.*?)</script>`).FindStringSubmatch(r.body)
	if m == nil {
		t.Fatal("the page has no data for its script")
	}
	var data chatData
	must(t, json.Unmarshal([]byte(m[1]), &data))
	return data
}

func TestTheChatSpeaksWhatItIsAskedFor(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for lang, want := range map[string]string{"zh-CN": "发送", "en": "Send", "zh-TW": "发送", "": "Send", "<script>": "Send"} {
		data := chatDataOf(t, d.frame(d.inbox.Key, d.http.URL, "&lang="+url.QueryEscape(lang)))
		if got, _ := data.Texts["widget.retry"].(string); (got == "重试") != (want == "发送") {
			t.Errorf("%q is answered in %s", lang, data.Locale)
		}
	}
}

// A key that the script names and the bundle lacks would be shown as a key.
func TestEveryTextOfTheChatsScriptExists(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if len(d.web.chatTexts) < 30 {
		t.Fatalf("only %d texts were found in the script", len(d.web.chatTexts))
	}
	for _, locale := range []string{"zh-CN", "en"} {
		texts := d.web.Texts.Select(locale, d.web.chatTexts...)
		for _, key := range d.web.chatTexts {
			if texts[key] == nil {
				t.Errorf("%s lacks %s", locale, key)
			}
		}
	}
}

func TestNoPageOfTheShoppersSideSetsACookie(t *testing.T) {
	t.Parallel()
	d := newDesk(t, withShop)
	for _, path := range []string{
		"/widget.js", "/widget/frame?inbox=" + d.inbox.Key + "&origin=" + url.QueryEscape(d.http.URL) + "&lang=en",
		"/c/" + d.inbox.Key + "?lang=en", "/demo/shop?lang=en", "/demo/shop/orders?lang=en&as=u1",
	} {
		if r := d.browser().get(path); r.status != http.StatusOK || r.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d, cookie %q", path, r.status, r.header.Get("Set-Cookie"))
		}
	}
}

func TestAnySiteMayLoadTheLoader(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	r := d.browser().get("/widget.js")
	if r.header.Get("Cross-Origin-Resource-Policy") != "cross-origin" || !strings.HasPrefix(r.header.Get("Content-Type"), "text/javascript") {
		t.Errorf("the headers are %v", r.header)
	}
	if !strings.Contains(r.header.Get("Cache-Control"), "max-age=300") {
		t.Errorf("Cache-Control is %q: the address has no hash", r.header.Get("Cache-Control"))
	}
	req, err := http.NewRequest(http.MethodGet, d.http.URL+"/widget.js", nil)
	must(t, err)
	req.Header.Set("If-None-Match", r.header.Get("Etag"))
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	_ = res.Body.Close()
	if res.StatusCode != http.StatusNotModified {
		t.Errorf("the same loader again gets %d", res.StatusCode)
	}
}

// withShop shows the sample shop with the desk's only inbox.
func withShop(o *Options) {
	o.DemoShop = &DemoShop{
		Inbox: func(ctx context.Context, _ string) (*tickets.Inbox, error) {
			all, err := o.Tickets.Inboxes(ctx)
			if err != nil {
				return nil, err
			}
			return &all[0], nil
		},
		Customers: []DemoCustomer{{ID: "u1", Name: "李雷", Email: "lilei@example.com", Phone: "+8613900000001", Orders: []DemoOrder{{Number: "20260001", State: "shipped", Quantity: 1, Total: "¥59.00"}}}},
	}
}

func TestWithoutTheDemoThereIsNoShop(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, path := range []string{"/demo/shop", "/demo/shop/orders"} {
		if r := d.browser().get(path); r.status != http.StatusNotFound {
			t.Errorf("%s gets %d", path, r.status)
		}
	}
}

// What the sample shop signs is believed by the desk: the same rules hold for a real shop's server.
func TestTheSampleShopSignsItsCustomersAndOrders(t *testing.T) {
	t.Parallel()
	d := newDesk(t, withShop)
	r := d.browser().get("/demo/shop/orders?lang=zh-CN&as=u1")
	m := regexp.MustCompile(`huiyin\('identify', (\{.*?\})\)`).FindStringSubmatch(r.body)
	o := regexp.MustCompile(`data-order="(\w+)" data-signature="(\w+)" data-exp="(\d+)"`).FindStringSubmatch(r.body)
	if m == nil || o == nil {
		t.Fatalf("the page signs nothing:\n%s", r.body)
	}
	body := `{"inbox":"` + d.inbox.Key + `","identity":` + m[1] + `,"order":"` + o[1] + `","order_signature":"` + o[2] + `","order_exp":` + o[3] + `}`
	res, err := http.Post(d.http.URL+"/chat/v1/sessions", "application/json", strings.NewReader(body))
	must(t, err)
	defer res.Body.Close()
	var answer struct {
		Verified      bool `json:"verified"`
		OrderVerified bool `json:"order_verified"`
	}
	must(t, json.NewDecoder(res.Body).Decode(&answer))
	if res.StatusCode != http.StatusCreated || !answer.Verified || !answer.OrderVerified {
		t.Errorf("%d %+v", res.StatusCode, answer)
	}
}

func TestTheSampleShopsPolicyNamesOnlyTheDesk(t *testing.T) {
	t.Parallel()
	d := newDesk(t, withShop)
	r := d.browser().get("/demo/shop")
	for _, part := range strings.Split(r.header.Get("Content-Security-Policy"), "; ") {
		name, sources, _ := strings.Cut(part, " ")
		for _, source := range strings.Fields(sources) {
			known := slices.Contains([]string{"'none'", "'self'", "'script'", d.http.URL}, source) || strings.HasPrefix(source, "'nonce-")
			if !known {
				t.Errorf("%s allows %s", name, source)
			}
		}
	}
	if strings.Contains(r.body, "style=") || strings.Contains(r.body, "<style") {
		t.Error("the page has styles of its own that its policy forbids")
	}
}
