package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"huiyin/app"
	"huiyin/app/demo"
	"huiyin/app/improve"
	"huiyin/app/improve/telling"
	"huiyin/app/insights"
	"huiyin/app/orders"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// yearOf is where the sample shop's last year goes. Groups and tasks need the running desk: they are asked for when it is filled.
func (s *showing) yearOf(desk *app.Desk) demo.Year {
	y := &showedYear{s: s, desk: desk, keys: map[id.ID]string{}}
	return demo.Year{
		Order: func(ctx context.Context, o demo.YearOrder) error {
			_, _, err := s.orders.Put(ctx, o.Number, yearDraft(&o), orders.PutOptions{})
			return err
		},
		Mark: func(ctx context.Context, c demo.Campaign) error {
			_, err := s.running.Insights.AddMark(ctx, 0, insights.Mark{Kind: insights.Campaign, From: c.From, To: c.To, Title: c.Name})
			return err
		},
		Group: y.group, Tidy: y.tidy, Task: y.task, Arm: y.arm, Move: y.move, Publish: y.publish,
	}
}

// showedYear plays what the shop did about complaints.
type showedYear struct {
	s    *showing
	desk *app.Desk
	keys map[id.ID]string // of the trials, by task
}

// by is the shop's manager.
func (y *showedYear) by() tickets.Actor {
	return tickets.Actor{Kind: tickets.ActorAgent, ID: y.s.shop.Agents[demo.Manager], Role: tickets.RoleManager}
}

// at gives a keeper of tasks whose clock stands.
func (y *showedYear) at(now time.Time) *improve.Service {
	return y.desk.ImproveAt(y.s.running.Insights, func() time.Time { return now })
}

// yearDraft is the order in the words of the API.
func yearDraft(o *demo.YearOrder) *orders.Draft {
	d := &orders.Draft{
		Contact: &orders.ContactDraft{ExternalID: o.Shopper, Email: o.Email, Name: o.Name, Locale: o.Locale},
		Status:  "paid", Currency: "CNY", Total: money(o.Price * o.Quantity), Platform: "demo",
		PlacedAt: moment(o.Placed), PaidAt: moment(o.Paid), ShippedAt: moment(o.Shipped), DeliveredAt: moment(o.Delivered), FinishedAt: moment(o.Finished),
		UpdatedAt: moment(o.Paid), Lines: []orders.LineDraft{{SKU: o.SKU, Name: o.Item, Quantity: int64(o.Quantity), Price: money(o.Price)}},
	}
	for _, step := range []struct {
		status string
		at     time.Time
	}{{"shipped", o.Shipped}, {"delivered", o.Delivered}, {"finished", o.Finished}} {
		if !step.at.IsZero() {
			d.Status, d.UpdatedAt = step.status, moment(step.at)
		}
	}
	if o.Refund > 0 {
		d.Refunds = []orders.RefundDraft{{ID: o.Number, Amount: money(o.Refund), State: "done", At: moment(o.RefundAt)}}
	}
	return d
}

// group waits until the desk has read what was said, and has it grouped.
func (y *showedYear) group(ctx context.Context) error {
	const look = 100 * time.Millisecond
	for {
		behind, err := y.s.running.Backlog(ctx)
		if err != nil {
			return err
		}
		if behind["insights"] == 0 {
			break
		}
		select {
		case <-time.After(look):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	kind, _, err := y.s.running.Insights.Tonight(ctx)
	if err != nil {
		return err
	}
	if _, err := y.s.running.Insights.PassNow(ctx, kind); err != nil {
		return err
	}
	return errors.Join(y.s.running.Insights.Cost(ctx), y.s.running.Insights.Look(ctx))
}

// task begins an improvement of the group in which most of what was said of some orders is.
func (y *showedYear) task(ctx context.Context, at time.Time, t demo.YearTask) (id.ID, error) {
	counts, _, err := y.about(ctx, t.Orders)
	if err != nil {
		return 0, err
	}
	d := improve.Draft{Title: t.Title, What: t.What, Why: t.Why, Target: t.Target, Due: t.Due.Format(time.DateOnly), Owner: y.by().ID}
	if group := most(counts); group != 0 {
		d.Groups = []id.ID{group}
	}
	if t.Share > 0 {
		d.How = improve.OnTrial
	}
	task, err := y.at(at).Create(ctx, y.by(), d)
	if err != nil || t.Share == 0 {
		return idOf(task), err
	}
	trial, err := y.at(at).PlanTrial(ctx, y.by(), task.ID, improve.ByHash, t.Share)
	if err != nil {
		return 0, err
	}
	y.keys[task.ID] = trial.Key
	return task.ID, nil
}

func idOf(t *improve.Task) id.ID {
	if t == nil {
		return 0
	}
	return t.ID
}

// about are the groups of which most was said of some orders, with how much was.
func (y *showedYear) about(ctx context.Context, orders []string) (map[id.ID]int, []insights.Group, error) {
	const part = .6
	var hashes [][]byte
	for _, order := range orders {
		if key := y.desk.Tickets.OrderKey(order); key != nil {
			hashes = append(hashes, key)
		}
	}
	counts, err := y.s.running.Insights.GroupsOfOrders(ctx, hashes)
	if err != nil {
		return nil, nil, err
	}
	groups, err := y.s.running.Insights.Groups(ctx)
	if err != nil {
		return nil, nil, err
	}
	mine := map[id.ID]int{}
	for _, g := range groups {
		if g.Size > 0 && float64(counts[g.ID]) >= part*float64(g.Size) {
			mine[g.ID] = counts[g.ID]
		}
	}
	return mine, groups, nil
}

// most is the group that holds the most; of equal ones, the older.
func most(counts map[id.ID]int) id.ID {
	best := id.ID(0)
	for group, n := range counts {
		if best == 0 || n > counts[best] || n == counts[best] && group < best {
			best = group
		}
	}
	return best
}

// tidy merges the groups of which most is about some orders into the largest of them.
func (y *showedYear) tidy(ctx context.Context, title string, orders []string) error {
	mine, groups, err := y.about(ctx, orders)
	if err != nil {
		return err
	}
	titled := id.ID(0)
	for _, g := range groups {
		if g.Title == title {
			titled = g.ID
		} else if g.Title != "" {
			delete(mine, g.ID)
		}
	}
	into := titled
	if into == 0 {
		if into = most(mine); into == 0 {
			return nil
		}
	}
	delete(mine, into)
	others := slices.Collect(maps.Keys(mine))
	manager := y.by().ID
	if len(others) > 0 {
		if _, err := y.s.running.Insights.Merge(ctx, manager, into, others); err != nil {
			return err
		}
	}
	if titled == 0 {
		_, err = y.s.running.Insights.Rename(ctx, manager, into, title)
	}
	return err
}

func (y *showedYear) arm(ctx context.Context, at time.Time, task id.ID, shopper string) (string, error) {
	a, err := y.at(at).Assign(ctx, y.keys[task], improve.Unit{External: shopper})
	return a.Arm, err
}

// move brings a task to a state as of a day. What the shop says of it must be so: before a verdict its effect is measured, and one
// that does not show is an error.
func (y *showedYear) move(ctx context.Context, at time.Time, task id.ID, state string) error {
	tasks := y.at(at)
	to := improve.State(state)
	if to.Over() {
		if _, err := tasks.Measure(ctx, task); err != nil {
			return err
		}
	}
	t, err := tasks.Task(ctx, task)
	if err != nil {
		return err
	}
	if to == improve.Verified && (t.Effect == nil || !t.Effect.Helped()) {
		return errors.New("the new lids do not show to have helped")
	}
	_, err = tasks.MoveTo(ctx, y.by(), task, improve.Move{Version: t.Version, To: to})
	return err
}

// publish writes what the public page says of a task.
func (y *showedYear) publish(ctx context.Context, since time.Time, task id.ID, said, did map[string]string) error {
	d := telling.Draft{Texts: map[string]telling.StoryText{}, Since: since.Format(time.DateOnly), Fall: true, Publish: true}
	for locale, text := range said {
		d.Texts[locale] = telling.StoryText{Said: text, Did: did[locale]}
	}
	return y.s.running.Telling.SaveStory(ctx, y.by(), task, d)
}
