package apptest_test

import (
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"testing"
	"time"

	"huiyin/app"
	"huiyin/app/apptest"
	"huiyin/app/config"
	"huiyin/app/insights"
	"huiyin/app/insights/insightstest"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// complained fills a desk that stands still with eight weeks of complaints: refunds that rise, parcels that are always slow, lids
// that leak no more, and small things.
func complained(t *testing.T, p *apptest.Process) (rising id.ID) {
	t.Helper()
	d, err := app.OpenDesk(t.Context(), config.Desk{Data: p.Dir, Migrate: "auto"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	f := &insightstest.Filler{T: t, Store: d.Store, Sealer: d.Sealer, IDs: d.IDs, Zone: tickets.DefaultShop.Zone()}
	now := time.Now().In(f.Zone)
	midnight := func(back int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()-back, 0, 0, 0, 0, f.Zone)
	}
	channels, sampled := []string{"chat", "email", "form", "chat"}, map[id.ID]bool{}
	say := func(group, fine id.ID, aspect, language string, per func(back int) int, texts ...string) {
		f.Together(func() {
			for back := range 56 {
				for i := range per(back) {
					voice := f.Say(insights.Voice{
						GroupID: group, FineID: fine, Aspect: aspect, Language: language, Channel: channels[(i+back)%4], Body: texts[(i+back)%len(texts)], Fixed: true,
						At: midnight(back).Add(time.Duration(i) * time.Minute),
					}, nil, []string{"CUP-500ML-WHITE", "BAG-2", "POT-1"}[(i+back)%3])
					if group != 0 && !sampled[group] {
						sampled[group] = true
						f.Sample(group, 0, voice)
					}
				}
			}
		})
	}
	pinned := insights.Group{Pinned: true}
	group := func(name, language, aspect string, twin *id.ID) (id.ID, id.ID) {
		g := pinned
		g.Name, g.Language, g.Aspect, g.TwinID = name, language, aspect, twin
		return f.Group(g)
	}
	english, fine := group("refund · not arrived", "en", "returns", nil)
	say(english, fine, "returns", "en", func(int) int { return 1 }, "Still no refund after nine days, what is going on?")
	rising, fine = group("退款 · 三天没到账", "zh", "returns", &english)
	say(rising, fine, "returns", "zh", func(back int) int { return map[bool]int{true: 9 - back, false: 1}[back < 7] }, "说好 1-3 天，今天第五天了还没到账", "退款一直没到，客服说再等等")
	say(rising, f.Fine(rising, "退款 · 金额不对"), "returns", "zh", func(back int) int { return (back + 1) % 2 }, "退的钱少了五块")
	slow, fine := group("物流 · 送货太慢", "zh", "delivery", nil)
	say(slow, fine, "delivery", "zh", func(back int) int { return 3 + back%3 }, "下单一周才发货，催了三次", "快递四天没有更新了")
	leak, fine := group("质量 · 杯盖漏水", "zh", "goods", nil)
	say(leak, fine, "goods", "zh", func(back int) int { return map[bool]int{true: 4, false: 0}[back > 24] + back%2 }, "杯盖漏水，包都湿了", "装热水就漏")
	for i, name := range []string{"包装 · 压坏了", "发票 · 抬头写错", "客服 · 半天不回", "优惠券 · 用不了", "颜色 · 跟图片不一样"} {
		g, fine := group(name, "zh", []string{"goods", "order", "service", "price", "goods"}[i], nil)
		say(g, fine, []string{"goods", "order", "service", "price", "goods"}[i], "zh", func(back int) int { return map[bool]int{true: 1, false: 0}[back%(i+2) == 0] }, name+"，怎么办")
	}
	say(0, 0, "other", "zh", func(back int) int { return map[bool]int{true: 1, false: 0}[back%3 == 0] }, "就是感觉不太对", "怎么回事")
	for back := range 56 {
		f.Paid(midnight(back), 1500+back%7*100)
		f.Cost(rising, midnight(back), "CNY", int64(3900+back*10), 1)
	}
	f.Finding(rising, midnight(1), "rise", 3, 21, 4.6, 3e-6)
	f.Count()
	return rising
}

// A manager finds what hurts, reads why and whose words it is, corrects the groups, and takes that back: in both languages, on a
// phone, by keys, light and dark.
func TestAManagerReadsWhatHurtsAndCorrectsTheGroups(t *testing.T) {
	t.Parallel()
	desk := apptest.NewProcess(t, "HUIYIN_LIMIT_SCALE=100")
	rising := complained(t, desk)
	desk.Start()
	desk.AddAgent("wang@desk.example", "王芳", "admin", agentPassword)
	desk.AddAgent("zhou@desk.example", "周岚", "manager", agentPassword)
	desk.AddAgent("emma@desk.example", "Emma", "manager", agentPassword)
	if status, body := desk.PostAs(t, "emma@desk.example", agentPassword, "/preferences", url.Values{"locale": {"en"}, "availability": {"online"}, "after": {"stay"}, "enter": {"ctrl"}}); status >= 400 {
		t.Fatalf("%d %s", status, body)
	}
	b := apptest.NewBrowser(t, "zh-CN")
	group := "/insights/groups/" + rising.String()
	open := func(look apptest.Look, path string) *apptest.Page {
		who := map[string]string{"en": "emma@desk.example", "zh-CN": "zhou@desk.example"}[look.Locale]
		return b.OpenAs(desk, desk.Base(), who, agentPassword, look, path)
	}
	zh := apptest.Look{Locale: "zh-CN"}
	page := open(zh, "/insights")
	page.WaitText("退款 · 三天没到账", "突增", "照以往约为 4.6 条", "物流 · 送货太慢", "每千单", "未归类")
	page.Axe("the list")
	page.Shot("insights-zh")
	page.Run(`document.querySelector("a[href*='sort=rise']").focus()`)
	page.Key("Enter")
	page.WaitFor(`location.search.includes("sort=rise") && document.querySelector(".rank .name").textContent === "退款 · 三天没到账"`)
	page.Run(`document.querySelector(".rank .name").focus()`)
	page.Key("Enter")
	page.WaitFor(`location.pathname === "` + group + `" && !!document.querySelector("svg.chart-wide .chart-count.high")`)
	page.WaitText("说好 1-3 天，今天第五天了还没到账", "CUP-500ML-WHITE")
	page.Axe("a group")
	page.Shot("insight-group-zh")

	page.Go(desk.Base() + "/insights/marks")
	page.WaitText("双11 2026")
	page.Axe("the marks")
	page.Shot("insight-marks-zh")
	year := `button[value="` + fmt.Sprint(time.Now().In(tickets.DefaultShop.Zone()).Year()) + `"]`
	page.Click(year)
	page.WaitFor(`location.search === "?saved=1" && !document.querySelector('` + year + `')`)
	page.Run(fmt.Sprintf(`(document.querySelector("#f-title").value = "新结账页上线", document.querySelector("#f-kind").value = "release", document.querySelector("#f-from").value = %q)`, time.Now().AddDate(0, 0, -9).Format(time.DateOnly)))
	page.Click(`form[action="/insights/marks"] button`)
	page.WaitFor(`[...document.querySelectorAll("section[aria-labelledby=marks] .person")].some(e => e.innerText.includes("新结账页上线"))`)

	page.Go(desk.Base() + group)
	page.Run(`[...document.querySelectorAll("summary")].find(e => e.textContent === "改名").focus()`)
	page.Key("Enter")
	page.WaitFor(`document.querySelector("#f-title").checkVisibility()`)
	page.Run(`document.querySelector("#f-title").focus()`)
	page.Press("退款到账慢")
	page.Key("Enter")
	page.WaitFor(`document.querySelector("h1").textContent === "退款到账慢" && document.querySelector("[role=status]").textContent.includes("已改名")`)
	page.WaitFor(`document.querySelectorAll("svg.chart-wide .chart-mark").length === 1`)
	page.Run(`document.querySelector("#trend").scrollIntoView()`)
	page.Shot("insight-trend-zh")
	page.Run(`document.querySelector("#hand").scrollIntoView()`)
	page.Shot("insight-hand-zh")
	page.Click(`button[aria-label^="撤销：改名"]`)
	page.WaitFor(`document.querySelector("h1").textContent === "退款 · 三天没到账"`)

	for i, look := range []apptest.Look{{Locale: "en", Width: 360, Height: 740}, {Locale: "zh-CN", Width: 360, Height: 740, Dark: true}, {Locale: "en", Dark: true}} {
		for name, path := range map[string]string{
			"list": "/insights", "group": group, "texts": "/insights/texts?group=" + rising.String(), "ungrouped": "/insights/ungrouped", "history": "/insights/history",
			"marks": "/insights/marks", "lexicon": "/insights/lexicon",
		} {
			if i == 2 && name != "list" && name != "group" && os.Getenv("HUIYIN_SHOTS") == "" {
				continue // for who looks at it
			}
			one := open(look, path)
			one.WaitFor(`!!document.querySelector("h1")`)
			if want := map[string]string{"en": "Insights", "zh-CN": "洞察"}[look.Locale]; !apptest.Eval[bool](one, fmt.Sprintf(`document.querySelector(".rail").textContent.includes(%q)`, want)) {
				t.Errorf("%s, look %d: not in %s", name, i, look.Locale)
			}
			noWider(t, one, name)
			one.Axe(fmt.Sprintf("%s, look %d", name, i))
			one.Shot(fmt.Sprintf("insight-%s-look-%d", name, i))
			if name == "group" || name == "list" {
				for _, at := range []string{"#trend", "#quotes", "#by-channel", "#hand", "#ranked", "#aspects"} {
					if os.Getenv("HUIYIN_SHOTS") != "" && apptest.Eval[bool](one, `!!document.querySelector("`+at+`")`) {
						one.Run(`document.querySelector("` + at + `").scrollIntoView()`)
						one.Shot(fmt.Sprintf("insight-%s-look-%d-%s", name, i, at[1:]))
					}
				}
			}
		}
	}
}
