package demo

import "slices"

// words are a text in the library's languages.
type words map[string]string

// good is something the shop sells.
type good struct {
	slug  string
	name  words
	price map[string]int // whole yuan, whole dollars
	kinds []string       // what the library's scenarios ask for
}

var goods = []good{
	{"morning-dew-500", words{zh: "晨露保温杯 500ml", en: "Morning Dew flask"}, prices(59, 24), []string{"bottle", "flask", "steel", "cup"}},
	{"travel-mug", words{zh: "随行咖啡杯", en: "travel mug"}, prices(78, 29), []string{"bottle", "flask", "steel", "cup"}},
	{"straw-tumbler", words{zh: "吸管杯", en: "straw tumbler"}, prices(49, 19), []string{"bottle", "straw", "cup"}},
	{"ceramic-mug", words{zh: "陶瓷马克杯", en: "ceramic mug"}, prices(39, 16), []string{"fragile", "cup"}},
	{"double-wall-glass", words{zh: "双层玻璃杯", en: "double-wall glass"}, prices(45, 18), []string{"fragile", "cup"}},
	{"tea-set", words{zh: "青瓷茶具套装", en: "celadon tea set"}, prices(198, 69), []string{"fragile"}},
	{"food-jar", words{zh: "焖烧罐", en: "food jar"}, prices(99, 35), []string{"steel"}},
	{"lunch-box", words{zh: "分格便当盒", en: "lunch box"}, prices(88, 32), []string{"box"}},
	{"pour-over-kettle", words{zh: "手冲壶", en: "pour-over kettle"}, prices(168, 58), nil},
	{"bamboo-towel", words{zh: "竹纤维毛巾", en: "bamboo towel"}, prices(29, 12), nil},
	{"linen-apron", words{zh: "棉麻围裙", en: "linen apron"}, prices(69, 26), nil},
	{"storage-basket", words{zh: "藤编收纳篮", en: "storage basket"}, prices(55, 22), nil},
}

func prices(yuan, dollars int) map[string]int { return map[string]int{zh: yuan, en: dollars} }

// goodsOf gives the goods of a kind; all for the empty kind.
func goodsOf(kind string) []good {
	if kind == "" {
		return goods
	}
	var list []good
	for _, g := range goods {
		if slices.Contains(g.kinds, kind) {
			list = append(list, g)
		}
	}
	return list
}

// What the texts name beside the goods. Couriers, companies and coupons are made up.
var (
	colours   = map[string][]string{zh: {"鼠尾草绿", "晨曦橘", "夜墨蓝", "燕麦白", "陶土红", "石墨灰"}, en: {"sage", "dawn", "night ink", "oat white", "terracotta", "graphite"}}
	couriers  = map[string][]string{zh: {"风驰速运", "云雀快递", "顺路达", "北斗星快递"}, en: {"Larkpost", "Northway Parcel", "Bluebarrow", "QuickOwl"}}
	cities    = map[string][]string{zh: {"杭州", "成都", "武汉", "西安", "广州", "沈阳", "郑州", "长沙", "合肥", "昆明", "济南", "厦门"}, en: {"Shenzhen", "Liège", "Leipzig", "Toronto", "Leeds", "Singapore", "Melbourne", "Chicago"}}
	parts     = map[string][]string{zh: {"杯刷", "密封圈", "杯套", "备用吸管"}, en: {"brush", "spare ring", "sleeve", "spare straw"}}
	companies = map[string][]string{zh: {"云栖里文化有限公司", "北麓设计有限公司", "三棵树下咖啡馆", "拾光幼儿园", "远帆物业服务有限公司"}, en: {"Harbour & Finch Ltd", "Maple Row Studio", "Tidewater Café", "Greenfinch Nursery"}}
	coupons   = map[string][]string{zh: {"秋日满减券", "会员专享券", "囤杯季满129减20", "老朋友回家券"}, en: {"AUTUMN15", "WELCOMEBACK", "TEATIME10"}}
)

// Courier is who carries the shop's parcels, in a language.
func Courier(locale string) string {
	if list := couriers[locale]; len(list) > 0 {
		return list[0]
	}
	return couriers[zh][0]
}
