package apptest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"

	"huiyin/app/apptest"
)

// widgetScene is one desk and one browser for all the tests of the widget.
type widgetScene struct {
	*testing.T
	scene
	key   string
	token string // of an agent
	b     *apptest.Browser
}

func newWidgetScene(t *testing.T) *widgetScene {
	t.Helper()
	desk := apptest.NewProcess(t)
	_, port, err := net.SplitHostPort(desk.Addr)
	if err != nil {
		t.Fatal(err)
	}
	s := &widgetScene{T: t, scene: scene{desk: desk, base: "http://desk.localhost:" + port}}
	desk.Set("HUIYIN_URL=" + s.base)
	desk.Start()
	shop, connect := shopSite(t, port)
	s.shop = shop
	s.key = desk.AddInbox("Shop", map[string]any{"allowed_origins": []string{shop}, "hotline": "400-000-0000"})
	connect(s.key)
	s.token = desk.AddAgent(agentEmail, "林薇", "agent", agentPassword)
	s.b = apptest.StartBrowser(t, t.TempDir(), "en")
	return s
}

// page opens the chat as a page of its own, for somebody who is new.
func (s *widgetScene) page(look apptest.Look) *apptest.Page {
	p := s.b.Open(look, true, s.base+"/c/"+s.key+"?lang="+look.Locale)
	p.WaitFor(`document.body.classList.contains("online") || document.querySelector("#presence").textContent.length > 0`)
	return p
}

// own counts the shopper's own messages that hold a text and count as sent.
func own(text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("#messages .mine[data-state=sent]")].filter(m => m.innerText.includes(%q)).length === 1`, text)
}

func TestWidget(t *testing.T) {
	t.Parallel()
	s := newWidgetScene(t)
	for _, test := range []struct {
		rule string
		run  func(*widgetScene)
	}{
		{"back on a phone closes the panel and not the page", (*widgetScene).back},
		{"an input method's Enter never sends", (*widgetScene).inputMethod},
		{"where sockets are cut it polls", (*widgetScene).polls},
		{"closed, it counts the answers", (*widgetScene).badge},
		{"keys open and close it, and the focus comes back", (*widgetScene).keyboard},
		{"what a shop must change is said in one line", (*widgetScene).refusals},
		{"a recalled message can be written anew", (*widgetScene).recall},
		{"the bubble stands where the desk says, clear of a phone's notch and home bar", (*widgetScene).place},
		{"logout leaves nothing behind", (*widgetScene).logout},
		{"it is accessible in every look", (*widgetScene).accessible},
	} {
		ok := t.Run(test.rule, func(t *testing.T) {
			inner := *s
			inner.T, inner.b = t, s.b.In(t)
			test.run(&inner)
		})
		if !ok {
			return
		}
	}
}

func (s *widgetScene) back() {
	page, chat := s.visit(s.b, apptest.Look{Locale: "en", Width: 360, Height: 740})
	page.WaitFor(`history.state && history.state.huiyin === 1 && getComputedStyle(document.body).position === "fixed"`)
	page.WaitFor(`(r => r.x === 0 && r.y === 0 && r.width === innerWidth && r.height === innerHeight)(document.querySelector("iframe").getBoundingClientRect())`)
	address := apptest.Eval[string](page, "location.href")
	page.Run(`history.back()`)
	chat.WaitFor(`document.querySelector("#panel").hidden`)
	page.WaitFor(`!(history.state && history.state.huiyin) && getComputedStyle(document.body).position === "static"`)
	if now := apptest.Eval[string](page, "location.href"); now != address {
		s.Errorf("back led to %s", now)
	}
	steps := apptest.Eval[int](page, "history.length")
	chat.Click("#bubble")
	chat.Wait("#close")
	chat.Click("#close")
	chat.WaitFor(`document.querySelector("#panel").hidden`)
	page.WaitFor(`!(history.state && history.state.huiyin)`)
	if now := apptest.Eval[int](page, "history.length"); now > steps {
		s.Errorf("opening and closing left %d steps, there were %d", now, steps)
	}
}

func (s *widgetScene) inputMethod() {
	p := s.page(apptest.Look{Locale: "zh-CN"})
	p.Click("#text")
	p.Compose("ni hao")
	p.WaitFor(`document.querySelector("#text").value === "ni hao"`)
	p.Press("\r")
	p.Compose("ni hao a")
	p.Insert("你好啊")
	p.WaitFor(`document.querySelector("#text").value.includes("你好啊")`)
	if n := apptest.Eval[int](p, `document.querySelectorAll("#messages .mine").length`); n != 0 {
		s.Fatalf("%d messages were sent while composing", n)
	}
	p.WaitFor(`(window.since = window.since || performance.now()) + 100 < performance.now()`) // nobody is quicker
	p.Press("\r")
	p.WaitFor(own("你好啊"))
	p.WaitFor(`document.querySelector("#text").value === ""`)
}

func (s *widgetScene) polls() {
	p := s.b.Open(apptest.Look{Locale: "en"}, true, s.base+"/privacy")
	p.Before(`window.WebSocket = function () { throw new Error("cut") }`)
	p.Go(s.base + "/c/" + s.key + "?lang=en")
	p.Type("#text", "first over plain requests\r")
	p.Type("#text", "second over plain requests\r")
	p.WaitFor(own("first over plain requests"))
	p.WaitFor(own("second over plain requests"))
	first := `[...document.querySelectorAll("#messages .mine .bubble")].map(b => b.textContent.split(" ")[0]).join()`
	if got := apptest.Eval[string](p, first); got != "first,second" {
		s.Errorf("the order is %s", got)
	}
}

// answer lets an agent answer every message of a ticket until the test ends.
func (s *widgetScene) answer(ticket, text string) {
	ctx, cancel := context.WithCancel(context.Background())
	s.Cleanup(cancel)
	a := apptest.NewAgent(s.desk.Base, s.token, func(apptest.Frame) (string, bool) { return text, true })
	a.Subscribe(ticket)
	go a.Run(ctx)
}

func (s *widgetScene) badge() {
	page, chat := s.visit(s.b, apptest.Look{Locale: "en"})
	page.Run(`huiyin("on", "unread", d => { window.unread = d.count })`)
	chat.Type("#text", "is anybody there?\r")
	chat.WaitFor(own("is anybody there?"))
	seen := fmt.Sprintf(`localStorage.getItem("huiyin:%s:seen")`, s.key)
	page.WaitFor(seen)
	var tickets map[string]int
	if err := json.Unmarshal([]byte(apptest.Eval[string](page, seen)), &tickets); err != nil || len(tickets) != 1 {
		s.Fatalf("the page keeps %v: %v", tickets, err)
	}
	chat.Press("\x1b")
	chat.WaitFor(`document.querySelector("#panel").hidden`)
	for ticket := range tickets {
		s.answer(ticket, "here I am")
	}
	chat.WaitFor(`document.querySelector("#badge").textContent === "1" && !document.querySelector("#badge").hidden`)
	page.WaitFor(`window.unread === 1`)
	chat.Click("#bubble")
	chat.WaitText("here I am")
	chat.WaitFor(`document.querySelector("#badge").hidden`)
	page.WaitFor(`window.unread === 0`)
	if cookies := apptest.Eval[string](page, "document.cookie"); cookies != "" {
		s.Errorf("the shop's page has cookies: %s", cookies)
	}
	foreign := apptest.Eval[[]string](page, `Object.keys(localStorage).concat(Object.keys(sessionStorage)).filter(k => !k.startsWith("huiyin:"))`)
	if len(foreign) > 0 {
		s.Errorf("keys in the shop's storage that are not ours: %v", foreign)
	}
}

func (s *widgetScene) keyboard() {
	page := s.b.Open(apptest.Look{Locale: "en"}, true, s.shop+"/?locale=en")
	chat := page.Frame(s.base)
	chat.WaitFor(`document.querySelector("#bubble").getAttribute("aria-expanded") === "false" && !document.querySelector("#bubble").hidden`)
	page.Run(`(document.querySelector("#next").focus(), huiyin("open"))`)
	chat.WaitFor(`document.activeElement.id === "text" && document.querySelector("#bubble").getAttribute("aria-expanded") === "true"`)
	page.Run(`huiyin("close")`)
	page.WaitFor(`document.activeElement.id === "next"`)
	chat.Click("#bubble")
	chat.WaitFor(`document.activeElement.id === "text"`)
	chat.Press("\x1b")
	chat.WaitFor(`document.activeElement.id === "bubble" && document.querySelector("#panel").hidden`)
}

func (s *widgetScene) refusals() {
	closed := s.desk.AddInbox("Closed", map[string]any{"allowed_origins": []string{"https://other.example"}})
	p := s.b.Open(apptest.Look{Locale: "en"}, true, s.base+"/privacy")
	p.Before(`window.lines = []; console.warn = (...a) => lines.push(a.join(" "));
		if (location.hash) addEventListener("DOMContentLoaded", () => document.querySelector("script[data-inbox]").dataset.inbox = location.hash.slice(1))`)
	for _, refused := range []struct{ key, then, says string }{
		{closed, "", "allowed_origins of inbox " + closed},
		{"NOSUCHKEY", "", "data-inbox"},
		{s.key, `huiyin("identify", {id: "u1", signature: "00"}), huiyin("open")`, "the secret of inbox " + s.key},
	} {
		p.Go(s.shop + "/?locale=en&key=" + url.QueryEscape(refused.key) + "#" + refused.key)
		p.WaitFor(`window.huiyin && huiyin.inbox`)
		if refused.then != "" {
			p.Run(refused.then)
		}
		p.WaitFor(`window.lines.length > 0`)
		lines := apptest.Eval[[]string](p, "window.lines")
		if len(lines) != 1 || !strings.Contains(lines[0], refused.says) {
			s.Errorf("%s is answered by %q, want one line with %q", refused.key, lines, refused.says)
		}
	}
	chat := p.Frame(s.base)
	chat.Type("#text", "I write all the same\r")
	chat.WaitFor(own("I write all the same"))
}

func (s *widgetScene) recall() {
	p := s.page(apptest.Look{Locale: "en"})
	p.Type("#text", "too early\r")
	p.WaitFor(own("too early"))
	p.Click(".mine .link")
	p.WaitText("You took back a message")
	p.Click(".line .link")
	p.WaitFor(`document.querySelector("#text").value === "too early"`)
	if got := apptest.Eval[int](p, `document.querySelectorAll(".mine").length`); got != 0 {
		s.Errorf("%d messages still stand there", got)
	}
}

func (s *widgetScene) place() {
	key := s.desk.AddInbox("Left", map[string]any{"allowed_origins": []string{s.shop}, "position": map[string]any{"side": "left", "x": 60, "y": 90}})
	p := s.b.Open(apptest.Look{Locale: "en", Width: 360, Height: 740}, true, s.base+"/privacy")
	p.Insets(47, 0, 34, 12)
	p.Before(fmt.Sprintf(`addEventListener("DOMContentLoaded", () => document.querySelector("script[data-inbox]").dataset.inbox = %q)`, key))
	p.Go(s.shop + "/?locale=en")
	const gap = 10 // the iframe is so much wider than the bubble, on each side
	p.WaitFor(fmt.Sprintf(`(f => f && f.style.visibility === "visible" && (r => r.left === %d && innerHeight - r.bottom === %d)(f.getBoundingClientRect()))(document.querySelector("iframe"))`,
		60+12-gap, 90+34-gap))
	p.Shot("widget-place")
	chat := p.Frame(s.base)
	chat.Click("#bubble")
	chat.WaitFor(`(edge => edge("top") === "47px" && edge("bottom") === "34px" && edge("left") === "12px")(side => document.documentElement.style.getPropertyValue("--edge-" + side))`)
	p.WaitFor(`(r => r.x === 0 && r.y === 0 && r.width === innerWidth && r.height === innerHeight)(document.querySelector("iframe").getBoundingClientRect())`)
	p.WaitFor(`getComputedStyle(document.querySelector("iframe")).opacity === "1"`)
	p.Shot("widget-place-open")
}

func (s *widgetScene) logout() {
	page := s.b.Open(apptest.Look{Locale: "en"}, true, s.shop+"/?locale=en")
	chat := page.Frame(s.base)
	chat.Click("#bubble")
	chat.Type("#text", "my secret\r")
	chat.WaitFor(own("my secret"))
	token := apptest.Eval[string](page, fmt.Sprintf(`localStorage.getItem("huiyin:%s:token")`, s.key))
	chat.Run(`(window.real = fetch, window.fetch = () => Promise.reject(new Error("offline")))`)
	page.Run(`(huiyin("close"), huiyin("logout"))`)
	page.WaitFor(fmt.Sprintf(`Object.entries(localStorage).length === 1 && Object.entries(localStorage).every(([k, v]) => k.startsWith("huiyin:%s:revoke.") && v === %q)`, s.key, token))
	chat.Run(`(window.fetch = real, dispatchEvent(new Event("online")))`)
	page.WaitFor(`Object.keys(localStorage).length === 0`)
	chat.WaitFor(`!document.querySelector("#messages").innerText.includes("my secret")`)
	refused := fmt.Sprintf(`fetch("/chat/v1/messages", {headers: {Authorization: "Bearer %s"}}).then(r => r.status)`, token)
	p := s.b.Open(apptest.Look{Locale: "en"}, true, s.base+"/privacy")
	if status := apptest.Eval[int](p, refused); status != 401 {
		s.Errorf("the old token is answered with %d", status)
	}
}

func (s *widgetScene) accessible() {
	for _, look := range []apptest.Look{
		{Locale: "zh-CN"}, {Locale: "en", Dark: true}, {Locale: "en", Width: 360, Height: 740}, {Locale: "zh-CN", Width: 360, Height: 740, Dark: true},
	} {
		name := fmt.Sprintf("widget-%s-%d-dark-%v", look.Locale, look.Width, look.Dark)
		page := s.b.Open(look, true, s.shop+"/?locale="+look.Locale)
		chat := page.Frame(s.base)
		chat.Wait("#bubble")
		chat.Axe(name + " bubble")
		page.Run(`(huiyin("order", "20260001"), huiyin("open"))`)
		chat.Wait("#text")
		chat.Axe(name + " empty")
		page.Shot(name + "-empty")
		chat.Type("#text", "https://example.com/a 你好 hello\r")
		chat.WaitFor(own("hello"))
		chat.Axe(name + " talk")
		page.Shot(name + "-talk")
	}
}
