package feedback_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/feedback"
	"huiyin/tickets/id"
)

func TestAReportCountsWhatWasAnsweredOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		t.Parallel()
		d := newDesk(t, base)
		f, box := d.form(feedback.NewForm{})
		for i, stars := range []string{"5", "5", "4", "2", "1"} {
			answers := feedback.Answers{"stars": {stars}, "nps": {strconv.Itoa(10 - i*2)}}
			if stars < "4" {
				answers["why"] = []string{"late"}
			}
			d.submit(feedback.Submission{Key: f.Key, Link: d.signed(f, box, fmt.Sprint("A-", i)), Answers: answers, Source: feedback.SourceEmbed})
		}
		d.submit(feedback.Submission{Key: f.Key, Link: d.signed(f, box, "A-4"), Answers: feedback.Answers{"stars": {"3"}, "nps": {"2"}}, Source: feedback.SourceEmbed}) // again
		d.submit(feedback.Submission{Key: f.Key, Answers: feedback.Answers{"stars": {"5"}, "say": {"good"}}, Source: feedback.SourceQR})
		for range 2 {
			d.follow()
		}
		day := time.Date(d.at.Year(), d.at.Month(), d.at.Day(), 0, 0, 0, 0, time.UTC)
		report := func(change func(*feedback.ReportFilter)) *feedback.Report {
			t.Helper()
			filter := feedback.ReportFilter{Form: f.ID, From: day.AddDate(0, 0, -1), To: day.AddDate(0, 0, 2)}
			change(&filter)
			r, err := d.feedback.Report(bg, filter)
			must(t, err)
			return r
		}
		all := report(func(*feedback.ReportFilter) {})
		stars := all.Questions[0].Score
		if got := fmt.Sprint(stars.N, stars.Value(), all.Answered, all.Tickets); got != "[0 1 1 1 3] 67 6 4" {
			t.Errorf("all: %s", got)
		}
		if nps := all.Questions[2].Score; nps.Value() != -40 || nps.All() != 5 {
			t.Errorf("nps %d of %d: %v", nps.Value(), nps.All(), nps.N)
		}
		if why := all.Questions[1].Options; why[0].N != 1 || why[1].N != 0 || all.Questions[3].Given != 1 {
			t.Errorf("options %v, texts %d", why, all.Questions[3].Given)
		}
		if len(all.BySource) != 2 || len(all.Products) != 1 || all.Products[0].All() != 5 || len(all.Days) != 1 {
			t.Errorf("sources %v, products %v, days %v", all.BySource, all.Products, all.Days)
		}
		if qr := report(func(f *feedback.ReportFilter) { f.Source = feedback.SourceQR }); qr.Answered != 1 || qr.Questions[0].Score.Value() != 100 {
			t.Errorf("by source: %+v", qr.Reach)
		}
		if before := report(func(f *feedback.ReportFilter) { f.To = day.AddDate(0, 0, -1) }); before.Answered != 0 || before.Questions[0].Score.All() != 0 {
			t.Errorf("before: %+v", before.Reach)
		}
	})
}

func TestTheListOfAPeriodHasWhatItsReportCountsAlsoOfAPastThatWasPlayedLater(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		t.Parallel()
		d := newDesk(t, base)
		f, box := d.form(feedback.NewForm{})
		today := time.Date(d.at.Year(), d.at.Month(), d.at.Day(), 0, 0, 0, 0, time.UTC)
		for i, ago := range []int{3, 0, 2, 3, 1, 2, 3} { // ids are made now and in this order, whatever the day
			d.at = today.AddDate(0, 0, -ago).Add(9 * time.Hour)
			d.submit(feedback.Submission{Key: f.Key, Link: d.signed(f, box, fmt.Sprint("A-", i)), Answers: feedback.Answers{"stars": {"5"}}, Source: feedback.SourceEmbed})
		}
		d.follow()
		for ago, want := range []int{1, 1, 2, 3, 0} {
			from := today.AddDate(0, 0, -ago)
			r, err := d.feedback.Report(bg, feedback.ReportFilter{Form: f.ID, From: from, To: from.AddDate(0, 0, 1)})
			must(t, err)
			list, err := d.feedback.Responses(bg, feedback.Filter{Form: f.ID, From: from.UnixMilli(), To: from.AddDate(0, 0, 1).UnixMilli()})
			must(t, err)
			if r.Answered != want || len(list) != want {
				t.Errorf("%d days ago: the report counts %d, the list has %d, want %d", ago, r.Answered, len(list), want)
			}
		}
		for _, form := range []id.ID{f.ID, 0} { // page by page, the newest first
			seen, last, after := 0, d.at.AddDate(0, 0, 9).UnixMilli(), id.ID(0)
			for {
				list, err := d.feedback.Responses(bg, feedback.Filter{Form: form, After: after, Limit: 2})
				must(t, err)
				for i := range list {
					if list[i].CreatedAt > last {
						t.Errorf("a newer one comes later")
					}
					last, after = list[i].CreatedAt, list[i].ID
				}
				if seen += len(list); len(list) < 2 {
					break
				}
			}
			if seen != 7 {
				t.Errorf("the pages have %d responses, want 7", seen)
			}
		}
	})
}

func TestScoresAreCalledAsTheFieldCallsThem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		score   feedback.Score
		value   int
		average float64
	}{
		"CSAT is the share of 4 and 5":               {feedback.Score{Kind: feedback.KindRating, N: []int{1, 0, 1, 1, 1}}, 50, 3.25},
		"NPS is promoters less detractors":           {feedback.Score{Kind: feedback.KindNPS, N: []int{0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 2}}, 20, 8.2},
		"NPS may be below zero":                      {feedback.Score{Kind: feedback.KindNPS, N: []int{3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}, -50, 2.5},
		"without answers there is none, and no fall": {feedback.Score{Kind: feedback.KindNPS}, 0, 0},
	} {
		if c.score.Value() != c.value || c.score.Average() != c.average {
			t.Errorf("%s: %d %v", name, c.score.Value(), c.score.Average())
		}
	}
}
