package orders_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/orders"
	"huiyin/tickets"
)

// export is a file as a platform's back office gives it: two orders, the first with two goods.
type export struct {
	preset  string
	header  string
	rows    []string
	columns map[orders.Field]string // what is to be understood, by the column's name
	numbers [2]string
	buyers  [2]string // ids of the shop's users; empty: none
	states  [2]orders.Status
	totals  [2]int64
	parcel  string // of the first order
	skus    []string
}

var exports = []export{
	{
		preset: "youzan",
		header: "订单号,订单类型,订单状态,订单创建时间,买家付款时间,商品名称,商品规格,规格编码,商品单价,商品数量,订单实付金额,买家昵称,收货人/提货人,收货人手机号/提货人手机号,物流公司,快递单号",
		rows: []string{
			"E20261101100000012345,普通订单,已发货,2026-11-01 10:00:00,2026-11-01 10:01:00,白瓷杯,大,Y-1,29.50,2,98.00,梅子,韩梅,13800138000,顺丰速运,SF100",
			"E20261101100000012345,普通订单,已发货,2026-11-01 10:00:00,2026-11-01 10:01:00,绿茶,,Y-2,39.00,1,98.00,梅子,韩梅,13800138000,顺丰速运,SF100",
			"E20261102090500012346,普通订单,交易关闭,2026-11-02 09:05:00,,绿茶,,Y-2,39.00,1,39.00,老李,李雷,138****0001,,",
		},
		columns: map[orders.Field]string{
			orders.FieldNumber: "订单号", orders.FieldStatus: "订单状态", orders.FieldPlaced: "订单创建时间", orders.FieldPaid: "买家付款时间", orders.FieldName: "商品名称", orders.FieldSKU: "规格编码",
			orders.FieldPrice: "商品单价", orders.FieldQuantity: "商品数量", orders.FieldTotal: "订单实付金额", orders.FieldBuyer: "买家昵称", orders.FieldBuyerName: "收货人/提货人",
			orders.FieldPhone: "收货人手机号/提货人手机号", orders.FieldCourier: "物流公司", orders.FieldTracking: "快递单号",
		},
		numbers: [2]string{"E20261101100000012345", "E20261102090500012346"}, buyers: [2]string{"youzan:梅子", "youzan:老李"},
		states: [2]orders.Status{orders.Shipped, orders.Closed}, totals: [2]int64{9800, 3900}, parcel: "顺丰速运 SF100", skus: []string{"Y-1", "Y-2"},
	},
	{
		preset: "weidian",
		header: "订单编号,订单状态,下单时间,付款时间,商品名称,商品型号,商品编码,单价,数量,订单总价,买家ID,收件人,收件人手机号,快递公司,快递单号",
		rows: []string{
			"812345678901234,待收货,2026/11/1 10:00,2026/11/1 10:01,白瓷杯,大,W-1,29.50,2,98.00,1700001,韩梅,13800138000,圆通,YT100",
			",,,,绿茶,,W-2,39.00,1,,,,,,",
			"812345678901235,待付款,2026/11/2 9:05,,绿茶,,W-2,39.00,1,39.00,1700002,李雷,138****0001,,",
		},
		columns: map[orders.Field]string{
			orders.FieldNumber: "订单编号", orders.FieldStatus: "订单状态", orders.FieldPlaced: "下单时间", orders.FieldPaid: "付款时间", orders.FieldName: "商品名称", orders.FieldSKU: "商品编码",
			orders.FieldPrice: "单价", orders.FieldQuantity: "数量", orders.FieldTotal: "订单总价", orders.FieldBuyer: "买家ID", orders.FieldBuyerName: "收件人", orders.FieldPhone: "收件人手机号",
			orders.FieldCourier: "快递公司", orders.FieldTracking: "快递单号",
		},
		numbers: [2]string{"812345678901234", "812345678901235"}, buyers: [2]string{"weidian:1700001", "weidian:1700002"},
		states: [2]orders.Status{orders.Shipped, orders.Unpaid}, totals: [2]int64{9800, 3900}, parcel: "圆通 YT100", skus: []string{"W-1", "W-2"},
	},
	{
		preset: "qianniu",
		header: "订单编号,买家会员名,买家支付宝账号,买家应付货款,买家应付邮费,总金额,买家实际支付金额,订单状态,买家留言,收货人姓名,联系手机,订单创建时间,订单付款时间,宝贝标题,商家编码,宝贝总数量,物流单号,物流公司",
		rows: []string{
			"=\"1234567890123456789\",梅子,,98.00,0.00,99.00,98.00,\"卖家已发货，等待买家确认\",请快,韩梅,'13800138000,2026-11-01 10:00:00,2026-11-01 10:01:00,\"白瓷杯，大\",Q-1,2,No:SF100,顺丰速运",
			"=\"1234567890123456789\",梅子,,98.00,0.00,99.00,98.00,\"卖家已发货，等待买家确认\",请快,韩梅,'13800138000,2026-11-01 10:00:00,2026-11-01 10:01:00,绿茶,Q-2,1,No:SF100,顺丰速运",
			"=\"1234567890123456790\",老李,,39.00,0.00,39.00,39.00,交易关闭,,李雷,138****0001,2026-11-02 09:05:00,,绿茶,Q-2,1,,",
		},
		columns: map[orders.Field]string{
			orders.FieldNumber: "订单编号", orders.FieldStatus: "订单状态", orders.FieldPlaced: "订单创建时间", orders.FieldPaid: "订单付款时间", orders.FieldName: "宝贝标题", orders.FieldSKU: "商家编码",
			orders.FieldQuantity: "宝贝总数量", orders.FieldTotal: "买家实际支付金额", orders.FieldBuyer: "买家会员名", orders.FieldBuyerName: "收货人姓名", orders.FieldPhone: "联系手机",
			orders.FieldCourier: "物流公司", orders.FieldTracking: "物流单号",
		},
		numbers: [2]string{"1234567890123456789", "1234567890123456790"}, buyers: [2]string{"qianniu:梅子", "qianniu:老李"},
		states: [2]orders.Status{orders.Shipped, orders.Closed}, totals: [2]int64{9800, 3900}, parcel: "顺丰速运 No:SF100", skus: []string{"Q-1", "Q-2"},
	},
	{
		preset: "jd",
		header: "订单号,商品ID,商品名称,订购数量,支付方式,下单时间,京东价,订单金额,结算金额,应付金额,订单状态,订单类型,下单帐号,客户姓名,客户地址,联系电话,付款确认时间,物流公司,运单号",
		rows: []string{
			"290000000001,100001,白瓷杯,2,在线支付,2026-11-01 10:00:00,29.50,99.00,98.00,98.00,等待确认收货,SOP,jd_mei,韩梅,某地,13800138000,2026-11-01 10:01:00,京东快递,JD100",
			"290000000001,100002,绿茶,1,在线支付,2026-11-01 10:00:00,39.00,99.00,98.00,98.00,等待确认收货,SOP,jd_mei,韩梅,某地,13800138000,2026-11-01 10:01:00,京东快递,JD100",
			"290000000002,100002,绿茶,1,在线支付,2026-11-02 09:05:00,39.00,39.00,39.00,39.00,(删除)已取消,SOP,jd_li,李*,某地,138****0001,,,",
		},
		columns: map[orders.Field]string{
			orders.FieldNumber: "订单号", orders.FieldStatus: "订单状态", orders.FieldPlaced: "下单时间", orders.FieldPaid: "付款确认时间", orders.FieldName: "商品名称", orders.FieldSKU: "商品ID",
			orders.FieldPrice: "京东价", orders.FieldQuantity: "订购数量", orders.FieldTotal: "应付金额", orders.FieldBuyer: "下单帐号", orders.FieldBuyerName: "客户姓名", orders.FieldPhone: "联系电话",
			orders.FieldCourier: "物流公司", orders.FieldTracking: "运单号",
		},
		numbers: [2]string{"290000000001", "290000000002"}, buyers: [2]string{"jd:jd_mei", "jd:jd_li"},
		states: [2]orders.Status{orders.Shipped, orders.Cancelled}, totals: [2]int64{9800, 3900}, parcel: "京东快递 JD100", skus: []string{"100001", "100002"},
	},
	{
		preset: "doudian",
		header: "主订单编号,子订单编号,选购商品,商品规格,商品数量,商品ID,商家编码,商品单价,订单应付金额,运费,收件人,收件人手机号,订单提交时间,支付完成时间,订单完成时间,订单状态,快递信息",
		rows: []string{
			"6920000000000000001\t,6920000000000000011\t,白瓷杯,大,2,3500001,D-1,29.50,59.00,0,韩*,13800138000,2026/11/01 10:00:00,2026/11/01 10:01:00,,已发货,YT100",
			"6920000000000000001\t,6920000000000000012\t,绿茶,,1,3500002,D-2,39.00,39.00,0,韩*,13800138000,2026/11/01 10:00:00,2026/11/01 10:01:00,,已发货,YT100",
			"6920000000000000002\t,6920000000000000021\t,绿茶,,1,3500002,D-2,39.00,39.00,0,李*,138****0001,2026/11/02 09:05:00,,2026/11/09 09:05:00,已完成,",
		},
		columns: map[orders.Field]string{
			orders.FieldNumber: "主订单编号", orders.FieldStatus: "订单状态", orders.FieldPlaced: "订单提交时间", orders.FieldPaid: "支付完成时间", orders.FieldFinished: "订单完成时间", orders.FieldName: "选购商品",
			orders.FieldSKU: "商家编码", orders.FieldPrice: "商品单价", orders.FieldQuantity: "商品数量", orders.FieldTotal: "订单应付金额", orders.FieldBuyerName: "收件人", orders.FieldPhone: "收件人手机号",
			orders.FieldTracking: "快递信息",
		},
		numbers: [2]string{"6920000000000000001", "6920000000000000002"},
		states:  [2]orders.Status{orders.Shipped, orders.Finished}, totals: [2]int64{9800, 3900}, parcel: " YT100", skus: []string{"D-1", "D-2"},
	},
}

// table is the file's cells.
func (e *export) table(t *testing.T) [][]string {
	t.Helper()
	r := csv.NewReader(strings.NewReader(e.header + "\n" + strings.Join(e.rows, "\n")))
	r.LazyQuotes = true // ="123"
	rows, err := r.ReadAll()
	must(t, err)
	return rows
}

// book is the file as XLSX: times are dates, as whoever has saved it in a spreadsheet has them.
func (e *export) book(t *testing.T) []byte {
	t.Helper()
	f := excelize.NewFile()
	date, err := f.NewStyle(&excelize.Style{NumFmt: 22}) // in the form of each country
	must(t, err)
	for r, row := range e.table(t) {
		for c, cell := range row {
			at, err := excelize.CoordinatesToCellName(c+1, r+1)
			must(t, err)
			must(t, f.SetCellValue("Sheet1", at, cell))
			for _, form := range []string{"2006-01-02 15:04:05", "2006/1/2 15:04", "2006/01/02 15:04:05"} {
				if when, err := time.Parse(form, cell); err == nil {
					must(t, f.SetCellValue("Sheet1", at, when))
					must(t, f.SetCellStyle("Sheet1", at, at, date))
				}
			}
		}
	}
	var b bytes.Buffer
	must(t, f.Write(&b))
	return b.Bytes()
}

func TestEachPlatformsExportIsUnderstood(t *testing.T) {
	t.Parallel()
	for i := range exports {
		e := &exports[i]
		t.Run(e.preset, func(t *testing.T) {
			t.Parallel()
			gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(e.header + "\r\n" + strings.Join(e.rows, "\r\n") + "\r\n"))
			must(t, err)
			for kind, data := range map[string][]byte{"GBK": gbk, "XLSX": e.book(t)} {
				d := newDesk(t, dbtest.Open(t, db.SQLite))
				e.understood(t, d, kind, data)
			}
		})
	}
}

func (e *export) understood(t *testing.T, d *desk, kind string, data []byte) {
	t.Helper()
	f := d.imported(e.preset, data)
	names := e.table(t)[0]
	got := map[orders.Field]string{}
	for field, at := range f.Plan.Columns {
		got[field] = names[at]
	}
	if fmt.Sprint(got) != fmt.Sprint(e.columns) {
		t.Errorf("%s: columns %v, want %v", kind, got, e.columns)
	}
	rejects, err := d.orders.Rejects(t.Context(), f.ID, 100)
	must(t, err)
	if f.State != orders.ImportDone || f.Added != 2 || f.Refused != 0 || len(rejects) > 0 {
		t.Fatalf("%s: %+v, rejected %v", kind, f, rejects)
	}
	for i, number := range e.numbers {
		o, err := d.orders.ByNumber(t.Context(), number)
		must(t, err)
		placed := []time.Time{time.Date(2026, 11, 1, 2, 0, 0, 0, time.UTC), time.Date(2026, 11, 2, 1, 5, 0, 0, time.UTC)}[i]
		if o.Status != e.states[i] || *o.Total != e.totals[i] || *o.PlacedAt != tickets.Millis(placed) || (o.PaidAt != nil) != (i == 0) || o.Platform != e.preset {
			t.Errorf("%s: %+v", kind, o)
		}
		var buyer, phone string
		if o.ContactID != 0 {
			c, err := d.Tickets.Contact(t.Context(), o.ContactID)
			must(t, err)
			for _, one := range c.Identities {
				switch one.Kind {
				case tickets.IdentityShop:
					buyer = one.Value
				case tickets.IdentityPhone:
					phone = one.Value
				}
			}
		}
		if want := []string{"+8613800138000", ""}[i]; buyer != e.buyers[i] || phone != want {
			t.Errorf("%s: %s is bought by %q, phone %q", kind, number, buyer, phone)
		}
		if i == 1 {
			continue
		}
		var skus []string
		for _, l := range o.Lines {
			skus = append(skus, l.SKU)
		}
		if fmt.Sprint(skus) != fmt.Sprint(e.skus) || o.Lines[0].Quantity != 2 || len(o.Shipments) != 1 || o.Shipments[0].Courier+" "+o.Shipments[0].Tracking != e.parcel {
			t.Errorf("%s: goods %+v, parcels %+v", kind, o.Lines, o.Shipments)
		}
	}
}

// A spreadsheet keeps fifteen digits of a number; a book whose order numbers are numbers has lost the rest.
func TestNumbersOfABookThatLostDigitsAreRefused(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	must(t, f.SetSheetRow("Sheet1", "A1", &[]any{"订单号", "订单状态"}))
	must(t, f.SetSheetRow("Sheet1", "A2", &[]any{1.23456789012345e18, "已发货"}))
	var b bytes.Buffer
	must(t, f.Write(&b))
	d := newDesk(t, dbtest.Open(t, db.SQLite))
	got := d.imported(orders.Own, b.Bytes())
	rejects, err := d.orders.Rejects(t.Context(), got.ID, 10)
	must(t, err)
	if want := (orders.Reject{Line: 2, Col: 1, Field: orders.FieldNumber, Code: "spoilt"}); len(rejects) != 1 || rejects[0] != want || got.Added != 0 {
		t.Errorf("%+v, rejected %v", got, rejects)
	}
}
