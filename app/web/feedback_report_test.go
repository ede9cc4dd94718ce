package web

import (
	"context"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"huiyin/app/feedback"
	"huiyin/app/sheet"
	"huiyin/tickets"
)

// answeredForm is a form that two have answered.
func (d *desk) answeredForm() *feedback.Form {
	d.t.Helper()
	ctx := context.Background()
	boss := d.agent("boss", "Boss", tickets.RoleAdmin)
	f, err := d.forms.Create(ctx, feedback.NewForm{Name: "After the order <b>", Occasion: feedback.AfterOrder, Definition: feedback.Definition{
		Title: feedback.Texts{"en": "How was it?", "zh-CN": "怎么样"}, Steps: []feedback.Step{{Questions: []feedback.Question{
			{ID: "stars", Kind: feedback.KindRating, Label: feedback.Texts{"en": "Stars", "zh-CN": "星级"}, Required: true},
			{ID: "say", Kind: feedback.KindText, Label: feedback.Texts{"en": "Why?", "zh-CN": "为什么"}},
		}}},
	}})
	must(d.t, err)
	f, err = d.forms.Publish(ctx, tickets.Actor{Kind: tickets.ActorAgent, ID: boss.ID, Role: boss.Role}, f.ID)
	must(d.t, err)
	for stars, say := range map[string]string{"1": "<script>alert(1)</script>", "5": "=1+1 good"} {
		_, err := d.forms.Submit(ctx, feedback.Submission{Key: f.Key, Locale: "en", Source: feedback.SourceLink, Answers: feedback.Answers{"stars": {stars}, "say": {say}}})
		must(d.t, err)
	}
	events, err := d.tickets.EventsAfter(ctx, 0, tickets.EventsMax)
	must(d.t, err)
	must(d.t, d.db.Write(ctx, func(tx *gorm.DB) error { return d.forms.Read(ctx, tx, events) }))
	return f
}

func TestManagersSeeWhatWasAnsweredAndComeToEachResponse(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f := d.answeredForm()
	b := d.signedIn(d.agent("manager", "Manager", tickets.RoleManager))
	page := b.get("/feedback?lang=en&form=" + f.ID.String())
	for _, want := range []string{"50%", "Average 3.0, of 2 scores", "&lt;script&gt;alert(1)", "rating=1", "After the order &lt;b&gt;"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	list := b.get("/feedback/responses?form=" + f.ID.String() + "&rating=1")
	if !strings.Contains(list.body, "1 of 5") || strings.Contains(list.body, "5 of 5") || !strings.Contains(list.body, "/tickets/") {
		t.Errorf("the responses with one star: %d", list.status)
	}
	csv := b.get("/feedback/export?form=" + f.ID.String())
	if !strings.HasPrefix(csv.body, "\ufeff") || !strings.Contains(csv.body, "Stars") || !strings.Contains(csv.header.Get("Content-Type"), "text/csv") {
		t.Errorf("the table is %q", csv.body)
	}
	book := b.get("/feedback/export?as=xlsx&form=" + f.ID.String())
	rows, err := sheet.Read([]byte(book.body), sheet.Limits{Bytes: 1 << 20, Rows: 100})
	must(t, err)
	if len(rows) < 5 || !strings.Contains(book.header.Get("Content-Disposition"), ".xlsx") || !slices.ContainsFunc(rows, func(r sheet.Row) bool {
		return slices.Equal(r.Cells, []string{"Stars", "5", "1", "50%"})
	}) {
		t.Errorf("the book is %v", rows)
	}
	if got := d.signedIn(d.agent("agent", "Agent", tickets.RoleAgent)).get("/feedback/export?as=xlsx"); got.status != 403 {
		t.Errorf("an agent gets %d", got.status)
	}
	if got := b.get("/feedback?period=other&from=2026-02-30&to=2026-03-01"); got.status != 422 || !strings.Contains(got.body, `role="alert"`) {
		t.Errorf("a day that is none: %d", got.status)
	}
}

func TestADeskWithoutFormsSaysHowToBegin(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("admin", "Admin", tickets.RoleAdmin))
	if got := b.get("/feedback"); got.status != 200 || !strings.Contains(got.body, "/settings/forms") {
		t.Errorf("%d", got.status)
	}
	for _, path := range []string{"/feedback/export", "/feedback/responses"} {
		if got := b.get(path); got.status != 404 {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}
