package insights

import (
	"slices"
	"time"

	"huiyin/tickets/id"
)

// Sort is what groups are ranked by.
type Sort string

// The ranks.
const (
	ByCount Sort = "count"
	ByRate  Sort = "rate" // per 1,000 paid orders
	ByRise  Sort = "rise" // against the period before
	ByCost  Sort = "cost" // what was given back, in the shop's currency
)

// Sorts lists them.
func Sorts() []Sort { return []Sort{ByCount, ByRate, ByRise, ByCost} }

// Valid tells whether the rank is one of ours.
func (s Sort) Valid() bool { return slices.Contains(Sorts(), s) }

// Filter says which complaints are looked at. From and To are midnights of the shop, in its zone; To is left out.
type Filter struct {
	From, To time.Time
	Channel  string // empty: any
	Language string
	Product  string // a SKU
	Team     *id.ID // nil: any; 0: those of no team
	Sort     Sort   // empty: by count

	read *productVoices // of the product, of both periods; nil: not yet
}

// narrowed tells whether the filter asks for a part only of what was said in its period.
func (f Filter) narrowed() bool {
	return f.Channel != "" || f.Language != "" || f.Team != nil || f.Product != ""
}

// slice is what stands behind a kind in insight_weeks for the filter; of products there is nothing.
func (f Filter) slice() (text string) {
	if f.Channel != "" {
		text += sliceChannel + f.Channel
	}
	if f.Language != "" {
		text += sliceLanguage + f.Language
	}
	if f.Team != nil {
		text += sliceTeam + f.Team.String()
	}
	return text
}

// days is how many days the period has.
func (f Filter) days() int { return daysBetween(f.From, f.To) }

// before is the same filter of the period before, which is as long.
func (f Filter) before() Filter {
	f.From, f.To = f.From.AddDate(0, 0, -f.days()), f.From
	return f
}

// daysBetween counts midnights: a day of a clock change is one too.
func daysBetween(from, to time.Time) int {
	return int((to.Sub(from) + halfDay) / (2 * halfDay))
}

const (
	halfDay     = 12 * time.Hour
	daysByDay   = 62 // a longer period is drawn week by week
	daysOfAWeek = 7
)

// step is how many days a point of the trend has.
func (f Filter) step() int {
	if f.days() > daysByDay {
		return daysOfAWeek
	}
	return 1
}

const (
	halfDayMillis = int64(halfDay / time.Millisecond)
	dayMillis     = 2 * halfDayMillis
	toMonday      = 3 // 1970-01-01 was a Thursday
)

// dayOfCount numbers the midnights of a shop, whatever its zone and its changes of the clock.
func dayOfCount(day int64) int64 { return (day + halfDayMillis) / dayMillis }

// weekOf numbers the weeks, from Monday on.
func weekOf(day int64) int64 { return (dayOfCount(day) + toMonday) / daysOfAWeek }

// span is what the trend of a filter shows: days, or whole weeks; the days at both ends that fill no week are counted, but not
// drawn.
type span struct {
	from, to time.Time // drawn
	first    int64     // number of the first day or week
	points   int
}

func (f Filter) span() span {
	s := span{from: f.From, to: f.To}
	if f.step() == 1 {
		s.first, s.points = dayOfCount(f.From.UnixMilli()), max(1, f.days())
		return s
	}
	for weekOf(s.from.UnixMilli()) == weekOf(s.from.AddDate(0, 0, -1).UnixMilli()) {
		s.from = s.from.AddDate(0, 0, 1)
	}
	for weekOf(s.to.UnixMilli()) == weekOf(s.to.AddDate(0, 0, -1).UnixMilli()) {
		s.to = s.to.AddDate(0, 0, -1)
	}
	s.first = weekOf(s.from.UnixMilli())
	s.points = int(weekOf(s.to.UnixMilli()) - s.first)
	return s
}

// Points gives the first day of each point of the trend.
func (f Filter) Points() []time.Time {
	s := f.span()
	out := make([]time.Time, s.points)
	for i := range out {
		out[i] = s.from.AddDate(0, 0, i*f.step())
	}
	return out
}

// point is the place of a day in the trend; outside of it where it is not drawn.
func (f Filter) point(day int64) int {
	if f.step() == 1 {
		return int(dayOfCount(day) - f.span().first)
	}
	return int(weekOf(day) - f.span().first)
}

// points are how many points the trend has.
func (f Filter) points() int { return f.span().points }

// where are the conditions on channel, language and team, on a table or alias.
func (f Filter) where(table string) (text string, args []any) {
	if f.Channel != "" {
		text, args = text+` AND `+table+`.channel = ?`, append(args, f.Channel)
	}
	if f.Language != "" {
		text, args = text+` AND `+table+`.language = ?`, append(args, f.Language)
	}
	if f.Team != nil {
		text, args = text+` AND `+table+`.team_id = ?`, append(args, int64(*f.Team))
	}
	return text, args
}
