package insights_test

import (
	"fmt"
	"testing"

	"gorm.io/gorm"

	"huiyin/app/db/dbtest"
	"huiyin/app/insights"
	"huiyin/app/insights/insightstest"
	"huiyin/tickets/id"
)

const (
	millionGroups = 300
	millionDays   = 730
)

// million fills two years of a large shop: 1,000,000 complaints of 300 groups, most of them in few, by four channels, two
// languages, three teams; every other one is of one of 60 products.
func (d *desk) million() (groups []id.ID) {
	d.T.Helper()
	f := d.filler()
	for i := range millionGroups {
		g, _ := f.Group(insights.Group{Name: fmt.Sprintf("问题 %d · 说法", i)})
		groups = append(groups, g)
	}
	must(d.T, d.DB.Write(d.T.Context(), func(tx *gorm.DB) error {
		if err := tx.Exec(`CREATE TABLE made (n INTEGER PRIMARY KEY, id BIGINT)`).Error; err != nil {
			return err
		}
		for i, g := range groups {
			if err := tx.Exec(`INSERT INTO made (n, id) VALUES (?, ?)`, i, int64(g)).Error; err != nil {
				return err
			}
		}
		return nil
	}))
	const piece = 100_000
	for first := 0; first < 1_000_000; first += piece {
		must(d.T, d.DB.Write(d.T.Context(), func(tx *gorm.DB) error {
			// a and b are pseudo-random, from 0 to 9999.
			if err := tx.Exec(`INSERT INTO insight_voices (id, source, subject_id, message_id, contact_id, channel, language, team_id, order_hash, aspect, complaint, body,
 fine_id, group_id, score, fixed, at, day, created_at)
 WITH RECURSIVE i(n) AS (SELECT CAST(? AS BIGINT) UNION ALL SELECT n + 1 FROM i WHERE n + 1 < ?),
 r AS (SELECT n, (n * 48271 + 11) % 99991 % 10000 AS a, (n * 16807 + 7) % 999983 % 10000 AS b FROM i),
 t AS (SELECT n, a, b, CAST(? AS BIGINT) + n * ? AS at FROM r)
 SELECT n + 1, 'import', n * 10 / 13 + 1, NULL, NULL, CASE a % 4 WHEN 0 THEN 'chat' WHEN 1 THEN 'email' WHEN 2 THEN 'form' ELSE 'api' END, CASE b % 3 WHEN 0 THEN 'en' ELSE 'zh' END, a / 10 % 3,
 NULL, 'aspect ' || b % 12, TRUE, NULL, 0, CASE WHEN b % 14 = 0 THEN 0 ELSE (SELECT id FROM made WHERE made.n = a * b / 10000 * 300 / 10000) END, .8, FALSE,
 at, at - (at + 28800000) % 86400000, at FROM t`, first, first+piece, midnight(millionDays-1).UnixMilli(), millionDays*86_400_000/1_000_000).Error; err != nil {
				return err
			}
			return tx.Exec(`INSERT INTO insight_voice_products (sku, voice_id) SELECT 'SKU-' || (v.id / 2 % 60), v.id FROM insight_voices v WHERE v.id > ? AND v.id <= ? AND v.id % 2 = 0`, first, first+piece).Error
		}))
	}
	must(d.T, d.DB.Write(d.T.Context(), func(tx *gorm.DB) error {
		for _, text := range insightstest.CountSQL {
			if err := tx.Exec(text).Error; err != nil {
				return err
			}
		}
		if err := tx.Exec(`INSERT INTO insight_costs (group_id, day, currency, amount, orders) SELECT d.ref, d.day, 'CNY', d.n * 1500, d.n FROM insight_days d WHERE d.kind = 'group'`).Error; err != nil {
			return err
		}
		return tx.Exec(`ANALYZE`).Error
	}))
	return groups
}

// The page of insights over 1,000,000 complaints, as it is asked for.
func BenchmarkDeskInsightsPage(b *testing.B) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		b.Run(dialect, func(b *testing.B) {
			d := newDesk(b, dbtest.Open(b, dialect))
			groups := d.million()
			filter := func(days int, change func(*insights.Filter)) insights.Filter {
				f := insights.Filter{From: midnight(days - 1), To: midnight(-1)}
				if change != nil {
					change(&f)
				}
				return f
			}
			for _, page := range []struct {
				name string
				f    insights.Filter
			}{
				{"7 days", filter(7, nil)}, {"28 days", filter(28, nil)}, {"90 days", filter(90, nil)}, {"365 days", filter(365, nil)},
				{"28 days by channel", filter(28, func(f *insights.Filter) { f.Channel = "chat" })},
				{"365 days by channel", filter(365, func(f *insights.Filter) { f.Channel = "chat" })},
				{"365 days by channel and language", filter(365, func(f *insights.Filter) { f.Channel, f.Language = "chat", "zh" })},
				{"28 days by product", filter(28, func(f *insights.Filter) { f.Product = "SKU-7" })},
				{"365 days by product", filter(365, func(f *insights.Filter) { f.Product = "SKU-7" })},
			} {
				b.Run("list "+page.name, func(b *testing.B) {
					for b.Loop() {
						r, err := d.Report(b.Context(), page.f)
						must(b, err)
						if len(r.Groups) < 200 {
							b.Fatalf("%d groups", len(r.Groups))
						}
					}
				})
				b.Run("group "+page.name, func(b *testing.B) {
					for b.Loop() {
						_, err := d.Detail(b.Context(), groups[0], page.f)
						must(b, err)
					}
				})
			}
			b.Run("tickets behind 28 days", func(b *testing.B) {
				for b.Loop() {
					_, err := d.Subjects(b.Context(), insights.Chosen{Filter: filter(28, nil), Groups: groups[:1]}, insights.Cursor{}, 30)
					must(b, err)
				}
			})
			b.Run("tickets behind all without a group", func(b *testing.B) {
				for b.Loop() {
					_, err := d.Subjects(b.Context(), insights.Chosen{Filter: filter(28, nil), Ungrouped: true}, insights.Cursor{}, 30)
					must(b, err)
				}
			})
		})
	}
}
