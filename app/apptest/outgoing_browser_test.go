package apptest_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"huiyin/app/apptest"
)

// An agent changes to whom a mail goes, takes it back with its text, sends it, and reads who has not got it.
func TestAMailIsAnsweredTakenBackAndFollowedInTheConsole(t *testing.T) {
	t.Parallel()
	c := newCircle(t, true)
	_, port, err := net.SplitHostPort(c.desk.Addr)
	if err != nil {
		t.Fatal(err)
	}
	base := "http://127.0.0.1:" + port
	for i, look := range []apptest.Look{{Locale: "zh-CN", Width: 360, Height: 740}, {Locale: "en", Dark: true}} {
		who := fmt.Sprintf("wang%d@home.test", i)
		c.send(who, supportMail, mailFrom(fmt.Sprintf("m%d@home.test", i), who, supportMail, fmt.Sprintf("Order %d", i), "Where is it?", "Cc: li@home.test"))
		c.until("no ticket", func() bool { return len(c.tickets()) == i+1 })
		number := c.tickets()[i]
		b := apptest.OpenBrowser(t, t.TempDir(), look.Locale)
		page := b.OpenAs(c.desk, base, bossMail, agentPassword, look, "/tickets/"+number)
		shot := func(name string) { page.Axe(name); page.Shot(fmt.Sprintf("outgoing-%d-%s", i, name)) }
		page.WaitFor(`customElements.get("message-composer") && document.querySelector("[data-recipients]")`)
		if line := apptest.Eval[string](page, `document.querySelector("[data-recipients] bdi").textContent`); !strings.Contains(line, who) || !strings.Contains(line, "li@home.test") {
			t.Errorf("it goes to %q", line)
		}
		page.Run(`document.querySelector("[data-recipients] details").open = true`)
		choose := func() {
			page.Run(`(e => { e.value = "nobody-else@home.test"; e.dispatchEvent(new Event("input", {bubbles: true})) })(document.querySelector("[name=cc]"))`)
		}
		choose()
		shot("recipients")
		page.Type("#body", "It is on its way.")
		page.Run(`document.querySelector("message-composer form .btn.primary").click()`)
		page.Wait("form[data-held] [data-undo]")
		page.Run(`document.querySelector("[data-undo]").click()`)
		page.WaitFor(`document.querySelector("#body")?.value === "It is on its way." && document.querySelector("[name=cc]").value === "nobody-else@home.test" && !document.querySelector("form[data-held]")`)
		page.Run(`document.querySelector("message-composer form .btn.primary").click()`)
		page.Wait("[data-release]")
		page.Shot(fmt.Sprintf("outgoing-%d-held", i)) // ten seconds are too short for more
		page.Run(`document.querySelector("[data-release]").click()`)
		page.WaitFor(`document.querySelector(".letter-out.bad")`)
		page.WaitText(who, "nobody-else@home.test")
		page.Run(`document.querySelector(".letter-out").scrollIntoView()`)
		shot("bounced")
		came := func(to string) (n int) {
			for _, m := range c.mails(to) {
				if strings.Contains(m.Text, "It is on its way.") {
					n++
				}
			}
			return n
		}
		for until := time.Now().Add(time.Minute); came(who) == 0 && time.Now().Before(until); {
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(time.Second) // a second one would come now
		got, other := came(who), came("li@home.test")
		if got != 1 || other != 0 {
			t.Errorf("%s got it %d times, who was taken out %d times", who, got, other)
		}
	}
}
