package apptest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"huiyin/app/apptest"
	"huiyin/app/db/dbtest"
	"huiyin/mailin/eml"
)

var tapLink = regexp.MustCompile(`https?://\S+/told/[a-z0-9]+`)

// oneGroup puts what everybody has said so far into one group, as a pass does once there are texts enough, and says how many
// subjects there are.
type oneGroup struct {
	*testing.T
	db *pgx.Conn
}

const groupOfTest = 4242

func (c oneGroup) group(subjects int) {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.Context(), time.Minute)
	defer cancel()
	for n := 0; n < subjects; time.Sleep(200 * time.Millisecond) { // the reader follows the log
		if err := c.db.QueryRow(ctx, `SELECT COUNT(DISTINCT subject_id) FROM insight_voices WHERE contact_id IS NOT NULL`).Scan(&n); err != nil {
			c.Fatal(err)
		}
	}
	for _, text := range []string{
		`INSERT INTO insight_groups (id, level, state, pinned, by_hand, language, aspect, size, twin_refused, dirty, version, created_at, updated_at)
 VALUES (4242, 'group', 'open', false, false, 'zh', 'delivery', 2, false, false, 1, 0, 0), (4243, 'fine', 'open', false, false, 'zh', 'delivery', 2, false, false, 1, 0, 0)`,
		`UPDATE insight_groups SET parent_id = 4242 WHERE id = 4243`,
		`UPDATE insight_voices SET group_id = 4242, fine_id = 4243`,
	} {
		if _, err := c.db.Exec(ctx, text); err != nil {
			c.Fatal(err)
		}
	}
}

// Two who complained, one in the chat and one by mail, and who have asked to be told, hear of what was done: the one in the chat,
// the other by mail in the same thread and to nobody else. Each says in one tap how it is now. Then everybody can read it.
func TestThoseWhoComplainedAreToldAndSayHowItIsNow(t *testing.T) {
	t.Parallel()
	dsn := dbtest.Postgres(t)
	c := newCircle(t, true, "HUIYIN_DATABASE="+dsn, "HUIYIN_LIMIT_SCALE=100")
	db, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(context.Background()) })
	base := c.desk.Base()
	key := c.desk.AddInbox("Shop", nil)
	post := func(path string, form url.Values) {
		t.Helper()
		if status, body := c.desk.PostAs(t, bossMail, agentPassword, path, form); status >= http.StatusBadRequest {
			t.Fatalf("%s: %d %.300s", path, status, body)
		}
	}

	// Both complain, and once it was answered both want to hear more.
	phone := apptest.Look{Locale: "zh-CN", Width: 360, Height: 740}
	chat := apptest.NewBrowser(t, "zh-CN").Open(phone, true, base+"/c/"+key+"?lang=zh-CN")
	chat.Type("#text", "快递太慢了，等了十天还没有到\r")
	chat.WaitFor(`[...document.querySelectorAll("#messages .mine")].some(m => m.dataset.state === "sent")`)
	c.send("wang@home.test", supportMail, mailFrom("slow@home.test", "Wang <wang@home.test>", supportMail, "My parcel", "The parcel is late, I have been waiting for ten days.", "Cc: Li <li@home.test>", "Accept-Language: en"))
	c.until("two tickets", func() bool { return len(c.tickets()) == 2 })
	for _, number := range c.tickets() {
		post("/tickets/"+number+"/closure", nil)
		_, body := c.desk.PostAs(t, bossMail, agentPassword, "/tickets/"+number+"/link", url.Values{})
		link := regexp.MustCompile(`/t/[A-Za-z0-9_-]{22}`).FindString(body)
		if link == "" {
			t.Fatalf("no link: %.500s", body)
		}
		page := apptest.NewBrowser(t, "en").Open(apptest.Look{Locale: "en"}, true, base+link)
		page.Click("#told input[name=told]")
		page.Click("#told button")
		page.Wait(`#told form[action$="/withdrawal"]`)
	}
	oneGroup{t, db}.group(2)
	post("/improve", url.Values{"title": {"第二个仓库"}, "target": {"30"}, "group": {fmt.Sprint(groupOfTest)}})
	post("/improve/1/state", url.Values{"version": {"1"}, "state": {"in_work"}})
	post("/improve/1/state", url.Values{"version": {"2"}, "state": {"rolled_out"}})

	boss := apptest.NewBrowser(t, "zh-CN").OpenAs(c.desk, base, bossMail, agentPassword, phone, "/improve/1")
	seen := func(p *apptest.Page, what string) {
		t.Helper()
		p.Axe(what)
		noWider(t, p, what)
		p.Shot("telling-" + what)
	}
	boss.Click(`a[href="/improve/1/telling"]`)
	boss.WaitText("2 人", "1 人在会话中", "1 人用邮件")
	seen(boss, "whom")
	boss.Click("button[name=look]")
	boss.Wait(".telling-sample")
	boss.WaitText("小梅", "Mei")
	seen(boss, "look")
	boss.Click(".btn.primary")
	boss.WaitText("通知完毕", "已通知 2 / 2 人")
	seen(boss, "told")

	// The one in the chat reads it there, and taps.
	chat.WaitText("我们已经改进了")
	chat.Shot("telling-chat")
	tap := apptest.Eval[string](chat, `[...document.querySelectorAll("#messages a")].map(a => a.href).find(h => h.includes("/told/"))`)
	page := apptest.NewBrowser(t, "zh-CN").Open(apptest.Look{Locale: "zh-CN", Width: 360, Height: 740, Dark: true}, true, tap)
	page.WaitText("现在好些了吗？")
	seen(page, "ask")
	page.Run(`document.querySelector("button[value=fixed]").focus()`)
	page.Key("Enter")
	page.WaitText("很高兴问题已经解决")
	seen(page, "fixed")

	// The other by mail, alone.
	mail := c.arrived("wang@home.test", "the message", func(m *eml.Message) bool { return tapLink.MatchString(m.Text) })
	if !strings.Contains(mail.Subject, "My parcel") || len(mail.InReplyTo) == 0 || mail.Auto == "" || strings.Contains(mail.Text, "waiting for ten days") {
		t.Errorf("the mail %q answers %v, automatic: %q\n%s", mail.Subject, mail.InReplyTo, mail.Auto, mail.Text)
	}
	for _, m := range c.mails("li@home.test") {
		if tapLink.MatchString(m.Text) {
			t.Error("her link went to somebody else")
		}
	}
	page.Go(tapLink.FindString(mail.Text) + "?lang=en")
	page.WaitText("Is it better for you?")
	page.Click("button[value=still]")
	page.WaitFor(`document.querySelector("button[value=still]").getAttribute("aria-pressed") === "true"`)
	boss.Reload()
	boss.WaitText("1 人说已经解决，1 人说还是一样")
	boss.Go(base + "/tickets?list=all")
	boss.WaitFor(`/还是一样|still the same/.test(document.body.innerText)`)

	// And everybody.
	desk := apptest.NewBrowser(t, "en").OpenAs(c.desk, base, bossMail, agentPassword, apptest.Look{Locale: "en", Dark: true}, "/improve/1/story")
	desk.Type("#f-said-zh-CN", "快递太慢")
	desk.Type("#f-did-zh-CN", "新增武汉仓，多数订单第二天送到。")
	desk.Type("#f-said-en", "Parcels take too long")
	desk.Type("#f-did-en", "We ship from a second warehouse in Wuhan.")
	desk.Click("input[name=publish]")
	seen(desk, "story")
	desk.Click(".story-form .btn.primary")
	desk.WaitFor(`location.search.includes("saved=1")`)
	for i, look := range []apptest.Look{phone, {Locale: "en", Dark: true}} {
		public := apptest.NewBrowser(t, look.Locale).Open(look, true, base+"/improved?lang="+look.Locale)
		public.WaitText([]string{"快递太慢", "Parcels take too long"}[i])
		seen(public, fmt.Sprint("improved-", i))
	}
}
