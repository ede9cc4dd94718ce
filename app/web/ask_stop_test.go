package web

import (
	"context"
	"html"
	"net/url"
	"strings"
	"testing"

	"gorm.io/gorm"

	"huiyin/app/deskmail"
	"huiyin/app/feedback"
	"huiyin/tickets"
)

// askedByMail gives the letter in which a new contact is asked about her order.
func (d *desk) askedByMail() (letter feedback.Letter) {
	d.t.Helper()
	ctx := context.Background()
	var job feedback.Asking
	d.forms.Queue = func(_ *gorm.DB, j feedback.Asking) error { job = j; return nil }
	d.forms.Send = func(_ context.Context, l feedback.Letter) error { letter = l; return nil }
	f, err := d.forms.Create(ctx, feedback.NewForm{Name: "收货", Occasion: feedback.AfterDelivery, Definition: feedback.Definition{
		Title: feedback.Texts{"zh-CN": "收货评价"}, Steps: []feedback.Step{{Questions: []feedback.Question{{ID: "stars", Kind: feedback.KindRating, Label: feedback.Texts{"zh-CN": "满意吗"}}}}},
	}})
	must(d.t, err)
	_, err = d.forms.Publish(ctx, tickets.Actor{Kind: tickets.ActorSystem}, f.ID)
	must(d.t, err)
	her, err := d.tickets.CreateContact(ctx, tickets.NewContact{Name: "梅", Identities: []tickets.NewIdentity{{Kind: tickets.IdentityEmail, Value: "mei@example.com", Verified: true}}})
	must(d.t, err)
	must(d.t, d.db.Write(ctx, func(tx *gorm.DB) error { return d.forms.AskOfOrder(tx, her.ID, "A-1") }))
	must(d.t, d.forms.Work(ctx, job))
	return letter
}

func TestWhoIsAskedByMailSaysNoOnAPageOrByTheButtonOfHerMailProgram(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	l := d.askedByMail()
	u, err := url.Parse(l.Stop)
	must(t, err)
	page, err := d.web.Letter(deskmail.Letter{Stop: l.Stop, StopWords: l.StopWords})
	must(t, err)
	if !strings.Contains(html.UnescapeString(page), `<a href="`+l.Stop+`"`) || !strings.Contains(page, l.StopWords) {
		t.Errorf("the mail lacks its link: %s", page)
	}
	path, b := u.RequestURI(), d.browser()
	for range 2 { // looking changes nothing
		b.has(path, "不再询问您？", `<button class="go" type="submit">`)
	}
	b.has(u.Path+"?lang=en", "Ask me no more")
	if got := b.get(path); got.header.Get("Cache-Control") != "no-store" || len(got.header["Set-Cookie"]) != 0 {
		t.Errorf("%v", got.header)
	}
	// RFC 8058, section 3.1: no cookie, no redirect
	if got := b.do("POST", path, "", url.Values{"List-Unsubscribe": {"One-Click"}}); got.status != 200 || !strings.Contains(got.body, "以后不再请您评价") {
		t.Errorf("%d %s", got.status, got.body)
	}
	b.has(path, "以后不再请您评价", `name="again"`)
	if got := b.post(path, url.Values{"again": {"1"}}); got.status != 200 || !strings.Contains(got.body, "谢谢") {
		t.Errorf("%d %s", got.status, got.body)
	}
	b.has(path, "不再询问您？")
	for _, wrong := range []string{"/asks/x", u.Path + "x"} {
		if got, sent := b.get(wrong), b.post(wrong, url.Values{}); got.status != 404 || sent.status != 404 {
			t.Errorf("%s: %d, %d", wrong, got.status, sent.status)
		}
	}
}
