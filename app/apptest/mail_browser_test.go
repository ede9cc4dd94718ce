package apptest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"huiyin/app/apptest"
	"huiyin/app/mailer"
	"huiyin/app/mailer/mailertest"
)

// An administrator sets up mail and reads what the server makes of it; a colleague who forgot her password comes in by the
// link that she gets.
func TestMailIsSetUpAndAForgottenPasswordComesByIt(t *testing.T) {
	t.Parallel()
	s, _ := newScene(t)
	s.desk.AddAgent("boss@example.com", "周岚", "admin", agentPassword)
	looks := []struct {
		name                            string
		look                            apptest.Look
		refused, wrong, sent, forgotten string
	}{
		{"zh, phone", apptest.Look{Locale: "zh-CN", Width: 360, Height: 740}, "用户名或密码不被接受", "服务器名称不对", "服务器已收下", "链接已经发出"},
		{"en, desktop, dark", apptest.Look{Locale: "en", Dark: true}, "refuses user or password", "This is no server’s name", "The server has taken the mail", "a link is on its way"},
	}
	for i, look := range looks {
		t.Run(look.name, func(t *testing.T) {
			const code = "the right code"
			server := mailertest.Start(t, mailertest.Options{Answer: func(step mailer.Step, what string) error {
				if step == mailer.StepSignIn && what != code {
					return mailertest.Say(535, "Error: authentication failed")
				}
				return nil
			}})
			shot := func(p *apptest.Page, name string) { p.Axe(name); p.Shot(fmt.Sprintf("mail-%d-%s", i, name)) }
			b := apptest.OpenBrowser(t, t.TempDir(), look.look.Locale)
			guest := b.Open(look.look, true, s.base+"/forgot")
			guest.Wait("h1")
			shot(guest, "forgot-unset")

			admin := b.Open(look.look, true, s.base+"/sign-in?next=/settings/mail")
			admin.Type("#f-email", "boss@example.com")
			admin.Type("#f-password", agentPassword)
			admin.Click("form .btn.primary")
			admin.Wait("#f-from-email")
			shot(admin, "empty")
			admin.Run(`document.querySelector("a[href*='preset=tencent']").click()`)
			admin.WaitFor(`document.querySelector("#f-host").value === "smtp.exmail.qq.com"`)
			shot(admin, "preset")
			fill := func(values map[string]string) {
				for css, value := range values {
					admin.Run(fmt.Sprintf(`(document.querySelector(%q).value = %q)`, css, value))
				}
				admin.Run(`(window.sent = true, document.querySelector("form[action='/settings/mail'] .btn.primary").click())`)
				admin.WaitFor(`!window.sent && document.readyState === "complete"`)
			}
			fill(map[string]string{"#f-host": "https://127.0.0.1", "#f-port": strconv.Itoa(server.Port), "#f-security": "none", "#f-user": "desk@example.com",
				"#f-password": "wrong", "#f-from-email": "desk@example.com", "#f-from-name": "青禾"})
			admin.WaitText(look.wrong)
			shot(admin, "wrong")
			fill(map[string]string{"#f-host": server.Host, "#f-password": "wrong"})
			admin.Wait("#test")
			test := func() {
				admin.Run(`(window.sent = true, document.querySelector("form[action*='/settings/mail/test'] .btn").click())`)
				admin.WaitFor(`!window.sent && document.querySelector("#test [role=status]")`)
			}
			test()
			admin.WaitText(look.refused)
			shot(admin, "refused")
			fill(map[string]string{"#f-password": code})
			test()
			admin.WaitText(look.sent)
			shot(admin, "sent")

			guest.Go(s.base + "/sign-in")
			shot(guest, "sign-in")
			guest.Click("a[href='/forgot']")
			guest.Type("#f-email", agentEmail)
			shot(guest, "forgot")
			guest.Click("form .btn.primary")
			guest.WaitText(look.forgotten)
			shot(guest, "forgot-sent")
			letter := server.Wait(2)[1]
			guest.Go(letter.Link())
			guest.Type("#f-password", "a brand new password")
			guest.Click("form .btn.primary")
			guest.WaitFor(`location.pathname.startsWith("/tickets")`)
			guest.Go(letter.Link())
			guest.Wait("h1")
			shot(guest, "link-used")
			file := filepath.Join(t.TempDir(), "letter.html")
			if err := os.WriteFile(file, []byte(letter.HTML), 0o600); err != nil {
				t.Fatal(err)
			}
			shot(b.Open(look.look, true, "file://"+file), "letter")
			admin.Run(`document.querySelector("form[action='/settings/mail/end'] .btn").click()`)
			admin.WaitFor(`!document.querySelector("#test") && document.querySelector("#f-host").value === ""`)
		})
	}
}
