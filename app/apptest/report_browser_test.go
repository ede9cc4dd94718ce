package apptest_test

import (
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"huiyin/app/apptest"
)

// A manager sees how a form is answered day by day, as a picture with its numbers in it and a table behind.
func TestAManagerReadsAReportOfAForm(t *testing.T) {
	t.Parallel()
	desk := apptest.StartProcess(t, "HUIYIN_LIMIT_SCALE=100")
	token := desk.AddAgent("wang@desk.example", "王芳", "admin", agentPassword)
	desk.AddAgent("zhou@desk.example", "周岚", "manager", agentPassword)
	form := addForm(t, desk, token, nil)
	c := newCaller(desk.Base(), token, 1)
	for i, stars := range []int{5, 5, 4, 2, 5} {
		body := fmt.Sprintf(`{"source_id":"r%d","answers":{"stars":%d},"contact":{"external_id":"u%d"}}`, i, stars, i)
		if _, _, err := c.call(t.Context(), http.StatusCreated, "POST", "/forms/"+form.Key+"/responses", []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	b := apptest.NewBrowser(t, "zh-CN")
	page := b.OpenAs(desk, desk.Base(), "zhou@desk.example", agentPassword, apptest.Look{Locale: "zh-CN"}, "/feedback")
	for begun := time.Now(); !apptest.Eval[bool](page, `!!document.querySelector("svg.chart") && document.querySelector(".figures dd").textContent === "5"`); page.Reload() {
		if time.Since(begun) > 20*time.Second {
			t.Fatal("the answers are not counted")
		}
		time.Sleep(100 * time.Millisecond)
	}
	page.WaitFor(`document.querySelector("svg.chart-wide .chart-say").textContent === "80%" && document.querySelector("svg.chart-wide").getAttribute("aria-label").includes("80%")`)
	page.Axe("the report")
	page.Run(`document.querySelector("#days").scrollIntoView()`)
	page.Shot("report-days")
	page.Run(`document.querySelector("#days ~ details summary").focus()`)
	page.Key("Enter")
	page.WaitFor(`document.querySelector("#days ~ details table").checkVisibility()`)
	page.Axe("the report's table")
	for i, look := range []apptest.Look{{Locale: "zh-CN", Width: 360, Height: 740}, {Locale: "zh-CN", Dark: true}} {
		if i == 1 && os.Getenv("HUIYIN_SHOTS") == "" {
			continue // for who looks at it
		}
		other := b.OpenAs(desk, desk.Base(), "zhou@desk.example", agentPassword, look, "/feedback")
		other.WaitFor(`[...document.querySelectorAll("svg.chart")].some(e => e.checkVisibility())`)
		noWider(t, other, "the report")
		other.Axe(fmt.Sprintf("the report at %d px", look.Width))
		other.Run(`document.querySelector("#days").scrollIntoView()`)
		other.Shot(fmt.Sprintf("report-look-%d", i))
	}
}
