package apptest_test

import (
	"fmt"
	"testing"

	"huiyin/app/apptest"
)

const (
	trayReady  = `[...document.querySelectorAll("%s .chip .note")].some(n => /[KM]B$/.test(n.textContent))`
	askForLink = `(() => {
		const ask = new XMLHttpRequest();
		ask.open("POST", %q + "/link", false);
		ask.setRequestHeader("Accept", "application/json");
		ask.send();
		return JSON.parse(ask.responseText).url;
	})()`
)

// takePictures lets the desk take pictures, or not, as an administrator does it.
func takePictures(admin *apptest.Page, base string, take bool) {
	admin.Go(base + "/settings/files")
	admin.Run(fmt.Sprintf(`document.querySelector("[name=kinds][value=picture]").checked = %t`, take))
	admin.Run(`document.querySelector("form[action='/settings/files'] .btn.primary").click()`)
	admin.WaitFor(`location.search.includes("saved")`)
}

// ticketOf gives the path of the ticket in which something was said: its number may have a gap before it.
func ticketOf(admin *apptest.Page, base, said string) (path string) {
	admin.Go(base + "/tickets")
	row := fmt.Sprintf(`[...document.querySelectorAll(".row")].find(r => r.innerText.includes(%q))`, said)
	admin.WaitFor(row)
	admin.Run(row + `.click()`)
	admin.WaitFor(`/^\/tickets\/\d+$/.test(location.pathname)`)
	return apptest.Eval[string](admin, `location.pathname`)
}

// A file that was refused stays with the reason until it is tried again; what arrived outlives a reload, in the chat, on
// the ticket's page and in the console.
func TestAFailedFileWaitsForAnotherTryAndAReloadLosesNone(t *testing.T) {
	t.Parallel()
	s, _ := newScene(t)
	const email = "chen@shop.example"
	s.desk.AddAgent(email, "陈晨", "admin", agentPassword)
	for i, look := range []struct {
		name          string
		shopper, desk apptest.Look
		reason, ask   string
	}{
		{"zh, phone", apptest.Look{Locale: "zh-CN", Width: 360, Height: 740}, apptest.Look{Locale: "zh-CN"}, "不收这一类", "看这张照片"},
		{"en, desktop, dark", apptest.Look{Locale: "en", Dark: true}, apptest.Look{Locale: "en", Width: 360, Height: 740}, "not taken here", "Look at this picture"},
	} {
		t.Run(look.name, func(t *testing.T) {
			b := apptest.StartBrowser(t, t.TempDir(), look.shopper.Locale)
			admin := b.Open(look.desk, true, s.base+"/sign-in")
			admin.Type("#f-email", email)
			admin.Type("#f-password", agentPassword)
			admin.Click("form .btn.primary")
			admin.WaitFor(`location.pathname.startsWith("/tickets") || location.pathname.startsWith("/guide")`)
			takePictures(admin, s.base, false)
			admin.Axe("settings of files")
			admin.Shot(fmt.Sprintf("tray-%d-settings", i))

			page, chat := s.visit(b, look.shopper)
			chat.Choose("#pick", photo(t, "leak.jpg", 2400, 1200))
			chat.WaitFor(`document.querySelector("#tray .chip.bad .again:not([hidden])")`)
			chat.WaitText(look.reason)
			chat.Axe("widget with a file that failed")
			page.Shot(fmt.Sprintf("tray-%d-failed", i))
			takePictures(admin, s.base, true)
			chat.Run(`document.querySelector("#tray .again").click()`)
			chat.WaitFor(fmt.Sprintf(trayReady, "#tray"))
			page.Reload()
			chat = page.Frame(s.base)
			chat.WaitFor(fmt.Sprintf(trayReady, "#tray"))
			chat.Run(`document.querySelector("#panel").hidden && document.querySelector("#bubble").click()`)
			chat.Wait("#text")
			chat.WaitFor(`!document.querySelector("#panel").hidden`)
			chat.Click("#text")
			chat.WaitFor(`document.activeElement.id === "text"`) // the panel is open: no key is lost
			chat.Type("#text", look.ask)
			chat.WaitFor(fmt.Sprintf(`document.querySelector("#text").value === %q`, look.ask))
			chat.Press("\r")
			chat.WaitFor(fmt.Sprintf(pictureLoaded, 1))
			chat.WaitFor(`document.querySelector("#tray").hidden`)

			console := ticketOf(admin, s.base, look.ask)
			ticket := b.Open(look.shopper, true, apptest.Eval[string](admin, fmt.Sprintf(askForLink, console)))
			ticket.WaitFor(fmt.Sprintf(pictureLoaded, 1))
			ticket.Choose("#f-file", photo(t, "again.jpg", 1600, 900))
			ticket.WaitFor(fmt.Sprintf(trayReady, "#tray"))
			ticket.Axe("ticket page with a file to send")
			ticket.Shot(fmt.Sprintf("tray-%d-ticket", i))
			ticket.Reload()
			ticket.WaitFor(fmt.Sprintf(trayReady, "#tray"))
			ticket.Click("#answer .go")
			ticket.WaitFor(fmt.Sprintf(pictureLoaded, 2))
			ticket.WaitFor(`document.querySelector("#tray").hidden`)
			ticket.Axe("ticket page with pictures")

			admin.Go(s.base + console)
			admin.WaitFor(fmt.Sprintf(pictureLoaded, 2))
			admin.Choose("[data-attach]", photo(t, "answer.jpg", 2400, 1200))
			admin.WaitFor(`document.querySelector("file-tray .whole:not([hidden])")`)
			admin.Axe("console with a picture that was made smaller")
			admin.Shot(fmt.Sprintf("tray-%d-console", i))
			admin.Reload()
			admin.WaitFor(fmt.Sprintf(trayReady, "file-tray"))
		})
	}
}
