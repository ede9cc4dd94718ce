package apptest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"huiyin/app/apptest"
)

// evil is a text that runs wherever it is not taken as text; n tells where it came from.
func evil(n int) string {
	return fmt.Sprintf(`"'><img src=x onerror=pwn(%d)><script>pwn(%[1]d)</script>`, n)
}

// notPwned is what a page has from before its first script: it remembers what ran.
const notPwned = `window.pwned = [], window.pwn = (n) => pwned.push(n)`

// hostileWalk looks at page after page.
type hostileWalk struct {
	*testing.T
	page  *apptest.Page
	watch *apptest.Watch
	base  string
}

// safe goes to a page on which at least some of the texts stand, and finds that they are nothing but text.
func (w *hostileWalk) safe(path string, least int) {
	w.Helper()
	w.page.Go(w.base + path)
	w.page.WaitFor(`document.readyState === "complete"`)
	w.look(path, least)
}

func (w *hostileWalk) look(what string, least int) {
	w.Helper()
	w.page.WaitFor(fmt.Sprintf(`(document.documentElement.textContent + [...document.querySelectorAll("input, textarea")].map(e => e.value).join()).split("onerror=pwn(").length > %d`, least))
	if made := apptest.Eval[int](w.page, `document.querySelectorAll("img[src=x], [onerror], script:not([src]):not([type])").length`); made > 0 {
		w.Errorf("%s: %d elements were made of texts", what, made)
	}
	if ran := apptest.Eval[string](w.page, `JSON.stringify(window.pwned)`); ran != "[]" {
		w.Errorf("%s: scripts ran: %s", what, ran)
	}
	for _, seen := range w.watch.Seen(func(one string) bool { return one == "download" }) {
		w.Errorf("%s: %s", what, seen)
	}
}

// A script in every field of an order, its buyer, what failed about it, a file of orders, a form and its answers stays text on
// every page that shows them, to agents and to shoppers.
func TestScriptsInOrdersAndFormsStayText(t *testing.T) {
	t.Parallel()
	desk := apptest.StartProcess(t, "HUIYIN_LIMIT_SCALE=100")
	token := desk.AddAgent(importer, "Boss", "admin", agentPassword)
	c := newCaller(desk.Base(), token, 1)
	send := func(want int, method, path string, body map[string]any) (answer map[string]any) {
		t.Helper()
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		text, _, err := c.call(t.Context(), want, method, path, b)
		if err != nil || json.Unmarshal(text, &answer) != nil {
			t.Fatalf("%v %s", err, text)
		}
		return answer
	}
	number := `E-1"><img src=x onerror=pwn(1)>`
	contact := map[string]any{"external_id": evil(2), "name": evil(3)}
	send(http.StatusCreated, "PUT", "/orders/"+url.PathEscape(number), map[string]any{
		"contact": contact, "status": "paid", "status_text": evil(4), "total": "59.00", "platform": evil(5), "url": "https://shop.example/?" + evil(6),
		"lines":     []any{map[string]any{"sku": evil(7), "name": evil(8), "quantity": 1, "price": "59.00"}},
		"shipments": []any{map[string]any{"courier": evil(9), "tracking": evil(10), "status": evil(11)}}, "meta": map[string]any{evil(15): evil(16)},
		"refunds": []any{map[string]any{"id": evil(12), "reason": evil(13), "state": "requested", "amount": "1.00"}}, "invoice": map[string]any{"state": evil(14), "title": evil(14), "url": "https://shop.example/" + evil(14)},
	})
	ticket := send(http.StatusCreated, "POST", "/tickets", map[string]any{"subject": evil(20), "body": evil(21), "contact": contact, "order": number})
	send(http.StatusCreated, "POST", "/order-attempts", map[string]any{
		"id": evil(30), "outcome": "failed", "step": "pay", "reason": "payment", "detail": evil(31), "order": number, "page": "https://shop.example/?" + evil(32), "contact": contact,
	})
	both := func(n int) map[string]any { return map[string]any{"zh-CN": evil(n), "en": evil(n)} }
	form := send(http.StatusCreated, "POST", "/forms", map[string]any{"name": evil(40), "occasion": "after_order", "definition": map[string]any{
		"title": both(41), "intro": both(42), "steps": []any{map[string]any{"title": both(43), "questions": []any{
			map[string]any{"id": "stars", "kind": "rating", "label": both(44), "hint": both(45)},
			map[string]any{"id": "why", "kind": "single", "label": both(46), "options": []any{map[string]any{"id": "a", "label": both(47)}, map[string]any{"id": "b", "label": both(48)}}},
			map[string]any{"id": "say", "kind": "text", "label": both(49), "placeholder": both(50)},
		}}},
	}})
	send(http.StatusCreated, "POST", "/forms/"+form["key"].(string)+"/responses", map[string]any{
		"order": number, "contact": contact, "page": "https://shop.example/?" + evil(60), "locale": "en<script>", "source_id": evil(61), "answers": map[string]any{"stars": 1, "why": "a", "say": evil(62)},
	})

	p := apptest.NewBrowser(t, "en").OpenAs(desk, desk.Base(), importer, agentPassword, apptest.Look{Locale: "en"}, "/settings/orders")
	p.Before(notPwned)
	w := &hostileWalk{t, p, p.Watch(desk.Base()), desk.Base()}
	ticketPath := fmt.Sprintf("/tickets/%.0f", ticket["number"])
	w.safe(ticketPath, 10)
	customer := apptest.Eval[string](p, `document.querySelector(".side a[href^='/contacts/']").getAttribute("href")`)
	w.safe(customer, 4)
	w.safe("/tickets?q="+url.QueryEscape(number), 3)
	w.safe("/tickets?list=all", 2)
	w.safe("/success?period=7", 0)
	w.safe("/success/missed", 1)
	w.safe("/feedback?period=30", 3)
	w.safe("/feedback/responses", 2)
	w.safe("/settings/forms", 1)
	settings := "/settings/forms/" + form["id"].(string)
	w.safe(settings, 1)
	w.safe(settings+"/builder", 5)
	w.safe(settings+"/preview?lang=en", 5)
	w.safe(settings+"/card", 0)
	w.file(desk)
	w.shopper(form["key"].(string), number)
}

// file sends a file of orders that is nothing but scripts, with such a name.
func (w *hostileWalk) file(desk *apptest.Process) {
	var b bytes.Buffer
	line := func(cells ...string) {
		for i, cell := range cells {
			cells[i] = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		b.WriteString(strings.Join(cells, ",") + "\n")
	}
	line("订单号", "订单状态", "商品", evil(70))
	line(evil(71)[:40], evil(72), evil(73), evil(74))
	status, path := desk.SendFileAs(w.T, importer, agentPassword, "/settings/orders/imports", map[string]string{"preset": "own"}, `<img src=x onerror=pwn(75)>.csv`, b.Bytes())
	if status != http.StatusSeeOther {
		w.Fatalf("send a file: %d", status)
	}
	w.safe(path, 4)
	if status, _ := desk.PostAs(w.T, importer, agentPassword, path+"/start", url.Values{"column0": {"number"}, "column1": {"status"}, "column2": {"name"}}); status != http.StatusOK {
		w.Fatalf("start: %d", status)
	}
	w.page.WaitFor(`document.readyState === "complete"`)
	w.safe(path, 1)
	w.page.WaitFor(`!document.querySelector("progress") && document.querySelector(".import-rejects")`)
	w.look(path+" when it is done", 1)
	w.safe("/settings/orders", 1)
}

// shopper answers the form and reads her ticket's page.
func (w *hostileWalk) shopper(form, order string) {
	w.safe("/f/"+form+"?lang=en&order="+url.QueryEscape(order), 6)
	w.page.Click("#q-stars-1 + .score")
	w.page.Type("#q-say", evil(80))
	w.page.Click("#send")
	w.page.Wait(".number")
	w.look("the thanks", 0)
	w.page.Go(apptest.Eval[string](w.page, `document.querySelector("a.plain").href`))
	w.look("her ticket", 1)
}
