package apptest_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"huiyin/app/apptest"
	"huiyin/app/insights/grouping/invent"
	"huiyin/mailin/eml"
)

const (
	loopPatience = 3 * time.Minute
	loopShoppers = 120 // in the trial
)

// loop is a desk that has heard complaints for weeks, with all that its shop tells it.
type loop struct {
	*circle
	token string
	says  []string // what shoppers say of the matter that rises: coupons that do not work
}

// The whole loop: shoppers complain by chat, mail and form; the group rises and the manager is told; she makes a task of it and
// tries the change on half of the shoppers; both arms order, and those without the change complain; the verdict is that it
// worked; who complained hears of it, in the chat and by mail; and the page for everybody says so.
func TestAComplaintBecomesAnImprovementThatIsMeasuredAndTold(t *testing.T) {
	t.Parallel()
	l := newLoop(t)
	desk, base := l.desk, l.desk.Base()
	form := addForm(t, desk, l.token, map[string]any{})
	key := desk.AddInbox("Shop", nil)
	phone := apptest.Look{Locale: "zh-CN", Width: 360, Height: 740}

	// By chat, by mail, by form, and many more by the shop's program.
	chat := apptest.NewBrowser(t, "zh-CN").Open(phone, true, base+"/c/"+key+"?lang=zh-CN")
	chat.Type("#text", "优惠券用不了，满减没生效，说好的优惠呢\r")
	chat.WaitFor(`[...document.querySelectorAll("#messages .mine")].some(m => m.dataset.state === "sent")`)
	l.send("wang@home.test", supportMail, mailFrom("slow@home.test", "Wang <wang@home.test>", supportMail, "My coupon", "My coupon does not work, the promo code was rejected, I was promised a discount.", "Accept-Language: en"))
	page := apptest.NewBrowser(t, "zh-CN").Open(phone, true, base+"/f/"+form.Key+"?lang=zh-CN&"+form.link("L-1").Encode())
	answerDelivery(page, "领的券不能用，折扣码显示无效，骗人下单")
	l.until("a ticket of the chat and one of the mail", func() bool { return len(l.tickets()) >= 2 })
	for i := range 16 {
		l.complain(fmt.Sprint("early-", i), "", i)
	}
	group := l.risen()
	numbers := l.mineToTell()

	// The manager is told, and makes a task of it.
	boss := apptest.NewBrowser(t, "zh-CN").OpenAs(desk, base, bossMail, agentPassword, apptest.Look{Locale: "zh-CN"}, "/notifications")
	l.within("the alert", func() bool {
		_, list := desk.GetAs(t, bossMail, agentPassword, "/notifications")
		return strings.Contains(list, "/insights/groups/"+group)
	})
	boss.Reload()
	boss.Axe("the notifications")
	boss.Shot("loop-alert")
	boss.Go(base + "/insights")
	boss.WaitText("突增")
	boss.Axe("the insights")
	boss.Shot("loop-insights")
	boss.Go(base + "/insights/groups/" + group)
	boss.Run(`document.querySelector("a[href^='/improve/new']").focus()`)
	boss.Key("Enter")
	boss.Wait("input[name=how][value=trial]")
	boss.Click("input[name=how][value=trial]")
	boss.Run(`document.querySelector("[name=target]").value = "50"`)
	boss.Axe("the new task")
	boss.Click("form.card .btn.primary")
	boss.WaitFor(`location.pathname === "/improve/1"`)
	boss.Shot("loop-task")
	post := func(path string, values url.Values) {
		t.Helper()
		if status, body := desk.PostAs(t, bossMail, agentPassword, path, values); status >= http.StatusBadRequest {
			t.Fatalf("%s: %d %.300s", path, status, body)
		}
	}
	post("/improve/1/trial", url.Values{"mode": {"hash"}, "share": {"50"}})
	boss.Go(base + "/improve/1")
	boss.Run(`[...document.querySelectorAll("button")].find(b => b.innerText.includes("开始试行")).click()`)
	boss.WaitText("试行中", "开始了试行")

	// Orders of both arms; who has not got the change complains.
	task, trial := l.task()
	complained := l.tryOut(trial)
	t.Logf("%d of %d shoppers complained again", complained, loopShoppers)
	var verdict string
	l.within("the verdict", func() bool {
		post("/improve/1/effect", nil)
		verdict = string(l.get("/tasks/" + task + "/effect"))
		return strings.Contains(verdict, `"verdict":"worked"`)
	})
	boss.Reload()
	boss.WaitText("有效")
	boss.Axe("the task that worked")
	boss.Shot("loop-worked")
	boss.Go(base + "/improve")
	boss.WaitFor(`document.querySelector("#task-1").draggable`)
	boss.Drag("#task-1 .task-foot", `.lane[data-state=rolled_out]`)
	boss.WaitFor(`document.querySelector("#task-1").closest(".lane").dataset.state === "rolled_out" && document.querySelector("#task-1").dataset.version > "2"`)
	boss.Axe("the board")
	boss.Shot("loop-board")

	l.tell(boss, chat, numbers)
	post("/improve/1/effect", nil)
	boss.Go(base + "/improve/1")
	boss.WaitFor(`document.querySelector("main").textContent.includes("已解决 1 位")`)

	// And everybody reads it.
	boss.Go(base + "/improve/1/story")
	boss.Type("#f-said-zh-CN", "优惠券用不了")
	boss.Type("#f-did-zh-CN", "优惠券重新做了，结算时自动抵扣。")
	boss.Click("input[name=publish]")
	boss.Click(".story-form .btn.primary")
	boss.WaitFor(`location.search.includes("saved=1")`)
	public := apptest.NewBrowser(t, "zh-CN").Open(phone, true, base+"/improved?lang=zh-CN")
	public.WaitText("优惠券用不了", "结算时自动抵扣")
	public.Axe("the public page")
	noWider(t, public, "the public page")
	public.Shot("loop-public")
}

// newLoop opens a desk with a mailbox, to which twelve weeks of complaints were imported and grouped.
func newLoop(t *testing.T) *loop {
	t.Helper()
	l := &loop{circle: newCircle(t, true, "HUIYIN_LIMIT_SCALE=100")}
	l.token = l.desk.AddAgent("program@desk.example", "Program", "admin", agentPassword)
	var file bytes.Buffer
	w := csv.NewWriter(&file)
	_ = w.Write([]string{"时间", "内容", "客户"})
	rare := 0
	for i, c := range invent.Complaints(900, 7) {
		if c.Matter == "coupon" {
			if c.Language == "zh" && strings.Contains(c.Text, "优惠券") {
				l.says = append(l.says, c.Text)
			}
			if rare++; rare%3 != 0 { // it was rare
				continue
			}
		}
		at := time.Now().AddDate(0, 0, -7-i%77)
		_ = w.Write([]string{at.Format(time.DateTime), c.Text, fmt.Sprint("old", i)})
	}
	w.Flush()
	status, path := l.desk.SendFileAs(t, bossMail, agentPassword, "/insights/import", map[string]string{"preset": "own"}, "old.csv", file.Bytes())
	if status != http.StatusSeeOther {
		t.Fatalf("send the old texts: %d", status)
	}
	if status, body := l.desk.PostAs(t, bossMail, agentPassword, path+"/start", url.Values{"column0": {"time"}, "column1": {"text"}, "column2": {"customer"}}); status != http.StatusOK {
		t.Fatalf("start the import: %d %.500s", status, body)
	}
	l.within("the import", func() bool {
		_, page := l.desk.GetAs(t, bossMail, agentPassword, path+"?part=progress")
		return !strings.Contains(page, "<progress")
	})
	l.desk.Stop() // the pass comes at the start
	l.desk.Start()
	l.within("the first groups", func() bool { return len(l.groups()) > 5 })
	return l
}

// within waits for what takes longer than a page.
func (l *loop) within(what string, is func() bool) {
	l.t.Helper()
	for until := time.Now().Add(loopPatience); !is(); time.Sleep(500 * time.Millisecond) {
		if time.Now().After(until) {
			l.t.Fatalf("waited for %s", what)
		}
	}
}

func (l *loop) get(path string) []byte {
	l.t.Helper()
	text, _, err := newCaller(l.desk.Base(), l.token, 1).call(l.t.Context(), http.StatusOK, "GET", path, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	return text
}

func (l *loop) read(text []byte, into any) {
	l.t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		l.t.Fatalf("%v: %.300s", err, text)
	}
}

// told posts JSON.
func (l *loop) told(method, path string, status int, body any) {
	l.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		l.t.Fatal(err)
	}
	if _, _, err := newCaller(l.desk.Base(), l.token, 1).call(l.t.Context(), status, method, path, text); err != nil {
		l.t.Fatal(err)
	}
}

type groupOfLoop struct {
	ID, Name string
	Count    int
}

// groups are those of the last days, by size.
func (l *loop) groups() []groupOfLoop {
	l.t.Helper()
	var list struct{ Items []groupOfLoop }
	l.read(l.get("/insights/groups?from="+time.Now().AddDate(0, 0, -90).Format(time.DateOnly)+"&to="+time.Now().AddDate(0, 0, 1).Format(time.DateOnly)), &list)
	return list.Items
}

// complain opens a ticket of a shopper whom the shop knows.
func (l *loop) complain(shopper, order string, n int) {
	l.t.Helper()
	body := map[string]any{"subject": "优惠券", "body": l.says[n%len(l.says)], "contact": map[string]any{"external_id": shopper, "name": "顾客"}}
	if order != "" {
		body["order"] = order
	}
	l.told("POST", "/tickets", http.StatusCreated, body)
}

// risen waits until today's complaints are in a group, and gives that one.
func (l *loop) risen() string {
	l.t.Helper()
	best := groupOfLoop{}
	given := time.Now().Add(loopPatience - time.Second)
	today := time.Now().UTC().Add(8 * time.Hour).Format(time.DateOnly) // the shop's
	l.within("the group that rises", func() bool {
		var list struct{ Items []groupOfLoop }
		l.read(l.get("/insights/groups?from="+today+"&to="+today), &list)
		best = groupOfLoop{}
		for _, g := range list.Items {
			if g.Count > best.Count {
				best = g
			}
		}
		if l.t.Failed() || time.Now().After(given) {
			l.t.Logf("%+v", list.Items)
		}
		return best.Count >= 10
	})
	l.t.Logf("rises: %s with %d", best.Name, best.Count)
	return best.ID
}

// mineToTell gives the numbers of the tickets of chat and mail, whose shoppers ask to be told.
func (l *loop) mineToTell() (numbers []string) {
	l.t.Helper()
	var list struct {
		Items []struct {
			Number  int64
			Channel string
		}
	}
	l.read(l.get("/tickets?limit=200"), &list)
	for _, one := range list.Items {
		if one.Channel == "chat" || one.Channel == "email" {
			numbers = append(numbers, fmt.Sprint(one.Number))
		}
	}
	if len(numbers) != 2 {
		l.t.Fatalf("tickets of chat and mail: %v", numbers)
	}
	return numbers
}

// task gives the id of the one task and the key of its trial.
func (l *loop) task() (task, trial string) {
	l.t.Helper()
	var list struct {
		Items []struct {
			ID    string
			Trial struct{ Key string }
		}
	}
	if l.read(l.get("/tasks?limit=1"), &list); len(list.Items) != 1 || list.Items[0].Trial.Key == "" {
		l.t.Fatalf("tasks: %+v", list)
	}
	return list.Items[0].ID, list.Items[0].Trial.Key
}

// tryOut lets shoppers of both arms order; three of four without the change complain, and one with it.
func (l *loop) tryOut(trial string) (complained int) {
	l.t.Helper()
	treated := 0
	for i := range loopShoppers {
		shopper := fmt.Sprint("shopper-", i)
		var a struct {
			Arm     string
			Treated bool
		}
		l.read(l.get("/trials/"+trial+"/assignment?contact="+shopper), &a)
		order := fmt.Sprint("LOOP-", i)
		l.told("PUT", "/orders/"+order, http.StatusCreated, map[string]any{
			"contact": map[string]any{"external_id": shopper}, "status": "paid", "currency": "CNY", "total": "59.00",
			"placed_at": time.Now().UTC().Format(time.RFC3339), "paid_at": time.Now().UTC().Format(time.RFC3339),
		})
		if a.Treated {
			treated++
		}
		if !a.Treated && i%4 != 0 || a.Treated && treated == 1 {
			complained++
			l.complain(shopper, order, i)
		}
	}
	if treated < loopShoppers/4 || treated > loopShoppers*3/4 {
		l.t.Errorf("%d of %d shoppers are treated", treated, loopShoppers)
	}
	return complained
}

// tell has those of chat and mail ask to be told, and sees that they are.
func (l *loop) tell(boss, chat *apptest.Page, numbers []string) {
	l.t.Helper()
	base := l.desk.Base()
	for _, number := range numbers {
		_, body := l.desk.PostAs(l.t, bossMail, agentPassword, "/tickets/"+number+"/link", url.Values{})
		link := regexp.MustCompile(`/t/[A-Za-z0-9_-]{22}`).FindString(body)
		if link == "" {
			l.t.Fatalf("no link: %.500s", body)
		}
		if status, body := l.desk.PostAs(l.t, bossMail, agentPassword, "/tickets/"+number+"/closure", nil); status >= http.StatusBadRequest {
			l.t.Fatalf("solve: %d %.300s", status, body)
		}
		page := apptest.NewBrowser(l.t, "en").Open(apptest.Look{Locale: "en"}, true, base+link)
		page.Click("#told input[name=told]")
		page.Click("#told button")
		page.Wait(`#told form[action$="/withdrawal"]`)
	}
	boss.Go(base + "/improve/1/telling")
	boss.WaitText("2 人", "1 人在会话中", "1 人用邮件")
	boss.Axe("whom to tell")
	boss.Shot("loop-telling")
	boss.Click("button[name=look]")
	boss.Wait(".telling-sample")
	boss.Click(".btn.primary")
	boss.WaitText("通知完毕", "已通知 2 / 2 人")
	chat.WaitText("我们已经改进了")
	chat.Shot("loop-chat")
	mail := l.arrived("wang@home.test", "the message", func(m *eml.Message) bool { return tapLink.MatchString(m.Text) })
	tap := apptest.NewBrowser(l.t, "en").Open(apptest.Look{Locale: "en", Width: 360, Height: 740}, true, tapLink.FindString(mail.Text)+"?lang=en")
	tap.WaitText("Is it better for you?")
	tap.Click("button[value=fixed]")
	tap.WaitFor(`document.querySelector("button[value=fixed]").getAttribute("aria-pressed") === "true"`)
	boss.Reload()
	boss.WaitText("1 人说已经解决")
}

// answerDelivery answers the form of deliveryForm badly, with words of her own.
func answerDelivery(page *apptest.Page, words string) {
	page.Wait("input[type=radio]")
	page.Run(`document.querySelector("input[type=radio][value='2']").click()`)
	page.Run(`document.querySelector("#next, #send")?.click()`)
	page.Wait("textarea")
	page.Type("textarea", words)
	page.Run(`document.querySelector("#send").click()`)
	page.Wait(".number")
}
