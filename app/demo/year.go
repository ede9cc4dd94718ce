package demo

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"huiyin/tickets/id"
)

// Year is where the shop's last year goes: its orders, what was said of them, and what the shop did about it. Its zero
// value: nowhere.
type Year struct {
	// Order takes an order as it stands now; calls come at the same time.
	Order func(ctx context.Context, o YearOrder) error
	Mark  func(ctx context.Context, c Campaign) error
	// Group puts what was said so far into groups.
	Group func(ctx context.Context) error
	// Tidy merges the groups of which most was said of some orders, as a manager does, and gives the whole a title.
	Tidy func(ctx context.Context, title string, orders []string) error
	// Task begins an improvement of the group that holds what was said of some orders.
	Task func(ctx context.Context, at time.Time, t YearTask) (id.ID, error)
	// Arm is the arm of the task's trial in which a shopper is: treated or untreated.
	Arm func(ctx context.Context, at time.Time, task id.ID, shopper string) (string, error)
	// Move brings the task to a state.
	Move func(ctx context.Context, at time.Time, task id.ID, state string) error
	// Publish tells everybody of an improvement. nil: it is not.
	Publish func(ctx context.Context, since time.Time, task id.ID, said, did map[string]string) error
}

// YearTask is an improvement that the shop tried.
type YearTask struct {
	Title, What, Why string
	Orders           []string // of those who complained of it
	Target           int      // fall in per cent
	Share            int      // of shoppers in a trial, in per cent; 0: everybody at once
	Due              time.Time
}

// playersOfYear work at the same time on a day of the year.
const playersOfYear = 4

// fillYear plays the last year, day by day. It comes after the conversations: they are what a newcomer looks at first.
func (s *Shop) fillYear(ctx context.Context, progress func(done, total int)) error {
	to := s.services.Year
	if to.Order == nil || s.services.Opinions == nil {
		return nil
	}
	p := &yearPlay{shop: s, to: to, said: map[string][]string{}}
	y, err := newYear(s.services.Seed, s.services.Now(), func(trial, shopper string, at time.Time) (string, error) {
		return to.Arm(ctx, at, map[string]id.ID{"leak": p.lids, "late": p.courier}[trial], shopper)
	})
	if err != nil {
		return err
	}
	p.year = y
	for _, c := range y.camps {
		if err := to.Mark(ctx, c); err != nil {
			return err
		}
	}
	for back := yearDays; back >= 0; back-- {
		if err := p.turn(ctx, back); err != nil {
			return fmt.Errorf("%d days ago: %w", back, err)
		}
		if err := p.play(ctx, back); err != nil {
			return fmt.Errorf("%d days ago: %w", back, err)
		}
		if progress != nil {
			progress(yearDays-back+1, yearDays+1)
		}
	}
	if err := p.group(ctx); err != nil {
		return err
	}
	return p.end(ctx)
}

type yearPlay struct {
	*year
	shop          *Shop
	to            Year
	said          map[string][]string // orders of those who complained, by matter
	lids, courier id.ID               // tasks
}

// at is noon of the day so many days before today.
func (p *yearPlay) at(back int) time.Time { return p.today.AddDate(0, 0, -back).Add(12 * time.Hour) }

// play lets a day pass.
func (p *yearPlay) play(ctx context.Context, back int) error {
	d, err := p.day(back)
	if err != nil {
		return err
	}
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(playersOfYear)
	for _, o := range d.orders {
		group.Go(func() error { return p.to.Order(within, o) })
	}
	if err := group.Wait(); err != nil {
		return fmt.Errorf("tell of an order: %w", err)
	}
	for _, o := range d.opinions {
		if err := p.shop.services.Opinions(ctx, o.At, o.Opinion); err != nil {
			return fmt.Errorf("answer the shop's form: %w", err)
		}
		p.said[o.matter] = append(p.said[o.matter], o.Order)
	}
	return pause(ctx)
}

// tidied are the matters whose groups the shop's manager has brought together, with their titles.
var tidied = [][2]string{{"leak", "杯盖漏水"}, {"silence", "晚上没人回"}, {"late", "发货慢"}, {"broken", "收到就碎"}}

// group has what was said so far put into groups, and brings together what is one matter.
func (p *yearPlay) group(ctx context.Context) error {
	if err := p.to.Group(ctx); err != nil {
		return err
	}
	for _, m := range tidied {
		if err := p.to.Tidy(ctx, m[1], p.said[m[0]]); err != nil {
			return err
		}
	}
	return nil
}

// turn does what the shop decided on the morning of a day.
func (p *yearPlay) turn(ctx context.Context, back int) (err error) {
	move := func(task id.ID, state string) {
		if err == nil {
			err = p.to.Move(ctx, p.at(back), task, state)
		}
	}
	switch back {
	case lidsTrial:
		if err = p.group(ctx); err != nil {
			return err
		}
		if p.lids, err = p.to.Task(ctx, p.at(back+10), p.task("leak", lidsTrial, 50, 50)); err != nil {
			return err
		}
		move(p.lids, "in_work")
		move(p.lids, "trial")
	case lidsRolledOut:
		move(p.lids, "rolled_out")
	case courierChanged:
		if p.courier, err = p.to.Task(ctx, p.at(back+9), p.task("late", courierChanged, 60, 50)); err != nil {
			return err
		}
		move(p.courier, "in_work")
		move(p.courier, "trial")
	}
	return err
}

// end looks at what came of it, after everything was grouped.
func (p *yearPlay) end(ctx context.Context) error {
	if err := p.to.Move(ctx, p.at(lidsVerified), p.lids, "verified"); err != nil {
		return err
	}
	if err := p.to.Move(ctx, p.at(courierClosed), p.courier, "no_effect"); err != nil {
		return err
	}
	if _, err := p.to.Task(ctx, p.at(foamProposed), p.task("broken", foamProposed, 30, 0)); err != nil {
		return err
	}
	if p.to.Publish == nil {
		return nil
	}
	return p.to.Publish(ctx, p.at(lidsRolledOut), p.lids, map[string]string{zh: "杯盖漏水，放包里不放心。", en: "Lids leaked, and bags got wet."},
		map[string]string{zh: "换了加厚的密封圈，盖子多扣了半圈。新杯子都是这样，老顾客可以来信要一个新盖子。", en: "Lids have a thicker seal and close half a turn further. All new cups have it; if yours is older, write to us for a new lid."})
}

// task is what the shop writes down of an improvement.
func (p *yearPlay) task(matter string, begins, target, share int) YearTask {
	t := YearTask{Orders: p.said[matter], Target: target, Share: share, Due: p.at(begins - 30)}
	switch matter {
	case "leak":
		t.Title, t.What, t.Why = "换更厚的密封圈", "新盖子：密封圈加厚 0.4 毫米，螺纹多半圈。先给一半顾客发新盖子。", "漏水的抱怨最多，退货也多。"
	case "late":
		t.Title, t.What, t.Why = "换一家快递", "一半顾客的包裹改发云雀快递，其他不变。", "发货和物流慢的抱怨一直不少。"
	default:
		t.Title, t.What, t.Why = "易碎品多垫一层", "玻璃和陶瓷加一层气泡垫，外箱换五层板。", "收到就碎的，几乎每单都要补发。"
	}
	return t
}
