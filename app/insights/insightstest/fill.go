// Package insightstest fills a desk with complaints that lie in groups, for tests of what is shown of them: nobody has to wait
// for a pass over all texts.
package insightstest

import (
	"context"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/insights"
	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// Filler writes groups and clauses as passes do.
type Filler struct {
	T      testing.TB
	Store  tickets.Store
	Sealer *seal.Sealer
	IDs    *id.Maker
	Zone   *time.Location

	tx *gorm.DB // of Together
}

// Together runs fn, all of whose rows are written in one transaction.
func (f *Filler) Together(fn func()) {
	f.T.Helper()
	f.write(func(tx *gorm.DB) error {
		f.tx = tx
		defer func() { f.tx = nil }()
		fn()
		return nil
	})
}

func (f *Filler) write(fn func(tx *gorm.DB) error) {
	f.T.Helper()
	write := f.Store.Write
	if f.tx != nil {
		write = func(_ context.Context, fn func(tx *gorm.DB) error) error { return fn(f.tx) }
	}
	if err := write(context.Background(), fn); err != nil {
		f.T.Fatal(err)
	}
}

// Group adds a group with one fine group, and gives both ids.
func (f *Filler) Group(g insights.Group) (group, fine id.ID) {
	f.T.Helper()
	if g.State == "" {
		g.State = insights.Open
	}
	if g.Language == "" {
		g.Language = "zh"
	}
	g.ID, g.Level = f.IDs.Next(), insights.LevelGroup
	f.insert(g)
	return g.ID, f.Fine(g.ID, g.Name)
}

// Fine adds a fine group to a group.
func (f *Filler) Fine(group id.ID, name string) id.ID {
	f.T.Helper()
	fine := f.IDs.Next()
	f.insert(insights.Group{ID: fine, Level: insights.LevelFine, ParentID: &group, Name: name, State: insights.Open, Language: "zh", Terms: []string{name}})
	return fine
}

func (f *Filler) insert(g insights.Group) {
	f.T.Helper()
	f.write(func(tx *gorm.DB) error {
		desk := f.Sealer.DeskKey()
		name, err := f.Sealer.SealText(tx, desk, "insight_groups", "name", g.ID, g.Name)
		if err != nil {
			return err
		}
		title, err := f.Sealer.SealText(tx, desk, "insight_groups", "title", g.ID, g.Title)
		if err != nil {
			return err
		}
		return tx.Exec(`INSERT INTO insight_groups (id, level, parent_id, engine, name, title, terms, state, pinned, by_hand, merged_into, split_from, language, aspect,
 size, first_at, last_at, twin_id, twin_score, twin_refused, dirty, version, created_at, updated_at)
 VALUES (?, ?, ?, NULL, ?, ?, NULL, ?, ?, ?, ?, NULL, ?, ?, ?, NULL, NULL, ?, ?, ?, ?, 1, 0, 0)`,
			int64(g.ID), g.Level, g.ParentID, name, title, string(g.State), g.Pinned, g.ByHand, g.MergedInto, g.Language, g.Aspect,
			g.Size, g.TwinID, g.TwinScore, g.TwinRefused, false).Error
	})
}

// Say adds a clause to where v says; its rows count after Count. A subject or id of 0 is a new one.
func (f *Filler) Say(v insights.Voice, order []byte, products ...string) id.ID {
	f.T.Helper()
	if v.ID = f.IDs.Next(); v.SubjectID == 0 {
		v.SubjectID = f.IDs.Next()
	}
	if v.Source == "" {
		v.Source = insights.FromImport
	}
	f.write(func(tx *gorm.DB) error {
		var body []byte
		if v.Body != "" {
			var err error
			if body, err = f.Sealer.SealText(tx, f.Sealer.DeskKey(), "insight_voices", "body", v.ID, v.Body); err != nil {
				return err
			}
		}
		at := v.At.In(f.Zone)
		day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, f.Zone)
		if err := tx.Exec(`INSERT INTO insight_voices (id, source, subject_id, message_id, contact_id, channel, language, team_id, order_hash, aspect, complaint, body,
 fine_id, group_id, score, fixed, at, day, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			int64(v.ID), v.Source, int64(v.SubjectID), v.MessageID, v.ContactID, v.Channel, v.Language, int64(v.TeamID), order, v.Aspect, true, body,
			int64(v.FineID), int64(v.GroupID), .8, v.Fixed, at.UnixMilli(), day.UnixMilli(), at.UnixMilli()).Error; err != nil {
			return err
		}
		for _, sku := range products {
			if err := tx.Exec(`INSERT INTO insight_voice_products (sku, voice_id) VALUES (?, ?)`, sku, int64(v.ID)).Error; err != nil {
				return err
			}
		}
		return nil
	})
	return v.ID
}

// Sample says that a clause stands near to the middle of a group.
func (f *Filler) Sample(group id.ID, n int, voice id.ID) {
	f.T.Helper()
	f.write(func(tx *gorm.DB) error {
		return tx.Exec(`INSERT INTO insight_samples (group_id, n, voice_id) VALUES (?, ?, ?)`, int64(group), n, int64(voice)).Error
	})
}

// Finding says that a group stood out.
func (f *Filler) Finding(group id.ID, day time.Time, kind string, days, observed int, expected, chance float64) {
	f.T.Helper()
	f.write(func(tx *gorm.DB) error {
		return tx.Exec(`INSERT INTO insight_findings (group_id, day, kind, days, observed, expected, chance, told_at) VALUES (?, ?, ?, ?, ?, ?, ?, NULL)`,
			int64(group), day.UnixMilli(), kind, days, observed, expected, chance).Error
	})
}

// Cost says what was given back for complaints of a day.
func (f *Filler) Cost(group id.ID, day time.Time, currency string, amount int64, orders int) {
	f.T.Helper()
	f.write(func(tx *gorm.DB) error {
		return tx.Exec(`INSERT INTO insight_costs (group_id, day, currency, amount, orders) VALUES (?, ?, ?, ?, ?)`, int64(group), day.UnixMilli(), currency, amount, orders).Error
	})
}

// Count counts all clauses anew, and says of groups when they began.
func (f *Filler) Count() {
	f.T.Helper()
	f.write(func(tx *gorm.DB) error {
		for _, text := range CountSQL {
			if err := tx.Exec(text).Error; err != nil {
				return err
			}
		}
		return tx.Exec(`UPDATE insight_groups SET (first_at, last_at, size) = (SELECT MIN(v.at), MAX(v.at), COUNT(*) FROM insight_voices v
 WHERE v.complaint AND (v.group_id = insight_groups.id OR v.fine_id = insight_groups.id))`).Error
	})
}

// CountSQL counts all clauses anew: the first clause of a subject in each place gives the day.
var CountSQL = func() []string {
	list := []string{`DELETE FROM insight_rolls`, `DELETE FROM insight_days`, `DELETE FROM insight_weeks`,
		`INSERT INTO insight_aspects (id, name) SELECT (SELECT COALESCE(MAX(id), 0) FROM insight_aspects) + ROW_NUMBER() OVER (ORDER BY a.aspect), a.aspect
 FROM (SELECT DISTINCT v.aspect FROM insight_voices v WHERE v.aspect NOT IN (SELECT name FROM insight_aspects)) a`}
	for _, one := range []struct{ kind, ref, where string }{
		{"all", `0`, ``}, {"group", `v.group_id`, ` AND v.group_id <> 0`}, {"fine", `v.fine_id`, ` AND v.fine_id <> 0`},
		{"none", `0`, ` AND NOT EXISTS (SELECT 1 FROM insight_voices g WHERE g.subject_id = v.subject_id AND g.complaint AND g.group_id <> 0)`},
		{"aspect", `(SELECT a.id FROM insight_aspects a WHERE a.name = v.aspect)`, ``},
	} {
		list = append(list, `INSERT INTO insight_rolls (kind, ref, day, channel, language, team_id, n) SELECT '`+one.kind+`', x.ref, x.day, x.channel, x.language, x.team_id, COUNT(*) FROM (
 SELECT `+one.ref+` AS ref, v.day, v.channel, v.language, v.team_id, ROW_NUMBER() OVER (PARTITION BY v.subject_id, `+one.ref+` ORDER BY v.at, v.id) AS nth
 FROM insight_voices v WHERE v.complaint`+one.where+`) x WHERE x.nth = 1 GROUP BY 2, 3, 4, 5, 6`)
	}
	list = append(list, `INSERT INTO insight_days (kind, day, ref, n) SELECT kind, day, ref, SUM(n) FROM insight_rolls GROUP BY 1, 2, 3`)
	kinds := []string{`kind`}
	for _, slice := range []string{` || '/channel/' || channel`, ` || '/language/' || language`, ` || '/team/' || team_id`} {
		for _, kind := range kinds[:len(kinds):len(kinds)] {
			kinds = append(kinds, kind+slice)
		}
	}
	for _, kind := range kinds {
		list = append(list, `INSERT INTO insight_weeks (kind, week, ref, n) SELECT `+kind+`, ((day + 43200000) / 86400000 + 3) / 7, ref, SUM(n) FROM insight_rolls GROUP BY 1, 2, 3`)
	}
	return list
}()

// Paid says how many orders were paid at noon of a day.
func (f *Filler) Paid(day time.Time, n int) {
	f.T.Helper()
	f.write(func(tx *gorm.DB) error {
		return tx.Exec(`INSERT INTO order_paid_rolls (quarter, n) VALUES (?, ?) ON CONFLICT (quarter) DO UPDATE SET n = excluded.n`, day.Add(12*time.Hour).UnixMilli()/900_000*900_000, n).Error
	})
}
