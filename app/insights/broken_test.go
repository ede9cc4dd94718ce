package insights_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"huiyin/app/insights"
	"huiyin/app/insights/worker"
)

// A pass that ends in the middle of what it writes leaves counts that fit the rows, is done again at once, and its groups are there
// once.
func TestAPassThatIsBrokenOffIsDoneAgain(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.complain(60)
		for _, moved := range []int64{50, 250} {
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				for ctx.Err() == nil {
					var n int64
					if d.DB.Read(ctx).Raw(`SELECT COUNT(*) FROM insight_voices WHERE group_id <> 0`).Row().Scan(&n) == nil && n >= moved {
						cancel()
					}
					time.Sleep(time.Millisecond)
				}
			}()
			_, err := d.Pass(ctx)
			cancel()
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("the pass was not broken off: %v", err)
			}
			d.right()
			runs, err := d.Runs(t.Context(), 1)
			must(t, err)
			if runs[0].State != insights.RunFailed || runs[0].Reason != "broken_off" {
				t.Errorf("the run is %+v", runs[0])
			}
		}
		if r := d.pass(); r == nil || r.Kind != worker.Cold || r.Texts != 480 {
			t.Fatalf("done again: %+v", r)
		}
		if n := d.Number(`SELECT COUNT(*) FROM insight_voices WHERE group_id <> 0`); n < 430 {
			t.Errorf("%d of 480 are in groups", n)
		}
		for what, query := range map[string]string{
			"are empty":          `SELECT COUNT(*) FROM insight_groups g WHERE g.level = 'group' AND g.state = 'open' AND NOT EXISTS (SELECT 1 FROM insight_voices v WHERE v.group_id = g.id)`,
			"are of no model":    `SELECT COUNT(*) FROM insight_groups g WHERE g.level = 'fine' AND g.state = 'open' AND g.engine IS NULL`,
			"have another group": `SELECT COUNT(*) FROM insight_voices v WHERE v.fine_id <> 0 AND v.group_id <> (SELECT g.parent_id FROM insight_groups g WHERE g.id = v.fine_id)`,
		} {
			if n := d.Number(query); n != 0 {
				t.Errorf("%d %s", n, what)
			}
		}
		d.again()
	})
}
