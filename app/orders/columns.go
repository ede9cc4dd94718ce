package orders

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Field is what a column of a file may hold.
type Field string

// The fields of a file. The first is needed.
const (
	FieldNumber    Field = "number"
	FieldStatus    Field = "status"
	FieldTotal     Field = "total"
	FieldCurrency  Field = "currency"
	FieldPlaced    Field = "placed_at"
	FieldPaid      Field = "paid_at"
	FieldShipped   Field = "shipped_at"
	FieldDelivered Field = "delivered_at"
	FieldFinished  Field = "finished_at"
	FieldSKU       Field = "sku"
	FieldName      Field = "name"
	FieldQuantity  Field = "quantity"
	FieldPrice     Field = "price"
	FieldCourier   Field = "courier"
	FieldTracking  Field = "tracking"
	FieldRefund    Field = "refund"
	FieldBuyer     Field = "buyer"
	FieldBuyerName Field = "buyer_name"
	FieldPhone     Field = "phone"
	FieldEmail     Field = "email"
)

// Fields lists them all, in the order of a form.
func Fields() []Field {
	return []Field{
		FieldNumber, FieldStatus, FieldTotal, FieldCurrency, FieldPlaced, FieldPaid, FieldShipped, FieldDelivered, FieldFinished, FieldSKU, FieldName, FieldQuantity,
		FieldPrice, FieldCourier, FieldTracking, FieldRefund, FieldBuyer, FieldBuyerName, FieldPhone, FieldEmail,
	}
}

// Preset is a platform whose exports are known.
type Preset struct {
	Name string
	// sums: each line of an order has an amount of its own, and the order's is their sum.
	sums bool
}

// Own is the preset of a file that the shop has made itself: its buyers' ids are those that it signs.
const Own = "own"

// Presets are the platforms, as a form lists them.
func Presets() []Preset {
	return []Preset{{Name: "youzan"}, {Name: "weidian"}, {Name: "qianniu"}, {Name: "jd"}, {Name: "doudian", sums: true}, {Name: Own}}
}

func presetOf(name string) (Preset, bool) {
	for _, p := range Presets() {
		if p.Name == name {
			return p, true
		}
	}
	return Preset{}, false
}

// headers are the names by which exports call their columns, in the form of sheet.Guess, the surest of a field first.
var headers = map[Field][]string{
	FieldNumber:    {"主订单编号", "订单编号", "订单号", "主订单号", "交易编号", "ordernumber", "orderno", "orderid", "number", "externalid"},
	FieldStatus:    {"订单状态", "交易状态", "状态", "status", "orderstatus"},
	FieldTotal:     {"买家实际支付金额", "买家实付金额", "订单实付金额", "实付金额", "实收金额", "订单应付金额", "应付金额", "结算金额", "订单金额", "订单总价", "总金额", "金额", "合计", "total", "amount", "totalamount"},
	FieldCurrency:  {"币种", "货币", "currency"},
	FieldPlaced:    {"订单创建时间", "下单时间", "订单提交时间", "创建时间", "placedat", "createdat", "orderdate"},
	FieldPaid:      {"订单付款时间", "买家付款时间", "付款确认时间", "支付完成时间", "付款时间", "支付时间", "paidat", "paymentdate"},
	FieldShipped:   {"发货时间", "订单发货时间", "shippedat"},
	FieldDelivered: {"签收时间", "妥投时间", "收货时间", "deliveredat"},
	FieldFinished:  {"订单完成时间", "完成时间", "交易成功时间", "确认收货时间", "交易完成时间", "finishedat"},
	FieldSKU:       {"商家编码", "规格编码", "商品编码", "商品编号", "外部系统编号", "sku编码", "sku", "商品id", "货号"},
	FieldName:      {"商品名称", "宝贝标题", "商品标题", "选购商品", "全部商品名称", "商品", "product", "productname", "name", "title", "item"},
	FieldQuantity:  {"商品数量", "宝贝总数量", "宝贝数量", "购买数量", "订购数量", "数量", "quantity", "qty"},
	FieldPrice:     {"商品单价", "单价", "京东价", "价格", "price", "unitprice"},
	FieldCourier:   {"物流公司", "快递公司", "承运商", "courier", "carrier"},
	FieldTracking:  {"物流单号", "快递单号", "运单号", "运单编号", "快递信息", "tracking", "trackingnumber"},
	FieldRefund:    {"退款金额", "已退款金额", "商品退款金额", "refund", "refundamount"},
	FieldBuyer:     {"买家会员名", "买家昵称", "下单帐号", "下单账号", "买家id", "用户id", "buyer", "buyerid", "userid", "customerid"},
	FieldBuyerName: {"收货人姓名", "收货人", "收货人提货人", "收件人", "客户姓名", "提货人", "买家姓名", "姓名", "customer", "customername", "recipient"},
	FieldPhone:     {"联系手机", "收货人手机号", "收件人手机号", "收货人手机", "收货人手机号提货人手机号", "收货人电话", "联系电话", "手机号", "手机", "电话", "phone", "mobile"},
	FieldEmail:     {"邮箱", "电子邮箱", "买家邮箱", "email"},
}

// statusWords are the states as exports call them; the longest that a cell begins with counts.
var statusWords = map[string]Status{
	"等待买家付款": Unpaid, "待付款": Unpaid, "待支付": Unpaid, "等待付款": Unpaid, "未付款": Unpaid,
	"买家已付款": Paid, "已付款": Paid, "待发货": Paid, "备货中": Paid, "等待出库": Paid, "等待发货": Paid, "待接单": Paid, "待成团": Paid, "部分发货": Paid, "已支付": Paid, "待备货": Paid,
	"卖家已发货": Shipped, "已发货": Shipped, "待收货": Shipped, "等待确认收货": Shipped, "等待收货": Shipped, "运输中": Shipped, "商家已发货": Shipped,
	"已签收": Delivered, "已妥投": Delivered, "待评价": Delivered,
	"交易成功": Finished, "交易完成": Finished, "已完成": Finished, "完成": Finished, "已收货": Finished,
	"已取消": Cancelled, "取消": Cancelled, "(删除)已取消": Cancelled, "锁定": Paid,
	"交易关闭": Closed, "已关闭": Closed, "已退款": Closed, "关闭": Closed, "退款成功": Closed,
}

// statusOf reads a state, one of ours or a word of an export.
func statusOf(cell string) (Status, bool) {
	word := strings.ToLower(strings.TrimSpace(norm.NFKC.String(cell)))
	for _, s := range Statuses() {
		if word == string(s) {
			return s, true
		}
	}
	best, length := Status(""), 0
	for name, s := range statusWords {
		if strings.HasPrefix(word, name) && len(name) > length {
			best, length = s, len(name)
		}
	}
	return best, length > 0
}
