package web

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/feedback"
	"huiyin/tickets"
)

// both are what is said in Chinese and in English.
type both [2]string

var badLanguages = []string{"zh-CN", "en"}

// nothing fails when one of the tables has a row.
func (d *desk) nothing(what string, tables ...string) {
	d.t.Helper()
	for _, table := range tables {
		var n int
		must(d.t, d.db.Read(context.Background()).Raw(`SELECT COUNT(*) FROM `+table).Row().Scan(&n))
		if n != 0 {
			d.t.Errorf("%s: %d rows are left in %s", what, n, table)
		}
	}
}

var ofAForm = []string{"form_responses", "tickets", "messages", "contacts", "contact_identities", "form_revisions"}

// Whatever is wrong with a form that comes in, the page says it in her language, at the question where there is one, and nothing
// of it is stored.
func TestBadInputOfAFormIsSaidInBothLanguagesAndLeavesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f, box := d.form()
	b := d.browser()
	signed := func(key, order, signed string, life time.Duration) url.Values {
		exp := strconv.FormatInt(time.Now().Add(life).Unix(), 10)
		return url.Values{"order": {order}, "exp": {exp}, "signature": {feedback.Sign(box.Secret, key, signed, exp)}}
	}
	good := url.Values{"id": {"x"}, "a.stars": {"1"}}
	forged := both{"这个链接被改动过", "This link has been changed on its way"}
	for name, one := range map[string]struct {
		values url.Values // over good ones
		status int
		field  string // whose message it is
		says   both
	}{
		"a forged link":              {signed(f.Key, "A-1", "A-2", time.Hour), 403, "", forged},
		"another form's link":        {signed("other", "A-1", "A-1", time.Hour), 403, "", forged},
		"a link with a longer life":  {url.Values{"order": {"A-1"}, "exp": {"9999999999"}, "signature": signed(f.Key, "A-1", "A-1", time.Hour)["signature"]}, 403, "", forged},
		"a forged and old link":      {signed(f.Key, "A-1", "A-2", -time.Hour), 403, "", forged},
		"an order that is too long":  {url.Values{"order": {strings.Repeat("9", 65)}}, 422, "", both{"订单号最多 64 个字符", "An order number has at most 64 characters"}},
		"an order of two lines":      {url.Values{"order": {"A-1\nA-2"}}, 422, "", both{"不能换行", "no line breaks"}},
		"a huge text":                {url.Values{"a.say": {strings.Repeat("字", 300_000)}}, 422, "say", both{"最多 500 字。", "At most 500 characters."}},
		"a text that is none":        {url.Values{"a.say": {"\xff\xfe"}}, 422, "say", both{"这段文字无法读取。", "This text cannot be read."}},
		"no answer that is needed":   {url.Values{"a.stars": nil}, 422, "stars", both{"请选择一个答案。", "Please choose an answer."}},
		"a score that is none":       {url.Values{"a.stars": {"9"}}, 422, "stars", both{"请选择 1 到 5 分。", "Choose a number from 1 to 5."}},
		"a choice that is none":      {url.Values{"a.why": {"<script>alert(1)</script>"}}, 422, "why", both{"请从给出的答案里选。", "Choose one of the answers given."}},
		"an address that is none":    {url.Values{"a.reach": {"<script>@x"}}, 422, "reach", both{"请填邮箱", "Write an e-mail address"}},
		"somebody else's photo":      {url.Values{"a.photo": {"123"}}, 422, "photo", both{"有一个文件已经不在了", "One of the files is no longer there."}},
		"a forged token to change":   {url.Values{"edit": {"forged"}}, 404, "", both{"找不到这条反馈。", "This response cannot be found."}},
		"no id of the sending":       {url.Values{"id": nil}, 422, "", both{"页面已经过期", "The page was out of date"}},
		"an id that is too long":     {url.Values{"id": {strings.Repeat("x", 1000)}}, 422, "", both{"页面已经过期", "The page was out of date"}},
		"a version that never was":   {url.Values{"version": {"99"}}, 404, "", both{"没有", "no such"}},
		"a question that never was":  {url.Values{"a.<script>": {"1"}}, 422, "", both{"没有这道题。", "There is no such question."}},
		"two answers where one fits": {url.Values{"a.stars": {"1", "2"}}, 422, "stars", both{"请从给出的答案里选。", "Choose one of the answers given."}},
	} {
		for i, lang := range badLanguages {
			values := url.Values{}
			for _, from := range []url.Values{good, one.values} {
				for k, v := range from {
					values[k] = v
				}
			}
			got := b.post("/f/"+f.Key+"?lang="+lang, values)
			text := html.UnescapeString(got.body)
			if got.status != one.status || !strings.Contains(text, one.says[i]) {
				t.Errorf("%s, %s: %d, want %d with %q: %.3000s", name, lang, got.status, one.status, one.says[i], text)
			}
			if at := `id="q-` + one.field + `-wrong">` + one.says[i]; one.field != "" && !strings.Contains(text, at) {
				t.Errorf("%s, %s: not said at its question: %q", name, lang, at)
			}
			if strings.Contains(got.body, "<script>alert(1)") {
				t.Errorf("%s, %s: a script comes back", name, lang)
			}
		}
		d.nothing(name, ofAForm...)
	}
}

// The same form sent many times at once, and once more when the time to change it is over, is one response with one ticket.
func TestAFormSentManyTimesIsOneResponse(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f, box := d.form()
	page := d.browser().get("/f/" + f.Key + "?" + formQuery(f, box, "A-1", time.Hour))
	action, values := fillIn(t, page.body, url.Values{"a.stars": {"1"}, "a.say": {"late"}})
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			if got := d.browser().post(action, values); got.status != http.StatusSeeOther {
				t.Errorf("%d %.500s", got.status, got.body)
			}
		})
	}
	all.Wait()
	one := func(when string) {
		list, err := d.forms.Responses(context.Background(), feedback.Filter{})
		must(t, err)
		var talks, people int
		must(t, d.db.Read(context.Background()).Raw(`SELECT (SELECT COUNT(*) FROM tickets), (SELECT COUNT(*) FROM contacts)`).Row().Scan(&talks, &people))
		if len(list) != 1 || list[0].Revision != 1 || talks != 1 || people != 1 || list[0].Answers.First("say") != "late" {
			t.Errorf("%s: %d tickets, %d contacts, %+v", when, talks, people, list)
		}
	}
	one("at once")
	must(t, d.db.Write(context.Background(), func(tx *gorm.DB) error { return tx.Exec(`UPDATE form_responses SET editable_until = 1`).Error }))
	for i, lang := range badLanguages {
		link := formQuery(f, box, "A-1", time.Hour)
		late, err := url.ParseQuery(link)
		must(t, err)
		late.Set("id", "another-"+lang)
		late.Set("a.stars", "5")
		says := both{"这笔订单已经评价过，修改时间也已过。", "This order has been answered already, and the time to change it is over."}[i]
		for what, got := range map[string]reply{"sent": d.browser().post("/f/"+f.Key+"?lang="+lang, late), "opened": d.browser().get("/f/" + f.Key + "?lang=" + lang + "&" + link)} {
			if !strings.Contains(got.body, says) || got.status != http.StatusConflict {
				t.Errorf("%s late, %s: %d %.2000s", what, lang, got.status, got.body)
			}
		}
	}
	one("late")
}

// Programs too are told in their user's language which field is wrong, and nothing is stored of a call that is refused.
func TestBadInputOfTheAPIIsSaidInBothLanguagesAndLeavesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f, box := d.form()
	p := d.program("shop", tickets.RoleAdmin)
	token := p.token
	answer := func(order string, life time.Duration, more string) string {
		exp := time.Now().Add(life).Unix()
		return fmt.Sprintf(`{"order":"A-1","exp":%d,"signature":"%s"%s,"answers":{"stars":1}}`, exp, feedback.Sign(box.Secret, f.Key, order, strconv.FormatInt(exp, 10)), more)
	}
	long := strings.Repeat("字", 301)
	forms, order := "POST /forms/"+f.Key+"/responses", "PUT /orders/A-1"
	for _, one := range []struct {
		call, body string
		status     int
		wrong      string
		says       both
	}{
		{forms, answer("A-2", time.Hour, ""), 403, "", both{"这个链接被改动过", "This link has been changed on its way"}},
		{forms, answer("A-1", -time.Hour, ""), 403, "", both{"链接已过期", "This link is too old"}},
		{forms, `{"inbox":"` + box.Key + `","answers":{"stars":1,"say":"` + strings.Repeat("字", 501) + `"}}`, 422, "answers.say too_long", both{"最多 500 字。", "At most 500 characters."}},
		{forms, `{"inbox":"` + box.Key + `","answers":{"stars":5,"why":["late"]}}`, 422, "answers.why hidden", both{"不需要答这道题", "is not asked after these answers"}},
		{order, `{"status":"paid","total":"59.001"}`, 422, "total amount", both{"59.00", "59.00"}},
		{order, `{"status":"paid","contact":{"external_id":"u1","name":"梅"},"lines":[{"name":"` + long + `","quantity":1}]}`, 422, "lines[0].name too_long", both{"300", "At most 300 characters."}},
		{order, `{"status":"paid","contact":{"external_id":"u1"},"url":"javascript:alert(1)"}`, 422, "url url", both{"https://", "https://"}},
		{order, `{"status":"paid","invoice":{"state":"sent","url":"data:text/html,x"}}`, 422, "invoice.url url", both{"https://", "https://"}},
		{order, `{"status":"paid","placed_at":"yesterday"}`, 422, "placed_at time", both{"RFC 3339", "RFC 3339"}},
		{order, `{"status":"paid","shipments":[{"courier":"x\u0000","tracking":"1"}]}`, 422, "shipments[0].courier text", both{"字符", "characters that no text has"}},
		{"PUT /orders/" + strings.Repeat("9", 65), `{"status":"paid"}`, 422, "external_id too_long", both{"64", "At most 64 characters."}},
		{"PUT /orders/1.23E%2B18", `{"status":"paid"}`, 422, "external_id spoilt", both{"表格", "A spreadsheet has shortened this number"}},
	} {
		for i, lang := range badLanguages {
			if p.token, p.lang = token, lang; one.call == forms {
				p.token = "" // as a page of the shop
			}
			method, path, _ := strings.Cut(one.call, " ")
			got := p.do(method, path, one.body)
			if got.status != one.status || got.wrong() != one.wrong || !strings.Contains(got.text, one.says[i]) {
				t.Errorf("%s %.80s, %s: %d %q %.600s, want %q with %q", one.call, one.body, lang, got.status, got.wrong(), got.text, one.wrong, one.says[i])
			}
		}
		d.nothing(one.call, append([]string{"orders", "order_lines", "order_refunds", "products"}, ofAForm...)...)
	}
}
