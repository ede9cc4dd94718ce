package insights_test

import (
	"context"
	"fmt"
	"iter"
	"os"
	"testing"
	"time"

	"huiyin/app/insights"
	"huiyin/app/insights/worker"
	"huiyin/tickets/id"
)

// interrupted is a worker during whose passes something happens: before the texts are read, after them, and when the result is
// there but nothing of it is written.
type interrupted struct {
	worker.Worker
	before, read, found func()
	err                 error // that the pass ends with
}

func (i *interrupted) Pass(ctx context.Context, p worker.Pass, texts iter.Seq2[worker.Text, error]) (*worker.Result, error) {
	i.before()
	r, err := i.Worker.Pass(ctx, p, func(yield func(worker.Text, error) bool) {
		texts(yield)
		i.read()
	})
	i.found()
	if i.err != nil {
		return nil, i.err
	}
	return r, err
}

// battery is a complaint that the first model has never heard of.
func (d *desk) battery(n int) (subjects []id.ID) {
	d.T.Helper()
	var list []insights.Said
	for range n {
		d.n++
		one := d.IDs.Next()
		subjects = append(subjects, one)
		list = append(list, insights.Said{Source: insights.FromImport, Subject: one, Channel: "chat", Text: fmt.Sprintf("battery dies overnight %s, charger stays hot %s", fillers[d.n%len(fillers)], word(d.n)), Blames: true, At: d.At})
	}
	_, err := d.Take(context.Background(), list)
	must(d.T, err)
	return subjects
}

// joined tells that new complaints are with the older ones of their kind and language.
func (d *desk) joined(when string, fresh, old [4][]id.ID) {
	d.T.Helper()
	for k := range kinds {
		for i, subject := range fresh[k] {
			if got, want := d.groupOf(subject), d.groupOf(old[k][i%2]); got == 0 || got != want {
				d.T.Errorf("%s, kind %d: a new text is in %v, its like in %v", when, k, got, want)
			}
		}
	}
}

// unplaced counts the clauses that the model in force has not placed.
func (d *desk) unplaced() int64 {
	d.T.Helper()
	return d.Number(`SELECT COUNT(*) FROM insight_voices WHERE score < 0`)
}

func TestATextThatComesDuringAPassJoinsAtOnceAndTheNewModelPlacesItAgain(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		old := d.complain(20)
		d.pass()
		var came [4][]id.ID
		joins := func(when string) func() {
			return func() {
				t.Helper()
				fresh := d.complain(1)
				d.assign()
				d.right()
				for k := range kinds {
					came[k] = append(came[k], fresh[k]...)
				}
				d.joined(when, fresh, old)
			}
		}
		for _, kind := range []worker.Kind{worker.Nightly, worker.Weekly, worker.Cold} {
			d.At = d.At.Add(24 * time.Hour)
			d.Worker = &interrupted{Worker: &worker.Local{}, before: joins(string(kind) + ", begun"), read: joins(string(kind) + ", read"), found: joins(string(kind) + ", found")}
			r, err := d.PassNow(t.Context(), kind)
			must(t, err)
			d.right()
			all := int(d.Number(`SELECT COUNT(*) FROM insight_voices`))
			if n := int(d.unplaced()); n != 16 || r.Texts != all-n {
				t.Errorf("%s: of %d texts the pass read %d, and %d wait for the new model, want the 16 that came when all was read", kind, all, r.Texts, n)
			}
			if n := d.Number(`SELECT COUNT(*) FROM insight_voices WHERE group_id = 0`); n > int64(all/10) {
				t.Errorf("%s: until then %d of %d are in no group", kind, n, all)
			}
			d.assign()
			d.right()
			if n := d.unplaced(); n != 0 {
				t.Errorf("%s: %d texts are not placed by the new model", kind, n)
			}
			if n := d.Number(`SELECT COUNT(*) FROM insight_voices v WHERE v.fine_id <> 0 AND NOT EXISTS (SELECT 1 FROM insight_groups g WHERE g.id = v.fine_id AND g.engine IS NOT NULL)`); n != 0 {
				t.Errorf("%s: %d texts are in fine groups that the new model does not know", kind, n)
			}
			d.joined(string(kind)+", over", came, old)
		}
	})
}

func TestWhatComesDuringAPassGoesToTheGroupThatThePassHasFound(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.complain(20)
		d.pass()
		known := d.battery(4 * len(fillers)) // so that the late one has the words of the first
		var late []id.ID
		none := func() {}
		d.Worker = &interrupted{Worker: &worker.Local{}, before: none, read: func() {
			late = d.battery(1)
			d.assign()
		}, found: none}
		_, err := d.PassNow(t.Context(), worker.Weekly)
		must(t, err)
		found := d.groupOf(known[0])
		if found == 0 || d.groupOf(late[0]) == found {
			t.Fatalf("the pass has found %v; the late text is in %v before it is looked at again", found, d.groupOf(late[0]))
		}
		d.assign()
		d.right()
		if got := d.groupOf(late[0]); got != found {
			t.Errorf("the late text is in %v, want %v", got, found)
		}
	})
}

func TestWhatPeopleDoWithATextDuringAPassHolds(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		old := d.complain(20)
		d.pass()
		late, refund, rude := d.groupOf(old[0][0]), d.groupOf(old[1][0]), d.groupOf(old[2][0])
		var moved, merged id.ID
		none := func() {}
		hand := func() {
			fresh := d.complain(1)
			d.assign()
			moved, merged = fresh[0][0], fresh[1][0]
			_, err := d.Move(t.Context(), d.by, []id.ID{id.ID(d.Number(`SELECT id FROM insight_voices WHERE subject_id = ?`, int64(moved)))}, rude)
			must(t, err)
			if refund != late {
				_, err = d.Merge(t.Context(), d.by, late, []id.ID{refund})
				must(t, err)
			}
			refund = late
		}
		for _, kind := range []worker.Kind{worker.Nightly, worker.Cold} {
			d.Worker = &interrupted{Worker: &worker.Local{}, before: none, read: hand, found: none}
			_, err := d.PassNow(t.Context(), kind)
			must(t, err)
			d.assign()
			d.settle()
			d.right()
			if got := d.groupOf(moved); got != rude {
				t.Errorf("%s: what was moved is in %v, want %v", kind, got, rude)
			}
			if got := d.groupOf(merged); got != late {
				t.Errorf("%s: what was merged is in %v, want %v", kind, got, late)
			}
		}
	})
}

// A pass that dies leaves its row behind, as a desk does that was killed.
func TestAfterAPassThatDiedTextsJoinAndTheNextPassPlacesThem(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		old := d.complain(20)
		d.pass()
		var fresh [4][]id.ID
		none := func() {}
		d.Worker = &interrupted{Worker: &worker.Local{}, before: none, found: none, err: worker.ErrGone, read: func() {
			fresh = d.complain(1)
			d.assign()
		}}
		d.At = d.At.Add(24 * time.Hour)
		if _, err := d.PassNow(t.Context(), worker.Nightly); err == nil {
			t.Fatal("the pass did not die")
		}
		d.Exec(`UPDATE insight_runs SET state = 'running', ended_at = NULL WHERE state = 'failed'`)
		later := d.complain(1)
		d.assign()
		d.right()
		d.joined("before it died", fresh, old)
		d.joined("after it died", later, old)
		d.Worker = &worker.Local{}
		r, err := d.PassNow(t.Context(), worker.Nightly)
		must(t, err)
		d.right()
		if all := d.Number(`SELECT COUNT(*) FROM insight_voices`); int64(r.Texts) != all || d.unplaced() != 0 {
			t.Errorf("the next pass read %d of %d texts, %d are not placed", r.Texts, all, d.unplaced())
		}
	})
}

// So it is when a node that was thought dead goes on.
func TestAPassThatAnotherHasOvertakenWritesNothingMore(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.complain(20)
		d.pass()
		d.battery(4 * len(fillers))
		groups := func() int64 { return d.Number(`SELECT COUNT(*) FROM insight_groups`) }
		none := func() {}
		for _, kind := range []worker.Kind{worker.Weekly, worker.Cold} {
			var after int64
			d.Worker = &interrupted{Worker: &worker.Local{}, before: none, read: none, found: func() {
				d.Worker = &worker.Local{}
				_, err := d.PassNow(t.Context(), kind)
				must(t, err)
				after = groups()
			}}
			if _, err := d.PassNow(t.Context(), kind); err == nil {
				t.Errorf("%s: the pass that was overtaken went on", kind)
			}
			d.right()
			if got := groups(); got != after {
				t.Errorf("%s: there are %d groups, want the %d of the other pass", kind, got, after)
			}
			runs, err := d.Runs(t.Context(), 2)
			must(t, err)
			if runs[0].State != insights.RunDone || runs[1].State != insights.RunFailed {
				t.Errorf("%s: the runs are %s and %s", kind, runs[0].State, runs[1].State)
			}
		}
	})
}

// Here the worker is the process that it is on a desk.
func TestATextJoinsWithinSecondsWhileTheChildIsAtAPass(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		path, err := os.Executable()
		must(t, err)
		child := &worker.Process{Command: []string{path}, Env: []string{"HUIYIN_TEST_WORKER=1"}, Log: d.Log}
		t.Cleanup(child.Close)
		d.Worker = child
		old := d.complain(20)
		d.pass()
		var fresh [4][]id.ID
		none := func() {}
		d.Worker = &interrupted{Worker: child, before: none, found: none, read: func() {
			began := time.Now()
			fresh = d.complain(1)
			d.assign()
			d.joined("at work", fresh, old)
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %s", took)
			}
		}}
		_, err = d.PassNow(t.Context(), worker.Weekly)
		must(t, err)
		d.assign()
		d.right()
		d.joined("over", fresh, old)
		if n := d.unplaced(); n != 0 {
			t.Errorf("%d texts are not placed by the new model", n)
		}
	})
}
