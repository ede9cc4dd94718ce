package insights

import (
	"strconv"
	"time"
)

// springFestivals are the first days of the lunar year, by the calendar of the Purple Mountain Observatory.
var springFestivals = map[int][2]int{
	2024: {2, 10}, 2025: {1, 29}, 2026: {2, 17}, 2027: {2, 6}, 2028: {1, 26}, 2029: {2, 13}, 2030: {2, 3}, 2031: {1, 23}, 2032: {2, 11}, 2033: {1, 31}, 2034: {2, 19}, 2035: {2, 8},
}

// CampaignsOf proposes the large campaigns of Chinese shops in a year. Platforms move them by some days, so people look at them
// before they keep them.
func CampaignsOf(year int, zone *time.Location) []Mark {
	day := func(month, day int) time.Time { return time.Date(year, time.Month(month), day, 0, 0, 0, 0, zone) }
	name := func(title string) string { return title + " " + strconv.Itoa(year) }
	list := []Mark{
		{Kind: Campaign, Title: name("618"), From: day(6, 1), To: day(6, 18)},
		{Kind: Campaign, Title: name("双11"), From: day(11, 1), To: day(11, 11)},
	}
	if first, known := springFestivals[year]; known {
		festival := day(first[0], first[1])
		list = append([]Mark{{Kind: Campaign, Title: name("年货节"), From: festival.AddDate(0, 0, -35), To: festival.AddDate(0, 0, -14)}}, list...)
	}
	return list
}
