package apptest_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"huiyin/app/apptest"
)

// questionOrder is the order of the questions in the builder, by their kinds.
const questionOrder = `[...document.querySelectorAll("[data-question] [name^='q.'][name$='.kind']")].map(e => e.value).join(" ")`

// A form is built by keyboard: the preview follows, what moves is told, and what is published is what shoppers see.
func TestAFormIsBuiltByKeyboardAndByDragging(t *testing.T) {
	t.Parallel()
	s, _ := newScene(t)
	s.desk.AddAgent("boss@example.com", "周岚", "admin", agentPassword)
	b := apptest.OpenBrowser(t, t.TempDir(), "en")
	admin := b.OpenAs(s.desk, s.base, "boss@example.com", agentPassword, apptest.Look{Locale: "en"}, "/settings/forms")
	admin.Axe("the list without a form")
	admin.Type("#f-name", "Orders\r")
	admin.Wait("form-builder [data-handle]:not([hidden])")
	admin.Shot("forms-builder")
	admin.Axe("the builder")

	admin.Run(`document.querySelector("#q-more-handle").focus()`)
	admin.Key("ArrowUp")
	admin.WaitFor(questionOrder + ` === "rating text multiple"`)
	admin.WaitFor(`document.activeElement.id === "q-more-handle" && document.querySelector("[data-said]").textContent.includes("place 2 of 3")`)

	admin.Run(`document.querySelector("#s-0-kind").value = "nps"`)
	admin.Run(`document.querySelector("#s-0-add").focus()`)
	admin.Key("Enter")
	admin.WaitFor(questionOrder + ` === "rating text multiple nps" && document.activeElement.id.endsWith("-label-zh-CN")`)
	admin.Key("Tab")
	admin.Insert("Would you tell a friend?")
	frame := admin.Frame(s.base + "/settings/forms/")
	frame.WaitFor(`document.body.innerText.includes("Would you tell a friend?") && document.querySelectorAll("[data-kind=nps] input").length === 11`)
	admin.Shot("forms-builder-nps")

	admin.Drag(`[data-question^="nps"] [data-handle]`, "#q-more")
	admin.WaitFor(questionOrder + ` === "rating nps text multiple" || ` + questionOrder + ` === "rating text nps multiple"`)
	admin.Run(`document.querySelector("#add-step").focus()`)
	admin.Key("Enter")
	admin.WaitFor(`document.activeElement.id === "s-1-title-zh-CN"`)
	admin.Run(`document.querySelector("#q-wrong-handle").focus()`)
	admin.Key("ArrowDown")
	admin.WaitFor(`document.querySelector("#s-1 #q-wrong") && document.activeElement.id === "q-wrong-handle"`)
	admin.Axe("the builder with two steps")

	// a kind, the order of options and that of steps, by keyboard; then an option by dragging
	options := `[...document.querySelectorAll("#q-wrong [data-option] > [name$='.option']")].map(e => e.value).join(" ")`
	before := strings.Fields(apptest.Eval[string](admin, options))
	admin.Run(`document.querySelector("#q-wrong-open").open = true`)
	admin.Run(`document.querySelector("#q-wrong-option-1-handle").focus()`)
	admin.Key("ArrowDown")
	admin.WaitFor(options + `.startsWith("` + before[1] + " " + before[0] + `") && document.activeElement.id === "q-wrong-option-2-handle"`)
	admin.WaitFor(`document.querySelector("[data-said]").textContent.includes("option 2 of ` + strconv.Itoa(len(before)) + `")`)
	admin.Drag("#q-wrong-option-2-handle", "#q-wrong-option-1")
	admin.WaitFor(options + `.startsWith("` + before[0] + " " + before[1] + `")`)
	admin.Run(`document.querySelector("#f-q\\.wrong\\.kind").focus()`)
	admin.Key("Home") // the first kind: a rating
	admin.WaitFor(`document.activeElement.id === "f-q.wrong.kind" && document.activeElement.value === "rating" && document.querySelector("#q-wrong-low-en")`)
	admin.Axe("the builder with another kind")
	admin.Key("End") // goes past all others
	admin.WaitFor(`document.activeElement.id === "f-q.wrong.kind" && document.activeElement.value !== "rating"`)
	admin.Run(`(e => { e.value = "single"; e.dispatchEvent(new Event("change", {bubbles: true})); })(document.activeElement)`)
	admin.WaitFor(options + `.startsWith("` + before[0] + " " + before[1] + `")`)
	admin.Run(`document.querySelector("#s-1-handle").focus()`)
	admin.Key("ArrowUp")
	admin.WaitFor(`document.querySelector("#s-0 #q-wrong") && document.activeElement.id === "s-0-handle"`)
	admin.Key("ArrowDown")
	admin.WaitFor(`document.querySelector("#s-1 #q-wrong") && document.activeElement.id === "s-1-handle"`)

	admin.Run(`document.querySelector("[formaction$='/versions']").focus()`)
	admin.Key("Enter")
	admin.Wait("#use")
	admin.Axe("the page of a form")
	admin.Shot("forms-page")
	link := apptest.Eval[string](admin, `document.querySelector("#use a.link").href`)
	page := apptest.Eval[string](admin, `location.pathname`)
	shopper := b.Open(apptest.Look{Locale: "en", Width: 360, Height: 740}, true, link)
	shopper.WaitFor(`document.querySelectorAll("[data-step='1'] .question").length === 3 && document.querySelectorAll("[data-step='2'] .question").length === 1`)

	for i, look := range []apptest.Look{{Locale: "zh-CN", Width: 360, Height: 740}, {Locale: "zh-CN", Dark: true}} {
		if i == 1 && os.Getenv("HUIYIN_SHOTS") == "" {
			continue // for who looks at it
		}
		other := b.OpenAs(s.desk, s.base, "boss@example.com", agentPassword, look, page+"/builder?locale=zh-CN&open=wrong")
		other.Wait("form-builder [data-handle]:not([hidden])")
		if wide := apptest.Eval[int](other, `document.querySelector(".sheet").scrollWidth - document.querySelector(".sheet").clientWidth`); wide > 0 {
			t.Errorf("at %d px the builder is %d px too wide", look.Width, wide)
		}
		other.Axe(fmt.Sprintf("the builder at %d px", look.Width))
		other.Shot(fmt.Sprintf("forms-look-%d", i))
		other.Run(`document.querySelector("#q-wrong").scrollIntoView()`)
		other.Shot(fmt.Sprintf("forms-question-%d", i))
		other.Go(s.base + page + "/card?lang=zh-CN")
		other.Axe("the card")
		other.Shot(fmt.Sprintf("forms-card-%d", i))
	}
}
