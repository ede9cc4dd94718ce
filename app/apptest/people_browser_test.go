package apptest_test

import (
	"fmt"
	"testing"

	"huiyin/app/apptest"
)

// An administrator invites a colleague, who comes in by the link; every page of it can be used with a screen reader.
func TestAColleagueIsInvitedAndComesIn(t *testing.T) {
	t.Parallel()
	s, _ := newScene(t)
	s.desk.AddAgent("boss@example.com", "周岚", "admin", agentPassword)
	looks := []struct {
		name string
		look apptest.Look
		mail string
	}{
		{"zh, phone", apptest.Look{Locale: "zh-CN", Width: 360, Height: 740}, "xiao.wang@example.com"},
		{"en, desktop, dark", apptest.Look{Locale: "en", Dark: true}, "jo@example.com"},
	}
	for i, look := range looks {
		t.Run(look.name, func(t *testing.T) {
			t.Parallel()
			b := apptest.NewBrowser(t, look.look.Locale)
			admin := b.Open(look.look, true, s.base+"/sign-in")
			admin.Type("#f-email", "boss@example.com")
			admin.Type("#f-password", agentPassword)
			admin.Click("form .btn.primary")
			admin.WaitFor(`location.pathname.startsWith("/tickets")`)
			for _, page := range []string{"desk", "agents", "teams", "files"} {
				admin.Go(s.base + "/settings/" + page)
				admin.Wait("main h1")
				admin.Axe("settings, " + page)
				admin.Shot(fmt.Sprintf("people-%d-%s", i, page))
			}
			admin.Go(s.base + "/settings")
			admin.Axe("settings, inboxes")
			admin.Shot(fmt.Sprintf("people-%d-inboxes", i))
			admin.Click("main h2 a")
			admin.Wait("bubble-preview")
			admin.Run(`document.getElementById("f-position-side").value = "left"`)
			admin.Type("#f-greeting", "!")
			admin.WaitFor(`document.querySelector("[data-part=bubble]").getAttribute("transform").startsWith("translate(48 ")`)
			admin.Axe("settings, an inbox")
			admin.Run(`document.querySelector("bubble-preview").scrollIntoView({block: "center"})`)
			admin.Shot(fmt.Sprintf("people-%d-inbox", i))
			admin.Go(s.base + "/settings/agents")
			admin.Type("#f-email", look.mail)
			admin.Run(`document.querySelector("form[action='/settings/invitations'] .btn.primary").click()`)
			admin.Wait("[data-copy]")
			admin.Axe("settings, a link that was made")
			admin.Shot(fmt.Sprintf("people-%d-link", i))
			link := apptest.Eval[string](admin, `document.querySelector("[data-copy*='/invitations/']").dataset.copy`)

			guest := apptest.NewBrowser(t, look.look.Locale).Open(look.look, true, link)
			guest.Axe("invitation")
			guest.Type("#f-name", "小王")
			guest.Type("#f-password", "short")
			guest.Click("form .btn.primary")
			guest.Wait(".wrong")
			guest.Axe("invitation with a short password")
			guest.Shot(fmt.Sprintf("people-%d-invitation", i))
			guest.Type("#f-password", agentPassword)
			guest.Click("form .btn.primary")
			guest.WaitFor(`location.pathname.startsWith("/tickets")`)
			guest.Go(s.base + "/preferences")
			guest.Axe("preferences")
			guest.Shot(fmt.Sprintf("people-%d-preferences", i))
		})
	}
}
