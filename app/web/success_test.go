package web

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"huiyin/app/attempts"
	"huiyin/tickets"
)

// tried tells of attempts as the shop's server does.
func (d *desk) tried(list ...attempts.Attempt) {
	d.t.Helper()
	for i := range list {
		if list[i].ID == "" {
			list[i].ID = fmt.Sprintf("%s-%d", d.t.Name(), i)
		}
	}
	_, err := d.web.Attempts.Post(context.Background(), list, true)
	must(d.t, err)
}

func TestTheSuccessPageSaysRateAndNumbers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("boss", "Boss", tickets.RoleManager))
	if r := b.get("/success"); r.status != http.StatusOK || !strings.Contains(r.body, "No order attempts in this period") {
		t.Fatalf("empty: %d %s", r.status, r.body)
	}
	p := d.contact("韩若溪")
	d.said(p, "付款失败")
	list := []attempts.Attempt{{Outcome: attempts.Failed, Step: "payment", Reason: "payment", Order: "20260001", Detail: "<b>E42</b>", Contact: tickets.ContactRef{ID: p.ID}, Device: "phone"}, {Outcome: attempts.Abandoned, Step: "address"}}
	for range 38 {
		list = append(list, attempts.Attempt{Outcome: attempts.OK, Step: "done"})
	}
	d.tried(list...)
	r := b.get("/success?period=today")
	for _, want := range []string{"95.0%", "40 attempts: 38 ok, 1 failed, 1 abandoned", `role="img"`, "/success/missed?", "Too few attempts so far"} {
		if !strings.Contains(r.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if other := b.get("/success?period=today&origin=page"); !strings.Contains(other.body, "No order attempts") {
		t.Error("what the server said is shown as the page's")
	}
	missed := b.get("/success/missed?period=today&step=payment")
	for _, want := range []string{"20260001", "&lt;b&gt;E42", "/contacts/" + p.ID.String(), "/tickets/"} {
		if !strings.Contains(missed.body, want) {
			t.Errorf("the list lacks %q", want)
		}
	}
	if strings.Contains(missed.body, "· address") {
		t.Error("another step is listed")
	}
	table := b.get("/success/export?period=today")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(table.body, "\ufeff"))).ReadAll()
	if err != nil || !strings.HasPrefix(table.body, "\ufeff") || len(rows) < 26 || rows[1][2] != "40" || rows[1][6] != "95.0%" {
		t.Errorf("the table: %v %v", rows, err)
	}
}

func TestWrongDaysAreSaidAtTheField(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("boss", "Boss", tickets.RoleManager))
	for query, want := range map[string]string{
		"from=x&to=2026-01-01": "f-from-wrong", "from=2026-01-02&to=2026-01-01": "f-to-wrong", "from=2020-01-01&to=2026-01-01": "f-to-wrong",
	} {
		if r := b.get("/success?period=other&" + query); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, want) {
			t.Errorf("%s: %d", query, r.status)
		}
	}
	r := b.post("/success/settings", url.Values{"on": {"1"}, "least": {"2"}, "points": {"5"}, "days": {"90"}})
	if r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, "f-least-wrong") {
		t.Errorf("settings: %d", r.status)
	}
	if r := b.post("/success/settings", url.Values{"least": {"30"}, "points": {"8"}, "days": {"60"}}); r.status != http.StatusSeeOther {
		t.Errorf("settings: %d %s", r.status, r.body)
	}
	if got, err := d.web.Attempts.Settings(context.Background()); err != nil || got != (attempts.Settings{Least: 30, Points: 8, Days: 60}) {
		t.Errorf("kept %+v %v", got, err)
	}
}

func TestAnAlarmShowsWhatPeopleWroteMeanwhile(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	now := time.Now()
	var list []attempts.Attempt
	for i := range 600 {
		a := attempts.Attempt{Outcome: attempts.OK, At: now.Add(-time.Duration(i%140+3) * time.Hour)}
		list = append(list, a)
	}
	for i := range 40 {
		a := attempts.Attempt{Outcome: attempts.OK, Step: "done", At: now.Add(-time.Duration(i%10) * time.Minute)}
		if i%2 == 0 {
			a.Outcome, a.Step, a.Reason = attempts.Failed, "payment", "payment"
		}
		list = append(list, a)
	}
	d.tried(list...)
	ticket := d.said(d.contact("韩若溪"), "怎么都付不了款")
	must(t, d.web.Attempts.Look(context.Background()))
	alarms, err := d.web.Attempts.Alarms(context.Background(), attempts.FromAPI, 5)
	must(t, err)
	if len(alarms) != 1 {
		t.Fatalf("%d alarms", len(alarms))
	}
	b := d.signedIn(d.agent("boss", "Boss", tickets.RoleManager))
	if r := b.get("/success"); !strings.Contains(r.body, "50.0% instead of 100.0%") {
		t.Error("the page does not show the alarm")
	}
	r := b.get("/success/alarms/" + alarms[0].ID.String())
	for _, want := range []string{fmt.Sprintf("/tickets/%d", ticket.Number), "怎么都付不了款", "payment"} {
		if !strings.Contains(r.body, want) {
			t.Errorf("the alarm lacks %q", want)
		}
	}
}
