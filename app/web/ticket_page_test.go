package web

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// shopperTicket is a ticket with one message of a shopper, and the address of its page.
func (d *desk) shopperTicket(body string) (*tickets.Ticket, string) {
	d.t.Helper()
	ctx := context.Background()
	p, err := d.tickets.CreateContact(ctx, tickets.NewContact{Locale: "zh-CN"})
	must(d.t, err)
	got, err := d.tickets.Receive(ctx, tickets.Inbound{InboxID: d.inbox.ID, ContactID: p.ID, SourceID: "s1", Body: body})
	must(d.t, err)
	token, err := d.tickets.NewLink(ctx, got.Ticket.ID)
	must(d.t, err)
	return got.Ticket, "/t/" + token
}

func (d *desk) answer(who *tickets.Agent, ticket id.ID, body string) {
	d.t.Helper()
	_, err := d.tickets.Post(context.Background(), tickets.Actor{Kind: tickets.ActorAgent, ID: who.ID, Role: who.Role},
		tickets.Outgoing{TicketID: ticket, Kind: tickets.KindReply, Body: body})
	must(d.t, err)
}

func TestTheTicketPageIsReadByItsAddressAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lin := d.agent("lin", "Lin Xiaoyu", tickets.RoleAgent)
	ticket, path := d.shopperTicket("包裹 <b>破了</b> https://shop.example/1")
	d.answer(lin, ticket.ID, "马上给您补发")
	page := d.browser().do(http.MethodGet, path, "text/html", nil)
	for _, want := range []string{"包裹 &lt;b&gt;破了", "马上给您补发", "Lin Xiaoyu", `href="https://shop.example/1"`, "noindex"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex, nofollow"} {
		if got := page.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if len(page.header.Values("Set-Cookie")) > 0 {
		t.Error("the page sets a cookie")
	}
	now, err := d.tickets.Ticket(context.Background(), ticket.ID)
	must(t, err)
	if now.ContactRead != now.LastSeq {
		t.Errorf("read up to %d of %d", now.ContactRead, now.LastSeq)
	}
}

func TestEveryWrongAddressIsAnsweredAlike(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lin := d.agent("lin", "Lin", tickets.RoleAgent)
	ticket, path := d.shopperTicket("你好")
	forged := path[:len(path)-1] + "A"
	if forged == path {
		forged = path[:len(path)-1] + "Q"
	}
	must(t, d.tickets.RevokeLinks(context.Background(), tickets.Actor{Kind: tickets.ActorAgent, ID: lin.ID, Role: lin.Role}, ticket.ID))
	noise := regexp.MustCompile(`[0-9a-f]{12,}|nonce="[^"]+"|nonce-[\w-]+`)
	var first string
	for name, address := range map[string]string{"revoked": path, "forged": forged, "short": "/t/x", "never made": "/t/AAAAAAAAAAAAAAAAAAAAAA"} {
		got := d.browser().do(http.MethodGet, address, "text/html", nil)
		text := noise.ReplaceAllString(got.body, "")
		if got.status != http.StatusNotFound {
			t.Errorf("%s: %d", name, got.status)
		}
		if first == "" {
			first = text
		} else if len(text) != len(first) {
			t.Errorf("%s is answered with another page", name)
		}
		for _, action := range []string{"/messages", "/rating", "/phone"} {
			if got := d.browser().do(http.MethodPost, address+action, "text/html", url.Values{"body": {"x"}, "id": {"1"}}); got.status != http.StatusNotFound {
				t.Errorf("%s%s: %d", name, action, got.status)
			}
		}
	}
}

func TestAnAnswerOnThePageIsKeptOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket, path := d.shopperTicket("你好")
	b := d.browser()
	form := url.Values{"id": {"abc"}, "body": {"还有一件事"}}
	for range 2 {
		if got := b.do(http.MethodPost, path+"/messages", "text/html", form); got.status != http.StatusOK && got.status != http.StatusSeeOther {
			t.Fatalf("answer: %d %s", got.status, got.body)
		}
	}
	said, err := d.tickets.Visible(context.Background(), ticket.ID, 0, 10)
	must(t, err)
	if len(said) != 2 || said[1].Body != "还有一件事" {
		t.Errorf("%d messages", len(said))
	}
	if got := b.do(http.MethodPost, path+"/messages", "text/html", url.Values{"id": {"e"}, "body": {"  "}}); got.status != http.StatusUnprocessableEntity {
		t.Errorf("an empty answer: %d", got.status)
	}
}

func TestAnAnswerOnThePageOfAnOldChatGoesToTheOpenOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lin := d.agent("lin", "Lin", tickets.RoleAgent)
	ticket, path := d.shopperTicket("第一件事")
	_, err := d.tickets.SetStatus(context.Background(), tickets.Actor{Kind: tickets.ActorAgent, ID: lin.ID, Role: lin.Role}, ticket.ID, tickets.StatusClosed)
	must(t, err)
	got := d.browser().do(http.MethodPost, path+"/messages", "text/html", url.Values{"id": {"n"}, "body": {"第二件事"}})
	if (got.status != http.StatusOK && got.status != http.StatusSeeOther) || strings.Contains(got.header.Get("Location"), path) {
		t.Errorf("%d %s", got.status, got.header.Get("Location"))
	}
}

func TestARatingWaitsForTheEndAndIsShownToTheAgent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lin := d.agent("lin", "Lin", tickets.RoleAgent)
	ticket, path := d.shopperTicket("你好")
	b := d.browser()
	if got := b.do(http.MethodPost, path+"/rating", "text/html", url.Values{"score": {"5"}}); got.status != http.StatusConflict {
		t.Errorf("a rating before the end: %d", got.status)
	}
	_, err := d.tickets.SetStatus(context.Background(), tickets.Actor{Kind: tickets.ActorAgent, ID: lin.ID, Role: lin.Role}, ticket.ID, tickets.StatusSolved)
	must(t, err)
	if got := b.do(http.MethodPost, path+"/rating", "text/html", url.Values{"score": {"9"}}); got.status != http.StatusUnprocessableEntity {
		t.Errorf("nine of five: %d", got.status)
	}
	b.do(http.MethodPost, path+"/rating", "text/html", url.Values{"score": {"2"}, "comment": {"等了太久"}})
	seen := d.signedIn(lin).do(http.MethodGet, ticketPath(ticket.Number), "text/html", nil)
	if !strings.Contains(seen.body, "等了太久") {
		t.Error("the agent does not see what the shopper said of it")
	}
}

func TestANumberForTextsWantsAPhoneAndATick(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket, path := d.shopperTicket("你好")
	b := d.browser()
	for name, form := range map[string]url.Values{
		"no tick": {"phone": {"13800138000"}}, "no number": {"phone": {"123"}, "consent": {"1"}},
	} {
		if got := b.do(http.MethodPost, path+"/phone", "text/html", form); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	b.do(http.MethodPost, path+"/phone", "text/html", url.Values{"phone": {"138 0013 8000"}, "consent": {"1"}})
	wish, err := d.tickets.TextWish(context.Background(), ticket.ID)
	must(t, err)
	if wish == nil || wish.Phone != "+8613800138000" {
		t.Fatalf("kept: %+v", wish)
	}
	page := b.do(http.MethodGet, path, "text/html", nil)
	if !strings.Contains(page.body, "138****8000") || strings.Contains(page.body, "13800138000") {
		t.Error("the page shows the number in full, or not at all")
	}
	b.do(http.MethodPost, path+"/phone/removal", "text/html", url.Values{})
	if wish, _ = d.tickets.TextWish(context.Background(), ticket.ID); wish != nil {
		t.Error("the number is still kept")
	}
}

func TestBeingToldIsAskedOnTheTicketsPageAndTakenBackThere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ticket, path := d.shopperTicket("包裹破了")
	b := d.browser()
	if got := b.get(path); strings.Contains(got.body, path+"/told") {
		t.Error("it is asked while the ticket is open")
	}
	boss := d.agent("boss", "Boss", tickets.RoleManager)
	_, err := d.tickets.SetStatus(t.Context(), tickets.Actor{Kind: tickets.ActorAgent, ID: boss.ID, Role: boss.Role}, ticket.ID, tickets.StatusSolved)
	must(t, err)
	told := func(want bool) {
		t.Helper()
		if got, err := d.tickets.Told(t.Context(), ticket.ContactID); err != nil || got != want {
			t.Errorf("told %v, %v, want %v", got, err, want)
		}
	}
	page := b.get(path)
	if _, after, ok := strings.Cut(page.body, `name="told"`); !ok || strings.Contains(after[:strings.IndexByte(after, '>')], "checked") {
		t.Errorf("it is not asked, or ticked for her:\n%s", page.body)
	}
	if got := b.do(http.MethodPost, path+"/told", "text/html", url.Values{}); got.status != 422 || !strings.Contains(got.body, `id="told-wrong"`) {
		t.Errorf("without the tick: %d", got.status)
	}
	b.do(http.MethodPost, path+"/rating", "text/html", url.Values{"score": {"1"}})
	told(false) // another act does not bring it
	b.do(http.MethodPost, path+"/told", "text/html", url.Values{"told": {"1"}})
	told(true)
	if got := b.do(http.MethodPost, "/t/wrong/told/withdrawal", "text/html", url.Values{}); got.status != 404 {
		t.Errorf("by a wrong address: %d", got.status)
	}
	told(true)
	b.do(http.MethodPost, path+"/told/withdrawal", "text/html", url.Values{})
	told(false)
}

func TestThePageNamesWhoElseWritesAndShowsHerOwnTicketsOnly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := context.Background()
	lin := d.agent("lin", "Lin Xiaoyu", tickets.RoleAgent)
	ticket, path := d.shopperTicket("包裹破了")
	mei, err := d.tickets.CreateContact(ctx, tickets.NewContact{Name: "韩梅梅"})
	must(t, err)
	box, err := d.tickets.CreateInbox(ctx, tickets.NewInbox{Channel: tickets.ChannelEmail, Name: "邮件"})
	must(t, err)
	_, err = d.tickets.Receive(ctx, tickets.Inbound{InboxID: box.ID, ContactID: mei.ID, TicketID: ticket.ID, Joins: true, Body: "我是同事"})
	must(t, err)
	_, err = d.tickets.Post(ctx, tickets.Actor{Kind: tickets.ActorAgent, ID: lin.ID, Role: lin.Role},
		tickets.Outgoing{TicketID: ticket.ID, Kind: tickets.KindReply, Body: "稍后才发", Hold: time.Hour})
	must(t, err)
	page := d.browser().do(http.MethodGet, path, "text/html", nil)
	for _, want := range []string{"我是同事", "韩梅梅"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page.body, "稍后才发") {
		t.Error("the page shows a reply that is held")
	}
	own, err := d.tickets.Receive(ctx, tickets.Inbound{InboxID: d.inbox.ID, ContactID: mei.ID, Body: "我自己的事"})
	must(t, err)
	token, err := d.tickets.NewLink(ctx, own.Ticket.ID)
	must(t, err)
	page = d.browser().do(http.MethodGet, "/t/"+token, "text/html", nil)
	if !strings.Contains(page.body, "我自己的事") || strings.Contains(page.body, "包裹破了") || strings.Contains(page.body, "我是同事") {
		t.Error("her page shows another's ticket, or not her own")
	}

	b := d.signedIn(lin)
	console := b.get(ticketPath(ticket.Number)).body
	for _, want := range []string{"韩梅梅", "稍后才发", " held"} {
		if !strings.Contains(console, want) {
			t.Errorf("the console lacks %q", want)
		}
	}
}
