package insights_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/tickets/id"
)

// members adds n complaints to a fine group as they lie after a pass, one a subject.
func (d *desk) members(group, fine id.ID, n int) {
	d.T.Helper()
	day := d.At.Truncate(24 * time.Hour).UnixMilli()
	for done := 0; done < n; done += 500 {
		must(d.T, d.DB.Write(context.Background(), func(tx *gorm.DB) error {
			var args []any
			for range 500 {
				v := int64(d.IDs.Next())
				args = append(args, v, v, int64(fine), int64(group), d.At.UnixMilli(), day)
			}
			const row = `(?, 'import', ?, 'chat', 'en', 0, 'delivery', TRUE, ?, ?, .8, FALSE, ?, ?, 0)`
			return tx.Exec(`INSERT INTO insight_voices (id, source, subject_id, channel, language, team_id, aspect, complaint, fine_id, group_id, score, fixed, at, day, created_at) VALUES `+
				row+strings.Repeat(`, `+row, 499), args...).Error
		}))
	}
	d.Exec(`UPDATE insight_groups SET size = size + ? WHERE id IN (?, ?)`, n, int64(group), int64(fine))
	d.Exec(`INSERT INTO insight_aspects (id, name) VALUES (1, 'delivery') ON CONFLICT DO NOTHING`)
	for kind, ref := range map[string]id.ID{"all": 0, "group": group, "fine": fine, "aspect": 1} {
		d.Exec(`INSERT INTO insight_rolls (kind, ref, day, channel, language, team_id, n) VALUES (?, ?, ?, 'chat', 'en', 0, ?)`, kind, int64(ref), day, n)
		d.Exec(`INSERT INTO insight_days (kind, ref, day, n) VALUES (?, ?, ?, ?)`, kind, int64(ref), day, n)
	}
}

// A group with 50,000 complaints is shown within another at once; its rows follow without holding anybody up.
func TestALargeGroupIsMergedAtOnceAndHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	const n = 50_000
	d := newDesk(t, dbtest.Open(t, db.SQLite))
	a, _ := d.group("a", 1, 0)
	b, fine := d.group("b", 2, 0)
	d.members(b, fine, n)
	began := time.Now()
	_, err := d.Merge(t.Context(), d.by, a, []id.ID{b})
	must(t, err)
	took := time.Since(began)
	g, err := d.Group(t.Context(), b)
	must(t, err)
	if took > time.Second || g.ID != a || g.Size != n {
		t.Errorf("after %s: shown in %v with %d", took, g.ID, g.Size)
	}
	over := make(chan error, 1)
	go func() {
		for more, err := true, error(nil); more; {
			if more, err = d.Settle(context.Background()); err != nil || !more {
				over <- err
				return
			}
		}
	}()
	var waits []time.Duration
	for settled := false; !settled; {
		select {
		case err := <-over:
			must(t, err)
			settled = true
		default:
			began := time.Now()
			d.Exec(`UPDATE counters SET n = n WHERE name = 'none'`)
			waits = append(waits, time.Since(began))
			time.Sleep(5 * time.Millisecond)
		}
	}
	slices.Sort(waits)
	t.Logf("merged in %s, settled in %s; another writer waited %s at the median, %s at the 95th percentile, %s at most",
		took, time.Since(began), waits[len(waits)/2], waits[len(waits)*95/100], waits[len(waits)-1])
	if p95 := waits[len(waits)*95/100]; p95 > 250*time.Millisecond {
		t.Errorf("another writer waits %s", p95)
	}
	d.right()
	if got := d.inGroup(a); got != n {
		t.Errorf("a counts %d", got)
	}
}
