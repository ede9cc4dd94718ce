package apptest_test

import (
	"testing"

	"huiyin/app/apptest"
)

// A checkout fails, the widget offers help, the shopper writes, and the agent sees what she tried.
func TestAFailedOrderOffersHelpAndTheAgentSeesIt(t *testing.T) {
	t.Parallel()
	s, _ := newScene(t)
	look := apptest.Look{Locale: "zh-CN", Width: 360, Height: 740}
	b := apptest.StartBrowser(t, t.TempDir(), look.Locale)
	page := b.Open(look, false, s.shop+"/?locale=zh-CN")
	chat := page.Frame(s.base)
	chat.Wait("#bubble")
	page.Run(`huiyin("attempt", {order: "20260001", outcome: "failed", reason: "payment", step: "payment"})`)
	chat.Wait("#offer-open")
	chat.WaitText("付款没成功？我们来帮您。")
	page.WaitFor(`(r => r.left >= 0 && r.right <= innerWidth && r.width > 200 && r.height > 120 && r.height < 320)(document.querySelector("iframe").getBoundingClientRect())`)
	chat.WaitFor(`(r => r.top >= 0 && r.bottom < document.querySelector("#bubble").getBoundingClientRect().top + 1)(document.querySelector("#offer").getBoundingClientRect())`)
	chat.Axe("the offer of help")
	page.Shot("offer-zh-360")
	page.WaitFor(`Object.keys(localStorage).filter(k => k.includes(":try.")).length === 0`) // the desk has it

	page.Run(`huiyin("attempt", {order: "20260001", outcome: "failed", reason: "stock", step: "cart"})`)
	chat.WaitText("商品缺货？我们帮您看看。")
	chat.Click("#offer-open")
	chat.Wait("#text")
	chat.WaitFor(`["缺货", "20260001", "cart"].every(w => document.querySelector("#text").value.includes(w))`)
	page.Shot("offer-opened-zh-360")
	chat.Click("#send")
	chat.WaitFor(`document.querySelectorAll("#messages .mine[data-state=sent]").length === 1`)

	console := s.signIn(b, apptest.Look{Locale: "zh-CN"})
	console.WaitText("20260001")
	console.Run(`document.querySelector(".row").click()`)
	console.WaitFor(`(side => ["失败", "payment", "支付", "cart", "库存"].every(w => side && side.innerText.includes(w)))(document.querySelector(".attempts"))`)
	console.Axe("the ticket with attempts")
	console.Shot("attempts-side-zh")

	// Closed, it stays away for some minutes; what follows is kept all the same.
	chat.Click("#close")
	chat.Wait("#bubble")
	page.Run(`huiyin("attempt", {outcome: "failed", reason: "network"})`)
	chat.Wait("#offer-close")
	page.WaitFor(`(r => r.width > 200 && r.height > 120 && r.height < 320)(document.querySelector("iframe").getBoundingClientRect())`) // it has grown for the offer
	chat.Click("#offer-close")
	chat.WaitFor(`document.querySelector("#offer").hidden && document.activeElement.id === "bubble"`)
	page.Run(`huiyin("attempt", {outcome: "failed", reason: "system"})`)
	page.WaitFor(`Object.keys(localStorage).filter(k => k.includes(":try.")).length === 0`)
	if !apptest.Eval[bool](chat, `document.querySelector("#offer").hidden`) {
		t.Error("closed, it is back at once")
	}
}
