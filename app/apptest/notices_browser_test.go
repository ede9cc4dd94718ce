package apptest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"huiyin/app/apptest"
)

// An agent hears of a new ticket wherever she is in the desk, sees it in the bell, and chooses what she is told.
func TestNoticesReachTheAgentsScreen(t *testing.T) {
	t.Parallel()
	heard := make(chan *http.Request, 10)
	group := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		heard <- r
		_, _ = w.Write([]byte(`{"errcode":0}`))
	}))
	t.Cleanup(group.Close)
	p := apptest.StartProcess(t, "HUIYIN_ALLOW_INNER=127.0.0.1")
	key := p.AddInbox("青禾小店", map[string]any{})
	p.AddAgent(agentEmail, "林薇", "admin", agentPassword)
	b := apptest.NewBrowser(t, "zh-CN")
	s := scene{desk: p, base: p.Base()}
	console := s.signIn(b, apptest.Look{Locale: "zh-CN"})
	console.Run(`window.heard = 0, AudioContext.prototype.createOscillator = new Proxy(AudioContext.prototype.createOscillator, {apply(f, self, args) { window.heard++; return Reflect.apply(f, self, args) }})`)
	console.Click("body") // a browser lets nothing sound before
	shopper := apptest.NewClient(p.Base, key)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	if err := shopper.Start(ctx); err != nil {
		t.Fatal(err)
	}
	go shopper.Run(ctx)
	shopper.Send("在吗")
	console.WaitFor(`document.querySelector("[data-unread]").textContent === "1"`)
	console.WaitFor(`window.heard > 0`)
	console.Shot("notices-console")
	console.Run(`Object.defineProperty(document, "visibilityState", {value: "hidden", configurable: true}), document.dispatchEvent(new Event("visibilitychange"))`)
	console.WaitFor(`document.title.startsWith("(1) ")`)
	console.Run(`delete document.visibilityState, document.dispatchEvent(new Event("visibilitychange"))`)
	console.WaitFor(`!document.title.startsWith("(")`)
	console.Axe("console with the bell")

	console.Go(p.Base() + "/notifications")
	console.WaitText("待接入", "标为已读")
	console.Axe("the bell")
	console.Shot("notices-bell")
	console.Click(".told .link")
	console.Wait("ticket-thread[data-ticket]")
	console.WaitFor(`document.querySelector("[data-unread]").textContent === ""`)
	console.Run(`[...document.querySelectorAll("form[action$='/assignment'] button")][0]?.click()`)

	console.Go(p.Base() + "/preferences/notices")
	console.Type("#f-quiet-from", "25:00")
	console.Click("form.card .btn.primary")
	console.Wait("#f-quiet-from-wrong")
	console.Axe("a wrong time")
	console.Go(p.Base() + "/preferences/notices")
	console.Click("[data-try=bell]")
	console.Wait(".toast")
	console.Click("[data-try=sound]")
	console.WaitText("已播放两声提示音")
	console.Click("form[action^='/preferences/notices/mail'] button")
	console.WaitText("还没有设置邮件")

	console.Go(p.Base() + "/settings/notices")
	console.Type("#f-new-name", "值班群")
	console.Run(`document.querySelector("#f-new-url").type = "text"`)
	console.Type("#f-new-url", "not an address")
	console.Click("form[action^='/settings/notices/targets'] .btn.primary")
	console.Wait("#f-new-url-wrong")
	console.Axe("a wrong target")
	console.Shot("notices-settings-wrong")
	console.Go(p.Base() + "/settings/notices")
	console.Run(`document.querySelector("#f-new-sort").value = "dingtalk"`)
	console.Type("#f-new-name", "值班群")
	console.Type("#f-new-url", group.URL+"/robot/send?access_token=x")
	console.Type("#f-new-secret", "SECx")
	console.Run(`document.querySelector("form[action^='/settings/notices/targets'] [name=kinds][value=waiting]").checked = true`)
	console.Click("form[action^='/settings/notices/targets'] .btn.primary")
	console.Wait(".notice.good")
	console.Click("form[action*='/test'] button")
	console.WaitText("对方已收下测试消息")
	if r := <-heard; r.URL.Query().Get("sign") == "" {
		t.Errorf("the robot was asked without a signature: %s", r.URL)
	}
	shopper2 := apptest.NewClient(p.Base, key)
	if err := shopper2.Start(ctx); err != nil {
		t.Fatal(err)
	}
	go shopper2.Run(ctx)
	shopper2.Send("我的手机号是 13800138000")
	if body, _ := io.ReadAll((<-heard).Body); !strings.Contains(string(body), "/tickets/100") || strings.Contains(string(body), "1380013") {
		t.Errorf("the group is told %s", body)
	}
	waitFor(t, "the page to say that it was sent", func() bool { // the sender writes that down a moment after the group has it
		console.Reload()
		return apptest.Eval[bool](console, `["发送记录", "已发送"].every(w => document.body.innerText.includes(w))`)
	})
	for i, look := range []apptest.Look{{Locale: "zh-CN", Width: 360, Height: 1500}, {Locale: "en", Width: 360, Height: 1500, Dark: true}, {Locale: "en", Width: 1280, Height: 1400}, {Locale: "zh-CN", Width: 1280, Height: 1400, Dark: true}} {
		for name, path := range map[string]string{"bell": "/notifications", "choices": "/preferences/notices", "settings": "/settings/notices"} {
			page := b.OpenAs(p, p.Base(), agentEmail, agentPassword, look, path)
			page.Wait("h1")
			if apptest.Eval[bool](page, "document.documentElement.scrollWidth > innerWidth") {
				t.Errorf("%s, %+v: the page is wider than the screen", name, look)
			}
			page.Axe(name)
			page.Shot(fmt.Sprintf("notices-%s-%d", name, i))
		}
	}
}
