package demo

// The shop's mail. Its domain belongs to nobody (RFC 2606), and so do the others.
const (
	SupportEmail = "support@shop.example"
	ShopName     = "青禾小店"
)

// MailDomains are those whose mail the demo keeps: the shop's, and those of shoppers and staff.
func MailDomains() []string { return []string{"shop.example", "home.example", "example.com"} }

// Shipped is the mail by which the shop told a customer that her latest order is on its way.
func Shipped(c Customer) (subject, text string) {
	number, item := c.Orders[0].Number, c.Orders[0].Item
	if c.Locale == zh {
		return "您的订单 " + number + " 已发货",
			c.Name + "，您好：\n\n您订的“" + item + "”今天已经发货，一般 2 到 3 天送到。\n\n有任何问题，直接回复这封邮件就可以。\n\n" + ShopName
	}
	return "Your order " + number + " is on its way",
		"Hello " + c.Name + ",\n\nYour order (" + item + ") left us today and should reach you in two or three days.\n\nAny question? Just reply to this mail.\n\n" + shopName[en]
}
