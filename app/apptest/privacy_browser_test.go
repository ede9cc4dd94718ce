package apptest_test

import (
	"fmt"
	"path"
	"testing"

	"huiyin/app/apptest"
)

// privacyWalk is one way through the pages that tell of a person and of the rules.
type privacyWalk struct {
	*testing.T
	scene
	n     int
	look  apptest.Look
	admin *apptest.Page
	ask   string
	word  string // to be typed for an erasure
}

// The contact's page from export to erasure, and the settings of privacy with wrong input, in a Chinese phone and an English desktop.
func TestPrivacyPagesInTheBrowser(t *testing.T) {
	t.Parallel()
	s, _ := newScene(t)
	s.desk.AddAgent("boss@example.com", "周岚", "admin", agentPassword)
	for i, one := range []privacyWalk{
		{look: apptest.Look{Locale: "zh-CN", Width: 360, Height: 740}, ask: "我的手机 13800138000", word: "删除"},
		{look: apptest.Look{Locale: "en", Dark: true}, ask: "My parcel leaks", word: "erase"},
	} {
		t.Run(one.look.Locale, func(t *testing.T) {
			t.Parallel()
			one.T, one.scene, one.n = t, s, i
			b := apptest.StartBrowser(t, t.TempDir(), one.look.Locale)
			one.admin = b.Open(one.look, true, s.base+"/sign-in")
			one.admin.Type("#f-email", "boss@example.com")
			one.admin.Type("#f-password", agentPassword)
			one.admin.Click("form .btn.primary")
			one.admin.WaitFor(`location.pathname.startsWith("/tickets")`)
			shop, chat := s.visit(b, one.look)
			chat.Type("#text", one.ask+"\r")
			chat.WaitFor(own(one.ask))
			one.masks()
			one.told(shop, chat)
			one.person()
			one.notice()
			one.rules()
		})
	}
}

// masks finds that an agent who writes a card number is told at once.
func (w *privacyWalk) masks() {
	p := w.admin
	p.WaitText(w.ask)
	p.Run(fmt.Sprintf(`[...document.querySelectorAll(".row")].find(r => r.innerText.includes(%q)).click()`, w.ask))
	p.Wait(".composer textarea")
	p.Type(".composer textarea", "4111 1111 1111 1111")
	p.Click(".composer button.primary")
	p.WaitFor(`[...document.querySelectorAll(".m-reply.mine")].some(m => m.innerText.includes("**** **** **** 1111") && m.querySelector(".m-hidden").textContent !== "")`)
	p.Axe("a message with a hidden number")
	p.Shot(fmt.Sprintf("privacy-%d-masked", w.n))
}

// told says in the chat that she wants to hear of an improvement, once the ticket is over.
func (w *privacyWalk) told(shop, chat *apptest.Page) {
	w.admin.Run(`fetch(location.pathname + "/closure", {method: "POST", headers: {"Content-Type": "application/x-www-form-urlencoded"}}).then(() => {})`)
	chat.WaitFor(`document.querySelector(".told-row input") && !document.querySelector(".told-row input").checked`)
	chat.Axe("the chat asks whether she wants to be told")
	chat.Click(".told-row input")
	chat.WaitFor(`document.querySelector(".told-row input").checked && !document.querySelector(".told-row input").disabled`)
	shop.Shot(fmt.Sprintf("privacy-%d-told", w.n))
}

// person goes through her page: what she agreed to, hold, export, erasure.
func (w *privacyWalk) person() {
	p, shot := w.admin, func(name string) { w.admin.Shot(fmt.Sprintf("privacy-%d-%s", w.n, name)) }
	p.Go(apptest.Eval[string](p, `document.querySelector("a[href^='/contacts/']").href`))
	p.Wait("#erase")
	contact := path.Base(apptest.Eval[string](p, `location.pathname`))
	p.Axe("her page")
	shot("person")
	p.Click("form[action$='/told/withdrawal'] .btn")
	p.WaitFor(`!document.querySelector("form[action$='/told/withdrawal']")`)
	p.Click("form[action$='/hold'] .btn")
	p.WaitFor(`document.querySelector("#hold") && !document.querySelector("#erase")`)
	p.Axe("her page under legal hold")
	shot("hold")
	p.Click("form[action$='/hold'] .btn")
	p.Wait("#erase")
	size := apptest.Eval[int](p, `(async () => { const f = document.querySelector("form[action$='/export']");
		f.notes.checked = true; const r = await fetch(f.action, {method: "POST", body: new URLSearchParams(new FormData(f))});
		return r.headers.get("Content-Type") === "application/zip" ? (await r.arrayBuffer()).byteLength : 0 })()`)
	if size < 1000 {
		w.Errorf("the export has %d bytes", size)
	}
	p.Type("#f-typed", "nope")
	p.Click("form[action$='/erasure'] .btn")
	p.Wait(".wrong")
	p.Axe("an erasure with a wrong word")
	shot("wrong-word")
	p.Run(`document.querySelector("#f-typed").value = ""`)
	p.Type("#f-typed", w.word)
	p.Click("form[action$='/erasure'] .btn")
	p.WaitFor(`location.search === "?erased=1"`)
	p.Axe("her page after the erasure")
	shot("erased")
	p.Go(w.base + "/settings/access")
	only := fmt.Sprintf(`.person .xs a[href*="contact=%s"]`, contact)          // the other walk's person is in the record too
	p.WaitFor(fmt.Sprintf(`document.querySelectorAll(%q).length === 4`, only)) // keep, release, export, erase
	p.Axe("access record")
	shot("access")
	p.Click(only)
	p.WaitFor(`location.search.includes("contact=") && document.querySelectorAll(".person").length === 4`)
}

// notice writes a new version that asks anew.
func (w *privacyWalk) notice() {
	p := w.admin
	p.Go(w.base + "/settings/notice")
	p.Wait("#f-zh")
	p.Axe("privacy notice")
	p.Shot(fmt.Sprintf("privacy-%d-notice", w.n))
	p.Run(`document.querySelector("#f-zh").value = document.querySelector("#f-en").value = " "`)
	p.Click("form.form .btn.primary")
	p.Wait(".wrong")
	p.Axe("an empty notice")
	p.Run(fmt.Sprintf(`document.querySelector("#f-zh").value = "## 新的说明 %d\n- 一\n- 二"`, w.n))
	p.Click("input[name=asks]")
	p.Click("form.form .btn.primary")
	p.WaitFor(`location.search === "?saved=1"`)
	p.Go(w.base + "/privacy")
	p.WaitText("新的说明")
	p.Axe("the notice as the public sees it")
	p.Shot(fmt.Sprintf("privacy-%d-public", w.n))
}

// rules tries wrong numbers and looks at what right ones would do.
func (w *privacyWalk) rules() {
	p := w.admin
	p.Go(w.base + "/settings/retention")
	p.Wait("#f-visitor-days")
	p.Axe("retention")
	p.Shot(fmt.Sprintf("privacy-%d-retention", w.n))
	p.Run(`document.querySelector("#f-visitor-days").value = "3"`)
	p.Click("form.form .btn.primary")
	p.Wait(".wrong")
	p.Axe("retention with a wrong number")
	p.Shot(fmt.Sprintf("privacy-%d-retention-wrong", w.n))
	p.Run(`document.querySelector("#f-visitor-days").value = "30", document.querySelector("#f-ticket-months").value = "24"`)
	p.Click("form.form .btn.primary")
	p.WaitFor(`location.pathname.endsWith("/preview")`)
	p.Axe("what would go")
	p.Shot(fmt.Sprintf("privacy-%d-preview", w.n))
}
