package web

import (
	"bytes"
	"context"
	"encoding/json"
	"html"
	"image"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"huiyin/app/feedback"
	"huiyin/tickets"
)

// form publishes a form with a question of each kind.
func (d *desk) form() (*feedback.Form, *tickets.Inbox) {
	d.t.Helper()
	both := func(zh, en string) feedback.Texts { return feedback.Texts{"zh-CN": zh, "en": en} }
	ctx := context.Background()
	f, err := d.forms.Create(ctx, feedback.NewForm{Name: "收货", Occasion: feedback.AfterOrder, Definition: feedback.Definition{
		Title: both("收货评价", "About your delivery"), Steps: []feedback.Step{
			{Questions: []feedback.Question{
				{ID: "stars", Kind: feedback.KindRating, Label: both("送货满意吗", "How was the delivery?"), Required: true},
				{ID: "why", Kind: feedback.KindMultiple, Label: both("哪里不好", "What went wrong?"), Options: []feedback.Option{{ID: "late", Label: both("太慢", "Late")}, {ID: "broken", Label: both("破损", "Broken")}},
					ShownIf: &feedback.Condition{Question: "stars", Op: feedback.OpAtMost, Value: "3"}},
			}},
			{Title: both("还有", "More"), Questions: []feedback.Question{
				{ID: "say", Kind: feedback.KindText, Label: both("想说的话", "Tell us more"), Max: 500},
				{ID: "photo", Kind: feedback.KindPhoto, Label: both("照片", "Photos"), Max: 2},
				{ID: "reach", Kind: feedback.KindContact, Label: both("联系方式", "How can we reach you?")},
			}},
		},
	}})
	must(d.t, err)
	f, err = d.forms.Publish(ctx, tickets.Actor{Kind: tickets.ActorSystem}, f.ID)
	must(d.t, err)
	box, err := d.tickets.Inbox(ctx, f.InboxID)
	must(d.t, err)
	return f, box
}

// formQuery signs an order for a form.
func formQuery(f *feedback.Form, box *tickets.Inbox, order string, life time.Duration) string {
	exp := strconv.FormatInt(time.Now().Add(life).Unix(), 10)
	return url.Values{"order": {order}, "exp": {exp}, "signature": {feedback.Sign(box.Secret, f.Key, order, exp)}}.Encode()
}

// photo is a picture as a phone makes one, and smaller.
func photo(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, width, height)), nil))
	return b.Bytes()
}

var (
	hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)
	formAction  = regexp.MustCompile(`<form id="form" method="post" action="([^"]+)"`)
)

// fillIn gives the form of a page with its hidden fields, and where it goes.
func fillIn(t *testing.T, page string, answers url.Values) (string, url.Values) {
	t.Helper()
	action := formAction.FindStringSubmatch(page)
	if action == nil {
		t.Fatalf("no form: %.2000s", page)
	}
	for _, m := range hiddenInput.FindAllStringSubmatch(page, -1) {
		answers.Set(m[1], html.UnescapeString(m[2]))
	}
	return html.UnescapeString(action[1]), answers
}

// sendForm posts a form with photos, as a browser without scripts does.
func (b *browser) sendForm(path string, values url.Values, photos ...formFile) reply {
	b.d.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, list := range values {
		for _, v := range list {
			must(b.d.t, w.WriteField(name, v))
		}
	}
	for _, p := range photos {
		part, err := w.CreateFormFile("a.photo", p.name)
		must(b.d.t, err)
		_, err = part.Write(p.content)
		must(b.d.t, err)
	}
	must(b.d.t, w.Close())
	req, err := http.NewRequest(http.MethodPost, b.d.http.URL+path, &body)
	must(b.d.t, err)
	req.Header.Set("Content-Type", w.FormDataContentType())
	res, err := b.client.Do(req)
	must(b.d.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(b.d.t, err)
	return reply{res.StatusCode, res.Header, string(text)}
}

func TestAFormPostsWithoutScriptsAndLeadsToItsTicket(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f, box := d.form()
	b := d.browser()
	page := b.get("/f/" + f.Key + "?lang=zh-CN&" + formQuery(f, box, "A-1001", time.Hour))
	if page.status != 200 || !strings.Contains(page.body, "送货满意吗") || !strings.Contains(page.body, "订单 A-1001") || len(page.header.Values("Set-Cookie")) > 0 ||
		!strings.Contains(page.header.Get("X-Robots-Tag"), "noindex") {
		t.Fatalf("%d %v %.3000s", page.status, page.header, page.body)
	}
	action, values := fillIn(t, page.body, url.Values{"a.say": {"<script>alert(1)</script> 杯子碎了"}})
	again := b.sendForm(action, values)
	if again.status != http.StatusUnprocessableEntity || !strings.Contains(again.body, "请选择一个答案。") || !strings.Contains(again.body, "&lt;script&gt;alert(1)") || strings.Contains(again.body, "<script>alert") {
		t.Fatalf("%d %.6000s", again.status, again.body)
	}
	action, values = fillIn(t, again.body, values)
	values.Set("a.stars", "1")
	values["a.why"] = []string{"broken"}
	sent := b.sendForm(action, values, formFile{"cup.jpg", photo(t, 40, 30)})
	to := sent.header.Get("Location")
	if sent.status != http.StatusSeeOther || !strings.HasPrefix(to, "/f/"+f.Key+"/thanks?") {
		t.Fatalf("%d %s %.3000s", sent.status, to, sent.body)
	}
	if twice := b.sendForm(action, values); !strings.HasPrefix(twice.header.Get("Location"), "/f/"+f.Key+"/thanks?") {
		t.Errorf("the same post again: %d", twice.status)
	}
	thanks := b.get(to)
	link := regexp.MustCompile(`href="(/t/[^"]+)"`).FindStringSubmatch(thanks.body)
	if thanks.status != 200 || link == nil || !strings.Contains(thanks.body, "工单 #") {
		t.Fatalf("%d %.4000s", thanks.status, thanks.body)
	}
	if ticket := b.get(link[1]); ticket.status != 200 || !strings.Contains(ticket.body, "杯子碎了") || strings.Contains(ticket.body, "<script>alert") {
		t.Errorf("the ticket's page: %d", ticket.status)
	}
	list, err := d.forms.Responses(context.Background(), feedback.Filter{})
	must(t, err)
	if len(list) != 1 || !list[0].OrderVerified || list[0].TicketID == nil {
		t.Fatalf("%+v", list)
	}
	talk := d.talk(*list[0].TicketID)
	if len(talk) != 1 || len(talk[0].Attachments) != 1 || !strings.Contains(talk[0].Body, "哪里不好：破损") {
		t.Errorf("%+v", talk)
	}
	edit := regexp.MustCompile(`href="(/f/[^"]+edit=[^"]+)"`).FindStringSubmatch(thanks.body)
	if edit == nil {
		t.Fatal("no way to change the answers")
	}
	page = b.get(html.UnescapeString(edit[1]))
	if !strings.Contains(page.body, `value="1" checked`) || !strings.Contains(page.body, "前可以修改") {
		t.Errorf("what was answered is not there: %.5000s", page.body)
	}
	action, values = fillIn(t, page.body, url.Values{"a.stars": {"2"}})
	if changed := b.post(action, values); changed.status != http.StatusSeeOther {
		t.Errorf("a change: %d %.2000s", changed.status, changed.body)
	}
	if got, err := d.forms.Response(context.Background(), list[0].ID); err != nil || *got.Rating != 2 || got.Revision != 2 {
		t.Errorf("%+v %v", got, err)
	}
}

func TestAFormSaysWhatIsWrongWithItsLink(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f, box := d.form()
	b := d.browser()
	forged := b.get("/f/" + f.Key + "?" + strings.Replace(formQuery(f, box, "A-1", time.Hour), "order=A-1", "order=A-2", 1))
	if forged.status != http.StatusForbidden || !strings.Contains(forged.body, "changed on its way") || strings.Contains(forged.body, `id="form"`) {
		t.Errorf("forged: %d", forged.status)
	}
	expired := b.get("/f/" + f.Key + "?" + formQuery(f, box, "A-1", -time.Hour))
	if expired.status != 200 || !strings.Contains(expired.body, "too old to know your order") {
		t.Fatalf("expired: %d", expired.status)
	}
	action, values := fillIn(t, expired.body, url.Values{"a.stars": {"1"}})
	if sent := b.post(action, values); sent.status != http.StatusSeeOther {
		t.Errorf("expired, then sent: %d", sent.status)
	}
	list, err := d.forms.Responses(context.Background(), feedback.Filter{})
	must(t, err)
	if len(list) != 1 || list[0].Order != "A-1" || list[0].OrderVerified {
		t.Errorf("%+v", list)
	}
	if absent := b.get("/f/absent"); absent.status != http.StatusNotFound {
		t.Errorf("absent: %d", absent.status)
	}
	if huge := b.post("/f/"+f.Key, url.Values{"id": {"x"}, "a.stars": {"5"}, "a.say": {strings.Repeat("x", 1<<20)}}); huge.status != http.StatusUnprocessableEntity || !strings.Contains(huge.body, "At most 500 characters") {
		t.Errorf("huge: %d", huge.status)
	}
	if trap := b.post("/f/"+f.Key, url.Values{"id": {"y"}, "a.stars": {"1"}, "website": {"https://spam.example"}}); trap.status != http.StatusSeeOther {
		t.Errorf("a program: %d", trap.status)
	}
	if list, err = d.forms.Responses(context.Background(), feedback.Filter{}); err != nil || len(list) != 1 {
		t.Errorf("%d responses are stored, %v", len(list), err)
	}
}

func TestAFormIsFramedByItsSitesOnly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f, box := d.form()
	_, err := d.tickets.UpdateInboxSettings(context.Background(), box.ID, tickets.InboxSettings{AllowedOrigins: []string{"https://shop.example"}})
	must(t, err)
	b := d.browser()
	good := b.get("/f/" + f.Key + "?embed=1&origin=https://shop.example")
	if csp := good.header.Get("Content-Security-Policy"); good.status != 200 || !strings.Contains(csp, "frame-ancestors 'self' http://127.0.0.1") || !strings.Contains(csp, "https://shop.example") {
		t.Errorf("%d %s", good.status, csp)
	}
	if other := b.get("/f/" + f.Key + "?embed=1&origin=https://evil.example"); other.status != http.StatusForbidden || strings.Contains(other.body, "data-question") {
		t.Errorf("another site: %d", other.status)
	}
	if alone := b.get("/f/" + f.Key); !strings.Contains(alone.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Error("the page by itself can be framed")
	}
	loader := b.get("/forms.js")
	if loader.status != 200 || loader.header.Get("Cross-Origin-Resource-Policy") != "cross-origin" || strings.Contains(loader.body, "cookie") {
		t.Errorf("%d %v", loader.status, loader.header)
	}
}

func TestAPhotoSentAheadBelongsToWhoSendsTheForm(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f, _ := d.form()
	upload := func(name string, content []byte) (int, formPhoto) {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		part, err := w.CreateFormFile("file", name)
		must(t, err)
		_, err = part.Write(content)
		must(t, err)
		must(t, w.Close())
		req, err := http.NewRequest(http.MethodPost, d.http.URL+"/f/"+f.Key+"/uploads", &body)
		must(t, err)
		req.Header.Set("Content-Type", w.FormDataContentType())
		req.Header.Set("Accept", "application/json")
		res, err := http.DefaultClient.Do(req)
		must(t, err)
		defer res.Body.Close()
		var got formPhoto
		_ = json.NewDecoder(res.Body).Decode(&got) // a refusal has no photo
		return res.StatusCode, got
	}
	status, one := upload("cup.jpg", photo(t, 40, 30))
	if status != http.StatusCreated || one.Visitor == "" {
		t.Fatalf("%d %+v", status, one)
	}
	if status, _ := upload("list.txt", []byte("words")); status != http.StatusUnprocessableEntity {
		t.Errorf("no picture: %d", status)
	}
	b := d.browser()
	values := func(visitor string) url.Values {
		return url.Values{"id": {"s" + visitor}, "a.stars": {"5"}, "a.photo": {one.ID.String()}, "visitor": {visitor}}
	}
	if got := b.post("/f/"+f.Key, values("")); got.status != http.StatusUnprocessableEntity {
		t.Errorf("somebody else took the photo: %d", got.status)
	}
	if got := b.post("/f/"+f.Key, values(one.Visitor)); got.status != http.StatusSeeOther {
		t.Errorf("%d %.3000s", got.status, got.body)
	}
}
