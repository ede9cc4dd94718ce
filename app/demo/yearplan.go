package demo

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// YearOrder is an order of the shop's last year, as its server tells it.
type YearOrder struct {
	Number, Shopper, Name, Email, Locale       string
	SKU, Item                                  string
	Price, Quantity                            int // fen
	Placed, Paid, Shipped, Delivered, Finished time.Time
	Refund                                     int // fen; 0: none
	RefundAt                                   time.Time
	Trial, Arm                                 string // of a trial that she was in
}

// matter is one thing that went wrong in the year.
type matter struct {
	name     string
	kind     string  // of the goods; empty: any
	per      float64 // complaints per 1,000 orders
	campaign float64 // how many times as often on campaign days
	refunds  float64 // share of complaints after which money goes back
}

// The matters of the year. What the shop did about leaking lids helped; another courier did not.
var matters = []matter{
	{"leak", "bottle", 52, 1, .2}, {"late", "", 36, 2, .05}, {"broken", "fragile", 10, 1.5, .6}, {"pricedrop", "", 6, 3, 0},
	{"wrong", "", 6, 1.5, .2}, {"refund", "", 7, 1, 0}, {"smell", "steel", 0, 1, .3}, {"coupon", "", 5, 2, 0},
	{"invoice", "", 5, 1, 0}, {"silence", "", 12, 1, 0}, {"warmth", "steel", 8, 1, .4}, {"packaging", "", 5, 1, 0},
	{"praise", "", 40, 1, 0},
}

// The days of the year, counted back from now.
const (
	yearDays       = 365
	yearOrders     = 50 // a day
	lidsTrial      = 150
	lidsRolledOut  = 94
	lidsVerified   = 60
	lidsKept       = .1  // what is left of the complaint with the new lid
	courierChanged = 112 // another courier; it did not help
	courierClosed  = 20
	foamProposed   = 4
	smellDays      = 5
	smellPer       = 90
	couponDays     = 3
	couponTimes    = 12
	yearShoppers   = 1500
)

// yearTrials are the changes that half of the shoppers got first.
var yearTrials = []struct {
	matter       string
	begins, ends int
}{{"leak", lidsTrial, lidsRolledOut}, {"late", courierChanged, courierClosed}}

// campaigns are the days on which the shop sells three times as much, as month and day.
var campaigns = []struct {
	Name     string
	From, To [2]int
}{
	{"年货节", [2]int{1, 20}, [2]int{1, 26}}, {"618", [2]int{6, 16}, [2]int{6, 20}}, {"双11", [2]int{11, 8}, [2]int{11, 12}},
}

// Campaign is a campaign of the shop's last year.
type Campaign struct {
	Name     string
	From, To time.Time // both count
}

// yearCampaigns lists those between two days.
func yearCampaigns(from, to time.Time) (list []Campaign) {
	for year := from.Year(); year <= to.Year(); year++ {
		for _, c := range campaigns {
			one := Campaign{c.Name, time.Date(year, time.Month(c.From[0]), c.From[1], 0, 0, 0, 0, zone), time.Date(year, time.Month(c.To[0]), c.To[1], 0, 0, 0, 0, zone)}
			if !one.From.Before(from) && one.To.Before(to) {
				list = append(list, one)
			}
		}
	}
	return list
}

// yearDay is what one day brings.
type yearDay struct {
	begins   time.Time
	orders   []YearOrder
	opinions []yearOpinion // in the order of time
}

type yearOpinion struct {
	Opinion
	matter string
}

// year makes up the days before now, the oldest first.
type year struct {
	rnd    *rand.Rand
	now    time.Time
	today  time.Time // midnight
	texts  map[string]grievances
	people []shopper
	camps  []Campaign
	arms   func(trial, shopper string, at time.Time) (arm string, err error)
	n      int
}

func newYear(seed uint64, now time.Time, arms func(trial, shopper string, at time.Time) (string, error)) (*year, error) {
	y := &year{rnd: rand.New(rand.NewPCG(seed, 365)), now: now, arms: arms, texts: map[string]grievances{}} //nolint:gosec // a sample, no secret
	local := now.In(zone)
	y.today = time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, zone)
	for _, locale := range []string{zh, en} {
		texts, err := loadGrievances(locale)
		if err != nil {
			return nil, err
		}
		y.texts[locale] = texts
	}
	y.people = yearPeople(yearShoppers)
	y.camps = yearCampaigns(y.today.AddDate(0, 0, -yearDays), y.today)
	return y, nil
}

// yearPeople are customers who bought in the year. Addresses are of example.com.
func yearPeople(n int) []shopper {
	known := shoppers()
	people := make([]shopper, n)
	for i := range people {
		a, b := known[i%len(known)], known[(i*7+i/len(known))%len(known)]
		p := shopper{id: fmt.Sprintf("y%05d", 10000+3*i), locale: a.locale, email: fmt.Sprintf("shopper.%d@example.com", 10000+3*i)}
		if p.name = a.surname + b.given; a.locale == en || b.locale == en {
			p.name = a.given + " " + a.surname
		}
		people[i] = p
	}
	return people
}

// campaign tells whether a day belongs to one.
func (y *year) campaign(day time.Time) bool {
	return slices.ContainsFunc(y.camps, func(c Campaign) bool { return !day.Before(c.From) && !day.After(c.To) })
}

// day makes up the day so many days before today; what would come after now is left out.
func (y *year) day(back int) (yearDay, error) {
	d := yearDay{begins: y.today.AddDate(0, 0, -back)}
	count := float64(yearOrders) * (.85 + .3*y.rnd.Float64())
	busyDay := y.campaign(d.begins)
	if busyDay {
		count *= 3
	}
	for range int(count) {
		at := d.begins.Add(time.Duration(y.rnd.Float64() * float64(24*time.Hour)))
		if at.After(y.now) {
			continue
		}
		if err := y.order(&d, at, back, busyDay); err != nil {
			return d, err
		}
	}
	slices.SortStableFunc(d.opinions, func(a, b yearOpinion) int { return a.At.Compare(b.At) })
	return d, nil
}

// order makes up an order and what its customer says of it, if anything.
func (y *year) order(d *yearDay, at time.Time, back int, busyDay bool) error {
	y.n++
	p := y.people[y.rnd.IntN(len(y.people))]
	g := goods[y.rnd.IntN(len(goods))]
	o := YearOrder{
		Number: fmt.Sprintf("Q%s%05d", d.begins.Format("060102"), y.n), Shopper: p.id, Name: p.name, Email: p.email, Locale: p.locale,
		Quantity: 1 + y.rnd.IntN(2), Placed: at, Paid: at.Add(time.Minute),
	}
	arm := ""
	for _, trial := range yearTrials {
		if back > trial.begins || back <= trial.ends {
			continue
		}
		in, err := y.arms(trial.matter, p.id, at)
		if err != nil {
			return err
		}
		if trial.matter == "leak" { // another courier makes no difference
			arm = in
		}
	}
	chance := y.rnd.Float64() * 1000
	for i := range matters {
		m := &matters[i]
		if chance -= y.per(m, back, busyDay, arm); chance >= 0 {
			continue
		}
		if kinds := goodsOf(m.kind); len(kinds) > 0 {
			g = kinds[y.rnd.IntN(len(kinds))]
		}
		if said := at.Add(3*24*time.Hour + time.Duration(y.rnd.IntN(36*60))*time.Minute); said.Before(y.now) {
			d.opinions = append(d.opinions, yearOpinion{y.opinion(m, p, g, o.Number, said), m.name})
			if y.rnd.Float64() < m.refunds {
				o.Refund, o.RefundAt = o.Quantity*g.price[zh]*100, said.Add(24*time.Hour)
			}
		}
		break
	}
	o.SKU, o.Item, o.Price = g.slug, g.name[p.locale], g.price[zh]*100
	y.send(&o)
	d.orders = append(d.orders, o)
	return nil
}

// send moves an order on as far as it is by now.
func (y *year) send(o *YearOrder) {
	for _, step := range []struct {
		at    *time.Time
		after time.Duration
	}{{&o.Shipped, 20 * time.Hour}, {&o.Delivered, 66 * time.Hour}, {&o.Finished, 10 * 24 * time.Hour}} {
		if at := o.Paid.Add(step.after); at.Before(y.now) {
			*step.at = at
		}
	}
	if o.RefundAt.After(y.now) {
		o.Refund, o.RefundAt = 0, time.Time{}
	}
}

// per is how many of 1,000 orders of a day end in a matter.
func (y *year) per(m *matter, back int, busyDay bool, arm string) float64 {
	per := m.per
	if busyDay {
		per *= m.campaign
	}
	switch {
	case m.name == "leak" && (back <= lidsRolledOut || arm == "treated"):
		per *= lidsKept
	case m.name == "smell" && back <= smellDays+3:
		per = smellPer
	case m.name == "coupon" && back <= couponDays+3:
		per *= couponTimes
	}
	return per
}

func (y *year) opinion(m *matter, p shopper, g good, order string, at time.Time) Opinion {
	o := Opinion{Order: order, Locale: p.locale, Shopper: p.id, Name: p.name, Email: p.email, At: at}
	o.Answers = map[string][]string{"ordering": {"3"}, "more": {y.texts[p.locale].say(y.rnd, m.name, p.locale, g)}}
	switch m.name {
	case "praise":
		o.Answers["ordering"] = []string{"5"}
	case "late", "broken":
		o.Answers["trouble"] = []string{"delivery"}
	case "pricedrop", "coupon":
		o.Answers["trouble"] = []string{"price"}
	}
	return o
}
