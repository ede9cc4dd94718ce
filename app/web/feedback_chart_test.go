package web

import (
	"slices"
	"strings"
	"testing"
	"time"

	"huiyin/app/feedback"
	"huiyin/app/i18n"
)

func TestTheDaysOfAReportAreAPictureThatSaysItsNumbers(t *testing.T) {
	t.Parallel()
	texts, err := i18n.Load()
	must(t, err)
	from := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	w := &Words{texts: texts, Locale: "en", Zone: time.UTC, Now: from.AddDate(0, 0, 6).Add(time.Hour)}
	for _, one := range []struct {
		kind  feedback.Kind
		days  map[int][]int // numbers of answers, from the lowest score on
		lines []string
		says  []string
	}{
		{feedback.KindRating, map[int][]int{0: {1, 0, 0, 0, 2}, 3: {0, 0, 0, 1, 0}, 5: {1, 0, 0, 0, 1}}, []string{"100%", "75%", "50%"}, []string{"50%"}},
		{feedback.KindRating, map[int][]int{0: {3, 0, 0, 0, 1}, 4: {0, 0, 0, 1, 0}}, []string{"100%", "60%", "20%"}, []string{"25%", "100%"}},
		{feedback.KindNPS, map[int][]int{1: {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}, 4: {1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1}}, []string{"+100", "+30", "-40"}, []string{"-33"}},
		{feedback.KindNPS, map[int][]int{1: {2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}}, []string{"+100", "0", "-100"}, []string{"-100"}},
	} {
		r := &feedback.Report{Questions: []feedback.QuestionCount{{Question: &feedback.Question{Kind: one.kind, Label: feedback.Texts{"en": "How was it?"}}, Score: feedback.Score{Kind: one.kind}}}}
		most := 0
		for day := range 7 {
			if n := one.days[day]; n != nil {
				r.Days = append(r.Days, feedback.DayScore{Day: from.AddDate(0, 0, day), Score: feedback.Score{Kind: one.kind, N: n}})
				most = max(most, r.Days[len(r.Days)-1].All())
			}
		}
		p := &feedbackPage{deskPage: deskPage{Page: Page{Words: w}}, feedbackView: feedbackView{successView: successView{From: from, To: from.AddDate(0, 0, 28)}}}
		charts := p.charts(r)
		if len(charts) != 2 || !charts[0].Wide || charts[1].Wide {
			t.Fatalf("%d pictures", len(charts))
		}
		c := charts[0]
		var lines, says []string
		for _, l := range c.Lines {
			lines = append(lines, l.Text)
		}
		for _, d := range c.Dots {
			says = append(says, d.Text)
			if d.Y < chartTop || d.Y > chartTop+chartRate {
				t.Errorf("%s: a point at %d is outside", one.kind, d.Y)
			}
		}
		if !slices.Equal(lines, one.lines) || !slices.Equal(says, one.says) || len(c.Bars) != len(one.days) || len(c.Paths) != 1 {
			t.Errorf("%s %v: lines %v, says %v, %d bars, %d paths", one.kind, one.days, lines, says, len(c.Bars), len(c.Paths))
		}
		if !strings.Contains(c.Title, "How was it?") || !strings.HasPrefix(c.Most, "up to "+itoa(most)) || len(c.Ticks) == 0 || c.Ticks[len(c.Ticks)-1].Text > "11/7" {
			t.Errorf("%q, %q, ticks %v", c.Title, c.Most, c.Ticks)
		}
		p.To = from.AddDate(0, 0, 1)
		if got := p.charts(r); got != nil {
			t.Error("one day is a picture")
		}
	}
}
