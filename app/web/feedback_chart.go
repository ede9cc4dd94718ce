package web

import (
	"strconv"

	"huiyin/app/feedback"
)

// chartDays is from how many days on a picture tells more than its table.
const chartDays = 2

// charts draws the days of a report, wide and narrow: the score that the first scored question has, and how many answered.
// Days to come are left out.
func (p *feedbackPage) charts(r *feedback.Report) []chart {
	var main *feedback.QuestionCount
	for i := range r.Questions {
		if main == nil && r.Questions[i].Question.Kind.Scored() {
			main = &r.Questions[i]
		}
	}
	if main == nil || len(r.Days) == 0 {
		return nil
	}
	var points []chartPoint
	rest := r.Days
	for day := p.From; day.Before(p.To) && !day.After(p.Now); day = day.AddDate(0, 0, 1) {
		one := chartPoint{From: day}
		for len(rest) > 0 && !rest[0].Day.After(day) {
			if rest[0].Day.Equal(day) {
				one.N, one.Value = rest[0].All(), float64(rest[0].Value())
			}
			rest = rest[1:]
		}
		points = append(points, one)
	}
	if len(points) < chartDays {
		return nil
	}
	s := chartScale{Step: 10, ByDay: true, Joined: true, Most: "report.most", Axis: func(value int) string { return strconv.Itoa(value) + "%" }}
	if main.Question.Kind == feedback.KindNPS {
		s.Least, s.Step, s.Axis = -100, 20, signed
	}
	s.Text = func(value float64) string { return s.Axis(int(value)) }
	title := p.T("report.chart", "question", main.Question.Label.In(p.Locale), "score", scoreText(main.Score), "count", main.Score.All())
	out := []chart{drawChart(p.Words, points, s, true), drawChart(p.Words, points, s, false)}
	for i := range out {
		out[i].Title = title
	}
	return out
}

// signed is a number of points as NPS is written.
func signed(n int) string {
	if n > 0 {
		return "+" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}
