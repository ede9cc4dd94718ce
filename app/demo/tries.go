package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// Try is one order attempt of the shop's past, as its server tells it.
type Try struct {
	ID, Outcome, Step, Reason, Device, Order, Shopper string // Shopper: the shop's id of her; empty: nobody is known
	At                                                time.Time
}

// Tries is where the shop's order attempts go. Its zero value: nowhere.
type Tries struct {
	// Post tells of attempts when the clock stood at now.
	Post func(ctx context.Context, now time.Time, list []Try) error
	// Look judges the success rate as it was at now.
	Look func(ctx context.Context, now time.Time) error
}

const triesDays = 21

// busy is how much is going on in the shop, by the hour of the day; a day of a self-service shop has its peak in the evening.
var busy = [24]float64{8, 4, 2, 1, 1, 2, 5, 10, 14, 18, 20, 22, 26, 22, 18, 18, 20, 22, 28, 36, 44, 46, 34, 18}

// The evening on which the shop's bank was down.
const (
	fallHour    = 20
	fallMinutes = 75
)

// fillTries tells of three weeks of attempts, day by day, and lets the desk judge the evening before now, on which payment
// failed.
func (s *Shop) fillTries(ctx context.Context) error {
	to := s.services.Tries
	if to.Post == nil {
		return nil
	}
	now := s.services.Now()
	today := now.In(zone)
	midnight := time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, zone)
	fall := midnight.AddDate(0, 0, -1).Add(fallHour * time.Hour)
	rnd := rand.New(rand.NewPCG(s.services.Seed, 24)) //nolint:gosec // a sample, no secret
	for day := -triesDays; day <= 0; day++ {
		begins := midnight.AddDate(0, 0, day)
		list := dayOfTries(rnd, begins, now, fall)
		clock := begins.AddDate(0, 0, 1)
		if clock.After(now) {
			clock = now
		}
		if err := to.Post(ctx, clock, list); err != nil {
			return fmt.Errorf("tell of the order attempts of %s: %w", begins.Format(time.DateOnly), err)
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
	for at := fall; at.Before(fall.Add(4*time.Hour)) && at.Before(now); at = at.Add(5 * time.Minute) {
		if err := to.Look(ctx, at); err != nil {
			return err
		}
	}
	return nil
}

// dayOfTries makes up one day.
func dayOfTries(rnd *rand.Rand, begins, now, fall time.Time) (list []Try) {
	customers := Customers(now)
	for hour, much := range busy {
		if day := begins.Weekday(); day == time.Saturday || day == time.Sunday {
			much *= 1.25
		}
		for n := range int(much*(.85+.3*rnd.Float64()) + .5) {
			at := begins.Add(time.Duration(hour)*time.Hour + time.Duration(rnd.Float64()*float64(time.Hour)))
			if at.After(now) {
				continue
			}
			t := Try{ID: fmt.Sprintf("demo-%s-%d-%d", begins.Format("20060102"), hour, n), At: at, Device: pick(rnd, []string{"phone", "phone", "phone", "phone", "desktop", "tablet"})}
			t.end(rnd, at.After(fall) && at.Before(fall.Add(fallMinutes*time.Minute)))
			if t.Reason == "payment" && !at.Before(fall) && rnd.IntN(4) == 0 {
				t.Shopper = customers[rnd.IntN(len(customers))].ID
			}
			if t.Outcome == "failed" {
				t.Order = fmt.Sprintf("%s-%d", begins.Format("20060102"), 100+rnd.IntN(800))
			}
			list = append(list, t)
		}
	}
	return list
}

// end decides what becomes of an attempt; down: the bank does not answer.
func (t *Try) end(rnd *rand.Rand, down bool) {
	chance := rnd.Float64()
	switch {
	case down && chance < .4:
		t.Outcome, t.Step, t.Reason = "failed", "payment", "payment"
	case chance < .962:
		t.Outcome, t.Step = "ok", "done"
	case chance < .974:
		t.Outcome, t.Step, t.Reason = "failed", "payment", pick(rnd, []string{"payment", "payment", "payment", "network"})
	case chance < .98:
		t.Outcome, t.Step, t.Reason = "failed", "address", "input"
	case chance < .985:
		t.Outcome, t.Step, t.Reason = "failed", "cart", "stock"
	case chance < .988:
		t.Outcome, t.Step, t.Reason = "failed", "confirm", pick(rnd, []string{"system", "network"})
	default:
		t.Outcome, t.Step = "abandoned", pick(rnd, []string{"payment", "address", "address"})
	}
}

func pick(rnd *rand.Rand, words []string) string { return words[rnd.IntN(len(words))] }
