package apptest_test

import (
	"fmt"
	"testing"

	"huiyin/app/apptest"
)

// threadSays is true once the open thread holds a text.
func threadSays(text string) string {
	return fmt.Sprintf(`document.querySelector(".talk")?.innerText.includes(%q)`, text)
}

// shopperOf writes as a shopper over the chat's HTTP face.
func shopperOf(t *testing.T, s scene, key string) (say func(id, body string)) {
	t.Helper()
	session := call[struct{ Session string }](t, s.desk, "POST", "/chat/v1/sessions", "", map[string]any{"inbox": key, "locale": "en"}).Session
	return func(id, body string) {
		call[struct{ Seq int64 }](t, s.desk, "POST", "/chat/v1/messages", session, map[string]any{"id": id, "body": body})
	}
}

// An agent gets through a conversation by the keyboard alone.
func TestTheConsoleWorksByKeyboard(t *testing.T) {
	t.Parallel()
	s, key := newScene(t)
	say := shopperOf(t, s, key)
	say("1", "My parcel is late")
	b := apptest.NewBrowser(t, "en")
	console := s.signInByForm(b, apptest.Look{Locale: "en"})
	console.WaitText("My parcel is late")

	console.Key("j")
	console.Key("Enter")
	console.WaitFor(threadSays("My parcel is late"))
	console.Key("n")
	console.WaitFor(`document.activeElement.id === "body"`)
	console.Type("#body", "Ask the courier")
	console.Key("Escape")
	console.Go(s.base + "/preferences")
	console.Go(s.base + "/tickets/1001") // the draft is the server's
	console.WaitFor(`document.querySelector("#body").value === "Ask the courier"`)
	console.Key("n")
	console.Insert("!")
	console.Key("Enter")
	console.WaitFor(`!!document.querySelector(".talk .m-note") && document.querySelector("#body").value.trim() === ""`)
	console.WaitFor(threadSays("Ask the courier!"))
	console.Key("Escape")
	console.Key("m")
	console.WaitFor(threadSays("took the ticket"))
	console.Key("r")
	console.Insert("It arrives today.")
	console.Key("Enter")
	console.WaitFor(threadSays("It arrives today."))
	console.Key("Escape")
	console.Key("e")
	console.WaitFor(threadSays("set the ticket to Solved"))
	say("2", "It is here, thank you") // wakes it
	console.WaitFor(threadSays("It is here, thank you"))

	console.Key("?")
	console.WaitFor(`document.querySelector("#key-list").open`)
	console.Axe("list of keys")
	console.Key("Escape")
	console.WaitFor(`!document.querySelector("#key-list").open`)
	console.Key("k", apptest.Ctrl)
	console.WaitFor(`document.querySelector("#palette").open`)
	console.Axe("command palette")
	console.Key("Escape")
	console.WaitFor(`!document.querySelector("#palette").open`)
	console.Key("Escape") // leaves the box that the closing palette gave the focus back to
	console.Key("/")
	console.WaitFor(`document.activeElement.id === "find"`)
	console.Insert("#1001")
	console.Key("Enter")
	console.WaitFor(`[...document.querySelectorAll(".row")].length === 1`)
}

// The console says when the desk is away, comes back by itself, and has then missed nothing.
func TestTheConsoleHealsItself(t *testing.T) {
	t.Parallel()
	s, key := newScene(t)
	say := shopperOf(t, s, key)
	say("1", "Before the crash")
	b := apptest.NewBrowser(t, "zh-CN")
	console := s.signIn(b, apptest.Look{Locale: "zh-CN"})
	console.WaitText("Before the crash")
	console.Run(`document.querySelector(".row").click()`)
	console.WaitFor(threadSays("Before the crash"))

	s.desk.Kill()
	console.WaitFor(`document.querySelector("connection-state").dataset.state === "reconnecting"`)
	console.Axe("console without its desk")
	console.Type("#body", "Written meanwhile")
	console.Click(".composer button.primary") // waits until the desk is back
	s.desk.Start()
	say("2", "After the crash")
	console.WaitFor(threadSays("After the crash"))
	console.WaitFor(`document.querySelector("connection-state").dataset.state === "connected"`)
	console.WaitFor(`[...document.querySelectorAll(".talk article")].filter(m => m.innerText.includes("Written meanwhile")).length === 1`)
}
