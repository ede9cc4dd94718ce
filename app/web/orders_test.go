package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"huiyin/app/orders"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

const orderLines = "订单号,订单状态,金额,商品\n20260001,已发货,59.00,<b>杯</b>\n1.2E+18,已发货,1,x\n20260003,不知道,1,x\n"

func TestAFileOfOrdersIsShownBeforeItIsTakenIn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("boss", "Boss", tickets.RoleAdmin))
	b.has("/settings/orders", "抖店", "/settings/orders/imports", "/settings/orders/sources")
	if r := b.sendFile("/settings/orders/imports", map[string]string{"preset": "own"}, []byte("x")); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, "no order in the file") {
		t.Errorf("a file without orders: %d", r.status)
	}
	r := b.sendFile("/settings/orders/imports", map[string]string{"preset": "own"}, []byte(orderLines))
	path := r.header.Get("Location")
	b.has(path, `<option value="number" selected>`, `<option value="total" selected>`, "&lt;b&gt;杯&lt;/b&gt;", "1.2E&#43;18")
	if r := b.post(path+"/start", url.Values{"column0": {"total"}}); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, "which column holds the order number") {
		t.Errorf("no order number: %d", r.status)
	}
	if r := b.post(path+"/start", url.Values{"column0": {"number"}, "column1": {"number"}}); r.status != http.StatusUnprocessableEntity {
		t.Errorf("the number twice: %d", r.status)
	}
	if r := b.post(path+"/start", url.Values{"column0": {"number"}, "column1": {"status"}, "column2": {"total"}, "column3": {"name"}}); r.status != http.StatusSeeOther {
		t.Fatalf("start: %d", r.status)
	}
	if page := b.has(path, "live-part", "Waiting"); strings.Contains(page, "1.2E&#43;18") {
		t.Error("a started import still shows its lines")
	}
	one, err := id.Parse(path[strings.LastIndexByte(path, '/')+1:])
	must(t, err)
	_, err = d.orders.Work(t.Context(), orders.Import{Import: one})
	must(t, err)
	b.has(path+"?part=progress", "1 added", "2 not taken", "Line 3, column A", "Line 4, column B", "/rejected.csv")
	b.has(path+"/rejected.csv", "3,A,Order number", "4,B,State")
	b.has("/tickets?q=20260001", "20260001", "¥59.00")
}

func TestAProgramPostsAnOrderInItsOwnWords(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("boss", "Boss", tickets.RoleAdmin))
	made := b.post("/settings/orders/sources", url.Values{"name": {"有赞"}})
	secret := regexp.MustCompile(`hosec_[A-Z2-7]+`).FindString(made.body)
	address := regexp.MustCompile(`/hooks/orders/[a-z2-7]+`).FindString(made.body)
	list, err := d.orders.Sources(t.Context())
	must(t, err)
	path := sourcePath(list[0].ID)
	if page := b.has(path, address); strings.Contains(page, "hosec_") {
		t.Error("the secret is shown again")
	}
	form := url.Values{"name": {"有赞"}, "path_number": {"data.tid"}, "path_status": {"data.st"}, "path_total": {"data.fee"}, "path_lines_name": {"data.items[].n"}, "time": {"unix"}, "unit": {"cents"},
		"statuses": {"GO = shipped\nEND=finished"}, "sample": {`{"data":{"tid":"E1","st":"GO","fee":5900}}`}, "try": {"1"}}
	if r := b.post(path, form); !strings.Contains(r.body, "E1") || !strings.Contains(r.body, "¥59.00") || !strings.Contains(r.body, "data.items[].n") {
		t.Errorf("the sample: %d", r.status)
	}
	form.Set("sample", `{"data":{"st":"GO"}}`)
	if r := b.post(path, form); !strings.Contains(r.body, "data.tid found nothing") {
		t.Error("what is missing is not said")
	}
	form.Del("try")
	form.Set("path_total", "data.fee[")
	if r := b.post(path, form); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, "This is no path") {
		t.Errorf("a wrong path: %d", r.status)
	}
	form.Set("path_total", "data.fee")
	if r := b.post(path, form); r.status != http.StatusSeeOther {
		t.Fatalf("saving: %d", r.status)
	}
	post := func(body, secret string) (int, string) {
		stamp := strconv.FormatInt(time.Now().Unix(), 10)
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(stamp + "." + body))
		req, err := http.NewRequest("POST", d.http.URL+address, strings.NewReader(body))
		must(t, err)
		req.Header.Set("X-Huiyin-Timestamp", stamp)
		req.Header.Set("X-Huiyin-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
		res, err := http.DefaultClient.Do(req)
		must(t, err)
		defer res.Body.Close() //nolint:errcheck // read only
		text, err := io.ReadAll(res.Body)
		must(t, err)
		return res.StatusCode, string(text)
	}
	for _, want := range []string{`"outcome":"added"`, `"outcome":"same"`} {
		if status, text := post(`{"data":{"tid":"E1","st":"GO","fee":5900,"items":[{"n":"杯"}]}}`, secret); status != 200 || !strings.Contains(text, want) {
			t.Errorf("%d %s, want %s", status, text, want)
		}
	}
	if status, text := post(`{"data":{"st":"GO"}}`, secret); status != 422 || !strings.Contains(text, `"field":"data.tid"`) {
		t.Errorf("%d %s", status, text)
	}
	if status, _ := post(`{"data":{"tid":"E2","st":"GO"}}`, "hosec_wrong"); status != 403 {
		t.Errorf("a wrong secret: %d", status)
	}
	b.has(path, "data.tid", "refused")
	for _, action := range []string{"/secret", "/state", "/removal"} {
		if r := b.post(path+action, url.Values{"on": {"0"}}); r.status >= 400 {
			t.Errorf("%s: %d", action, r.status)
		}
	}
}
