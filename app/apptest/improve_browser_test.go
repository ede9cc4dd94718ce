package apptest_test

import (
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app"
	"huiyin/app/apptest"
	"huiyin/app/config"
	"huiyin/app/improve"
	"huiyin/app/insights"
	"huiyin/app/insights/insightstest"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// pastTasks fills a desk with a group that complaints have come of for months, a task whose change made them rarer, and one of a
// trial that runs.
func pastTasks(t *testing.T, p *apptest.Process) id.ID {
	t.Helper()
	d, err := app.OpenDesk(t.Context(), config.Desk{Data: p.Dir, Migrate: "check"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() }) // only a connection that ends with the test
	now := time.Now()
	past := now.AddDate(0, 0, -71)
	at := past
	clock := func() time.Time { return at }
	groups := insights.New(insights.Options{Store: d.Store, Tickets: d.Tickets, Sealer: d.Sealer, IDs: d.IDs, Now: time.Now, Log: d.Log})
	fill := &insightstest.Filler{T: t, Store: d.Store, Sealer: d.Sealer, IDs: d.IDs, Zone: tickets.DefaultShop.Zone()}
	group, fine := fill.Group(insights.Group{Name: "包装 · 破损", Language: "zh"})
	other, _ := fill.Group(insights.Group{Name: "late · delivery", Language: "en"})
	day := func(n int) time.Time { return past.AddDate(0, 0, n) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(d.Store.Write(t.Context(), func(tx *gorm.DB) error {
		for n := -84; n < 71; n++ {
			ms := day(n).UnixMilli()
			if err := tx.Exec(`INSERT INTO order_paid_rolls (quarter, n) VALUES (?, 420)`, ms-ms%900_000).Error; err != nil {
				return err
			}
		}
		return nil
	}))
	for n := -84; n < 70; n++ {
		often := 3
		if n >= 0 {
			often = n % 2
		}
		for i := range often {
			fill.Say(insights.Voice{Source: insights.FromTicket, Channel: "chat", Language: "zh", Aspect: "delivery", Complaint: true, Body: "箱子破了", FineID: fine, GroupID: group, At: day(n).Add(time.Duration(i) * time.Minute)}, nil)
		}
	}
	boss, err := d.Tickets.AgentByEmail(t.Context(), "boss@desk.example")
	must(err)
	by := tickets.Actor{Kind: tickets.ActorAgent, ID: boss.ID, Role: boss.Role}
	tasks := d.ImproveAt(groups, clock)
	one, err := tasks.Create(t.Context(), by, improve.Draft{Title: "玻璃杯改用双层纸箱，四角加气柱袋", What: "所有玻璃杯换双层纸箱。\n四角加气柱袋。", Why: "顾客反映到货时箱角压坏。", Owner: boss.ID, Due: "2026-10-01", Target: 50, Groups: []id.ID{group}})
	must(err)
	one, err = tasks.MoveTo(t.Context(), by, one.ID, improve.Move{Version: one.Version, To: improve.RolledOut, Note: "全部仓库已换好"})
	must(err)
	at = now
	_, err = tasks.Measure(t.Context(), one.ID)
	must(err)
	two, err := tasks.Create(t.Context(), by, improve.Draft{Title: "Say the day of delivery before the order is paid", Target: 30, How: improve.OnTrial, Groups: []id.ID{group, other}})
	must(err)
	_, err = tasks.PlanTrial(t.Context(), by, two.ID, improve.ByHash, 50)
	must(err)
	for n, title := range []string{"运费写在商品页", "Answer on Sundays too"} {
		_, err = tasks.Create(t.Context(), by, improve.Draft{Title: title, Due: now.AddDate(0, 0, 10*n-3).Format(time.DateOnly), Groups: []id.ID{other}})
		must(err)
	}
	return group
}

// laneOf tells in which column a card lies.
func laneOf(p *apptest.Page, number int) string {
	return apptest.Eval[string](p, fmt.Sprintf(`document.querySelector("#task-%d").closest(".lane").dataset.state`, number))
}

// A manager draws cards over the board, moves them by keys, and reads on a card what its change has done.
func TestManagersMoveTasksOverTheBoardAndReadTheirEffect(t *testing.T) {
	t.Parallel()
	desk := apptest.StartProcess(t, "HUIYIN_LIMIT_SCALE=100")
	desk.AddAgent("boss@desk.example", "周岚", "manager", agentPassword)
	desk.AddAgent("wang@desk.example", "王芳", "agent", agentPassword)
	group := pastTasks(t, desk)
	b := apptest.NewBrowser(t, "zh-CN")
	page := b.OpenAs(desk, desk.Base(), "boss@desk.example", agentPassword, apptest.Look{Locale: "zh-CN"}, "/improve")
	page.WaitText("改进任务", "玻璃杯改用双层纸箱", "减少了，原因未证实", "每千单")
	page.WaitFor(`document.querySelector("#task-3").draggable`)
	page.Axe("the board")
	page.Shot("board-zh")

	page.Drag("#task-3 .task-foot", `.lane[data-state=in_work]`)
	page.WaitFor(`document.querySelector("#task-3").closest(".lane").dataset.state === "in_work" && document.querySelector("#task-3").dataset.version === "2"`)
	page.WaitFor(`document.querySelector(".lane[data-state=in_work] [data-lane-count]").textContent === "1"`)
	page.Reload()
	page.WaitFor(`document.querySelector("#task-3").draggable`)
	if got := laneOf(page, 3); got != "in_work" {
		t.Errorf("looked at again, the card lies in %s", got)
	}
	// By keys: from card to card, and with Shift the card goes along. A trial needs its plan: the card comes back.
	page.Run(`document.querySelector("#task-3 .task-title").focus()`)
	page.Key("ArrowRight")
	page.WaitFor(`document.activeElement.closest(".task-card").id === "task-1"`)
	page.Key("ArrowLeft")
	page.WaitFor(`document.activeElement.closest(".task-card").id === "task-3"`)
	page.Key("ArrowRight", 8)
	page.WaitText("请先选择“小范围试行”")
	page.WaitFor(`document.querySelector("#task-3").closest(".lane").dataset.state === "in_work" && document.activeElement.closest(".task-card").id === "task-3"`)
	page.Key("ArrowLeft", 8)
	page.WaitFor(`document.querySelector("#task-3").closest(".lane").dataset.state === "proposed" && document.querySelector("#task-3").dataset.version === "3" && document.activeElement.closest(".task-card").id === "task-3"`)
	page.WaitFor(`document.querySelector("#board-said").textContent.includes("已提出")`)

	// The trial starts on the page of its task.
	page.Go(desk.Base() + "/improve/2")
	page.WaitText("开始试行", "反映的人太少")
	page.Axe("a task with a planned trial")
	page.Shot("task-trial-zh")
	page.Run(`[...document.querySelectorAll("button")].find(b => b.innerText.includes("开始试行")).click()`)
	page.WaitText("试行中", "开始了试行", "还太早")

	page.Go(desk.Base() + "/improve/1")
	page.WaitText("效果", "怎么得出的", "全部仓库已换好")
	page.Run(`document.querySelector("#effect ~ details summary").focus()`)
	page.Key("Enter")
	page.WaitText("95% 的把握", "去掉了不一样的日子")
	page.Axe("a task with its effect")
	page.Shot("task-effect-zh")
	page.Type("#f-body", "@王芳 请看看")
	page.Run(`document.querySelector("#history form button").click()`)
	page.WaitFor(`[...document.querySelectorAll(".entry.said")].some(e => e.innerText.includes("@王芳 请看看"))`)

	// One click from the group.
	page.Go(desk.Base() + "/improve/new?group=" + group.String())
	page.WaitFor(`document.querySelector("#f-title").value.includes("包装 · 破损")`)
	page.WaitText("近期每周约", "反映的人太少")
	page.Axe("the form of a task")
	page.Shot("task-new-zh")
	page.Run(`document.querySelector("form.card button.primary").click()`)
	page.WaitText("减少问题：包装 · 破损", "新建了任务")

	// Who was mentioned is told, and may write; she moves nothing.
	english := apptest.NewBrowser(t, "en")
	agent := english.OpenAs(desk, desk.Base(), "wang@desk.example", agentPassword, apptest.Look{Locale: "en", Width: 360, Height: 740}, "/notifications")
	for begun := time.Now(); !apptest.Eval[bool](agent, `document.body.innerText.includes("improvement task #1")`); agent.Reload() {
		if time.Since(begun) > 20*time.Second {
			t.Fatal("she was not told")
		}
		time.Sleep(200 * time.Millisecond)
	}
	agent.Run(`[...document.querySelectorAll("a, button")].find(e => e.innerText.includes("improvement task #1")).click()`)
	agent.WaitText("Fell, cause not shown", "How we know")
	noWider(t, agent, "a task at 360 px")
	agent.Axe("a task at 360 px")
	agent.Shot("task-en-360")
	agent.Type("#f-body", "Looks good")
	agent.Run(`document.querySelector("#history form button").click()`)
	agent.WaitFor(`[...document.querySelectorAll(".entry.said")].some(e => e.innerText.includes("Looks good"))`)
	agent.Go(desk.Base() + "/improve")
	agent.WaitText("Improvement tasks", "Watching for harm only")
	noWider(t, agent, "the board at 360 px")
	agent.Axe("the board at 360 px")
	agent.Shot("board-en-360")
	if apptest.Eval[bool](agent, `!!document.querySelector(".task-card form, .task-card[draggable=true]")`) {
		t.Error("an agent is offered to move cards")
	}
	if os.Getenv("HUIYIN_SHOTS") == "" {
		return
	}
	for n, path := range []string{"/improve", "/improve/1", "/improve/2", "/improve/new?group=" + group.String()} {
		dark := english.OpenAs(desk, desk.Base(), "boss@desk.example", agentPassword, apptest.Look{Locale: "en", Dark: true}, path)
		dark.WaitFor(`document.readyState === "complete"`)
		dark.Axe("in the dark: " + path)
		dark.Shot(fmt.Sprintf("dark-%d", n))
	}
}

// The shop's page asks in which arm of a trial its visitor is; the answer stays the same, and a wrong key treats nobody.
func TestAShopsPageFollowsATrial(t *testing.T) {
	t.Parallel()
	s, _ := newScene(t)
	s.desk.AddAgent("boss@desk.example", "周岚", "manager", agentPassword)
	d, err := app.OpenDesk(t.Context(), config.Desk{Data: s.desk.Dir, Migrate: "check"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() }) // only a connection that ends with the test
	groups := insights.New(insights.Options{Store: d.Store, Tickets: d.Tickets, Sealer: d.Sealer, IDs: d.IDs, Now: time.Now, Log: d.Log})
	fill := &insightstest.Filler{T: t, Store: d.Store, Sealer: d.Sealer, IDs: d.IDs, Zone: tickets.DefaultShop.Zone()}
	group, _ := fill.Group(insights.Group{Name: "包装 · 破损", Language: "zh"})
	boss, err := d.Tickets.AgentByEmail(t.Context(), "boss@desk.example")
	if err != nil {
		t.Fatal(err)
	}
	by := tickets.Actor{Kind: tickets.ActorAgent, ID: boss.ID, Role: boss.Role}
	tasks := d.ImproveAt(groups, time.Now)
	task, err := tasks.Create(t.Context(), by, improve.Draft{Title: "x", How: improve.OnTrial, Groups: []id.ID{group}})
	if err != nil {
		t.Fatal(err)
	}
	trial, err := tasks.PlanTrial(t.Context(), by, task.ID, improve.ByHash, 99)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tasks.MoveTo(t.Context(), by, task.ID, improve.Move{Version: task.Version, To: improve.Trying}); err != nil {
		t.Fatal(err)
	}
	look := apptest.Look{Locale: "zh-CN", Width: 360, Height: 740}
	b := apptest.StartBrowser(t, t.TempDir(), look.Locale)
	page := b.Open(look, false, s.shop+"/?locale=zh-CN")
	ask := fmt.Sprintf(`huiyin("trial", %q, function (a) { window.arm = a; })`, trial.Key)
	page.Run(ask)
	page.WaitFor(`window.arm && window.arm.state === "running" && (window.arm.arm === "treated") === window.arm.treated && window.arm.share === 99`)
	first := apptest.Eval[string](page, `window.arm.arm`)
	page.Reload()
	page.WaitFor(`!window.arm && typeof huiyin === "function"`)
	page.Run(ask)
	page.WaitFor(fmt.Sprintf(`window.arm && window.arm.arm === %q`, first))
	page.Run(`huiyin("trial", "absent", function (a) { window.none = a; })`)
	page.WaitFor(`window.none && window.none.treated === false && window.none.state === "unknown"`)
}
