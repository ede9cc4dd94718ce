package apptest_test

import (
	"testing"
	"time"

	"huiyin/app/apptest"
)

func TestTheHealthPageInABrowser(t *testing.T) {
	t.Parallel()
	p := apptest.StartProcess(t, "HUIYIN_LIMIT_SCALE=100")
	p.AddAgent("wang@desk.example", "王芳", "admin", "correct horse battery")
	b := apptest.NewBrowser(t, "zh-CN")
	signIn := func(look apptest.Look) *apptest.Page {
		page := b.OpenAs(p, p.Base(), "wang@desk.example", "correct horse battery", look, "/tickets")
		page.Wait(".rail a[href=\"/settings/health#keys\"]")
		return page
	}
	page := signIn(apptest.Look{Locale: "zh-CN"})
	page.Go(p.Base() + "/settings/health")
	page.Click(`form[action="/settings/health/backup"] button`)
	page.WaitText("正在备份")
	for deadline := time.Now().Add(20 * time.Second); !apptest.Eval[bool](page, `fetch("/settings/health").then(r => r.text()).then(text => text.includes("已比对"))`); {
		if time.Now().After(deadline) {
			t.Fatal("no backup was made and proved")
		}
		time.Sleep(100 * time.Millisecond)
	}
	page.Go(p.Base() + "/settings/health")

	page.Run(`document.querySelector("#f-at").value = "25:00"`)
	page.Click(`form[action="/settings/health/plan"] button`)
	page.Wait("#f-at-wrong")
	page.Axe("a wrong hour")
	page.Shot("health-wrong")
	for name, look := range map[string]apptest.Look{
		"desktop-zh": {Locale: "zh-CN", Width: 1280, Height: 1500}, "desktop-en-dark": {Locale: "en", Dark: true, Width: 1280, Height: 1500},
		"phone-zh": {Locale: "zh-CN", Width: 360, Height: 1900}, "phone-en": {Locale: "en", Width: 360, Height: 1900},
	} {
		other := signIn(look)
		apptest.Eval[bool](other, `fetch("/preferences", {method: "POST", body: new URLSearchParams({locale: "`+look.Locale+`", theme: "", availability: "online"})}).then(r => r.ok)`)
		other.Go(p.Base() + "/settings/health")
		other.WaitText(map[string]string{"zh-CN": "机器与程序", "en": "Machine and program"}[look.Locale])
		other.Wait("#machine")
		if over := apptest.Eval[bool](other, "document.documentElement.scrollWidth > innerWidth"); over {
			t.Errorf("%s: the page is wider than the screen", name)
		}
		other.Axe(name)
		other.Shot("health-" + name)
	}

	page.Reload()
	page.Click(`input[name="elsewhere"]`)
	page.Click(`form[action="/settings/health/keys"] button`)
	page.Wait(".notice.good")
	if apptest.Eval[bool](page, `!!document.querySelector('a[href="/settings/health#keys"]')`) {
		t.Error("still asked after the confirmation")
	}
}
