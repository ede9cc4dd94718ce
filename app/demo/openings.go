package demo

import (
	"time"

	calendar "huiyin/tickets/hours"
)

// openings are the hours of the sample shop's inboxes. The Chinese one shows what hours can say: evenings past midnight,
// a shorter Sunday, a holiday, a festival that is worked through. The English one never closes.
var openings = map[string]calendar.Week{zh: longWeek()}

func longWeek() calendar.Week {
	var w calendar.Week
	for day := range w.Days {
		w.Days[day] = []calendar.Range{{From: 7 * 60, To: 3 * 60}}
	}
	w.Days[time.Sunday] = []calendar.Range{{From: 9 * 60, To: 24 * 60}}
	w.Special = []calendar.Special{
		{Date: "2027-02-06", Label: "春节"}, {Date: "2027-02-07", Label: "春节"},
		{Date: "2026-12-12", Label: "双十二", Ranges: []calendar.Range{{From: 0, To: 24 * 60}}},
		{Date: "2027-10-01", Label: "国庆节", Ranges: []calendar.Range{{From: 10 * 60, To: 18 * 60}}},
	}
	return w
}

// rareWeek is open one hour a week: whoever tries the demo finds it closed.
func rareWeek() calendar.Week {
	var w calendar.Week
	w.Days[time.Sunday] = []calendar.Range{{From: 9 * 60, To: 10 * 60}}
	return w
}
