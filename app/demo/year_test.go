package demo

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

var yearNow = time.Date(2026, 11, 27, 15, 0, 0, 0, time.UTC)

// aYear plays the plan without a desk; half the shoppers are in the treated arm.
func aYear(t *testing.T) (*year, []yearDay) {
	t.Helper()
	y, err := newYear(1, yearNow, func(_, shopper string, _ time.Time) (string, error) {
		if (shopper[len(shopper)-1]-'0')%2 == 0 {
			return "treated", nil
		}
		return "untreated", nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var days []yearDay
	for back := yearDays; back >= 0; back-- {
		d, err := y.day(back)
		if err != nil {
			t.Fatal(err)
		}
		days = append(days, d)
	}
	return y, days
}

func TestTheSameSeedGivesTheSameYear(t *testing.T) {
	t.Parallel()
	_, a := aYear(t)
	_, b := aYear(t)
	if !reflect.DeepEqual(a, b) {
		t.Error("two years of one seed differ")
	}
}

func TestAYearHasOrdersComplaintsAndNothingOfTomorrow(t *testing.T) {
	t.Parallel()
	_, days := aYear(t)
	orders, complaints, numbers := 0, 0, map[string]bool{}
	for _, d := range days {
		for _, o := range d.orders {
			orders++
			if numbers[o.Number] {
				t.Fatalf("order %s comes twice", o.Number)
			}
			numbers[o.Number] = true
			for _, at := range []time.Time{o.Placed, o.Shipped, o.Delivered, o.Finished, o.RefundAt} {
				if at.After(yearNow) {
					t.Fatalf("order %s knows of %v", o.Number, at)
				}
			}
		}
		for _, o := range d.opinions {
			if o.At.After(yearNow) {
				t.Fatalf("an answer of %v", o.At)
			}
			if text := o.Answers["more"][0]; strings.ContainsAny(text, "{}[]|") || len(text) < 4 {
				t.Fatalf("says %q", text)
			}
			if o.matter != "praise" {
				complaints++
			}
		}
	}
	if orders < 15000 || complaints < 1200 || complaints > 4000 {
		t.Errorf("%d orders, %d complaints", orders, complaints)
	}
}

func TestNewLidsHelpAndAnotherCourierDoesNot(t *testing.T) {
	t.Parallel()
	y, days := aYear(t)
	rate := func(matter string, from, to int) float64 {
		orders, said := 0, 0
		for _, d := range days {
			if back := int(y.today.Sub(d.begins).Hours()/24 + .5); back > from || back <= to {
				continue
			}
			orders += len(d.orders)
			for _, o := range d.opinions {
				if o.matter == matter {
					said++
				}
			}
		}
		return float64(said) / float64(orders) * 1000
	}
	if before, after := rate("leak", 365, lidsTrial), rate("leak", lidsRolledOut, 5); after > before/2 {
		t.Errorf("leaks: %.1f and %.1f per 1,000", before, after)
	}
	if before, after := rate("late", 365, courierChanged), rate("late", courierChanged, 5); after < before*.7 {
		t.Errorf("late: %.1f and %.1f per 1,000", before, after)
	}
	if before, now := rate("coupon", 365, 10), rate("coupon", couponDays+3, 3); now < before*2 {
		t.Errorf("coupons: %.1f and lately %.1f per 1,000", before, now)
	}
	if before := rate("smell", 365, 20); before != 0 {
		t.Errorf("smell: %.1f per 1,000 before it began", before)
	}
}
