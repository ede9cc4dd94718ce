package apptest_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"huiyin/app/apptest"
)

// The sample shoppers' webmail, as a Chinese phone and an English desktop show it.
func TestTheDemosMailInTheBrowser(t *testing.T) {
	t.Parallel()
	desk := apptest.NewProcess(t)
	begun := desk.Begin("demo")
	t.Cleanup(func() { begun.KillWhen(func() bool { return true }) })
	answers(t, desk.Base()+"/demo/mail")
	file := filepath.Join(t.TempDir(), "a very long file name of a photo of the cup that leaks.txt")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, look := range []apptest.Look{{Locale: "zh-CN", Width: 360, Height: 740, Dark: true}, {Locale: "en"}, {Locale: "zh-CN"}, {Locale: "en", Width: 360, Height: 740}} {
		name := look.Locale
		if look.Dark {
			name += "-dark"
		}
		if look.Width == 360 {
			name += "-phone"
		}
		t.Run(name, func(t *testing.T) {
			b := apptest.NewBrowser(t, look.Locale)
			page := b.Open(look, true, desk.Base()+"/demo/mail")
			check := func(what string) {
				t.Helper()
				page.Axe(what)
				page.Shot("demo-mail-" + name + "-" + what)
				if over := apptest.Eval[int](page, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
					t.Errorf("%s is %d pixels too wide", what, over)
				}
			}
			page.Wait(".list a")
			check("list")
			page.Click(".list a")
			page.Wait(".letter")
			check("letter")
			if apptest.Eval[bool](page, `document.querySelector(".count") !== null`) {
				t.Error("the mail that is read still counts as unread")
			}
			page.Click(".acts .go")
			page.Wait("#f-text")
			check("answer")
			page.Run(`document.querySelector("#f-subject").removeAttribute("required"), document.querySelector("#f-subject").value = ""`)
			page.Click("button.go")
			page.Wait("#f-subject-wrong")
			check("wrong")
			page.Run(`document.querySelector("#f-subject").value = "Re: 杯子 " + "x".repeat(90)`)
			page.Choose("#f-file", file)
			page.Click("button.go")
			page.Wait(".say")
			check("sent")
			page.Click(".list a")
			page.Wait(".letter .files a")
			check("with-file")
		})
	}
}

// answers waits until an address answers well.
func answers(t *testing.T, url string) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		res, err := http.Get(url)
		if err != nil {
			continue
		}
		_ = res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return
		}
	}
	t.Fatalf("%s does not answer", url)
}
