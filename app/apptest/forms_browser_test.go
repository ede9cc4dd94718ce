package apptest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"huiyin/app/apptest"
	"huiyin/app/feedback"
)

// deliveryForm is a form of two steps, as a program of the shop makes one.
const deliveryForm = `{"name":"收货评价","occasion":"after_order","definition":{"title":{"zh-CN":"收货评价","en":"About your delivery"},"intro":{"zh-CN":"只要半分钟","en":"Half a minute"},"steps":[
 {"questions":[{"id":"stars","kind":"rating","label":{"zh-CN":"送货满意吗?","en":"How was the delivery?"},"required":true},
  {"id":"why","kind":"multiple","label":{"zh-CN":"哪里不好?","en":"What went wrong?"},"options":[{"id":"late","label":{"zh-CN":"太慢","en":"Late"}},{"id":"broken","label":{"zh-CN":"破损","en":"Broken"}}],"shown_if":{"question":"stars","op":"at_most","value":"3"}}]},
 {"title":{"zh-CN":"再说两句","en":"A few more words"},"questions":[{"id":"nps","kind":"nps","label":{"zh-CN":"会推荐给朋友吗?","en":"Would you recommend us?"},"low":{"zh-CN":"不会","en":"No"},"high":{"zh-CN":"一定会","en":"Surely"}},
  {"id":"say","kind":"text","label":{"zh-CN":"想说的话","en":"Tell us more"},"max":500},{"id":"photo","kind":"photo","label":{"zh-CN":"照片","en":"Photos"},"max":3},
  {"id":"reach","kind":"contact","label":{"zh-CN":"联系方式","en":"How can we reach you?"}}]}]}}`

// shopForm is a form of a desk with the secret that signs it.
type shopForm struct{ Key, Inbox, secret string }

// addForm makes a form in an inbox of a known secret.
func addForm(t testing.TB, desk *apptest.Process, token string, settings map[string]any) shopForm {
	t.Helper()
	config, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	var box struct{ ID, Key, Secret string }
	if err := json.Unmarshal([]byte(desk.Command("", "inbox", "add", "--channel", "form", "--name", "收货", "--config", tempFile(t, config))), &box); err != nil {
		t.Fatal(err)
	}
	if box.Secret == "" {
		t.Fatal("inbox add gives no secret")
	}
	c := newCaller(desk.Base(), token, 1)
	body := strings.Replace(deliveryForm, `{"name"`, `{"inbox":"`+box.Key+`","name"`, 1)
	text, _, err := c.call(t.Context(), http.StatusCreated, "POST", "/forms", []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	var made struct{ Key string }
	if err := json.Unmarshal(text, &made); err != nil {
		t.Fatal(err)
	}
	return shopForm{Key: made.Key, Inbox: box.Key, secret: box.Secret}
}

// link is the signed query of an order.
func (f shopForm) link(order string) url.Values {
	exp := strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10)
	return url.Values{"order": {order}, "exp": {exp}, "signature": {feedback.Sign(f.secret, f.Key, order, exp)}}
}

// A shopper answers on a phone by touch, another one by keyboard in a frame of the shop's page; the agent answers, and she reads it.
func TestAFormFromTheShoppersTapToTheAgentsAnswer(t *testing.T) {
	t.Parallel()
	desk := apptest.StartProcess(t, "HUIYIN_LIMIT_SCALE=100")
	token := desk.AddAgent("wang@desk.example", "王芳", "admin", agentPassword)
	shop := httptest.NewUnstartedServer(nil)
	origin := strings.Replace("http://"+shop.Listener.Addr().String(), "127.0.0.1", "localhost", 1) // another site than the desk
	form := addForm(t, desk, token, map[string]any{"allowed_origins": []string{origin}})
	b := apptest.NewBrowser(t, "zh-CN")
	phone := b.Open(apptest.Look{Locale: "zh-CN", Width: 360, Height: 640}, true, desk.Base()+"/f/"+form.Key+"?lang=zh-CN&"+form.link("A-1001").Encode())
	phone.WaitText("送货满意吗", "订单 A-1001", "第 1 步")
	phone.Axe("the first step")
	phone.Shot("form-phone-1")
	noWider(t, phone, "the form")
	if apptest.Eval[bool](phone, `!document.querySelector('[data-question="a.why"]').hidden`) {
		t.Error("a question is shown before its answer")
	}
	phone.Click("#next")
	phone.WaitText("请选择一个答案")
	tap(t, phone, "#q-stars-2 + .score")
	phone.WaitFor(`!document.querySelector('[data-question="a.why"]').hidden`)
	tap(t, phone, `label:has(#q-why-broken)`)
	phone.Click("#next")
	phone.WaitText("再说两句", "第 2 步")
	phone.Axe("the second step")
	phone.Type("#q-say", "杯子碎了")
	phone.Type("#q-reach", "138001")
	phone.Run(`document.querySelector("#q-say").focus()`)
	phone.Reload()
	phone.WaitFor(`document.querySelector("#q-say").value === "杯子碎了" && document.querySelector("#q-stars-2").checked`)
	phone.Click("#next")
	phone.Run(`document.querySelector("#q-reach").value = "x"`)
	phone.Click("#send")
	phone.WaitText("请填邮箱")
	phone.Axe("what is wrong")
	phone.Shot("form-phone-2")
	phone.Run(`document.querySelector("#q-reach").value = "13800138000"`)
	phone.Click("#send")
	phone.WaitText("谢谢您的反馈", "工单 #")
	phone.Axe("the thanks")
	phone.Shot("form-thanks")
	noWider(t, phone, "the thanks")
	if kept := apptest.Eval[int](phone, `Object.keys(localStorage).filter((k) => k.startsWith("huiyin:form:")).length`); kept != 0 {
		t.Error("what was sent is still kept in the browser")
	}
	ticket := apptest.Eval[string](phone, `document.querySelector("a.plain").href`)

	c := newCaller(desk.Base(), token, 1)
	list, _, err := c.call(t.Context(), http.StatusOK, "GET", "/tickets?q=A-1001", nil)
	var page struct {
		Items []struct {
			ID, Channel   string
			OrderVerified bool `json:"order_verified"`
		}
	}
	if err != nil || json.Unmarshal(list, &page) != nil || len(page.Items) != 1 || page.Items[0].Channel != "form" || !page.Items[0].OrderVerified {
		t.Fatalf("%v %s", err, list)
	}
	if _, _, err := c.call(t.Context(), http.StatusCreated, "POST", "/tickets/"+page.Items[0].ID+"/messages", []byte(`{"kind":"reply","body":"很抱歉,马上给您补发。"}`)); err != nil {
		t.Fatal(err)
	}
	phone.Go(ticket)
	phone.WaitText("杯子碎了", "很抱歉,马上给您补发。")

	shop.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src "+desk.Base()+"; frame-src "+desk.Base())
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		q := form.link("A-1002")
		_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><title>Done</title><h1>Thanks for your order</h1><div data-huiyin-form="%s" data-order="A-1002" data-exp="%s" data-signature="%s" data-locale="en"></div><script async src="%s/forms.js"></script>`,
			form.Key, q.Get("exp"), q.Get("signature"), desk.Base())
	})
	shop.Start()
	t.Cleanup(shop.Close)
	outer := b.Open(apptest.Look{Locale: "en", Width: 360, Height: 900}, true, origin)
	frame := outer.Frame(desk.Base() + "/f/")
	frame.WaitText("How was the delivery?")
	frame.Axe("the form in a frame")
	outer.WaitFor(`parseInt(document.querySelector("iframe").style.height) > 300`)
	frame.Run(`document.querySelector("#q-stars-1").focus()`)
	frame.Press(" ") // by keyboard alone: the lowest score
	frame.WaitFor(`document.querySelector("#q-stars-1").checked`)
	outer.Shot("form-embedded")
	frame.Press("\t")
	frame.Run(`document.querySelector("#next").focus()`)
	frame.Press("\r")
	frame.WaitText("A few more words")
	frame.Run(`document.querySelector("#q-say").focus()`)
	frame.Press("Much too late.")
	frame.Run(`document.querySelector("#send").focus()`)
	frame.Press("\r")
	frame.WaitText("Thank you for your feedback")
	frame.Axe("the thanks in a frame")
	outer.Shot("form-embedded-thanks")
	dark := b.Open(apptest.Look{Locale: "en", Dark: true}, true, desk.Base()+"/f/"+form.Key+"?lang=en")
	dark.WaitText("How was the delivery?")
	dark.Axe("in the dark")
	dark.Shot("form-desktop-dark")
}

// tap touches an element as a finger does.
func tap(t *testing.T, p *apptest.Page, css string) {
	t.Helper()
	at := apptest.Eval[[]float64](p, `(() => { const e = document.querySelector(`+strconv.Quote(css)+`); e.scrollIntoView({block: "center"}); const r = e.getBoundingClientRect(); return [r.left + r.width / 2, r.top + r.height / 2, r.height]; })()`)
	if at[2] < 44 {
		t.Errorf("%s is %.0f px high, too small for a finger", css, at[2])
	}
	p.Touch(at[0], at[1])
}

func noWider(t *testing.T, p *apptest.Page, what string) {
	t.Helper()
	if apptest.Eval[bool](p, "document.documentElement.scrollWidth > innerWidth") {
		t.Errorf("%s is wider than the screen", what)
	}
}
