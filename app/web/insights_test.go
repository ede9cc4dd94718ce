package web

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"huiyin/app/auth"
	"huiyin/app/improve"
	"huiyin/app/insights"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// complaints fills the desk with two groups: slow parcels, which rise, and leaking lids, the twin of an English group. The
// ticket is behind one of the leaks.
type complaints struct {
	slow, leak, leaking, slowFine, otherFine id.ID
	ticket                                   *tickets.Ticket
}

func (d *desk) complaints() complaints {
	d.t.Helper()
	f, now := d.fill, time.Now()
	var c complaints
	c.slow, c.slowFine = f.Group(insights.Group{Name: "送货 · 太慢", Aspect: "delivery"})
	c.otherFine = f.Fine(c.slow, "快递 · 不上门")
	c.leaking, _ = f.Group(insights.Group{Name: "lid · leaking", Language: "en", Aspect: "goods"})
	leak, fine := f.Group(insights.Group{Name: "杯盖 · 漏水", Aspect: "goods", TwinID: &c.leaking, TwinScore: .8})
	c.leak = leak
	say := func(v insights.Voice, back, n int) {
		for i := range n {
			v.SubjectID, v.At = 0, now.AddDate(0, 0, -back).Add(-time.Duration(i)*time.Second)
			v.Channel, v.Language = "chat", "zh"
			v.Body = fmt.Sprintf("%s 第 %d 次", v.Aspect, i)
			f.Say(v, nil, "CUP-1")
		}
	}
	for back := range 56 {
		say(insights.Voice{GroupID: c.slow, FineID: c.slowFine, Aspect: "delivery"}, back, 1)
	}
	say(insights.Voice{GroupID: c.slow, FineID: c.otherFine, Aspect: "delivery"}, 1, 60)
	say(insights.Voice{GroupID: leak, FineID: fine, Aspect: "goods"}, 3, 12)
	say(insights.Voice{Aspect: "other"}, 2, 4)
	c.ticket = d.said(d.contact("韩若溪"), "杯盖漏水 <b>")
	middle := f.Say(insights.Voice{Source: insights.FromTicket, SubjectID: c.ticket.ID, GroupID: leak, FineID: fine, Channel: "chat", Language: "zh", Aspect: "goods", Body: "杯盖漏水 <b>", At: now}, nil)
	f.Sample(leak, 0, middle)
	at := now.In(f.Zone)
	f.Finding(c.slow, time.Date(at.Year(), at.Month(), at.Day()-1, 0, 0, 0, 0, f.Zone), "rise", 3, 62, 3.1, 1e-5)
	f.Count()
	return c
}

func (b *browser) shows(path string, want ...string) string {
	b.d.t.Helper()
	r := b.get(path)
	if r.status != http.StatusOK {
		b.d.t.Fatalf("%s: %d %s", path, r.status, r.body)
	}
	for _, one := range want {
		if !strings.Contains(r.body, one) {
			b.d.t.Errorf("%s lacks %q", path, one)
		}
	}
	return r.body
}

func TestTheInsightsRankGroupsAndSayWhy(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.complaints()
	b := d.signedIn(d.agent("boss", "Boss", tickets.RoleManager))
	body := b.shows("/insights", "送货 · 太慢", "杯盖 · 漏水", "Rising", "62 complaints in the 3 days", "about 3.1", "1 / 100,000", "杯盖漏水 &lt;b&gt;", "4 in no group (4 %)", "/improve/new?group="+c.slow.String(), "Delivery", `aria-current="page"`)
	if strings.Index(body, `>送货 · 太慢</a>`) > strings.Index(body, `>杯盖 · 漏水</a>`) {
		t.Error("the larger group stands below")
	}
	if strings.Contains(body, "lid · leaking") {
		t.Error("a group that nobody complained of is ranked")
	}
	b.shows("/insights?sort=rise&period=7&channel=chat&language=zh&product=CUP-1&team=0", "送货 · 太慢")
	b.shows("/insights?channel=email", "No complaint of this period is in a group")
	if r := b.get("/insights?period=other&from=x&to=y"); r.status != http.StatusUnprocessableEntity {
		t.Errorf("wrong days: %d", r.status)
	}
	b.shows("/insights/texts?group="+c.leak.String(), fmt.Sprintf("/tickets/%d", c.ticket.Number), "goods 第 11 次")
	b.shows("/insights/texts?group="+c.slow.String(), "Older")
	b.shows("/insights/texts?aspect=goods", "goods 第 3 次")
	b.shows("/insights/texts?group="+c.otherFine.String(), "快递 · 不上门", "delivery 第 3 次")
	b.shows("/insights/ungrouped", "4 of 105 complaints (4 %)", "other 第 3 次")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.get("/insights/export").body, "\ufeff"))).ReadAll()
	must(t, err)
	if len(rows) < 6 || rows[1][2] != "105" || rows[3][1] != "送货 · 太慢" || rows[3][2] != "88" {
		t.Errorf("the table: %v", rows)
	}
	texts := b.get("/insights/texts/export?group=" + c.leak.String())
	if rows, err = csv.NewReader(strings.NewReader(strings.TrimPrefix(texts.body, "\ufeff"))).ReadAll(); err != nil || len(rows) != 14 || rows[1][3] != fmt.Sprint(c.ticket.Number) || rows[1][4] != "杯盖漏水 <b>" {
		t.Errorf("the texts as a table: %v %v", rows, err)
	}
	if rows, err = csv.NewReader(strings.NewReader(strings.TrimPrefix(b.get("/insights/texts/export?ungrouped=1").body, "\ufeff"))).ReadAll(); err != nil || len(rows) != 5 {
		t.Errorf("what is in no group as a table: %v %v", rows, err)
	}
	if r := b.get("/insights/export?as=xlsx"); r.status != http.StatusOK || !strings.HasPrefix(r.body, "PK") {
		t.Errorf("the book: %d", r.status)
	}
}

func TestUnderAHundredComplaintsThePageSaysHowManyMoreAndListsThemByTag(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("boss", "Boss", tickets.RoleManager))
	b.shows("/insights", "100 more complaints are needed")
	ticket := d.said(d.contact("韩若溪"), "怎么还没到")
	_, err := d.tickets.SetTags(t.Context(), tickets.Actor{Kind: tickets.ActorSystem}, ticket.ID, []string{"物流"})
	must(t, err)
	d.fill.Say(insights.Voice{Source: insights.FromTicket, SubjectID: ticket.ID, Channel: "chat", Language: "zh", Aspect: "delivery", Body: "怎么还没到", At: time.Now()}, nil)
	d.fill.Say(insights.Voice{Channel: "import", Language: "zh", Aspect: "goods", Body: "杯子裂了", At: time.Now().AddDate(-1, 0, 0)}, nil)
	d.fill.Count()
	body := b.shows("/insights", "98 more complaints are needed", "物流", "怎么还没到", "Without a tag", "杯子裂了")
	if strings.Index(body, "Without a tag") < strings.Index(body, "怎么还没到") {
		t.Error("those without a tag stand first")
	}
}

func TestAGroupIsChangedByHandAndEachStepIsUndone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.complaints()
	b := d.signedIn(d.agent("boss", "Boss", tickets.RoleManager))
	slow, leak := "/insights/groups/"+c.slow.String(), "/insights/groups/"+c.leak.String()
	b.shows(slow, "Over time", `class="chart-count high"`, "快递 · 不上门", "CUP-1", "Make a task", "62 complaints")
	b.shows(leak, "The same in another language?", "lid · leaking", "杯盖漏水 &lt;b&gt;")
	leads := func(path string, form url.Values, want string) {
		t.Helper()
		if r := b.post(path, form); r.status != http.StatusSeeOther || !strings.HasPrefix(r.header.Get("Location"), want) {
			t.Fatalf("%s: %d %s %s", path, r.status, r.header.Get("Location"), r.body)
		}
	}
	leads(slow+"/name", url.Values{"title": {"<script>alert(1)</script>"}}, slow+"?done=name")
	b.shows(slow, "&lt;script&gt;alert(1)", "Named by the desk: 送货 · 太慢", "Boss")
	leads(slow+"/mute", url.Values{"on": {"1"}}, slow)
	b.shows("/insights", "Muted")
	leads(slow+"/mute", url.Values{}, slow)
	leads(slow+"/pin", url.Values{"on": {"1"}}, slow)
	leads(leak+"/twin", url.Values{}, leak)
	if strings.Contains(b.get(leak).body, "The same in another language?") {
		t.Error("a refused twin is offered again")
	}
	if r := b.post(slow+"/split", url.Values{}); r.status != http.StatusUnprocessableEntity {
		t.Errorf("a split of nothing: %d", r.status)
	}
	r := b.post(slow+"/split", url.Values{"fine": {c.otherFine.String()}, "split": {"不上门"}})
	if r.status != http.StatusSeeOther || !strings.Contains(r.header.Get("Location"), "?done=split") {
		t.Fatalf("split: %d %s", r.status, r.body)
	}
	b.shows(r.header.Get("Location"), "<h1>不上门</h1>", "Split off")
	if r := b.post(leak+"/merge", url.Values{"into": {"nothing like it"}}); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, "no group has this name") {
		t.Errorf("merge into nothing: %d", r.status)
	}
	leads(leak+"/merge", url.Values{"into": {"x #" + c.slow.String()}}, slow+"?done=merge")
	if r := b.get(leak); r.status != http.StatusSeeOther || r.header.Get("Location") != slow {
		t.Errorf("a merged group: %d %s", r.status, r.header.Get("Location"))
	}
	actions, err := d.groups.Actions(t.Context(), 0, 0, 50)
	must(t, err)
	if len(actions) != 7 {
		t.Fatalf("%d actions", len(actions))
	}
	b.shows("/insights/history", "Merged 1 group into it", "Split 1 finer group off", "Boss", "Renamed to “&lt;script")
	if table := b.get("/insights/history/export"); !strings.Contains(table.body, "Merged 1 group into it") {
		t.Errorf("the history as a table: %s", table.body)
	}
	leads("/insights/actions/"+actions[0].ID.String()+"/undo", url.Values{"from": {"https://evil.example/"}}, "/insights/history?undone=1")
	b.shows(leak+"?undone=1", "杯盖 · 漏水", "Undone.")
	b.shows("/insights/history", "undone by Boss")
	list, err := d.groups.Subjects(t.Context(), insights.Chosen{Filter: insights.Filter{From: time.Now().AddDate(0, 0, -9), To: time.Now().AddDate(0, 0, 1)}, Ungrouped: true}, insights.Cursor{}, 9)
	must(t, err)
	leads("/insights/moves", url.Values{"voice": {list[0].Voice.String()}, "to": {"杯盖 · 漏水"}, "from": {leak}}, leak+"?moved=1")
	b.shows(leak+"?moved=1", "Moved. ", "1 text was put here by hand. From 5 on the group learns from them.")
	if r := b.post("/insights/moves", url.Values{"to": {"杯盖 · 漏水"}}); r.status != http.StatusUnprocessableEntity {
		t.Errorf("no text: %d", r.status)
	}
	if r := b.get(slow + "/export"); r.status != http.StatusOK || !strings.Contains(r.body, "CUP-1") {
		t.Errorf("the table of a group: %d", r.status)
	}
}

func TestAGroupThatNobodyHasNamedCanBeReadAndOpened(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.complaints()
	nameless, fine := d.fill.Group(insights.Group{Aspect: "other"})
	for i := range 20 {
		d.fill.Say(insights.Voice{GroupID: nameless, FineID: fine, Channel: "chat", Language: "zh", Aspect: "other", Body: "说不清", At: time.Now().Add(-time.Duration(i) * time.Second)}, nil)
	}
	d.fill.Count()
	b := d.signedIn(d.agent("boss", "Boss", tickets.RoleManager))
	here := "/insights/groups/" + nameless.String()
	b.shows("/insights", ">Group without a name</a>", "Make a task of “Group without a name”")
	b.shows(here, "<h1>Group without a name</h1>")
	b.shows("/insights/texts?group="+nameless.String(), "Group without a name")
	b.shows("/insights/groups/"+c.leak.String(), `value="Group without a name #`+nameless.String())
	b.shows("/insights/export", "Group without a name")
	if r := b.post("/insights/groups/"+c.leak.String()+"/merge", url.Values{"into": {" "}}); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, "Choose a group from the list") {
		t.Errorf("merged into a group without a name by leaving the field empty: %d", r.status)
	}
}

func TestOfNoComplaintsNothingIsSaidToBeInGroups(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.complaints()
	body := d.signedIn(d.agent("boss", "Boss", tickets.RoleManager)).shows("/insights?product=NOTHING", "In groups")
	if strings.Contains(body, "<dd>100%") {
		t.Error("none of none is all of them")
	}
}

func TestMarksOfAYearComeWithOneClickAndStandInThePicture(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.complaints()
	b := d.signedIn(d.agent("boss", "Boss", tickets.RoleManager))
	b.shows("/insights/marks", "No day is marked yet", "双11 2026", "Mark all")
	for range 2 {
		if r := b.post("/insights/marks/year", url.Values{"year": {"2026"}}); r.status != http.StatusSeeOther {
			t.Fatalf("a year: %d %s", r.status, r.body)
		}
	}
	if r := b.post("/insights/marks", url.Values{"kind": {"release"}, "title": {"新结账页"}, "from": {"x"}}); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, "f-from-wrong") || strings.Contains(r.body, "f-to-wrong") {
		t.Errorf("no day: %d", r.status)
	}
	today := time.Now().In(d.fill.Zone).AddDate(0, 0, -2).Format(time.DateOnly)
	if r := b.post("/insights/marks", url.Values{"kind": {"release"}, "title": {"新结账页"}, "from": {today}}); r.status != http.StatusSeeOther {
		t.Fatalf("a release: %d %s", r.status, r.body)
	}
	marks, err := d.groups.Marks(t.Context(), time.Time{}, time.Time{})
	must(t, err)
	if len(marks) != 4 {
		t.Fatalf("marks: %+v", marks)
	}
	b.shows("/insights/groups/"+c.slow.String(), `class="chart-mark"`, "新结账页")
	b.shows("/insights/marks/export", "新结账页", "618 2026")
	if r := b.post("/insights/marks/"+marks[0].ID.String()+"/removal", url.Values{}); r.status != http.StatusSeeOther {
		t.Errorf("remove: %d", r.status)
	}
}

func TestTheLexiconRefusesALineAndSaysWhichAndHow(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("boss", "Boss", tickets.RoleManager))
	b.shows("/insights/lexicon", "== delivery | 物流 | Delivery")
	for lines, want := range map[string]string{
		"lid | 杯盖 | lid":                         "Line 1: begin with an aspect",
		"== tea | 茶具 | Tea ware\nlid 杯盖":         "Line 2: give three parts",
		"== tea | 茶具 | Tea ware\n\nlate | 晚 | x": "Line 3: “late” is there already",
		"== tea | 茶具 | Tea ware\nlid | | ":       "Line 2: give phrases",
		"== tea | 茶具 | Tea ware\n | 杯盖 | lid":    "Line 2: give the concept a name",
	} {
		if r := b.post("/insights/lexicon", url.Values{"lines": {lines}}); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, want) {
			t.Errorf("%q: %d, without %q", lines, r.status, want)
		}
	}
	good := "# ours\n== tea | 茶具 | Tea ware\nlid | 杯盖 盖子 | lid, cap"
	if r := b.post("/insights/lexicon", url.Values{"lines": {good}, "all": {"1"}}); r.status != http.StatusSeeOther {
		t.Fatalf("good lines: %d %s", r.status, r.body)
	}
	b.shows("/insights/lexicon", "lid | 杯盖 盖子 | lid, cap", "checked")
	names, err := d.groups.AspectNames(t.Context(), "zh-CN")
	must(t, err)
	if names["tea"] != "茶具" || names["delivery"] != "物流" {
		t.Errorf("aspects: %v", names)
	}
}

func TestTheStateOfATaskStandsBesideItsGroup(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.complaints()
	boss := d.agent("boss", "Boss", tickets.RoleManager)
	b := d.signedIn(boss)
	by := auth.ActorOf(boss)
	task, err := d.web.Improve.Create(t.Context(), by, improve.Draft{Title: "换快递", What: "x", Groups: []id.ID{c.slow}})
	must(t, err)
	list := b.shows("/insights", fmt.Sprintf("/improve/%d", task.Number), "Proposed")
	if strings.Contains(list, "/improve/new?group="+c.slow.String()) {
		t.Error("a second task is offered")
	}
	_, err = d.web.Improve.MoveTo(t.Context(), by, task.ID, improve.Move{To: improve.InWork, Version: task.Version})
	must(t, err)
	task, err = d.web.Improve.Task(t.Context(), task.ID)
	must(t, err)
	_, err = d.web.Improve.MoveTo(t.Context(), by, task.ID, improve.Move{To: improve.RolledOut, Version: task.Version})
	must(t, err)
	b.shows("/insights/groups/"+c.slow.String(), "What is done about it", "换快递", `class="chart-mark"`)
}

func TestWhatChangedPerOrderIsNotSaidOfTheCount(t *testing.T) {
	t.Parallel()
	f := &insightFrame{}
	f.Words = &Words{texts: newDesk(t).web.Texts, Locale: "en", Zone: time.UTC}
	rise := insights.Change{Ratio: 1.54, Marked: true}
	for _, one := range []struct {
		orders          insights.Orders
		words, was, per string
	}{
		{insights.Orders{Paid: 1896, PaidBefore: 1373}, "↑ 54 % per 1,000", "199 before", "144.9 per 1,000"},
		{insights.Orders{Paid: 1896}, "↑ 54 %", "199 before", ""}, // held against days, as of the counts
	} {
		c := f.count(423, 199, one.orders, rise, "")
		if v := c.Change; v.Words != one.words || v.Was != one.was || v.WasPer != one.per || v.PerOrder != (one.per != "") {
			t.Errorf("%+v", v)
		}
	}
}
