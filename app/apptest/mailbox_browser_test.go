package apptest_test

import (
	"fmt"
	"net"
	"strconv"
	"testing"

	"huiyin/app/apptest"
	"huiyin/app/mailer"
	"huiyin/app/mailer/mailertest"
	"huiyin/mailin/mailtest"
)

// An administrator adds a mailbox with a wrong password, reads what to do, does it, and sees all steps pass.
func TestAMailboxIsAddedTriedOutAndMended(t *testing.T) {
	t.Parallel()
	dovecot := mailtest.StartDovecot(t)
	desk := apptest.NewProcess(t)
	_, port, err := net.SplitHostPort(desk.Addr)
	if err != nil {
		t.Fatal(err)
	}
	base := "http://desk.localhost:" + port
	desk.Set("HUIYIN_URL=" + base)
	desk.Set("SSL_CERT_FILE=" + dovecot.CertFile())
	desk.Start()
	desk.AddAgent("boss@example.com", "周岚", "admin", agentPassword)
	for i, one := range []struct {
		name, address                 string
		look                          apptest.Look
		refused, passed, works, stops string
	}{
		{"zh, phone", "kf@shop.example", apptest.Look{Locale: "zh-CN", Width: 360, Height: 740}, "localhost 不接受用户名或密码", "收到自己发的邮件", "开始收信", "停止收信"},
		{"en, desktop, dark", "help@shop.example", apptest.Look{Locale: "en", Dark: true}, "localhost refuses user or password", "The mail arrives", "Switch on", "Switch off"},
	} {
		t.Run(one.name, func(t *testing.T) {
			smtp := mailertest.Start(t, mailertest.Options{Answer: func(step mailer.Step, what string) error {
				if step == mailer.StepData {
					dovecot.Deliver(one.address, "INBOX", []byte(what))
				}
				return nil
			}})
			b := apptest.OpenBrowser(t, t.TempDir(), one.look.Locale)
			admin := b.OpenAs(desk, base, "boss@example.com", agentPassword, one.look, "/settings")
			shot := func(name string) { admin.Axe(name); admin.Shot(fmt.Sprintf("mailbox-%d-%s", i, name)) }
			fill := func(form string, values map[string]string) {
				for css, value := range values {
					admin.Run(fmt.Sprintf(`(document.querySelector(%q).value = %q)`, css, value))
				}
				admin.Run(fmt.Sprintf(`(window.sent = true, document.querySelector("form[action='%s'] .btn.primary").click())`, form))
				admin.WaitFor(`!window.sent && document.readyState === "complete"`)
			}
			admin.Wait("a[href='/settings/inboxes/email']")
			shot("list")
			admin.Click("a[href='/settings/inboxes/email']")
			admin.Wait("#f-address")
			shot("address")
			fill("/settings/inboxes/email", map[string]string{"#f-address": one.address})
			admin.Wait("#f-imap-host")
			shot("guessed")
			fill("/settings/inboxes/email", map[string]string{
				"#f-imap-host": "localhost", "#f-imap-port": strconv.Itoa(dovecot.Secure), "#f-imap-password": "wrong",
				"#f-smtp-host": smtp.Host, "#f-smtp-port": strconv.Itoa(smtp.Port), "#f-smtp-security": "none",
			})
			admin.WaitFor(`document.querySelector("[data-said]")?.textContent === document.querySelector("[data-said]")?.dataset.done`)
			admin.WaitText(one.refused)
			admin.Run(`document.querySelector("#test").scrollIntoView()`)
			shot("refused")
			path := apptest.Eval[string](admin, `location.pathname`)
			fill(path, map[string]string{"#f-imap-password": mailtest.Password})
			admin.WaitText(one.works)
			admin.Run(`document.querySelector("mail-test .btn").click()`)
			admin.WaitFor(`document.querySelectorAll(".steps-list li").length > 0 && document.querySelectorAll(".steps-list .tag.good").length < 9`) // they come one by one
			admin.WaitFor(`document.querySelectorAll(".steps-list .tag.good").length === 9`)
			admin.WaitText(one.passed)
			admin.Run(`document.querySelector("#test").scrollIntoView()`)
			shot("passed")
			admin.Reload()
			admin.WaitText(one.stops)
			shot("on")
			admin.Run(`document.querySelectorAll("main details").forEach(d => d.open = true)`)
			admin.Run(`document.querySelector("main details").scrollIntoView()`)
			shot("advanced")
			admin.Run(`document.querySelector("#senders").scrollIntoView()`)
			shot("senders")
			if wide := apptest.Eval[bool](admin, `document.documentElement.scrollWidth > innerWidth`); wide {
				t.Error("the page is wider than the screen")
			}
		})
	}
}
