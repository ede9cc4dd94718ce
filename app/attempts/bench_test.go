package attempts_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/attempts"
)

// seedMillion writes 1,000,000 attempts of four weeks and their rolls straight into the tables: as many different rolls as a
// shop with six steps, all reasons and three devices has.
func (d *desk) seedMillion() {
	d.t.Helper()
	const all = 1_000_000
	const span = 28 * 24 * time.Hour
	steps, devices := []string{"cart", "address", "payment", "confirm", "coupon", "login"}, []string{"phone", "tablet", "desktop"}
	from := d.at.Add(-span)
	type key struct {
		quarter                       int64
		outcome, step, reason, device string
	}
	counts := map[key]int{}
	const rows = 500
	for first := 0; first < all; first += 20 * rows {
		must(d.t, d.db.Write(bg, func(tx *gorm.DB) error {
			for part := first; part < first+20*rows; part += rows {
				args := make([]any, 0, rows*10)
				for i := part; i < part+rows; i++ {
					at := from.UnixMilli() + int64(i)*span.Milliseconds()/all
					k := key{at - at%900_000, "ok", "done", "", devices[i%3]}
					if i%25 == 0 {
						k.outcome, k.step, k.reason = "failed", steps[i/25%6], attempts.Reasons()[i/150%6]
					}
					counts[k]++
					args = append(args, i+1, fmt.Appendf(nil, "seed-%d", i), "api", k.outcome, k.step, k.reason, k.device, at, at)
				}
				err := tx.Exec(`INSERT INTO order_attempts (id, dedupe, origin, outcome, step, reason, device, trial, arm, at, created_at) VALUES `+
					strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?, ?, ?, '', '', ?, ?), ", rows), ", "), args...).Error
				if err != nil {
					return err
				}
			}
			return nil
		}))
	}
	for table, of := range map[string]func(k key) []any{
		"attempt_rolls (origin, quarter, outcome, step, reason, device, n)": func(k key) []any { return []any{k.quarter, k.outcome, k.step, k.reason, k.device} },
		"attempt_quarters (origin, quarter, outcome, n)":                    func(k key) []any { return []any{k.quarter, k.outcome} },
		"attempt_days (origin, day, outcome, step, reason, device, n)": func(k key) []any {
			return []any{k.quarter - k.quarter%86_400_000, k.outcome, k.step, k.reason, k.device}
		},
	} {
		d.seedRolls(table, len(of(key{})), func(yield func(string, []any, int)) {
			for k, n := range counts {
				yield(fmt.Sprint(of(k)...), of(k), n)
			}
		})
	}
	d.t.Logf("%d rolls of %d attempts", len(counts), all)
}

// seedRolls writes the sums of one table.
func (d *desk) seedRolls(table string, columns int, each func(yield func(key string, values []any, n int))) {
	sums, rows := map[string]int{}, map[string][]any{}
	each(func(key string, values []any, n int) { sums[key] += n; rows[key] = values })
	one := "('api', " + strings.Repeat("?, ", columns) + "?)"
	var args []any
	n := 0
	flush := func() {
		if n == 0 {
			return
		}
		must(d.t, d.db.Write(bg, func(tx *gorm.DB) error {
			return tx.Exec(`INSERT INTO `+table+` VALUES `+one+strings.Repeat(", "+one, n-1), args...).Error
		}))
		args, n = nil, 0
	}
	for key, values := range rows {
		args, n = append(append(args, values...), sums[key]), n+1
		if n == 1000 {
			flush()
		}
	}
	flush()
}

// BenchmarkDeskSuccessRate reports how long the report of 28 days over 1,000,000 attempts takes, on both databases, and the
// list behind one of its numbers.
func BenchmarkDeskSuccessRate(b *testing.B) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		b.Run(dialect, func(b *testing.B) {
			d := newDesk(b, dialect)
			d.seedMillion()
			var report, look, missed time.Duration
			n := 0
			for b.Loop() {
				begun := time.Now()
				r, err := d.Report(bg, attempts.FromAPI, d.at.AddDate(0, 0, -28), d.at)
				must(b, err)
				report += time.Since(begun)
				if r.Total.All() < 999_000 {
					b.Fatalf("%d attempts", r.Total.All())
				}
				begun = time.Now()
				_, err = d.Usual(bg, attempts.FromAPI, d.at)
				must(b, err)
				look += time.Since(begun)
				begun = time.Now()
				step := "coupon"
				_, err = d.Missed(bg, attempts.Filter{Origin: attempts.FromAPI, From: d.at.AddDate(0, 0, -28), To: d.at, Step: &step}, 50)
				must(b, err)
				missed += time.Since(begun)
				n++
			}
			b.ReportMetric(float64(report.Microseconds())/1000/float64(n), "ms/report")
			b.ReportMetric(float64(look.Microseconds())/1000/float64(n), "ms/usual")
			b.ReportMetric(float64(missed.Microseconds())/1000/float64(n), "ms/list")
			b.ReportMetric(0, "ns/op")
		})
	}
}
