package improve_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/improve"
	"huiyin/app/improve/effect"
	"huiyin/app/orders"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// contact makes somebody whom the shop knows by an id; empty: nobody.
func (d *desk) contact(external string) id.ID {
	d.T.Helper()
	if external == "" {
		p, err := d.Tickets.CreateContact(d.T.Context(), tickets.NewContact{})
		must(d.T, err)
		return p.ID
	}
	var contact id.ID
	must(d.T, d.DB.Write(d.T.Context(), func(tx *gorm.DB) error {
		p, _, err := d.Tickets.ContactForTx(tx, tickets.ContactRef{ExternalID: external})
		if err == nil {
			contact = p.ID
		}
		return err
	}))
	return contact
}

// running starts a trial of a new task.
func (d *desk) running(mode improve.Mode, share, target int) (*improve.Task, *improve.Trial) {
	d.T.Helper()
	ctx := d.T.Context()
	t := d.task(improve.Draft{How: improve.OnTrial, Target: target, Groups: []id.ID{d.group("open", 0)}})
	_, err := d.PlanTrial(ctx, d.boss, t.ID, mode, share)
	must(d.T, err)
	t = d.move(t, improve.Trying)
	trial, err := d.TrialOf(ctx, t.ID)
	must(d.T, err)
	return t, trial
}

func TestAssignmentIsStableFairAndToldOnlyOfARunningTrial(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		task := d.task(improve.Draft{How: improve.OnTrial, Groups: []id.ID{d.group("open", 0)}})
		trial, err := d.PlanTrial(ctx, d.boss, task.ID, improve.ByHash, 20)
		must(t, err)
		again, err := d.PlanTrial(ctx, d.boss, task.ID, improve.ByHash, 30)
		must(t, err)
		if again.Key != trial.Key || again.Share != 30 || len(trial.Key) != 16 {
			t.Errorf("planned anew it is %+v, was %+v", again, trial)
		}
		a, err := d.Assign(ctx, trial.Key, improve.Unit{External: "u-0"})
		must(t, err)
		if a.Treated || a.Arm != improve.ArmUntreated || a.State != improve.Planned {
			t.Errorf("before it starts: %+v", a)
		}
		task = d.move(task, improve.Trying)
		if _, err := d.PlanTrial(ctx, d.boss, task.ID, improve.ByHash, 40); !fault.Is(err, fault.Conflict) {
			t.Errorf("planned anew while it runs: %v", err)
		}
		treated, first := 0, map[string]bool{}
		for i := range 600 {
			external := fmt.Sprintf("u-%d", i)
			a, err := d.Assign(ctx, trial.Key, improve.Unit{External: external})
			must(t, err)
			if first[external] = a.Treated; a.Treated {
				treated++
			}
		}
		if treated < 140 || treated > 220 { // 30 % of 600, ± 3.6 standard deviations
			t.Errorf("%d of 600 are treated, planned are 180", treated)
		}
		at := d.Number(`SELECT SUM(first_at) FROM improve_exposures`)
		d.At = d.At.Add(time.Hour)
		for i := range 50 {
			external := fmt.Sprintf("u-%d", i)
			a, err := d.Assign(ctx, trial.Key, improve.Unit{External: " " + external})
			must(t, err)
			b, err := d.Assign(ctx, trial.Key, improve.Unit{Contact: d.contact(external)})
			must(t, err)
			if a.Treated != first[external] || b.Treated != first[external] {
				t.Errorf("%s is treated %v, then %v, and %v once she has written", external, first[external], a.Treated, b.Treated)
			}
		}
		if n := d.Number(`SELECT COUNT(*) FROM improve_exposures`); n != 600 || d.Number(`SELECT SUM(first_at) FROM improve_exposures`) != at {
			t.Errorf("%d were noted, want 600 and when they were assigned first", n)
		}
		_, err = d.Assign(ctx, "nothing", improve.Unit{External: "u"})
		fails(t, err, fault.NotFound, "improve.error.trial")
		_, err = d.Assign(ctx, trial.Key, improve.Unit{})
		fails(t, err, fault.Invalid, "improve.error.contact")
		one, err := d.Assign(ctx, trial.Key, improve.Unit{Session: "s-1"})
		must(t, err)
		two, err := d.Assign(ctx, trial.Key, improve.Unit{Session: "s-1"})
		must(t, err)
		if one != two {
			t.Errorf("a session is %+v, then %+v", one, two)
		}
		d.move(task, improve.RolledOut)
		for _, external := range []string{"u-1", "u-2", "new"} {
			if a, err := d.Assign(ctx, trial.Key, improve.Unit{External: external}); err != nil || !a.Treated {
				t.Errorf("rolled out, %s is not treated (%v)", external, err)
			}
		}
	})
}

func TestTwoTrialsDrawApart(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, one := d.running(improve.ByHash, 50, 30)
		_, two := d.running(improve.ByHash, 50, 30)
		same := 0
		for i := range 200 {
			a, err := d.Assign(t.Context(), one.Key, improve.Unit{Session: fmt.Sprint(i)})
			must(t, err)
			b, err := d.Assign(t.Context(), two.Key, improve.Unit{Session: fmt.Sprint(i)})
			must(t, err)
			if a.Treated == b.Treated {
				same++
			}
		}
		if same < 70 || same > 130 {
			t.Errorf("%d of 200 are in like arms of two trials", same)
		}
	})
}

// play lets shoppers come to a running trial; of each arm a part complains. Whoever complains does so twice, and half of them
// of an order.
func (d *desk) play(task *improve.Task, trial *improve.Trial, shoppers int, untreated, treated float64) {
	d.T.Helper()
	r := rand.New(rand.NewPCG(7, 7))
	var said []complaint
	for i := range shoppers {
		external := fmt.Sprintf("p-%d", i)
		a, err := d.Assign(d.T.Context(), trial.Key, improve.Unit{External: external})
		must(d.T, err)
		rate := untreated
		if a.Treated {
			rate = treated
		}
		if r.Float64() < rate {
			c := complaint{group: task.Groups[0], contact: d.contact(external), at: d.At.Add(time.Minute)}
			said = append(said, c, c)
		}
	}
	d.complain(said...)
	d.At = d.At.AddDate(0, 0, 21)
}

func TestAWholeTrialEndsInTheVerdictThatItsArmsShow(t *testing.T) {
	for _, test := range []struct {
		name               string
		shoppers           int
		untreated, treated float64
		want               effect.Verdict
	}{
		{"worked", 1200, .30, .12, effect.Worked},
		{"no effect", 2000, .30, .30, effect.NoEffect},
		{"worse", 1200, .12, .30, effect.Worse},
		{"too early", 60, .30, .15, effect.TooEarly},
	} {
		t.Run(test.name, func(t *testing.T) {
			each(t, func(t *testing.T, d *desk) {
				ctx := t.Context()
				task, trial := d.running(improve.ByHash, 50, 30)
				d.complain(complaint{group: task.Groups[0], contact: d.contact("p-1"), at: d.At.Add(-time.Hour)}, complaint{group: task.Groups[0], at: d.At.Add(time.Hour)})
				d.play(task, trial, test.shoppers, test.untreated, test.treated)
				d.answers = [2]int{3, 1}
				e, err := d.Measure(ctx, task.ID)
				must(t, err)
				t.Logf("%+v", *e)
				if e.Verdict != test.want || e.Of != improve.OfArms || e.ShareOff || e.Unknown != 1 || e.Fixed != 3 || e.Still != 1 {
					t.Errorf("it says %+v, want %s", *e, test.want)
				}
				if e.Unit != improve.PerPersons || e.Before.Of+e.After.Of != test.shoppers {
					t.Errorf("the arms are %+v and %+v", e.Before, e.After)
				}
				if (test.want == effect.TooEarly) != (e.More > 0) {
					t.Errorf("it needs %d more", e.More)
				}
				got, err := d.Task(ctx, task.ID)
				must(t, err)
				if got.Effect == nil || got.Effect.Verdict != test.want || got.Version != task.Version {
					t.Errorf("the card says %+v", got.Effect)
				}
				_, err = d.MoveTo(ctx, d.boss, task.ID, improve.Move{Version: got.Version, To: improve.Verified})
				if (err == nil) != (test.want == effect.Worked) {
					t.Errorf("verified: %v", err)
				}
			})
		})
	}
}

func TestAnOrdersArmComesBeforeWhatElseIsKnown(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		task, trial := d.running(improve.ByFlag, 50, 50)
		_, err := d.Assign(ctx, trial.Key, improve.Unit{External: "u"})
		fails(t, err, fault.Conflict, "improve.error.flag")
		for i := range 80 {
			arm, number := []string{improve.ArmTreated, improve.ArmUntreated}[i%2], fmt.Sprintf("F%04d", i)
			paid := d.At.Add(time.Minute).Format(time.RFC3339)
			_, _, err := d.orders.Put(ctx, number, &orders.Draft{Status: "paid", PaidAt: &paid, UpdatedAt: &paid, Meta: fmt.Appendf(nil, `{"trial": %q, "arm": %q, "note": 1}`, trial.Key, arm)}, orders.PutOptions{})
			must(t, err)
			if arm == improve.ArmUntreated && i < 60 || i%20 == 0 {
				d.complain(complaint{group: task.Groups[0], order: number, at: d.At.Add(time.Hour)}, complaint{group: task.Groups[0], order: number, at: d.At.Add(2 * time.Hour)})
			}
		}
		d.complain(complaint{group: task.Groups[0], order: "other", at: d.At.Add(time.Hour)})
		d.At = d.At.AddDate(0, 0, 3)
		e, err := d.Effect(ctx, task.ID)
		must(t, err)
		if e.Unit != improve.PerOrders || e.Before != (improve.Rate{Persons: 30, Of: 40}) || e.After != (improve.Rate{Persons: 4, Of: 40}) || e.Verdict != effect.Worked || e.Unknown != 1 {
			t.Errorf("it says %+v", *e)
		}
	})
}

func TestWhereTheShopAssignsAnAttemptSaysTheArmToo(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		task, _ := d.running(improve.ByFlag, 50, 50)
		a, b, late := d.contact("a"), d.contact("b"), d.contact("c")
		soon := d.At.Add(time.Minute).UnixMilli()
		d.tried = map[id.ID]improve.Tried{a: {Arm: improve.ArmTreated, At: soon}, b: {Arm: "other", At: soon}, late: {Arm: improve.ArmUntreated, At: d.At.Add(2 * time.Hour).UnixMilli()}}
		for _, one := range []id.ID{a, b, late} {
			d.complain(complaint{group: task.Groups[0], contact: one, at: d.At.Add(time.Hour)})
		}
		d.At = d.At.AddDate(0, 0, 1)
		e, err := d.Effect(t.Context(), task.ID)
		must(t, err)
		if e.After.Persons != 1 || e.Before.Persons != 0 || e.Unknown != 2 {
			t.Errorf("it says %+v", *e)
		}
	})
}

func TestAMergedContactBringsHerArmAlong(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		task, trial := d.running(improve.ByHash, 50, 30)
		visitor, known := d.contact(""), d.contact("u-9")
		a, err := d.Assign(ctx, trial.Key, improve.Unit{Contact: visitor})
		must(t, err)
		must(t, d.DB.Write(ctx, func(tx *gorm.DB) error { return improve.Merged(tx, visitor, known) }))
		d.complain(complaint{group: task.Groups[0], contact: known, at: d.At.Add(time.Hour)})
		d.At = d.At.AddDate(0, 0, 1)
		e, err := d.Effect(ctx, task.ID)
		must(t, err)
		if e.Unknown != 0 || (e.After.Persons == 1) != a.Treated {
			t.Errorf("it says %+v, she was treated: %v", *e, a.Treated)
		}
	})
}

func TestArmsOfAnotherSizeThanPlannedSayNothing(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		task, trial := d.running(improve.ByHash, 50, 30)
		d.play(task, trial, 600, .4, .05)
		d.Exec(`DELETE FROM improve_exposures WHERE NOT treated AND contact_id IS NULL`) // the untreated got lost, as by a page that fails
		e, err := d.Effect(ctx, task.ID)
		must(t, err)
		if !e.ShareOff || e.Verdict != effect.TooEarly || e.Helped() {
			t.Errorf("it says %+v", *e)
		}
	})
}

func TestTheTreatedWhoComplainMoreOfOtherThingsAreAWarning(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		task, trial := d.running(improve.ByHash, 50, 30)
		other := *task
		other.Groups = []id.ID{d.group("open", 0)}
		d.Exec(`INSERT INTO insight_findings (group_id, day, kind, days, observed, expected, chance) VALUES (?, ?, 'rise', 3, 20, 5.0, 0.001)`, int64(other.Groups[0]), d.At.AddDate(0, 0, 2).UnixMilli())
		d.play(&other, trial, 900, .05, .3)
		e, err := d.Effect(ctx, task.ID)
		must(t, err)
		if !e.OthersWorse || len(e.Others) != 1 || e.Others[0] != other.Groups[0] || e.Verdict != effect.TooEarly {
			t.Errorf("it says %+v", *e)
		}
	})
}

func TestWhatIsToBeExpectedIsSaidBeforeATrialStarts(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		group := d.group("open", 0)
		var said []complaint
		for i := range 8 * 60 {
			said = append(said, complaint{group: group, at: d.At.Add(-time.Duration(i)*8*7*24*time.Hour/(8*60) - time.Minute)})
		}
		d.complain(said...)
		look, err := d.Look(ctx, []id.ID{group}, 30, 10)
		must(t, err)
		t.Logf("%+v", look)
		if look.Pace < 58 || look.Pace > 62 || look.Half.Weeks < 3 || look.Half.Weeks > 12 || look.Trial.Weeks <= look.Half.Weeks || look.Everybody.Weeks < 2 {
			t.Errorf("at 60 a week: %+v", look)
		}
		quiet, err := d.Look(ctx, []id.ID{d.group("open", 0)}, 30, 50)
		must(t, err)
		if quiet.Pace != 0 || !quiet.Trial.HarmOnly() || !quiet.Everybody.HarmOnly() || quiet.Quickest() != improve.Everybody {
			t.Errorf("of a group that nobody complains of: %+v", quiet)
		}
		_, trial := d.running(improve.ByHash, 5, 10)
		if !trial.HarmOnly {
			t.Errorf("a small fall with few persons is no trial: %+v", trial)
		}
	})
}
