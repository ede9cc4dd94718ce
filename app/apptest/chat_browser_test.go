package apptest_test

import (
	"fmt"
	"html"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"huiyin/app/apptest"
)

const (
	agentEmail    = "lin.wei@example.com"
	agentPassword = "three tall sunflowers"
)

// shopSite is a shop's own site, apart from the desk's: two pages that embed the widget under a strict policy.
func shopSite(t *testing.T, deskPort string) (base string, connect func(key string)) {
	t.Helper()
	var key string
	shop := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		desk := "http://desk.localhost:" + deskPort
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src "+desk+"; frame-src "+desk+"; connect-src "+desk+"; img-src 'self'")
		locale := r.URL.Query().Get("locale")
		_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
			<title>Shop %s</title><h1>Shop</h1><a id="next" href="/second?locale=%[2]s">next</a>
			<script async src="%[3]s/widget.js" data-inbox="%[4]s" data-locale="%[2]s"></script>`,
			html.EscapeString(r.URL.Path), html.EscapeString(locale), desk, key)
	}))
	shop.Start()
	t.Cleanup(shop.Close)
	_, port, err := net.SplitHostPort(shop.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return "http://shop.localhost:" + port, func(k string) { key = k }
}

// scene is a desk with an agent, and a shop on another site.
type scene struct {
	desk *apptest.Process
	base string // the desk as browsers reach it
	shop string
}

func newScene(t *testing.T) (s scene, key string) {
	t.Helper()
	desk := apptest.NewProcess(t)
	_, port, err := net.SplitHostPort(desk.Addr)
	if err != nil {
		t.Fatal(err)
	}
	base := "http://desk.localhost:" + port
	desk.Set("HUIYIN_URL=" + base)
	desk.Start()
	shop, connect := shopSite(t, port)
	key = desk.AddInbox("Shop", map[string]any{"allowed_origins": []string{shop}})
	connect(key)
	desk.AddAgent(agentEmail, "林薇", "agent", agentPassword)
	return scene{desk, base, shop}, key
}

// signIn opens the console as the agent, who has signed in before.
func (s scene) signIn(b *apptest.Browser, look apptest.Look) *apptest.Page {
	console := b.OpenAs(s.desk, s.base, agentEmail, agentPassword, look, "/tickets")
	console.WaitFor(`document.querySelector("connection-state")?.dataset.state === "connected"`)
	return console
}

// signInByForm opens the console as the agent, through the form.
func (s scene) signInByForm(b *apptest.Browser, look apptest.Look) *apptest.Page {
	console := b.Open(look, true, s.base+"/sign-in")
	console.Type("#f-email", agentEmail)
	console.Type("#f-password", agentPassword)
	console.Click("form .btn.primary")
	console.WaitFor(`location.pathname.startsWith("/tickets")`)
	console.WaitFor(`document.querySelector("connection-state")?.dataset.state === "connected"`)
	return console
}

// visit opens the shop's page and its chat.
func (s scene) visit(b *apptest.Browser, look apptest.Look) (page, chat *apptest.Page) {
	page = b.Open(look, false, s.shop+"/?locale="+url.QueryEscape(look.Locale))
	chat = page.Frame(s.base)
	chat.Click("#bubble")
	chat.Wait("#text")
	return page, chat
}

func TestAShopperWritesAnAgentAnswersAndBothSeeItAtOnce(t *testing.T) {
	t.Parallel()
	s, _ := newScene(t)
	looks := []struct {
		name          string
		shopper, desk apptest.Look
		ask, answer   string
	}{
		{
			"zh, desktop", apptest.Look{Locale: "zh-CN"}, apptest.Look{Locale: "zh-CN"},
			"你好，杯子漏水了怎么办？", "您好，我马上帮您处理。",
		},
		{
			"en, phone", apptest.Look{Locale: "en", Width: 360, Height: 740, Dark: true}, apptest.Look{Locale: "en", Width: 360, Height: 740, Dark: true},
			"Hello, my cup leaks. What now?", "Hello! I am on it.",
		},
	}
	for i, look := range looks {
		t.Run(look.name, func(t *testing.T) {
			t.Parallel()
			b := apptest.StartBrowser(t, t.TempDir(), look.shopper.Locale)
			console := s.signIn(b, look.desk)
			page, chat := s.visit(b, look.shopper)
			chat.Axe("widget")
			chat.Type("#text", look.ask+"\r")
			chat.WaitText(look.ask)
			chat.WaitFor(`document.querySelector("#text").value.trim() === ""`)
			console.WaitText(look.ask) // in the list, without a reload
			console.Run(fmt.Sprintf(`[...document.querySelectorAll(".row")].find(r => r.innerText.includes(%q)).click()`, look.ask))
			console.WaitFor(fmt.Sprintf(`document.querySelector(".talk")?.innerText.includes(%q)`, look.ask))
			console.Type("#body", look.answer)
			console.Click(".composer button.primary")
			console.WaitFor(fmt.Sprintf(`document.querySelector(".talk")?.innerText.includes(%q)`, look.answer))
			chat.WaitText(look.answer)
			console.Axe("console")
			chat.Axe("widget with messages")
			page.Shot(fmt.Sprintf("path-%d-shop", i))
			console.Shot(fmt.Sprintf("path-%d-console", i))
		})
	}
}

// With third-party storage blocked, what is kept lies in the shop page's own storage.
func TestConversationAndOutboxSurviveReloadPageChangeAndRestart(t *testing.T) {
	t.Parallel()
	s, _ := newScene(t)
	look := apptest.Look{Locale: "en"}
	profile := t.TempDir()
	b := apptest.StartBrowser(t, profile, "en")
	page, chat := s.visit(b, look)
	chat.Type("#text", "Before the reload\r")
	chat.WaitFor(own("Before the reload"))

	page.Reload()
	chat = page.Frame(s.base)
	open(chat)
	chat.WaitText("Before the reload")

	page.Click("#next")
	page.WaitFor(`location.pathname === "/second"`)
	chat = page.Frame(s.base)
	open(chat)
	chat.WaitText("Before the reload")

	s.desk.Kill() // what is written now waits in the outbox
	chat.Type("#text", "Written while the desk was away\r")
	chat.WaitText("Written while the desk was away")
	b.Close()
	s.desk.Start()
	b = apptest.StartBrowser(t, profile, "en")
	page = b.Open(look, false, s.shop+"/?locale=en")
	chat = page.Frame(s.base)
	open(chat)
	chat.WaitText("Before the reload")
	chat.WaitFor(own("Written while the desk was away"))
	if n := apptest.Eval[int](chat, `document.querySelector("#messages").innerText.split("Written while the desk was away").length - 1`); n != 1 {
		t.Errorf("the message from the outbox stands %d times", n)
	}
}

// open opens the panel when it is not open yet: a reload keeps it as it was.
func open(chat *apptest.Page) {
	chat.WaitFor(`!document.querySelector("#bubble").hidden || !document.querySelector("#panel").hidden`)
	if apptest.Eval[bool](chat, `document.querySelector("#panel").hidden`) {
		chat.Click("#bubble")
	}
	chat.Wait("#text")
}

func TestThePagesOfTheDeskAreAccessible(t *testing.T) {
	t.Parallel()
	s, _ := newScene(t)
	b := apptest.StartBrowser(t, t.TempDir(), "en")
	for _, look := range []apptest.Look{
		{Locale: "en"}, {Locale: "en", Dark: true}, {Locale: "en", Width: 360, Height: 740}, {Locale: "en", Width: 360, Height: 740, Dark: true},
	} {
		name := fmt.Sprintf("%d dark=%v", look.Width, look.Dark)
		page := b.Open(look, true, s.base+"/sign-in")
		page.Axe("sign-in " + name)
		page = b.Open(look, true, s.base+"/privacy")
		page.Axe("privacy " + name)
		console := s.signIn(b, look)
		console.Axe("empty console " + name)
		for _, path := range []string{"/preferences"} {
			console.Go(s.base + path)
			console.Axe(strings.TrimPrefix(path, "/") + " " + name)
		}
	}
}
