package improve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"gorm.io/gorm"

	"huiyin/app/improve/effect"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// The bases of an effect: what was compared.
const (
	OfWeeks = "weeks" // weeks after the change with weeks before
	OfArms  = "arms"  // shoppers who were treated with those who were not
)

// What complaints are held against.
const (
	PerOrders  = "orders"  // paid ones
	PerPersons = "persons" // who were assigned
	PerDays    = "days"    // the shop tells of no orders
)

// Rate is how many persons complained, of how many.
type Rate struct {
	Persons int `json:"persons"`
	Of      int `json:"of"`
}

// PerMille is the rate per 1,000; of days it is per week.
func (r Rate) PerMille(unit string) float64 {
	switch {
	case r.Of == 0:
		return 0
	case unit == PerDays:
		return float64(r.Persons) / float64(r.Of) * 7
	}
	return float64(r.Persons) / float64(r.Of) * 1000
}

// Effect is what is known of a task's effect. Nothing in it is more than package effect says.
type Effect struct {
	Of      string         `json:"of"` // OfWeeks, OfArms
	Verdict effect.Verdict `json:"verdict"`
	Ratio   float64        `json:"ratio"` // of the rates: 0.7 is 30 % fewer
	Low     float64        `json:"low"`
	High    float64        `json:"high"` // 0: nothing bounds it
	Unit    string         `json:"unit"` // PerOrders, …
	Before  Rate           `json:"before"`
	After   Rate           `json:"after"` // of arms: untreated, treated
	From    string         `json:"from"`  // days of the shop
	To      string         `json:"to"`    // the last day that counts

	WeeksBefore int `json:"weeks_before,omitempty"`
	WeeksAfter  int `json:"weeks_after,omitempty"`
	Campaign    int `json:"campaign,omitempty"` // days that were left out
	Rise        int `json:"rise,omitempty"`

	Need       int     `json:"need,omitempty"` // persons, as planned
	More       int     `json:"more,omitempty"` // persons that are still missing
	MoreOrders int     `json:"more_orders,omitempty"`
	MoreWeeks  int     `json:"more_weeks,omitempty"`
	Power      float64 `json:"power"`
	Level      float64 `json:"level"`
	HarmOnly   bool    `json:"harm_only,omitempty"`
	Share      int     `json:"share,omitempty"`
	ShareOff   bool    `json:"share_off,omitempty"` // the arms are not as large as planned: nothing can be said
	Unknown    int     `json:"unknown,omitempty"`   // who complained and was in no arm

	Others      []id.ID `json:"others,omitempty"`       // groups that rose meanwhile
	OthersWorse bool    `json:"others_worse,omitempty"` // the treated complain more of other things

	Fixed int `json:"fixed,omitempty"` // who was told and answered
	Still int `json:"still,omitempty"`
}

// Helped tells that complaints became fewer, as far as can be said.
func (e *Effect) Helped() bool { return e.Verdict == effect.Worked || e.Verdict == effect.Fell }

// take takes over a result; an open end becomes 0.
func (e *Effect) take(r effect.Result) {
	e.Verdict, e.Ratio, e.Low, e.High, e.More = r.Verdict, r.Ratio, r.Low, r.High, r.More
	if math.IsInf(r.High, 1) {
		e.High = 0
	}
	if math.IsInf(r.Ratio, 1) {
		e.Ratio = 0 // nobody untreated has complained: there is no ratio yet
	}
}

// Effect tells how a task stands today; nil while there is nothing to compare: no groups, no trial that began, no day of the
// change. Errors: NotFound.
func (s *Service) Effect(ctx context.Context, task id.ID) (*Effect, error) {
	t, err := s.Task(ctx, task)
	if err != nil {
		return nil, err
	}
	return s.effectOf(ctx, t)
}

func (s *Service) effectOf(ctx context.Context, t *Task) (*Effect, error) {
	if len(t.Groups) == 0 {
		return nil, nil
	}
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		return nil, err
	}
	trial, err := s.TrialOf(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	var e *Effect
	if t.How == OnTrial && trial != nil && trial.State != Planned {
		e, err = s.ofArms(ctx, t, trial, shop.Zone())
	} else if t.ChangeDay != "" {
		e, err = s.ofWeeks(ctx, t, shop.Zone())
	}
	if e == nil || err != nil {
		return nil, err
	}
	e.Power, e.Level = effect.Power, effect.Level
	if err := s.others(ctx, t, e, shop.Zone()); err != nil {
		return nil, err
	}
	e.Fixed, e.Still, err = s.Answers(ctx, t.ID)
	return e, err
}

// others finds what rose meanwhile beside the groups of the task.
func (s *Service) others(ctx context.Context, t *Task, e *Effect, zone *time.Location) error {
	from, err := time.ParseInLocation(time.DateOnly, e.From, zone)
	if err != nil {
		return err
	}
	rises, err := s.Insights.Rises(ctx, from, s.Now())
	if err != nil {
		return err
	}
	for _, r := range rises {
		if !slices.Contains(t.Groups, r.Group) && !slices.Contains(e.Others, r.Group) {
			e.Others = append(e.Others, r.Group)
		}
	}
	return nil
}

// ofArms compares the arms of a trial.
func (s *Service) ofArms(ctx context.Context, t *Task, trial *Trial, zone *time.Location) (*Effect, error) {
	to := s.Now()
	if trial.State == Ended {
		to = time.UnixMilli(trial.EndedAt)
	}
	arms, unknown, err := s.armsOf(ctx, trial, t.Groups, to)
	if err != nil {
		return nil, err
	}
	plan, err := s.plans.of(trial.Share, trial.Fall)
	if err != nil {
		return nil, err
	}
	e := &Effect{
		Of: OfArms, From: dayOf(time.UnixMilli(trial.StartedAt), zone), To: dayOf(to, zone), Need: trial.Need, HarmOnly: trial.HarmOnly, Share: trial.Share, Unknown: unknown,
		Before: Rate{Persons: arms.Untreated}, After: Rate{Persons: arms.Treated},
	}
	e.take(plan.Judge(arms))
	if err := s.fillArms(ctx, trial, e, to); err != nil {
		return nil, err
	}
	if all := e.Before.Of + e.After.Of; e.More > 0 && arms.Sum() > 0 && e.Unit == PerOrders {
		e.MoreOrders = int(math.Ceil(float64(e.More) * float64(all) / float64(arms.Sum())))
	}
	return e, s.otherArms(ctx, t, trial, plan, e, to)
}

// fillArms adds how large the arms are. Arms of another size than was planned make the comparison worth nothing: the verdict is
// taken back.
func (s *Service) fillArms(ctx context.Context, trial *Trial, e *Effect, to time.Time) error {
	orders, err := s.Orders.InArms(ctx, trial.Key, trial.StartedAt, tickets.Millis(to))
	if err != nil {
		return err
	}
	persons, err := s.watched(ctx, trial)
	if err != nil {
		return err
	}
	size, share := effect.Arms{Treated: orders[ArmTreated], Untreated: orders[ArmUntreated]}, float64(trial.Share)/100
	off := offShare(size, share)
	if trial.Mode == ByHash { // more may buy of one arm because of the change; that nobody does is a fault of the shop's orders
		off = offShare(persons, share) || off && min(size.Treated, size.Untreated) == 0
	}
	if off {
		e.ShareOff, e.Verdict, e.More = true, effect.TooEarly, 0
	}
	e.Unit, e.Before.Of, e.After.Of = PerPersons, persons.Untreated, persons.Treated
	if orders[ArmTreated] > 0 && orders[ArmUntreated] > 0 {
		e.Unit, e.Before.Of, e.After.Of = PerOrders, orders[ArmUntreated], orders[ArmTreated]
	}
	return nil
}

// offSigma is how far an arm's size may be from its plan: chance alone goes so far in one trial of ten thousand.
const offSigma = 3.9

// offShare tells that the treated are another part of all than chance explains.
func offShare(size effect.Arms, share float64) bool {
	n := float64(size.Sum())
	if n == 0 {
		return false
	}
	return math.Abs(float64(size.Treated)-n*share) > offSigma*math.Sqrt(n*share*(1-share))+1
}

// otherArms finds out whether the treated complain more of what the task is not about.
func (s *Service) otherArms(ctx context.Context, t *Task, trial *Trial, plan effect.Plan, e *Effect, to time.Time) error {
	groups, err := s.Insights.Groups(ctx)
	if err != nil {
		return err
	}
	var others []id.ID
	for i := range groups {
		if !slices.Contains(t.Groups, groups[i].ID) {
			others = append(others, groups[i].ID)
		}
	}
	if len(others) == 0 {
		return nil
	}
	arms, _, err := s.armsOf(ctx, trial, others, to)
	e.OthersWorse = err == nil && !e.ShareOff && plan.Judge(arms).Verdict == effect.Worse
	return err
}

// Measure finds the effect of a task, keeps it on its card, and tells the owner of a new verdict. Errors: NotFound.
func (s *Service) Measure(ctx context.Context, task id.ID) (*Effect, error) {
	seen, err := s.Task(ctx, task)
	if err != nil {
		return nil, err
	}
	e, err := s.effectOf(ctx, seen)
	if err != nil {
		return nil, err
	}
	text := ""
	if e != nil {
		data, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		text = string(data)
	}
	return e, s.Store.Write(ctx, func(tx *gorm.DB) error {
		t, err := s.taskTx(tx, task)
		if err != nil || t.Version != seen.Version { // what was compared is not what the task is about now: whoever changed it measures
			return err
		}
		if err := tx.Exec(`UPDATE improve_tasks SET effect = ?, effect_at = ? WHERE id = ?`, text, tickets.Millis(s.Now()), int64(task)).Error; err != nil {
			return err
		}
		var was effect.Verdict
		if t.Effect != nil {
			was = t.Effect.Verdict
		}
		if e == nil || e.Verdict == was || was == "" && e.Verdict == effect.TooEarly {
			return nil
		}
		system := tickets.Actor{Kind: tickets.ActorSystem}
		if _, err := s.note(tx, t, system, Entry{Kind: EntryVerdict, Data: map[string]any{"from": string(was), "to": string(e.Verdict)}}); err != nil {
			return err
		}
		return s.tell(tx, t, system, "verdict", t.Owner)
	})
}

const (
	measureEvery = 20 * time.Hour
	measureFor   = 26 * 7 // days after a change
)

// MeasureDue measures all tasks that were changed for somebody and were not measured today.
func (s *Service) MeasureDue(ctx context.Context) error {
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		return err
	}
	now := s.Now()
	since := dayOf(now.AddDate(0, 0, -measureFor), shop.Zone())
	var due []int64
	err = s.Store.Read(ctx).Raw(`SELECT t.id FROM improve_tasks t WHERE t.state IN ('in_work', 'trial', 'rolled_out', 'verified', 'no_effect') AND COALESCE(t.effect_at, 0) < ?
 AND (t.state = 'trial' OR t.change_day >= ?) ORDER BY t.id`, tickets.Millis(now.Add(-measureEvery)), since).Scan(&due).Error
	if err != nil {
		return err
	}
	var errs []error // one that cannot be measured keeps no other from it
	for _, task := range due {
		if _, err := s.Measure(ctx, id.ID(task)); err != nil {
			errs = append(errs, fmt.Errorf("measure task %d: %w", task, err))
		}
	}
	return errors.Join(errs...)
}
