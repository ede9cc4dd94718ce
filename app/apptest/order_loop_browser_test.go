package apptest_test

import (
	"net"
	"net/url"
	"testing"
	"time"

	"huiyin/app/apptest"
	"huiyin/app/demo"
)

// The whole way of an order in the sample shop: the payment fails, help is offered, the chat has the order beside it; it is
// paid another way, the form after it is answered badly, and the answer to that comes back to the shopper. A Chinese phone
// asks, an English desktop answers.
func TestAnOrderGoesTheWholeWayFromAFailedPaymentToTheAnswer(t *testing.T) {
	t.Parallel()
	desk := apptest.NewProcess(t)
	_, port, err := net.SplitHostPort(desk.Addr)
	if err != nil {
		t.Fatal(err)
	}
	// The shop's pages are opened under another name than the desk's, as a real shop's are.
	base, site := "http://localhost:"+port, "http://127.0.0.1:"+port
	begun := desk.Begin("demo", "--url", base)
	t.Cleanup(func() { begun.KillWhen(func() bool { return true }) })
	answers(t, site+"/demo/shop")
	her := demo.Customers(time.Now())[0]
	look := apptest.Look{Locale: "zh-CN", Width: 360, Height: 740}
	shop := apptest.StartBrowser(t, t.TempDir(), look.Locale).Open(look, false, site+"/demo/shop?"+url.Values{"lang": {"zh-CN"}, "as": {her.ID}}.Encode())
	shop.Click("#buy")
	shop.Wait("#checkout")
	shop.Axe("the checkout")
	shop.Click("#pay")
	shop.WaitFor(`document.activeElement.id === "f-address" && document.querySelector("#f-address-wrong").textContent !== ""`)
	shop.Type("#f-address", "杭州市西湖区文三路 1 号")
	shop.WaitFor(`document.querySelector("#f-address-wrong").textContent === ""`)
	shop.Click("input[value=refused]")
	shop.Click("#pay")
	shop.Wait("#failed")
	shop.Axe("the payment that failed")
	number := apptest.Eval[string](shop, `document.querySelector("[name=order]").value`)

	chat := shop.Frame(base + "/widget/frame")
	chat.Wait("#offer-open")
	chat.Click("#offer-open")
	chat.WaitFor(`document.querySelector("#text").value.includes("` + number + `")`)
	chat.Click("#send")
	chat.WaitFor(`[...document.querySelectorAll("#messages .mine")].some(m => m.dataset.state === "sent" && m.innerText.includes("` + number + `"))`)
	chat.WaitText("待付款")
	shop.Shot("order-loop-chat")

	agent := apptest.NewBrowser(t, "en").OpenAs(desk, base, "zhou.lan@example.com", demo.Password, apptest.Look{Locale: "en"}, "/tickets?list=all")
	agent.WaitText(her.Name)
	agent.Run(`[...document.querySelectorAll(".row")].find(r => r.innerText.includes("` + her.Name + `")).click()`)
	agent.WaitFor(`(side => side && side.innerText.includes("` + number + `") && side.innerText.includes("59.00"))(document.querySelector(".side"))`)
	agent.Axe("the ticket with its order")
	agent.Shot("order-loop-ticket")

	shop.Run(`huiyin("close")`)
	shop.Click("input[value=alipay]")
	shop.Click("#pay")
	shop.Wait(".thanks")
	shop.Axe("the page after the order")
	form := shop.Frame(base + "/f/")
	form.Wait("input[type=radio]")
	form.Run(`document.querySelector("input[type=radio]").focus()`)
	form.Key("ArrowRight")
	form.WaitFor(`document.querySelector("input[type=radio][value='2']").checked`)
	form.Axe("the form")
	form.Click("input[value=payment]")
	form.Type("textarea", "付款失败了一次")
	form.Click("#send")
	form.Wait(".number")
	form.Axe("the thanks")
	shop.Shot("order-loop-thanks")
	ticket := apptest.Eval[string](form, `document.querySelector(".number").textContent.replace(/\D/g, "")`)
	page := apptest.Eval[string](form, `document.querySelector("a.plain").href`)

	agent.Go(base + "/tickets/" + ticket)
	agent.WaitFor(`(side => side && side.innerText.includes("` + number + `"))(document.querySelector(".side"))`)
	agent.WaitText("付款失败了一次")
	agent.Type("#body", "对不起，钱没有扣两次。")
	agent.Click("message-composer .btn.primary")
	agent.WaitText("对不起，钱没有扣两次。")
	shop.Go(page)
	shop.WaitText("对不起，钱没有扣两次。", "付款失败了一次")
	shop.Axe("the ticket as she sees it")
}
