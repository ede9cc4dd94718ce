package orders_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/orders"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// imported sends a file and lets its import run to its end.
func (d *desk) imported(preset string, data []byte) *orders.File {
	d.T.Helper()
	one, err := d.orders.Upload(d.T.Context(), d.agent, "orders.csv", preset, data)
	must(d.T, err)
	p, err := d.orders.Preview(d.T.Context(), one)
	must(d.T, err)
	must(d.T, d.orders.Start(d.T.Context(), one, p.Plan.Columns))
	d.work(one)
	f, err := d.orders.ImportOf(d.T.Context(), one)
	must(d.T, err)
	return f
}

func (d *desk) work(one id.ID) {
	d.T.Helper()
	for more := true; more; {
		var err error
		more, err = d.orders.Work(d.T.Context(), orders.Import{Import: one})
		must(d.T, err)
	}
}

const taobao = "订单编号,买家会员名,买家实际支付金额,订单状态,收货人姓名,联系手机,订单创建时间,订单付款时间,宝贝标题,宝贝总数量,物流单号,物流公司\r\n" +
	"=\"1234567890123456789\",小梅,59.00,卖家已发货，等待买家确认,韩梅,'13800138000,2026-11-01 10:00:00,2026-11-01 10:01:00,\"陶瓷杯, 白\",2,No:SF1,顺丰\r\n" +
	"\t1234567890123456789\t,小梅,59.00,卖家已发货，等待买家确认,韩梅,138****8000,2026-11-01 10:00:00,,茶叶,1,No:SF1,顺丰\r\n" +
	"1.23457E+18,王五,10,交易成功,王五,,2026/11/2 9:05,,x,1,,\r\n" +
	"2026000002,李四,十元,已送达月球,李四,,昨天,,\"说 \"\"好\"\"\",0,,\r\n" +
	"2026000003,李四,\"1,234.50\",等待买家付款,李四,,2026/11/2 9:05,,y,1,,\r\n"

func TestExportsOfPlatformsAreTakenIn(t *testing.T) {
	t.Parallel()
	gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(taobao))
	must(t, err)
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(taobao))
	must(t, err)
	each(t, func(t *testing.T, d *desk) {
		for name, data := range map[string][]byte{"UTF-8 with its mark": []byte("\ufeff" + taobao), "GBK": gbk, "UTF-16": utf16} {
			f := d.imported("qianniu", data)
			if f.State != orders.ImportDone || f.Orders != 4 || f.Place != 4 || f.Refused != 2 || f.Added+f.Same != 2 {
				t.Errorf("%s: %+v", name, f)
			}
			got, err := d.orders.Rejects(t.Context(), f.ID, 100)
			must(t, err)
			want := []orders.Reject{
				{Line: 4, Col: 1, Field: orders.FieldNumber, Code: "spoilt"}, {Line: 5, Col: 3, Field: orders.FieldTotal, Code: "amount_cell"}, {Line: 5, Col: 4, Field: orders.FieldStatus, Code: "status_word"},
				{Line: 5, Col: 7, Field: orders.FieldPlaced, Code: "time_cell"}, {Line: 5, Col: 10, Field: orders.FieldQuantity, Code: "quantity"},
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: rejected %v, want %v", name, got, want)
			}
		}
		o, err := d.orders.ByNumber(t.Context(), "1234567890123456789")
		must(t, err)
		placed := time.Date(2026, 11, 1, 2, 0, 0, 0, time.UTC)
		if o.Status != orders.Shipped || *o.Total != 5900 || len(o.Lines) != 2 || o.Lines[0].Name != "陶瓷杯, 白" || o.Lines[0].Quantity != 2 || len(o.Shipments) != 1 ||
			*o.PlacedAt != tickets.Millis(placed) || o.Platform != "qianniu" {
			t.Errorf("%+v", o)
		}
		c, err := d.Tickets.Contact(t.Context(), o.ContactID)
		must(t, err)
		values := map[tickets.IdentityKind]string{}
		for _, i := range c.Identities {
			values[i.Kind] = i.Value
		}
		if c.Name != "韩梅" || values[tickets.IdentityPhone] != "+8613800138000" || values[tickets.IdentityShop] != "qianniu:小梅" {
			t.Errorf("%s %v", c.Name, values)
		}
		if o, err := d.orders.ByNumber(t.Context(), "2026000003"); err != nil || *o.Total != 123450 {
			t.Errorf("%+v, %v", o, err)
		}
		if n := d.Number(`SELECT COUNT(*) FROM orders`); n != 2 {
			t.Errorf("%d orders", n)
		}
	})
}

func TestAFileThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Open(t, db.SQLite))
	for _, test := range []struct{ name, data, code string }{
		{"nothing", "", "empty"}, {"a header alone", "订单号,金额\n", "empty"}, {"no text", "a,b\x00\n1,2\n", "broken"},
		{"a quotation mark that is never closed", "订单号,商品\n1,\"杯\n" + string(bytes.Repeat([]byte("2,茶\n"), 60)), "quotes"},
	} {
		_, err := d.orders.Upload(t.Context(), d.agent, "x.csv", "own", []byte(test.data))
		if got := fields(err)["file"]; got != test.code {
			t.Errorf("%s: %q, want %q", test.name, got, test.code)
		}
	}
	if _, err := d.orders.Upload(t.Context(), d.agent, "x.csv", "ebay", []byte("a,b\n1,2\n")); fields(err)["preset"] == "" {
		t.Errorf("an unknown platform: %v", err)
	}
	one, err := d.orders.Upload(t.Context(), d.agent, "x.csv", "own", []byte("金额,状态\n1,已付款\n"))
	must(t, err)
	for name, columns := range map[string]map[orders.Field]int{"no number": {orders.FieldTotal: 0}, "a column twice": {orders.FieldNumber: 0, orders.FieldTotal: 0}} {
		if err := d.orders.Start(t.Context(), one, columns); fields(err)["columns"] == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, d.orders.Discard(t.Context(), one))
	if n := d.Number(`SELECT COUNT(*) FROM order_imports`) + d.Number(`SELECT COUNT(*) FROM orders`); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

func TestNumbersThatASpreadsheetHasRoundedAreRefusedTogether(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Open(t, db.SQLite))
	f := d.imported("own", []byte("订单号,状态\n1234567890123450000,paid\n2234567890123450000,paid\n2234567890123451234x,paid\n77,paid\n"))
	if f.Refused != 2 || f.Added != 2 {
		t.Errorf("%+v", f)
	}
	if f := d.imported("own", []byte("订单号,状态\n1234567890123450000,paid\n2234567890123456789,paid\n2234567890123456780,paid\n")); f.Refused != 0 {
		t.Errorf("a number that ends in zeros by chance was refused: %+v", f)
	}
}

// many is a file of n orders in the form of a platform's export; every second buyer buys again.
func many(n int) []byte {
	var b bytes.Buffer
	b.WriteString("订单编号,买家会员名,买家实际支付金额,订单状态,收货人姓名,联系手机,订单创建时间,订单付款时间,宝贝标题,商家编码,宝贝总数量,单价,物流单号,物流公司\n")
	for i := range n {
		buyer := i / 2
		for line := range 1 + i%2 {
			fmt.Fprintf(&b, "26%017d,buyer%d,%d.50,卖家已发货，等待买家确认,顾客%d,%d,2026-%02d-%02d 10:%02d:00,2026-10-01 11:00:00,商品 %d,SKU-%d,%d,%d.00,SF%010d,顺丰\n",
				i, buyer, 10+i%90, buyer, 13000000000+buyer, 1+i%10, 1+i%28, i%60, (i+line)%500, (i+line)%500, 1+i%3, 5+i%40, i)
		}
	}
	return b.Bytes()
}

// BenchmarkDeskOrderImport takes in 100,000 orders, two goods in every second, of 50,000 buyers whom the desk does not know,
// while shoppers write.
func BenchmarkDeskOrderImport(b *testing.B) {
	data := many(orders.OrdersMax)
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		b.Run(dialect, func(b *testing.B) {
			for b.Loop() {
				d := newDesk(b, dbtest.Open(b, dialect))
				one, err := d.orders.Upload(b.Context(), d.agent, "orders.csv", "qianniu", data)
				must(b, err)
				p, err := d.orders.Preview(b.Context(), one)
				must(b, err)
				must(b, d.orders.Start(b.Context(), one, p.Plan.Columns))
				var talk sync.WaitGroup
				over := make(chan struct{})
				var took []time.Duration
				talk.Go(func() { took = d.talk(over) })
				began := time.Now()
				d.work(one)
				seconds := time.Since(began).Seconds()
				close(over)
				talk.Wait()
				f, err := d.orders.ImportOf(b.Context(), one)
				must(b, err)
				if f.Added != orders.OrdersMax {
					b.Fatalf("%+v", f)
				}
				slices.Sort(took)
				b.ReportMetric(seconds, "s")
				b.ReportMetric(orders.OrdersMax/seconds, "orders/s")
				b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "chat-p95-ms")
				b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "chat-max-ms")
			}
		})
	}
}

// talk writes a message every 20 ms and gives how long each took.
func (d *desk) talk(over <-chan struct{}) (took []time.Duration) {
	who := d.contact("talker")
	for n := 0; ; n++ {
		select {
		case <-over:
			return took
		case <-time.After(20 * time.Millisecond):
		}
		began := time.Now()
		_, err := d.Tickets.Receive(d.T.Context(), tickets.Inbound{InboxID: d.inbox, ContactID: who, Body: "hello", SourceID: fmt.Sprint(n)})
		must(d.T, err)
		took = append(took, time.Since(began))
	}
}

func TestABrokenOffImportGoesOnWhereItStood(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		one, err := d.orders.Upload(t.Context(), d.agent, "orders.csv", "qianniu", many(400))
		must(t, err)
		p, err := d.orders.Preview(t.Context(), one)
		must(t, err)
		must(t, d.orders.Start(t.Context(), one, p.Plan.Columns))
		for try := time.Duration(1); try < 6; try++ {
			ctx, cancel := context.WithTimeout(t.Context(), try*15*time.Millisecond)
			_, _ = d.orders.Work(ctx, orders.Import{Import: one})
			cancel()
			f, err := d.orders.ImportOf(t.Context(), one)
			must(t, err)
			if n := d.Number(`SELECT COUNT(*) FROM orders`); n != f.Added || f.Place != f.Added {
				t.Fatalf("%d orders, %+v", n, f)
			}
		}
		d.work(one)
		f, err := d.orders.ImportOf(t.Context(), one)
		must(t, err)
		if f.State != orders.ImportDone || f.Added != 400 || f.Same+f.Changed+f.Refused != 0 {
			t.Errorf("%+v", f)
		}
		if n := d.Number(`SELECT COUNT(*) FROM order_lines`); n != 600 {
			t.Errorf("%d lines, want 600", n)
		}
	})
}

func TestAnImportThatLostItsJobGoesOnAndOneThatCannotSaysSo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		begun := func() id.ID {
			one, err := d.orders.Upload(t.Context(), d.agent, "orders.csv", "own", []byte("订单号,状态\n1,paid\n2,paid\n"))
			must(t, err)
			must(t, d.orders.Start(t.Context(), one, map[orders.Field]int{orders.FieldNumber: 0, orders.FieldStatus: 1}))
			return one
		}
		over, lost := begun(), begun()
		d.work(over)
		d.queued = nil
		must(t, d.orders.Sweep(t.Context()))
		if len(d.queued) != 0 {
			t.Errorf("%v are queued again at once", d.queued)
		}
		d.At = d.At.Add(2 * time.Hour)
		must(t, d.orders.Sweep(t.Context()))
		if want := []orders.Import{{Import: lost}}; !slices.Equal(d.queued, want) {
			t.Errorf("%v are queued again, want %v", d.queued, want)
		}
		must(t, d.orders.GiveUp(t.Context(), orders.Import{Import: over}))
		must(t, d.orders.GiveUp(t.Context(), orders.Import{Import: lost}))
		for one, want := range map[id.ID]string{over: orders.ImportDone, lost: orders.ImportFailed} {
			if f, err := d.orders.ImportOf(t.Context(), one); err != nil || f.State != want || f.EndedAt == nil || (f.Reason == "stopped") != (one == lost) {
				t.Errorf("%+v, %v, want %s", f, err, want)
			}
		}
		if more, err := d.orders.Work(t.Context(), orders.Import{Import: lost}); more || err != nil || d.Number(`SELECT COUNT(*) FROM orders`) != 2 {
			t.Errorf("given up, it works on: %t, %v", more, err)
		}
	})
}
