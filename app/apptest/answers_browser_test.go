package apptest_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"huiyin/app/apptest"
)

// closedNow are hours of a shop in Asia/Shanghai that opens tomorrow at nine.
func closedNow() map[string]any {
	day := strings.ToLower(time.Now().UTC().Add(8*time.Hour).AddDate(0, 0, 1).Format("Mon"))
	return map[string]any{"days": map[string]any{day: []map[string]string{{"from": "09:00", "to": "18:00"}}}}
}

// A shopper who comes when nobody is there is told when to expect an answer, and goes on by her ticket's page: without
// a reload where scripts run.
func TestAShopperOfTheNightGoesOnByHerTicketsPage(t *testing.T) {
	t.Parallel()
	desk := apptest.NewProcess(t)
	_, port, err := net.SplitHostPort(desk.Addr)
	if err != nil {
		t.Fatal(err)
	}
	s := scene{desk: desk, base: "http://desk.localhost:" + port}
	desk.Set("HUIYIN_URL=" + s.base)
	desk.Start()
	key := desk.AddInbox("Shop", map[string]any{"hours": closedNow(), "hotline": "400-000-0000"})
	desk.AddAgent(agentEmail, "林薇", "admin", agentPassword)
	for i, look := range []struct {
		locale              string
		shopper, console    apptest.Look
		ask, told, opens    string
		answer, more, thank string
	}{
		{
			"zh-CN", apptest.Look{Locale: "zh-CN", Width: 360, Height: 740}, apptest.Look{Locale: "zh-CN"},
			"半夜发现杯子漏水", "已收到，客服明天 9:00 上班，预计明天 9:20 前回复", "9:00–18:00", "您好，今天就给您补发。", "好的，谢谢", "谢谢您的评价",
		},
		{
			"en", apptest.Look{Locale: "en", Dark: true}, apptest.Look{Locale: "en", Width: 360, Height: 740},
			"My cup leaks at night", "We are back at 9:00 tomorrow; expect an answer by 9:20 tomorrow", "9:00–18:00", "Hello, a new one leaves today.", "Fine, thanks", "Thank you for rating",
		},
	} {
		t.Run(look.locale, func(t *testing.T) {
			b := apptest.NewBrowser(t, look.locale)
			chat := b.Open(look.shopper, true, s.base+"/c/"+key+"?lang="+look.locale)
			chat.Type("#text", look.ask+"\r")
			chat.WaitText(look.told)
			chat.Shot(fmt.Sprintf("night-%d-chat", i))
			chat.Axe("chat at night")
			link := apptest.Eval[string](chat, `[...document.querySelectorAll("#messages a")].map(a => a.href).find(h => h.includes("/t/"))`)

			page := b.Open(look.shopper, true, link)
			page.WaitText(look.ask, look.opens)
			page.Axe("ticket page")
			page.Shot(fmt.Sprintf("night-%d-page", i))

			console := s.signIn(b, look.console)
			console.Run(fmt.Sprintf(`[...document.querySelectorAll(".row")].find(r => r.innerText.includes(%q)).click()`, look.ask))
			console.WaitFor(fmt.Sprintf(`document.querySelector(".talk")?.innerText.includes(%q)`, look.ask))
			console.Type("#body", look.answer)
			console.Click(".composer button.primary")
			page.WaitText(look.answer) // without a reload
			page.Type("#f-body", look.more)
			page.Click("#answer .go")
			page.WaitFor(`location.search.includes("sent=1")`)
			page.WaitText(look.more)
			console.WaitFor(fmt.Sprintf(`document.querySelector(".talk")?.innerText.includes(%q)`, look.more))

			page.Run(`document.querySelector("#phone form").noValidate = true`)
			page.Type("#f-phone", "12")
			page.Click("#phone form button")
			page.Wait("#f-phone-wrong")
			page.Axe("ticket page with a wrong number")
			page.Run(`document.querySelector("#phone").scrollIntoView()`)
			page.Shot(fmt.Sprintf("night-%d-wrong", i))
			page.Run(`document.querySelector("#f-phone").value = "13800138000"`)
			page.Click("#phone input[name=consent]")
			page.Click("#phone form button")
			page.WaitText("138****8000")

			console.Run(`fetch(location.pathname + "/closure", {method: "POST", headers: {Accept: "application/json"}})`)
			page.Wait("#rating") // it has ended: the page asks how it was
			page.Click(`#rating label:nth-child(4)`)
			page.Type("#f-comment", look.more)
			page.Click("#rating .go")
			page.WaitText(look.thank)
			page.Axe("rated ticket page")
			page.Run(`document.querySelector("#rating").scrollIntoView()`)
			page.Shot(fmt.Sprintf("night-%d-rated", i))
			console.Reload()
			console.WaitFor(`document.querySelector("#side")?.textContent.includes("4")`)
			console.Shot(fmt.Sprintf("night-%d-console", i))
			console.Axe("console with a rating")

			console.Go(s.base + "/settings/hours")
			console.Axe("hours")
			console.Shot(fmt.Sprintf("night-%d-hours", i))
			console.Run(`document.querySelector("[name=d1-0-from]").value = "noon"`)
			console.Click("main form .btn.primary")
			console.Wait("#day-1-wrong")
			console.Axe("wrong hours")
			console.Shot(fmt.Sprintf("night-%d-hours-wrong", i))
			console.Go(s.base + "/settings/sms")
			console.Axe("text messages")
			console.Shot(fmt.Sprintf("night-%d-sms", i))
			console.Run(`document.querySelector("[name=enabled]").click()`)
			console.Click("main form .btn.primary")
			console.Wait("#f-template-wrong")
			console.Axe("wrong settings of text messages")
		})
	}
}
