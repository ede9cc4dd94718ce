package web

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"huiyin/app/improve/telling"
	"huiyin/app/insights"
	"huiyin/app/insights/insightstest"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

var toldLink = regexp.MustCompile(`/told/[a-z0-9]+`)

// toldHer is a shopper who was told of the desk's task, with the path of her link.
func (d *desk) toldHer(t *testing.T) (link string, ticket *tickets.Ticket) {
	t.Helper()
	fill := &insightstest.Filler{T: t, Store: d.telling.Store, Sealer: d.telling.Sealer, IDs: d.telling.IDs, Zone: time.UTC}
	group, fine := fill.Group(insights.Group{Name: "慢"})
	d.task.Groups = []id.ID{group}
	ticket = d.said(d.contact("梅"), "快递太慢了")
	her := tickets.Actor{Kind: tickets.ActorContact, ID: ticket.ContactID}
	must(t, d.tickets.SetTold(t.Context(), her, her.ID, true, tickets.SourceTicket))
	fill.Say(insights.Voice{Source: insights.FromTicket, SubjectID: ticket.ID, ContactID: &her.ID, GroupID: group, FineID: fine, Body: "慢", Channel: "chat", Language: "zh", At: time.Now().AddDate(0, 0, -9)}, nil)
	one, err := d.telling.Start(t.Context(), tickets.Actor{Kind: tickets.ActorSystem}, d.task.ID, telling.Texts{"en": "Faster now.", "zh-CN": "快了。"}, 30)
	must(t, err)
	_, err = d.telling.Work(t.Context(), telling.Job{Telling: one})
	must(t, err)
	list, err := d.tickets.Visible(t.Context(), ticket.ID, 0, 10)
	must(t, err)
	return toldLink.FindString(list[len(list)-1].Body), ticket
}

func TestALinkThatIsLookedAtAnswersNothingAndATapDoes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	link, ticket := d.toldHer(t)
	b := d.browser()
	for range 3 { // a mail program, its proxy, she herself
		r := b.get(link)
		if r.status != http.StatusOK || r.header.Get("Cache-Control") != "no-store" || !strings.Contains(r.header.Get("X-Robots-Tag"), "noindex") || len(r.header["Set-Cookie"]) != 0 {
			t.Fatalf("%d %v", r.status, r.header)
		}
	}
	answers := func(fixed, still int) {
		t.Helper()
		if f, s, err := d.telling.Answers(t.Context(), d.task.ID); f != fixed || s != still || err != nil {
			t.Errorf("%d and %d, %v; want %d and %d", f, s, err, fixed, still)
		}
	}
	answers(0, 0)
	if r := b.post(link, url.Values{"answer": {"maybe"}}); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, "role=\"alert\"") {
		t.Errorf("no answer: %d", r.status)
	}
	if r := b.post(link, url.Values{"answer": {"still"}}); r.status != http.StatusSeeOther {
		t.Fatalf("%d", r.status)
	}
	answers(0, 1)
	b.has(link+"?lang=en", "It stands in your conversation now", "Fixed for me")
	b.has(link+"?lang=zh-CN", "已记入会话", "已经解决")
	now, err := d.tickets.Ticket(t.Context(), ticket.ID)
	must(t, err)
	if now.LastContactPos <= ticket.LastContactPos {
		t.Error("her ticket does not say it")
	}
	if r := b.get("/told/aaaaaaaaaaaaaaaaaaaaaaaaaa"); r.status != http.StatusNotFound {
		t.Errorf("an invented link: %d", r.status)
	}
}

func TestThePublicPageAndItsFeedSayWhatAManagerWrote(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	fall := 38
	d.task.Fall = &fall
	b := d.browser()
	b.has("/improved?lang=en", "You said, we did", "Nothing stands here yet", `content="index, follow"`)
	must(t, d.telling.SaveStory(t.Context(), tickets.Actor{Kind: tickets.ActorSystem}, d.task.ID, telling.Draft{
		Texts: map[string]telling.StoryText{"en": {Said: "Parcels <b>late</b>", Did: "A second warehouse.\nIn Wuhan."}, "zh-CN": {Said: "快递慢", Did: "新增武汉仓。"}}, Since: "2026-11-01", Fall: true, Publish: true,
	}))
	b.has("/improved?lang=en", "Parcels &lt;b&gt;late&lt;/b&gt;", "Since 1 Nov 2026", "about 38% fewer complaints", `href="/improved/feed.atom?lang=en"`, `hreflang="zh-CN"`)
	page := b.get("/improved?lang=zh-CN")
	if !strings.Contains(page.body, "快递慢") || !strings.Contains(page.body, "减少约 38%") || page.header.Get("Cache-Control") != improvedAge || len(page.header["Set-Cookie"]) != 0 {
		t.Errorf("%v %.300s", page.header, page.body)
	}
	if strings.Contains(page.body, "<script") {
		t.Error("the page has a script")
	}
	for lang, said := range map[string]string{"en": "Parcels <b>late</b>", "zh-CN": "快递慢"} {
		r := b.get("/improved/feed.atom?lang=" + lang)
		var f atomFeed
		if err := xml.Unmarshal([]byte(r.body), &f); err != nil || !strings.HasPrefix(r.header.Get("Content-Type"), "application/atom+xml") {
			t.Fatalf("%s: %v %v", lang, err, r.header)
		}
		if len(f.Entries) != 1 || f.Entries[0].Title != said || !strings.Contains(f.Entries[0].Content.Text, "38%") || f.Entries[0].ID == "" || f.Updated == "" {
			t.Errorf("%s: %+v", lang, f)
		}
	}
	must(t, d.telling.SavePageSettings(t.Context(), telling.PageSettings{Hidden: true}))
	if r := b.get("/improved"); !strings.Contains(r.body, "noindex") || !strings.Contains(r.header.Get("X-Robots-Tag"), "noindex") {
		t.Error("search engines are let in")
	}
}

func TestAManagerSeesWhomItReachesTellsThemAndStops(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	link, _ := d.toldHer(t) // a shopper of another round, who was told
	boss, wang := d.agent("boss", "Boss", tickets.RoleManager), d.agent("wang", "Wang", tickets.RoleAgent)
	b := d.signedIn(boss)
	if r := b.post("/improve", url.Values{"title": {"Faster parcels"}, "target": {"30"}}); r.status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.status, r.body)
	}
	task, err := d.web.Improve.ByNumber(t.Context(), 1)
	must(t, err)
	d.task.ID = task.ID
	d.task.Changed = time.Time{}
	b.has("/improve/1", `href="/improve/1/telling"`, `href="/improve/1/story"`)
	b.has("/improve/1/telling", "has not come to everybody yet")
	d.task.Changed = time.Now()
	b.has("/improve/1/telling", "1 person", "1 in the chat", "{{contact.name|there}}", "{{contact.name|您好}}", "Tell them now")
	look := b.post("/improve/1/telling", url.Values{"look": {"1"}, "days": {"30"}, "text_en": {"Hi {{contact.name}}, <b>done</b>"}})
	if look.status != http.StatusOK || !strings.Contains(look.body, "Hi Mei, &lt;b&gt;done&lt;/b&gt;") {
		t.Errorf("the preview: %d", look.status)
	}
	if r := b.post("/improve/1/telling", url.Values{"days": {"30"}, "text_en": {"Hi {{contact.shoe}}"}}); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, `id="f-text-en-wrong"`) {
		t.Errorf("a wrong variable: %d", r.status)
	}
	if r := b.post("/improve/1/telling", url.Values{"days": {"30"}, "text_en": {"Done."}, "text_zh-CN": {"好了。"}}); r.status != http.StatusSeeOther {
		t.Fatalf("start: %d %s", r.status, r.body)
	}
	rounds, err := d.telling.Rounds(t.Context(), task.ID)
	must(t, err)
	one := rounds[0].ID.String()
	b.has("/improve/1/telling", "Looking whom", "live-part", "/improve/1/telling/"+one+"/stop")
	b.has("/improve/1/telling?round="+one, "0 of 0 told")
	if r := b.post("/improve/1/telling", url.Values{"days": {"30"}, "text_en": {"Done."}}); r.status != http.StatusConflict {
		t.Errorf("two at once: %d", r.status)
	}
	if r := b.post("/improve/1/telling/"+one+"/stop", nil); r.status != http.StatusSeeOther {
		t.Errorf("stop: %d", r.status)
	}
	b.has("/improve/1/telling", "Stopped")
	if r := d.signedIn(wang).get("/improve/1/telling"); r.status != http.StatusForbidden {
		t.Errorf("an agent: %d", r.status)
	}
	d.browser().has(link+"?lang=en", "Fixed for me")
}

func TestAManagerWritesWhatThePublicPageSays(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("boss", "Boss", tickets.RoleManager))
	if r := b.post("/improve", url.Values{"title": {"Faster parcels"}, "target": {"30"}}); r.status != http.StatusSeeOther {
		t.Fatalf("%d", r.status)
	}
	task, err := d.web.Improve.ByNumber(t.Context(), 1)
	must(t, err)
	fall := 38
	d.task.ID, d.task.Fall = task.ID, &fall
	b.has("/improve/1/story", "What shoppers said", "Say what was measured: about 38% fewer complaints")
	if r := b.post("/improve/1/story", url.Values{"said_en": {"Late"}, "since": {"2026-11-01"}}); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, `id="f-did-en-wrong"`) {
		t.Errorf("half a story: %d", r.status)
	}
	if r := b.post("/improve/1/story", url.Values{"said_en": {"Late parcels"}, "did_en": {"A second warehouse"}, "since": {"2026-11-01"}, "fall": {"1"}, "publish": {"1"}}); r.status != http.StatusSeeOther {
		t.Fatalf("%d %s", r.status, r.body)
	}
	b.has("/improve/1/story?saved=1", "Late parcels", `name="publish" value="1" checked`)
	b.has("/improved?lang=en", "Late parcels", "38% fewer")
	_, link := d.shopperTicket("hello")
	if page := d.browser().has(link); strings.Contains(page, "/improved") {
		t.Error("the ticket's page leads to what nobody wanted linked")
	}
	if r := b.post("/improve/1/story/settings", url.Values{"hidden": {"1"}, "linked": {"1"}}); r.status != http.StatusSeeOther {
		t.Errorf("settings: %d", r.status)
	}
	b.has("/improved?lang=en", "noindex, nofollow")
	d.browser().has(link, "/improved?lang=")
	if r := b.post("/improve/1/story", url.Values{"said_en": {"Late parcels"}, "did_en": {"A second warehouse"}, "since": {"2026-11-01"}}); r.status != http.StatusSeeOther {
		t.Errorf("taken off: %d", r.status)
	}
	b.has("/improved?lang=en", "Nothing stands here yet")
}
