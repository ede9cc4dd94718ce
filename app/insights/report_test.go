package insights_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"huiyin/app/db"
	"huiyin/app/insights"
	"huiyin/app/insights/insightstest"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

var shanghai = tickets.DefaultShop.Zone()

// midnight is the beginning of the shop's day of a desk's clock, so many days ago.
func midnight(back int) time.Time {
	at := noon.In(shanghai)
	return time.Date(at.Year(), at.Month(), at.Day()-back, 0, 0, 0, 0, shanghai)
}

func (d *desk) filler() *insightstest.Filler {
	return &insightstest.Filler{T: d.T, Store: tickets.Store{Write: d.DB.Write, Read: d.DB.Read, After: db.After}, Sealer: d.Sealer, IDs: d.IDs, Zone: shanghai}
}

// week is the last seven days, with today.
func week() insights.Filter { return insights.Filter{From: midnight(6), To: midnight(-1)} }

// said adds n subjects of a group on a day.
func said(f *insightstest.Filler, v insights.Voice, back, n int) {
	for i := range n {
		one := v
		one.At = midnight(back).Add(time.Duration(i%10+1) * time.Hour)
		if one.Channel == "" {
			one.Channel = "chat"
		}
		if one.Language == "" {
			one.Language = "zh"
		}
		f.Say(one, nil)
	}
}

func TestAReportCountsSubjectsOfThisPeriodAndTheOneBefore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		f := d.filler()
		slow, slowFine := f.Group(insights.Group{Name: "送货 · 太慢", Aspect: "delivery"})
		leak, leakFine := f.Group(insights.Group{Name: "杯盖 · 漏水", Aspect: "goods"})
		old, _ := f.Group(insights.Group{Name: "merged", MergedInto: &slow, State: insights.Merged})
		quiet, _ := f.Group(insights.Group{Name: "muted", State: insights.Muted})
		for back := range 14 {
			said(f, insights.Voice{GroupID: slow, FineID: slowFine, Aspect: "delivery"}, back, 4)
		}
		said(f, insights.Voice{GroupID: leak, FineID: leakFine, Aspect: "goods", Channel: "email", Language: "en"}, 1, 40)
		said(f, insights.Voice{GroupID: old, Aspect: "delivery"}, 2, 2)
		said(f, insights.Voice{GroupID: quiet, Aspect: "other"}, 2, 3)
		said(f, insights.Voice{Aspect: "other"}, 0, 7)
		twice := f.IDs.Next() // two clauses of one subject are one complaint
		for range 2 {
			f.Say(insights.Voice{SubjectID: twice, GroupID: leak, FineID: leakFine, Aspect: "goods", Channel: "chat", Language: "zh", At: midnight(0).Add(time.Hour), Body: "盖子漏"}, nil, "CUP-1")
		}
		f.Cost(leak, midnight(1), "CNY", 4200, 3)
		f.Cost(leak, midnight(2), "USD", 100, 1)
		f.Cost(slow, midnight(2), "CNY", 100, 1)
		f.Finding(leak, midnight(1), "rise", 3, 40, 2.5, 1e-9)
		f.Count()

		r, err := d.Report(t.Context(), week())
		must(t, err)
		if r.Subjects != 7*4+40+2+3+7+1 || r.SubjectsBefore != 28 || r.Ungrouped != 7 || r.UngroupedShare() != 9 || len(r.Trend) != 7 {
			t.Errorf("totals: %d, before %d, in no group %d (%d %%)", r.Subjects, r.SubjectsBefore, r.Ungrouped, r.UngroupedShare())
		}
		if len(r.Groups) != 2 || len(r.Muted) != 1 || r.Groups[0].ID != leak || r.Groups[1].ID != slow {
			t.Fatalf("groups: %+v", r.Groups)
		}
		first, second := r.Groups[0], r.Groups[1]
		if first.N != 41 || first.Before != 0 || !first.Change.Up() || first.Trend[5] != 40 || first.Finding == nil || first.Finding.Expected != 2.5 {
			t.Errorf("leaks: %+v", first)
		}
		if got := fmt.Sprint(first.Costs); got != "[{CNY 4200 3} {USD 100 1}]" {
			t.Errorf("costs: %s", got)
		}
		if second.N != 30 || second.Before != 28 || second.Change.Marked {
			t.Errorf("slow, with what was merged into it: %+v", second)
		}
		if len(r.Aspects) != 3 || r.Aspects[0].Name != "goods" || r.Aspects[0].N != 41 {
			t.Errorf("aspects: %+v", r.Aspects)
		}
		for _, test := range []struct {
			name   string
			change func(*insights.Filter)
			want   string
		}{
			{"channel", func(f *insights.Filter) { f.Channel = "email" }, "40 0 [40]"},
			{"language", func(f *insights.Filter) { f.Language = "zh" }, "41 28 [30 1]"},
			{"no team", func(f *insights.Filter) { f.Team = new(id.ID) }, "81 28 [41 30]"},
			{"product", func(f *insights.Filter) { f.Product = "CUP-1" }, "1 0 [1]"},
			{"by cost", func(f *insights.Filter) { f.Sort = insights.ByCost }, "81 28 [41 30]"},
			{"by rise", func(f *insights.Filter) { f.Sort = insights.ByRise }, "81 28 [41 30]"},
			{"a year of a channel", func(f *insights.Filter) { f.Channel, f.From = "email", midnight(364) }, "40 0 [40]"},
			{"a year of a language", func(f *insights.Filter) { f.Language, f.From = "zh", midnight(364) }, "69 0 [58 1]"},
			{"a year of no team", func(f *insights.Filter) { f.Team, f.From = new(id.ID), midnight(364) }, "109 0 [58 41]"},
			{"a year of a channel and a language", func(f *insights.Filter) { f.Channel, f.Language, f.From = "chat", "zh", midnight(364) }, "69 0 [58 1]"},
			{"a year", func(f *insights.Filter) { f.From = midnight(364) }, "109 0 [58 41]"},
		} {
			filter := week()
			test.change(&filter)
			r, err := d.Report(t.Context(), filter)
			must(t, err)
			var n []int
			for _, g := range r.Groups {
				n = append(n, g.N)
			}
			if got := fmt.Sprint(r.Subjects, r.SubjectsBefore, n); got != test.want {
				t.Errorf("%s: %s, want %s", test.name, got, test.want)
			}
			if len(filter.Points()) != len(r.Trend) {
				t.Errorf("%s: %d points for a trend of %d", test.name, len(filter.Points()), len(r.Trend))
			}
		}
	})
}

func TestADetailKnowsWhereAGroupHurts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		f := d.filler()
		twin, _ := f.Group(insights.Group{Name: "lid · leaking", Language: "en"})
		leak, fine := f.Group(insights.Group{Name: "杯盖 · 漏水", TwinID: &twin, TwinScore: .7})
		other := f.Fine(leak, "瓶盖")
		order := []byte("hash of an order")
		middle := f.Say(insights.Voice{GroupID: leak, FineID: fine, Channel: "email", Language: "zh", At: midnight(3), Body: "漏水，包都湿了", TeamID: 5}, order, "CUP-1", "BAG-2")
		f.Sample(leak, 0, middle)
		f.Sample(leak, 1, f.Say(insights.Voice{GroupID: leak, FineID: fine, Channel: "email", Language: "en", At: midnight(300), Body: "the lid leaks"}, nil))
		for i := range 9 {
			f.Say(insights.Voice{GroupID: leak, FineID: other, Channel: "chat", Language: "zh", At: midnight(2).Add(time.Duration(i) * time.Minute), Body: fmt.Sprint("瓶盖漏水 ", i)}, nil, "CUP-1")
		}
		f.Count()
		var asked int
		d.Attempts = func(_ context.Context, orders [][]byte, _ []id.ID, _, _ time.Time) (map[insights.Tried]int, error) {
			asked = len(orders)
			return map[insights.Tried]int{{Step: "payment", Reason: "payment"}: 2, {Step: "address", Reason: ""}: 1}, nil
		}
		got, err := d.Detail(t.Context(), leak, week())
		must(t, err)
		if got.N != 10 || fmt.Sprint(got.Channels, got.Languages, got.Teams) != "[{chat 9} {email 1}] [{zh 10}] [{0 9} {5 1}]" {
			t.Errorf("%d by %v %v %v", got.N, got.Channels, got.Languages, got.Teams)
		}
		if fmt.Sprint(got.Products, got.Steps, got.Reasons) != "[{CUP-1 10} {BAG-2 1}] [{payment 2} {address 1}] [{payment 2} { 1}]" || asked != 1 || !got.LookedAll {
			t.Errorf("products %v, steps %v, reasons %v of %d orders", got.Products, got.Steps, got.Reasons, asked)
		}
		if len(got.Quotes) != 6 || got.Quotes[0].Text != "漏水，包都湿了" || got.Quotes[1].Text != "瓶盖漏水 8" {
			t.Errorf("quotes: %+v", got.Quotes)
		}
		if len(got.Fines) != 2 || got.Fines[0].ID != other || got.Fines[0].N != 9 || got.Twin == nil || got.Twin.ID != twin {
			t.Errorf("fine groups %+v, twin %+v", got.Fines, got.Twin)
		}
		samples, err := d.Samples(t.Context(), []id.ID{leak, twin}, "zh")
		must(t, err)
		if len(samples) != 1 || samples[leak].Text != "漏水，包都湿了" {
			t.Errorf("samples: %+v", samples)
		}
		if samples, err = d.Samples(t.Context(), []id.ID{leak}, "en"); err != nil || samples[leak].Text != "the lid leaks" {
			t.Errorf("samples for who reads English: %+v, %v", samples, err)
		}
		by := week()
		by.Channel = "email"
		if got, err = d.Detail(t.Context(), leak, by); err != nil || got.N != 1 || len(got.Quotes) != 1 {
			t.Errorf("by mail: %+v, %v", got, err)
		}
	})
}

func TestEveryNumberOpensItsSubjectsOnceEachPageByPage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		f := d.filler()
		slow, fine := f.Group(insights.Group{Name: "太慢"})
		into, _ := f.Group(insights.Group{Name: "物流"})
		both := f.IDs.Next()
		for i := range 5 {
			f.Say(insights.Voice{GroupID: slow, FineID: fine, Channel: "chat", Language: "zh", Aspect: "delivery", At: midnight(2).Add(time.Duration(i) * time.Hour), Body: fmt.Sprint(i)}, nil)
			f.Say(insights.Voice{SubjectID: both, GroupID: slow, FineID: fine, Channel: "chat", Language: "zh", Aspect: "delivery", At: midnight(3).Add(time.Duration(i) * time.Hour), Body: "again"}, nil)
		}
		f.Say(insights.Voice{SubjectID: both, Channel: "chat", Language: "zh", Aspect: "other", At: midnight(1), Body: "nowhere, but its subject is somewhere"}, nil)
		f.Say(insights.Voice{Channel: "chat", Language: "zh", Aspect: "other", At: midnight(1), Body: "nowhere"}, nil)
		f.Count()
		must(t, d.mergeInto(into, slow))
		var texts []string
		after := insights.Cursor{}
		for range 5 {
			list, err := d.Subjects(t.Context(), insights.Chosen{Filter: week(), Groups: []id.ID{into}}, after, 2)
			must(t, err)
			for _, q := range list {
				texts = append(texts, q.Text)
				after = insights.Cursor{At: q.At.UnixMilli(), Voice: q.Voice}
			}
		}
		if got := fmt.Sprint(texts); got != "[4 3 2 1 0 again]" {
			t.Errorf("pages: %s", got)
		}
		count := func(c insights.Chosen) int {
			c.Filter = week()
			list, err := d.Subjects(t.Context(), c, insights.Cursor{}, 50)
			must(t, err)
			return len(list)
		}
		aspect := "delivery"
		if all, none, fines, aspects := count(insights.Chosen{}), count(insights.Chosen{Ungrouped: true}), count(insights.Chosen{Fine: fine}), count(insights.Chosen{Aspect: &aspect}); all != 7 || none != 1 || fines != 6 || aspects != 6 {
			t.Errorf("all %d, in no group %d, of the fine group %d, of the aspect %d", all, none, fines, aspects)
		}
		var seen []string
		must(t, d.Complainers(t.Context(), []id.ID{slow}, midnight(6), midnight(0), func(c insights.Complaint) error {
			if c.Group != into {
				t.Errorf("complained of %s, want %s", c.Group, into)
			}
			seen = append(seen, c.At.In(shanghai).Format("02 15h"))
			return nil
		}))
		if got := fmt.Sprint(seen); got != "[22 00h 23 00h 23 01h 23 02h 23 03h 23 04h]" {
			t.Errorf("complainers: %s", got)
		}
	})
}

// mergeInto merges one group into another by hand.
func (d *desk) mergeInto(into, other id.ID) error {
	_, err := d.Merge(context.Background(), d.by, into, []id.ID{other})
	return err
}

func TestMarksAreCheckedAndFoundByTheDaysTheyTouch(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		_, err := d.AddMark(t.Context(), d.by, insights.Mark{Kind: "party", From: midnight(0), To: midnight(1)})
		if err == nil {
			t.Fatal("taken")
		}
		long := insights.Mark{Kind: insights.Campaign, Title: "双11", From: midnight(200), To: midnight(0)}
		if _, err = d.AddMark(t.Context(), d.by, long); err == nil {
			t.Error("a mark of 200 days is taken")
		}
		one, err := d.AddMark(t.Context(), d.by, insights.Mark{Kind: insights.Campaign, Title: " 双11 ", From: midnight(24), To: midnight(14)})
		must(t, err)
		if _, err := d.AddMark(t.Context(), d.by, insights.Mark{Kind: insights.Campaign, Title: "双11", From: midnight(24), To: midnight(14)}); err == nil {
			t.Error("the same mark is there twice")
		}
		for _, test := range []struct{ from, to, want int }{{30, 24, 0}, {30, 23, 1}, {14, 0, 1}, {13, 0, 0}} {
			list, err := d.Marks(t.Context(), midnight(test.from), midnight(test.to))
			must(t, err)
			if len(list) != test.want || len(list) > 0 && (list[0].Title != "双11" || !list[0].To.Equal(midnight(14))) {
				t.Errorf("%d to %d days ago: %+v", test.from, test.to, list)
			}
		}
		must(t, d.DropMark(t.Context(), one))
		if d.DropMark(t.Context(), one) == nil {
			t.Error("dropped twice")
		}
	})
}

func TestDaysAndWeeksAreTheSumsOfTheRolls(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		_, fine := d.group("late", 1, 4)
		d.At = d.At.AddDate(0, 0, 9)
		list := d.late(3)
		must(t, d.Put(t.Context(), fine, list...))
		for name, sums := range map[string][2]string{
			"days":                             {`SELECT kind, day AS at, ref, SUM(n) AS n FROM insight_rolls GROUP BY 1, 2, 3`, `SELECT kind, day AS at, ref, n FROM insight_days`},
			"weeks":                            {`SELECT kind, ((day + 43200000) / 86400000 + 3) / 7 AS at, ref, SUM(n) AS n FROM insight_rolls GROUP BY 1, 2, 3`, `SELECT kind, week AS at, ref, n FROM insight_weeks`},
			"weeks of a channel":               {`SELECT kind || '/channel/' || channel AS kind, ((day + 43200000) / 86400000 + 3) / 7 AS at, ref, SUM(n) AS n FROM insight_rolls GROUP BY 1, 2, 3`, `SELECT kind, week AS at, ref, n FROM insight_weeks`},
			"weeks of a channel in a language": {`SELECT kind || '/channel/' || channel || '/language/' || language AS kind, ((day + 43200000) / 86400000 + 3) / 7 AS at, ref, SUM(n) AS n FROM insight_rolls GROUP BY 1, 2, 3`, `SELECT kind, week AS at, ref, n FROM insight_weeks`},
			"weeks of all three":               {`SELECT kind || '/channel/' || channel || '/language/' || language || '/team/' || team_id AS kind, ((day + 43200000) / 86400000 + 3) / 7 AS at, ref, SUM(n) AS n FROM insight_rolls GROUP BY 1, 2, 3`, `SELECT kind, week AS at, ref, n FROM insight_weeks`},
			"weeks without a team":             {`SELECT kind || '/team/' || team_id AS kind, ((day + 43200000) / 86400000 + 3) / 7 AS at, ref, SUM(n) AS n FROM insight_rolls GROUP BY 1, 2, 3`, `SELECT kind, week AS at, ref, n FROM insight_weeks`},
		} {
			wrong := d.Number(`SELECT COUNT(*) FROM (` + sums[0] + `) a LEFT JOIN (` + sums[1] + `) b ON b.kind = a.kind AND b.at = a.at AND b.ref = a.ref WHERE COALESCE(b.n, 0) <> a.n`)
			if right := d.Number(`SELECT COUNT(*) FROM (` + sums[0] + `) a WHERE a.n > 0`); wrong != 0 || right < 2 {
				t.Errorf("%s: %d of %d differ", name, wrong, right)
			}
		}
	})
}
