package apptest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"huiyin/app/apptest"
)

// A person's earlier ticket is merged into the one that goes on, read there, and separated again.
func TestTicketsAreMergedInTheConsole(t *testing.T) {
	t.Parallel()
	desk := apptest.StartProcess(t)
	key := desk.AddInbox("青禾小店", map[string]any{})
	desk.AddAgent(agentEmail, "林薇", "agent", agentPassword)
	for i, look := range []apptest.Look{{Locale: "zh-CN", Width: 360, Height: 740}, {Locale: "en", Dark: true}} {
		b := apptest.NewBrowser(t, look.Locale)
		first, second := fmt.Sprintf("第一次来 %d", i), fmt.Sprintf("又来一次 %d", i)
		shopper := apptest.NewClient(desk.Base, key)
		if err := shopper.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		go shopper.Run(t.Context())
		shopper.Send(first)
		p := b.OpenAs(desk, desk.Base(), agentEmail, agentPassword, look, "/tickets")
		from := ticketOf(p, desk.Base(), first)
		if status, body := desk.PostAs(t, agentEmail, agentPassword, from+"/status", url.Values{"status": {"closed"}}); status != http.StatusOK {
			t.Fatalf("close: %d %s", status, body)
		}
		shopper.Send(second)
		into := ticketOf(p, desk.Base(), second)
		p.Go(desk.Base() + from)
		p.Wait("ticket-thread")
		if look.Width > 0 {
			p.Click("[data-toggle=side]")
		}
		p.Run(`window.confirm = () => true`)
		p.Run(`document.querySelector("form[action$='/merger']").closest("details").open = true`)
		p.Axe("where a ticket may go")
		p.Shot(fmt.Sprintf("merge-%d-menu", i))
		p.Run(`document.querySelector("form[action$='/merger'] button.item").click()`)
		p.WaitFor(fmt.Sprintf(`document.querySelector(".thread-meta a[href^='%s']")`, into))
		p.Axe("a merged ticket")
		p.Shot(fmt.Sprintf("merge-%d-from", i))
		p.Go(desk.Base() + into)
		p.Wait(".merged summary")
		p.Click(".merged summary")
		p.WaitText(first, second)
		p.Axe("what was merged into a ticket")
		p.Shot(fmt.Sprintf("merge-%d-into", i))
		p.Go(desk.Base() + from)
		p.Wait("ticket-thread")
		p.Run(`document.querySelector("form[action$='/separation'] button").click()`)
		p.WaitFor(`!document.querySelector("form[action$='/separation']") && document.querySelector("form[action$='/merger']")`)
	}
}
