package apptest_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"huiyin/app/apptest"
)

func TestTheSiteSettingsInABrowser(t *testing.T) {
	t.Parallel()
	p := apptest.StartProcess(t)
	inbox := p.AddInbox("青禾小店", map[string]any{})
	p.AddAgent("wang@desk.example", "王芳", "admin", "correct horse battery")
	b := apptest.NewBrowser(t, "zh-CN")
	page := b.Open(apptest.Look{Locale: "zh-CN"}, false, p.Base()+"/sign-in")
	page.Type("#f-email", "wang@desk.example")
	page.Type("#f-password", "correct horse battery")
	page.Click("form.form button")
	page.Wait(".rail")
	page.Go(p.Base() + "/settings/site")

	page.Type("#f-icp", "12345678")
	page.Type("#f-police", "x")
	page.Click(`form[action="/settings/site"] button`)
	page.Wait("#f-icp-wrong")
	page.WaitText("请照备案信息填写")
	page.Axe("wrong numbers")
	page.Shot("site-wrong")
	page.Run(`document.querySelector("#f-icp").value = "沪icp备12345678号-1"`)
	page.Run(`document.querySelector("#f-police").value = "沪公网安备 31010102001234号"`)
	page.Click(`form[action="/settings/site"] button`)
	page.Wait(".notice.good")

	page.Type("#f-name", "../MP_verify.txt")
	page.Type("#f-text", "a1B2")
	page.Click(`form[action="/settings/site/files"] button`)
	page.Wait("#f-name-wrong")
	page.Axe("a wrong name")
	file := filepath.Join(t.TempDir(), "MP_verify_a1B2.txt")
	if err := os.WriteFile(file, []byte("a1B2"), 0o600); err != nil {
		t.Fatal(err)
	}
	page.Go(p.Base() + "/settings/site")
	page.Choose("#f-file", file)
	page.Click(`form[action="/settings/site/files"] button`)
	page.Wait(".site-files")
	page.Axe("the site's settings")
	page.Shot("site-desktop-zh")
	res, err := http.Get(p.Base() + "/MP_verify_a1B2.txt")
	if err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("the file: %v", err)
	} else {
		_ = res.Body.Close()
	}
	for name, look := range map[string]apptest.Look{
		"desktop-dark": {Locale: "zh-CN", Dark: true, Width: 1280, Height: 1100}, "phone": {Locale: "zh-CN", Width: 360, Height: 1500},
	} {
		other := b.Open(look, false, p.Base()+"/settings/site")
		other.Wait(".site-files")
		if over := apptest.Eval[bool](other, "document.documentElement.scrollWidth > innerWidth"); over {
			t.Errorf("%s: the page is wider than the screen", name)
		}
		other.Axe(name)
		other.Shot("site-" + name)
	}
	for name, look := range map[string]apptest.Look{"phone": {Locale: "zh-CN", Width: 360, Height: 640}, "desktop-dark": {Locale: "zh-CN", Dark: true}} {
		for what, path := range map[string]string{"chat": "/c/" + inbox, "privacy": "/privacy"} {
			foot := b.Open(look, true, p.Base()+path)
			foot.WaitText("沪ICP备12345678号-1", "沪公网安备31010102001234号")
			foot.Axe(what)
			foot.Shot("foot-" + what + "-" + name)
		}
	}
}
