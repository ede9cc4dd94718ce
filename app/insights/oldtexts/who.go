package oldtexts

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"huiyin/app/sheet"
)

// The channels that a text may have come by: those of tickets, and reviews.
const (
	chat   = "chat"
	email  = "email"
	form   = "form"
	phone  = "phone"
	review = "review"
)

// channelWords are the channels as exports call them; one that a cell holds counts, the first that is found.
var channelWords = []struct{ word, channel string }{
	{"评价", review}, {"评论", review}, {"review", review}, {"邮", email}, {"mail", email}, {"电话", phone}, {"呼叫", phone}, {"phone", phone}, {"call", phone},
	{"表单", form}, {"问卷", form}, {"form", form}, {"survey", form}, {"聊天", chat}, {"会话", chat}, {"在线", chat}, {"网页", chat}, {"网站", chat}, {"微信", chat}, {"公众号", chat},
	{"小程序", chat}, {"app", chat}, {"旺旺", chat}, {"chat", chat}, {"im", chat}, {"web", chat},
}

// channelOf reads a channel; what no word tells is usual.
func channelOf(cell, usual string) string {
	cell = folded(cell)
	for _, w := range channelWords {
		if strings.Contains(cell, w.word) {
			return w.channel
		}
	}
	return usual
}

func folded(cell string) string { return strings.ToLower(norm.NFKC.String(sheet.Bare(cell))) }

// Side is who said a line.
type Side string

// The sides. An unknown one has its lines refused, until somebody says who speaks for the shop.
const (
	Shopper Side = "shopper"
	Shop    Side = "shop"
	Unknown Side = "unknown"
)

var (
	shopWords = []string{
		"客服", "客户服务", "坐席", "座席", "商家", "卖家", "店小二", "机器人", "系统", "管理员", "自动", "agent", "staff", "seller", "merchant", "robot", "bot", "system", "admin", "operator", "support", "service",
	}
	shopperWords = []string{"客户", "顾客", "买家", "访客", "用户", "粉丝", "会员", "消费者", "customer", "visitor", "buyer", "user", "client", "shopper", "contact", "guest", "consumer"}
)

// sideOf tells who speaks. isStaff knows the names that speak for the shop; once some are named, whoever is none of them and
// no word of the shop's is a shopper. A name of a shop's account has a colon: 旗舰店:小美.
func sideOf(cell, customer string, named bool, isStaff func(name string) bool) Side {
	name := folded(cell)
	switch {
	case name == "", customer != "" && name == folded(customer):
		return Shopper
	case isStaff(name):
		return Shop
	case holds(name, shopWords): // before the shopper's: customer service
		return Shop
	case holds(name, shopperWords):
		return Shopper
	case strings.Contains(name, ":"):
		return Shop
	case named:
		return Shopper
	}
	return Unknown
}

func holds(name string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(name, w) })
}

// staffOf reads the names of those who speak for the shop: one a line, or between commas.
func staffOf(text string) []string {
	var out []string
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\n\r,，、;；", r) }) {
		if name = folded(name); name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// ratingWords are grades as exports call them, of five.
var ratingWords = []struct {
	word  string
	stars float64
}{
	{"非常不满意", 1}, {"很不满意", 1}, {"不满意", 2}, {"非常满意", 5}, {"很满意", 5}, {"满意", 4}, {"一般", 3}, {"差评", 1}, {"中评", 3}, {"好评", 5}, {"极差", 1}, {"较差", 2}, {"较好", 4}, {"很好", 5},
	{"very dissatisfied", 1}, {"very satisfied", 5}, {"dissatisfied", 2}, {"unsatisfied", 2}, {"satisfied", 4}, {"neutral", 3}, {"bad", 1}, {"poor", 1}, {"negative", 1}, {"positive", 5}, {"good", 5},
}

// starsOf reads a grade as stars of five; 0: none. 2/5, 4星, 5.0, 差评 and 满意 are grades.
func starsOf(cell string) (float64, bool) {
	cell = folded(cell)
	if sheet.Nothing(cell) || strings.Contains(cell, "未评") {
		return 0, true
	}
	for _, w := range ratingWords {
		if strings.Contains(cell, w.word) {
			return w.stars, true
		}
	}
	if n := strings.Count(cell, "★"); n > 0 {
		return float64(n), n <= 5
	}
	digits, of, fraction := strings.Cut(strings.TrimSpace(strings.TrimRight(cell, "星颗分级 star")), "/")
	n, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if most, bad := strconv.ParseFloat(strings.TrimSpace(of), 64); fraction && bad == nil && most > 0 {
		n = n / most * 5
	}
	return n, err == nil && n >= 0 && n <= 5
}

// blamed tells whether tags call a line a complaint.
func blamed(tags string) bool {
	return holds(folded(tags), []string{"投诉", "差评", "抱怨", "不满", "complaint", "negative"})
}
