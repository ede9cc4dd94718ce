package apptest_test

import (
	"net/url"
	"testing"

	"huiyin/app/apptest"
)

// On a phone nothing in the bar is cut off, and what managers look at is two taps away.
func TestTheBarOfAPhoneHasRoomForWhatItSays(t *testing.T) {
	t.Parallel()
	desk := apptest.StartProcess(t, "HUIYIN_LIMIT_SCALE=100")
	for _, who := range []struct{ mail, name, role, locale string }{{"zhou@desk.example", "周岚", "manager", "zh-CN"}, {"emma@desk.example", "Emma", "manager", "en"}, {"wang@desk.example", "Alexandra Wang", "agent", "en"}} {
		desk.AddAgent(who.mail, who.name, who.role, agentPassword)
		status, body := desk.PostAs(t, who.mail, agentPassword, "/preferences", url.Values{"locale": {who.locale}, "availability": {"online"}, "after": {"stay"}, "enter": {"ctrl"}})
		if status >= 400 {
			t.Fatalf("%d %s", status, body)
		}
		b := apptest.NewBrowser(t, who.locale)
		page := b.OpenAs(desk, desk.Base(), who.mail, agentPassword, apptest.Look{Locale: who.locale, Width: 360, Height: 740}, "/improve")
		page.WaitFor(`!!document.querySelector(".rail") && !!customElements.get("pop-menu")`)
		cut := apptest.Eval[string](page, `[...document.querySelectorAll(".rail .rail-item:not(.warn) .name")].filter(e => e.checkVisibility() && (e.scrollWidth > e.clientWidth || e.clientWidth < 10)).map(e => e.textContent).join()`)
		if cut != "" {
			t.Errorf("%s: cut off: %s", who.mail, cut)
		}
		noWider(t, page, who.mail)
		page.Axe(who.mail)
		page.Shot("rail-" + who.role + "-" + who.locale)
		if who.role == "agent" {
			continue
		}
		page.Run(`document.querySelector(".on-phone summary").focus()`)
		page.Key("Enter")
		page.WaitFor(`[...document.querySelectorAll(".on-phone .item")].filter(e => e.checkVisibility()).length === 4 && document.activeElement.matches(".on-phone .item")`)
		page.Axe(who.mail + ", the menu")
		page.Shot("rail-menu-" + who.locale)
		page.Key("ArrowDown")
		page.Key("Enter")
		page.WaitFor(`location.pathname === "/success"`)
	}
}
