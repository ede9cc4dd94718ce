package improve_test

import (
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db/dbtest"
	"huiyin/app/improve"
	"huiyin/tickets/id"
)

// fill writes many rows at once; a row's first value is no blob.
func (d *desk) fill(into string, rows int, row func(i int) []any) {
	d.T.Helper()
	const atOnce = 500
	for first := 0; first < rows; first += atOnce {
		var args []any
		n := min(atOnce, rows-first)
		for i := first; i < first+n; i++ {
			args = append(args, row(i)...)
		}
		one := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(args)/n), ", ") + ")"
		must(d.T, d.DB.Write(d.T.Context(), func(tx *gorm.DB) error {
			return tx.Exec(`INSERT INTO `+into+` VALUES `+one+strings.Repeat(", "+one, n-1), args...).Error
		}))
	}
}

// BenchmarkDeskEffect reports how long it takes to say what came of a task whose group has 50,000 members, on both databases:
// before and after, and of a trial with 200,000 shoppers, each member of which the trial knows.
func BenchmarkDeskEffect(b *testing.B) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		b.Run(dialect, func(b *testing.B) {
			d := newDesk(b, dbtest.Open(b, dialect))
			task, trial := d.running(improve.ByHash, 50, 30)
			const members, shoppers, span = 50_000, 200_000, 60 * 24 * time.Hour
			voice := id.NewMaker(7, time.Now)
			d.fill(`insight_voices (id, source, subject_id, contact_id, channel, language, team_id, aspect, complaint, fine_id, group_id, score, fixed, at, day, created_at)`, members, func(i int) []any {
				at := d.At.Add(time.Minute + time.Duration(i)*(span/members)).UnixMilli()
				return []any{int64(voice.Next()), "ticket", i + 1, i%40_000 + 1, "chat", "zh", 0, "delivery", true, 0, int64(task.Groups[0]), 1.0, false, at, 0, 0}
			})
			d.fill(`improve_exposures (trial_id, unit_hash, contact_id, treated, first_at)`, shoppers, func(i int) []any {
				return []any{int64(trial.ID), d.Sealer.Hash("bench", string(rune(i))+time.Duration(i).String()), i + 1, i%2 == 0, d.At.UnixMilli()}
			})
			all := d.move(d.task(improve.Draft{Groups: task.Groups}), improve.RolledOut)
			d.At = d.At.Add(span)
			var arms, weeks time.Duration
			n := 0
			for b.Loop() {
				begun := time.Now()
				e, err := d.Effect(b.Context(), task.ID)
				must(b, err)
				arms += time.Since(begun)
				if e.Before.Persons+e.After.Persons != 40_000 {
					b.Fatalf("it says %+v", *e)
				}
				begun = time.Now()
				_, err = d.Effect(b.Context(), all.ID)
				must(b, err)
				weeks += time.Since(begun)
				n++
			}
			b.ReportMetric(float64(arms.Microseconds())/1000/float64(n), "ms/arms")
			b.ReportMetric(float64(weeks.Microseconds())/1000/float64(n), "ms/weeks")
			b.ReportMetric(0, "ns/op")
		})
	}
}
