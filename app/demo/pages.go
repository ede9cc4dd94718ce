package demo

import "huiyin/tickets"

// site is where the shop's own pages would be; example.com belongs to nobody (RFC 2606).
const site = "https://qinghe.example.com"

// shopSettings is what the first run would have asked for.
var shopSettings = tickets.Shop{Name: ShopName, Locale: "zh-CN", Timezone: "Asia/Shanghai", Country: "CN", Currency: "CNY"}

var shopName = words{zh: ShopName, en: "Qinghe"}

// How the shop's chats are called, and what they say first.
var (
	inboxNames  = words{zh: "青禾小店 · 网页", en: "Qinghe · English site"}
	closedNames = words{zh: "青禾小店 · 夜间", en: "Qinghe · after hours"}
	greetings   = words{zh: "您好，欢迎来到青禾小店。有什么想问的，直接说就好。", en: "Hello, and welcome to Qinghe. Just ask."}
	hotlines    = words{zh: "400-000-0000"}
)

var pageTitles = map[string]words{
	"order":   {zh: "订单 ", en: "Order "},
	"cart":    {zh: "购物车", en: "Your cart"},
	"account": {zh: "我的青禾", en: "Your account"},
	"home":    {zh: "好好喝水，好好生活", en: "Cups for slow mornings"},
}

// pageOf is the page of the shop that the shopper writes from.
func pageOf(s *scenario, g good, order string) tickets.Page {
	base := site
	if s.locale == en {
		base += "/en"
	}
	path, title := "/"+s.page, pageTitles[s.page][s.locale]
	switch s.page {
	case "order":
		path, title = "/orders/"+order, title+order
	case "product":
		path, title = "/products/"+g.slug, g.name[s.locale]
	case "home":
		path = "/"
	}
	return tickets.Page{URL: base + path, Title: title + " · " + shopName[s.locale]}
}
