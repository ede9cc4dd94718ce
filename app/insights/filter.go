package insights

import (
	"slices"
	"time"

	"huiyin/tickets"
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
}

// narrowed tells whether the filter asks for a part only of what was said in its period.
func (f Filter) narrowed() bool {
	return f.Channel != "" || f.Language != "" || f.Team != nil || f.Product != ""
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

// points are how many points the trend has. Weeks are counted back from the end; the first days that fill none are counted, but
// not drawn.
func (f Filter) points() int { return max(1, f.days()/f.step()) }

// Points gives the first day of each point of the trend.
func (f Filter) Points() []time.Time {
	out := make([]time.Time, f.points())
	for i := range out {
		out[i] = f.To.AddDate(0, 0, -(len(out)-i)*f.step())
	}
	return out
}

// point is the place of a day in the trend; negative before its beginning.
func (f Filter) point(day int64) int {
	back := (tickets.Millis(f.To) - day - halfDay.Milliseconds()) / (2 * halfDay.Milliseconds())
	return f.points() - 1 - int(back)/f.step()
}

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
