package web

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

func (b *browser) has(path string, wanted ...string) string {
	b.d.t.Helper()
	r := b.get(path)
	if r.status != http.StatusOK {
		b.d.t.Fatalf("%s: %d", path, r.status)
	}
	for _, want := range wanted {
		if !strings.Contains(r.body, want) {
			b.d.t.Errorf("%s lacks %s", path, want)
		}
	}
	return r.body
}

func TestWhatAContactWritesStaysText(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("wang", "王芳", tickets.RoleAgent))
	evil := `<script>alert("x")</script><img src=x onerror=alert(1)>`
	contact := d.contact(evil)
	out, err := d.tickets.Receive(context.Background(), tickets.Inbound{
		InboxID: d.inbox.ID, ContactID: contact.ID, Body: evil + " https://shop.example/a javascript:alert(1)", Subject: evil, Order: "<b>1</b>",
		Page: tickets.Page{URL: `https://shop.example/"><script>`, Title: evil},
	})
	must(t, err)
	page := b.has(ticketPath(out.Ticket.Number), `<a href="https://shop.example/a" target="_blank" rel="noopener noreferrer nofollow">`, "&lt;script&gt;alert(")
	for _, bad := range []string{"<script>alert", "<img src=x", "<b>1</b>", `href="javascript:`} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
}

func TestTheThreadTellsWhatWasSaidAndDone(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	wang, zhao := d.agent("wang", "王芳", tickets.RoleAgent), d.agent("zhao", "赵磊", tickets.RoleAgent)
	b := d.signedIn(wang)
	lei := d.contact("李雷", tickets.NewIdentity{Kind: tickets.IdentityPhone, Value: "13812345678", Verified: true},
		tickets.NewIdentity{Kind: tickets.IdentityEmail, Value: "lilei@qq.com"})
	earlier := d.said(lei, "发票抬头写错了")
	me := tickets.Actor{Kind: tickets.ActorAgent, ID: wang.ID, Role: wang.Role}
	_, err := d.tickets.SetStatus(ctx, me, earlier.ID, tickets.StatusClosed)
	must(t, err)
	ticket := d.said(lei, "退款三天了还没到账", "你们到底什么时候退")
	_, err = d.tickets.Assign(ctx, me, ticket.ID, &zhao.ID)
	must(t, err)
	_, err = d.tickets.Post(ctx, me, tickets.Outgoing{TicketID: ticket.ID, Kind: tickets.KindReply, Body: "马上查"})
	must(t, err)
	_, err = d.tickets.Post(ctx, me, tickets.Outgoing{TicketID: ticket.ID, Kind: tickets.KindNote, Body: "财务查一下"})
	must(t, err)
	page := b.has(ticketPath(ticket.Number), "李雷", "退款三天了还没到账", `class="m m-contact follows"`, `class="m m-reply mine"`, `class="m m-note mine"`,
		"王芳 assigned the ticket to 赵磊", "138****5678", "li***@qq.com", "Confirmed by the shop", "Not verified", "#"+url.PathEscape(numberOf(earlier)))
	for _, secret := range []string{"13812345678", "lilei@qq.com"} {
		if strings.Contains(page, secret) {
			t.Errorf("the page shows %s", secret)
		}
	}
	reveal := regexp.MustCompile(`data-reveal="([^"]+)"`).FindStringSubmatch(page)
	if reveal == nil {
		t.Fatal("nothing to reveal")
	}
	if r := b.do("GET", reveal[1], "application/json", nil); r.body != `{"value":"+8613812345678"}`+"\n" {
		t.Errorf("revealed %s", r.body)
	}
	other := d.said(d.contact("韩梅梅"), "在吗")
	if r := b.do("GET", strings.Replace(reveal[1], ticketPath(ticket.Number)+"/", ticketPath(other.Number)+"/", 1), "application/json", nil); r.status != http.StatusNotFound {
		t.Errorf("another contact's identity through this ticket: %d", r.status)
	}
}

func numberOf(t *tickets.Ticket) string { return strings.TrimPrefix(ticketPath(t.Number), "/tickets/") }

func TestListsShowTheirTicketsAndCounts(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	wang, zhao := d.agent("wang", "王芳", tickets.RoleAgent), d.agent("zhao", "赵磊", tickets.RoleAgent)
	b := d.signedIn(wang)
	me := tickets.Actor{Kind: tickets.ActorAgent, ID: wang.ID, Role: wang.Role}
	waiting, mine, theirs := d.said(d.contact("等待者"), "在吗"), d.said(d.contact("我的人"), "在吗"), d.said(d.contact("别人的"), "在吗")
	for ticket, to := range map[*tickets.Ticket]*id.ID{mine: &wang.ID, theirs: &zhao.ID} {
		_, err := d.tickets.Assign(ctx, me, ticket.ID, to)
		must(t, err)
	}
	must(t, d.tickets.SaveDraft(ctx, wang.ID, mine.ID, tickets.KindReply, "您好"))
	for list, test := range map[string]struct {
		has  string
		lack string
	}{
		"unassigned": {"等待者", "我的人"}, "mine": {"我的人", "别人的"}, "colleagues": {"别人的", "等待者"}, "all": {"等待者", ""}, "nonsense": {"等待者", "我的人"},
	} {
		rows := b.get("/tickets?part=rows&list=" + list).body
		if !strings.Contains(rows, test.has) || (test.lack != "" && strings.Contains(rows, test.lack)) {
			t.Errorf("%s: wants %s and not %s", list, test.has, test.lack)
		}
	}
	b.has("/tickets?list=mine", "Has a draft", `data-count="unassigned">1<`, `data-count="mine">1<`, `data-count="colleagues">1<`, `data-count="all">3<`)
	b.has("/tickets?list=snoozed", "Nothing is snoozed")
	b.has("/tickets?q="+numberOf(waiting), "等待者", `href="`+ticketPath(waiting.Number)+"?q=")
	b.has("/tickets?q=absent", "Nothing found")
}

func TestALongThreadComesInPieces(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("wang", "王芳", tickets.RoleAgent))
	contact := d.contact("李雷")
	ticket := d.said(contact, "第一句话")
	for range entriesAtOnce + 5 {
		d.said(contact, "又一句")
	}
	page := b.has(ticketPath(ticket.Number), "Show earlier")
	if strings.Contains(page, "第一句话") {
		t.Error("everything came at once")
	}
	earlier := regexp.MustCompile(`class="btn quiet earlier" href="([^"]+)"`).FindStringSubmatch(page)
	if earlier == nil {
		t.Fatal("no way to what was said before")
	}
	before := b.has(strings.ReplaceAll(earlier[1], "&amp;", "&")+"&part=before", "第一句话")
	if strings.Contains(before, "Show earlier") || strings.Contains(before, "<html") {
		t.Error("the piece is not the first one alone")
	}
}

func TestPartsAreNoWholePages(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("wang", "王芳", tickets.RoleAgent))
	ticket := d.said(d.contact("李雷"), "在吗")
	for part, want := range map[string]string{"opened": "<ticket-thread", "refreshed": `data-part="head"`} {
		if page := b.has(ticketPath(ticket.Number)+"?part="+part, want, `data-part="side"`); strings.Contains(page, "<html") || strings.Contains(page, "ticket-list") {
			t.Errorf("%s is a whole page", part)
		}
	}
}
