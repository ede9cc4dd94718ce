package apptest_test

import (
	"fmt"
	"net"
	"regexp"
	"testing"
	"time"

	"huiyin/app/apptest"
)

// From an empty desk to the first chat that was answered: who follows the guide needs less than three minutes of clicks,
// however slowly she reads between them.
func TestTheFirstRunLeadsToTheFirstAnsweredChat(t *testing.T) {
	t.Parallel()
	for i, look := range []struct {
		name    string
		look    apptest.Look
		ask     string
		success string
	}{
		{"zh, phone", apptest.Look{Locale: "zh-CN", Width: 360, Height: 740}, "有人吗？", "都准备好了"},
		{"en, desktop", apptest.Look{Locale: "en"}, "Is anybody there?", "All set"},
	} {
		t.Run(look.name, func(t *testing.T) {
			t.Parallel()
			desk := apptest.NewProcess(t)
			_, port, err := net.SplitHostPort(desk.Addr)
			if err != nil {
				t.Fatal(err)
			}
			base := "http://desk.localhost:" + port
			desk.Set("HUIYIN_URL=" + base)
			desk.Start()
			var code []string
			waitFor(t, "the code that the start prints", func() bool {
				code = regexp.MustCompile(`The code it asks for: (\S+)`).FindStringSubmatch(desk.Log())
				return code != nil
			})
			b := apptest.NewBrowser(t, look.look.Locale)
			begun := time.Now()
			admin := b.Open(look.look, true, base+"/")
			admin.Axe("first run")
			for field, value := range map[string]string{
				"code": code[1], "name": "周岚", "email": "boss@example.com", "password": agentPassword, "shop-name": "青禾小店",
				"allowed-origins": "https://qinghe.example.com",
			} {
				admin.Type("#f-"+field, value)
			}
			admin.Click("form .btn.primary")
			admin.WaitFor(`location.pathname === "/settings/guide"`)
			admin.Axe("guide")
			admin.Shot(fmt.Sprintf("guide-%d", i))
			chatPage := apptest.Eval[string](admin, `document.querySelector("a[href*='/c/']").href`)

			shopper := b.Open(look.look, false, chatPage)
			shopper.Type("#text", look.ask+"\r")
			shopper.WaitText(look.ask)
			shopper.WaitFor(own(look.ask)) // the desk has it
			admin.WaitFor(`document.querySelector("h1")`)
			admin.Reload()
			admin.Click("a[href^='/tickets/1001']")
			admin.WaitFor(threadSays(look.ask))
			admin.Type("#body", "您好！Hello!")
			admin.Click(".composer button.primary")
			shopper.WaitText("您好！Hello!")
			if took := time.Since(begun); took > 3*time.Minute {
				t.Errorf("the clicks alone took %s", took)
			}
			admin.Go(base + "/settings/agents")
			admin.Type("#f-email", "wang@example.com")
			admin.Run(`document.querySelector("form[action='/settings/invitations'] .btn.primary").click()`)
			admin.Wait("[data-copy*='/invitations/']")
			admin.Go(base + "/settings/guide")
			admin.WaitText(look.success)
			admin.Axe("guide, finished")
			admin.Shot(fmt.Sprintf("guide-%d-done", i))
		})
	}
}
