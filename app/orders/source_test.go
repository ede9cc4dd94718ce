package orders_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/orders"
	"huiyin/tickets/fault"
)

var shopMapping = orders.Mapping{
	Paths: map[string]string{
		"number": "data.trade.tid", "status": "data.trade.status", "total": "data.trade.payment", "paid_at": "data.trade.pay_time", "updated_at": "data.trade.modified",
		"lines.sku": "data.items[].sku", "lines.name": "data.items[].title", "lines.quantity": "data.items[].num", "lines.price": "data.items[].price",
		"shipments.tracking": "data.parcels[0].no", "contact.external_id": "data.buyer.id", "contact.name": "data.buyer.nick", "url": "data.trade.link",
	},
	Statuses: map[string]orders.Status{"WAIT_SEND": orders.Paid, "SENT": orders.Shipped}, Cents: true, Time: "unix", Platform: "有赞",
}

const shopBody = `{"data":{"trade":{"tid":1234567890123456789,"status":"SENT","payment":5900,"pay_time":1795000000,"modified":"1795000100"},
 "items":[{"sku":"A","title":"杯","num":2,"price":1000},{"sku":"B","title":"茶","num":"1","price":"3900"}],"parcels":[{"no":"SF1"}],"buyer":{"id":77,"nick":"韩梅"}}}`

// sent is a delivery with its signature.
func sent(key, secret, body string, at time.Time) orders.Delivery {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stamp + "." + body))
	return orders.Delivery{Key: key, Timestamp: stamp, Signature: "sha256=" + hex.EncodeToString(mac.Sum(nil)), Body: []byte(body)}
}

func TestAProgramSendsOrdersInItsOwnWords(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		one, secret, err := d.orders.AddSource(ctx, "有赞")
		must(t, err)
		must(t, d.orders.SaveSource(ctx, one, "有赞", shopMapping))
		src, err := d.orders.SourceOf(ctx, one)
		must(t, err)
		number, out, err := d.orders.Take(ctx, sent(src.Key, secret, shopBody, d.At))
		must(t, err)
		o, err := d.orders.ByNumber(ctx, "1234567890123456789")
		must(t, err)
		if number != "1234567890123456789" || out != orders.Added || o.Status != orders.Shipped || *o.Total != 5900 || *o.PaidAt != 1795000000000 || o.UpdatedAt != 1795000100000 ||
			len(o.Lines) != 2 || o.Lines[1].Name != "茶" || *o.Lines[1].Price != 3900 || o.Shipments[0].Tracking != "SF1" || o.ContactID == 0 || o.Platform != "有赞" {
			t.Errorf("%s: %+v", out, o)
		}
		if _, out, err := d.orders.Take(ctx, sent(src.Key, secret, shopBody, d.At)); err != nil || out != orders.Same {
			t.Errorf("a replay: %s, %v", out, err)
		}
		for name, test := range map[string]struct {
			delivery orders.Delivery
			kind     fault.Kind
		}{
			"no such source":  {sent("nobody", secret, shopBody, d.At), fault.NotFound},
			"another secret":  {sent(src.Key, "hosec_x", shopBody, d.At), fault.Denied},
			"six minutes ago": {sent(src.Key, secret, shopBody, d.At.Add(-6*time.Minute)), fault.Denied},
			"in six minutes":  {sent(src.Key, secret, shopBody, d.At.Add(6*time.Minute)), fault.Denied},
			"another body":    {func() orders.Delivery { x := sent(src.Key, secret, shopBody, d.At); x.Body = []byte("{}"); return x }(), fault.Denied},
		} {
			if _, _, err := d.orders.Take(ctx, test.delivery); !fault.Is(err, test.kind) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for change, want := range map[[2]string]string{
			{`"tid":1234567890123456789,`, ""}:      "data.trade.tid path_empty",
			{`"SENT"`, `"ON_THE_MOON"`}:             "data.trade.status status_word",
			{`5900`, `59.00`}:                       "data.trade.payment cents",
			{`1795000000`, `"yesterday"`}:           "data.trade.pay_time time_unix",
			{`"num":2`, `"num":0`}:                  "data.items[].num quantity",
			{`"id":77`, `"id":{}`}:                  "data.buyer.id value",
			{`"data":{"trade"`, `"data":{"trades"`}: "data.trade.tid path_empty",
		} {
			_, _, err := d.orders.Take(ctx, sent(src.Key, secret, strings.Replace(shopBody, change[0], change[1], 1), d.At))
			e := fault.As(err)
			if e == nil || len(e.Fields) == 0 || fmt.Sprint(e.Fields[0].Name, " ", e.Fields[0].Code) != want {
				t.Errorf("%s: %v, want %s", change[1], err, want)
			}
		}
		if src, err = d.orders.SourceOf(ctx, one); err != nil || src.Taken != 2 || src.Refused != 7 || src.LastCode == "" || src.LastPath == "" {
			t.Errorf("%+v, %v", src, err)
		}
		must(t, d.orders.SwitchSource(ctx, one, false))
		if _, _, err := d.orders.Take(ctx, sent(src.Key, secret, shopBody, d.At)); !fault.Is(err, fault.NotFound) {
			t.Errorf("one that is off: %v", err)
		}
		if n := d.Number(`SELECT COUNT(*) FROM orders`); n != 1 {
			t.Errorf("%d orders", n)
		}
	})
}

func TestAMappingIsTriedOnASample(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Open(t, db.SQLite))
	o, missing, err := d.orders.Try(t.Context(), shopMapping, []byte(shopBody))
	if must(t, err); o.Number != "1234567890123456789" || !slices.Equal(missing, []string{"url"}) {
		t.Errorf("%+v, missing %v", o, missing)
	}
	if n := d.Number(`SELECT COUNT(*) FROM orders`) + d.Number(`SELECT COUNT(*) FROM contacts`); n != 0 {
		t.Errorf("trying wrote %d rows", n)
	}
	for name, m := range map[string]orders.Mapping{
		"no number":     {Paths: map[string]string{"status": "s"}, Time: "unix"},
		"two lists":     {Paths: map[string]string{"number": "n", "status": "s", "lines.sku": "a[].b[].c"}, Time: "unix"},
		"an open index": {Paths: map[string]string{"number": "n[", "status": "s"}, Time: "unix"},
		"no time":       {Paths: map[string]string{"number": "n", "status": "s"}},
		"a status":      {Paths: map[string]string{"number": "n", "status": "s"}, Time: "unix", Statuses: map[string]orders.Status{"a": "sent"}},
	} {
		if _, _, err := d.orders.Try(t.Context(), m, []byte(shopBody)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, body := range []string{"", "[", "{} {}", "nope", `"text"`, "[]", "null"} {
		if _, _, err := d.orders.Try(t.Context(), shopMapping, []byte(body)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", body, err)
		}
	}
}
