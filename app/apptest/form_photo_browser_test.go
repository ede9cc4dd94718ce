package apptest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"huiyin/app/apptest"
)

// formWords are what a form says in a language.
type formWords struct {
	look                         apptest.Look
	title, mend, address, thanks string
	saying, order, photo         string
}

var formLooks = []formWords{
	{
		look: apptest.Look{Locale: "zh-CN", Width: 360, Height: 640}, title: "送货满意吗", mend: "有几处需要改一下", address: "请填邮箱", thanks: "谢谢您的反馈",
		saying: "杯子碎了 <b>", order: "Z-2001", photo: "已添加照片",
	},
	{
		look: apptest.Look{Locale: "en", Width: 360, Height: 640, Dark: true}, title: "How was the delivery?", mend: "A few answers need to be changed", address: "Write an e-mail address",
		thanks: "Thank you for your feedback", saying: "It came broken <b>", order: "E-2001", photo: "Photo added",
	},
}

// photoDesk is a desk with a form of the shop.
func photoDesk(t *testing.T) (desk *apptest.Process, form shopForm, c *caller) {
	t.Helper()
	desk = apptest.StartProcess(t, "HUIYIN_LIMIT_SCALE=100")
	token := desk.AddAgent("wang@desk.example", "王芳", "admin", agentPassword)
	return desk, addForm(t, desk, token, map[string]any{}), newCaller(desk.Base(), token, 1)
}

// came looks at the one ticket of an order: what she wrote and how many photos it has.
func came(t *testing.T, c *caller, order, saying string, photos int) {
	t.Helper()
	list, _, err := c.call(t.Context(), http.StatusOK, "GET", "/tickets?q="+order, nil)
	var page struct{ Items []struct{ ID string } }
	if err != nil || json.Unmarshal(list, &page) != nil || len(page.Items) != 1 {
		t.Fatalf("the tickets of %s: %v %s", order, err, list)
	}
	text, _, err := c.call(t.Context(), http.StatusOK, "GET", "/tickets/"+page.Items[0].ID+"/messages", nil)
	var said struct {
		Items []struct {
			Body        string
			Attachments []struct{ Type string }
		}
	}
	if err != nil || json.Unmarshal(text, &said) != nil || len(said.Items) != 1 || !strings.Contains(said.Items[0].Body, saying) || len(said.Items[0].Attachments) != photos {
		t.Errorf("the ticket of %s, with %q and %d photos: %v %s", order, saying, photos, err, text)
	}
}

// Where no script runs, a form is one page that posts: what is wrong is said at its field and above, nothing that was written
// is lost, the photo neither, and nothing is stored before all of it is right.
func TestAFormWithoutScriptsPostsAndSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	desk, form, c := photoDesk(t)
	for _, w := range formLooks {
		t.Run(w.look.Locale, func(t *testing.T) {
			t.Parallel()
			p := apptest.NewBrowser(t, w.look.Locale).Open(w.look, true, "about:blank")
			p.Scripts(false)
			p.Go(desk.Base() + "/f/" + form.Key + "?lang=" + w.look.Locale + "&" + form.link(w.order).Encode())
			p.Wait("#send")
			seen := func(what string) {
				p.Scripts(true) // for axe; those of the page were not taken
				p.Axe(what)
				p.Scripts(false)
				noWider(t, p, what)
				p.Shot("form-noscript-" + w.look.Locale + "-" + what)
			}
			if apptest.Eval[bool](p, `document.documentElement.classList.contains("js") || [...document.querySelectorAll("#next, #back, .progress")].some(e => e.offsetHeight > 0) || [...document.querySelectorAll(".question")].some(e => e.offsetHeight === 0)`) {
				t.Error("without scripts not all of the form is there, or what only scripts can do is")
			}
			seen("form")
			p.Click("#q-stars-2 + .score")
			p.Click("label:has(#q-why-broken)")
			p.Type("#q-say", w.saying)
			p.Type("#q-reach", "nowhere")
			p.Choose("#q-photo", photo(t, "cup.jpg", 900, 600))
			p.Click("#send")
			p.WaitText(w.mend, w.address, w.photo)
			p.WaitFor(`document.querySelector("#q-reach-wrong").offsetHeight > 0 && document.querySelector("#q-reach").getAttribute("aria-invalid") === "true" &&
				document.querySelector("#q-reach").value === "nowhere" && document.querySelector("#q-stars-2").checked && document.querySelector("#q-why-broken").checked`)
			if got := apptest.Eval[string](p, `document.querySelector("#q-say").value`); got != w.saying {
				t.Errorf("what she wrote became %q", got)
			}
			seen("wrong")
			if list, _, err := c.call(t.Context(), http.StatusOK, "GET", "/tickets?q="+w.order, nil); err != nil || !strings.Contains(string(list), `"items":[]`) {
				t.Errorf("something was stored before it was right: %v %s", err, list)
			}
			p.Click(`#wrongs a[href="#q-reach"]`) // leads to the field
			p.Run(`document.querySelector("#q-reach").value = "13800138000"`)
			p.Click("#send")
			p.WaitText(w.thanks)
			seen("thanks")
			came(t, c, w.order, w.saying, 1)
			p.Go(apptest.Eval[string](p, `document.querySelector("a.plain").href`))
			p.WaitText(w.saying)
		})
	}
}

// On a phone a finger finds the photos: the field opens the dialog, each is shown small and can be taken away, what is no picture
// is refused at the field, and those that are left come with the ticket.
func TestPhotosOfAFormByTouch(t *testing.T) {
	t.Parallel()
	desk, form, c := photoDesk(t)
	for _, w := range formLooks {
		t.Run(w.look.Locale, func(t *testing.T) {
			t.Parallel()
			p := apptest.NewBrowser(t, w.look.Locale).Open(w.look, true, desk.Base()+"/f/"+form.Key+"?lang="+w.look.Locale+"&"+form.link(w.order).Encode())
			p.WaitText(w.title)
			tap(t, p, "#q-stars-1 + .score")
			tap(t, p, "#next")
			p.Wait("#q-photo")
			at := func(css string) (x, y float64) {
				r := apptest.Eval[[]float64](p, fmt.Sprintf(`(e => { e.scrollIntoView({block: "center"}); const r = e.getBoundingClientRect(); return [r.left + Math.min(40, r.width / 2), r.top + r.height / 2, r.height]; })(document.querySelector(%q))`, css))
				if r[2] < 44 {
					t.Errorf("%s is %.0f px high, too small for a finger", css, r[2])
				}
				return r[0], r[1]
			}
			x, y := at("#q-photo")
			p.TouchFile(x, y, photo(t, "cup.jpg", 1600, 1200), photo(t, "box.jpg", 600, 900))
			p.WaitFor(`document.querySelectorAll(".shots img").length === 2 && [...document.querySelectorAll(".shots img")].every(i => i.complete && i.naturalWidth > 0)`)
			p.Axe("photos")
			p.Shot("form-touch-" + w.look.Locale + "-photos")
			noWider(t, p, "the photos")
			x, y = at("#q-photo")
			p.TouchFile(x, y, tempFile(t, []byte(`{"no": "picture"}`)))
			p.WaitFor(`document.querySelector("#q-photo-wrong").offsetHeight > 0 && document.querySelector("#q-photo-wrong").textContent !== "" && document.querySelectorAll(".shots li").length === 2`)
			p.Axe("what is no photo")
			p.Shot("form-touch-" + w.look.Locale + "-wrong")
			tap(t, p, `.shots li:nth-child(2) button`)
			p.WaitFor(`document.querySelectorAll(".shots img").length === 1`)
			p.Type("#q-say", w.saying)
			tap(t, p, "#send")
			p.WaitText(w.thanks)
			came(t, c, w.order, w.saying, 1)
			p.Go(apptest.Eval[string](p, `document.querySelector("a.plain").href`))
			p.WaitText(w.saying)
			p.WaitFor(`document.querySelectorAll("a.picture img").length === 1`)
			p.Shot("form-touch-" + w.look.Locale + "-ticket")
		})
	}
}
