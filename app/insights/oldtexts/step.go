package oldtexts

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"huiyin/app/insights"
	"huiyin/app/intake"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// step takes in some lines, with how far the import is, in one transaction. false: the import is no longer where this job
// thought it was, because it was taken back or another job works on it.
func (i *importing) step(ctx context.Context, rows []read) (on bool, err error) {
	var next File
	lines, rejects := parted(rows)
	heard, err := i.hear(ctx, lines)
	if err != nil {
		return false, err
	}
	err = i.s.Store.Write(ctx, func(tx *gorm.DB) error {
		next, on = *i.f, true
		if err := tickets.PlanAnew(tx); err != nil {
			return err
		}
		done := tx.Exec(`UPDATE insight_imports SET state = ?, place = ? WHERE id = ? AND place = ? AND state IN ?`,
			StateRunning, next.Place+int64(len(rows)), int64(next.ID), next.Place, []string{StateWaiting, StateRunning})
		if on = done.RowsAffected == 1; done.Error != nil || !on {
			return done.Error
		}
		next.State, next.Place = StateRunning, next.Place+int64(len(rows))
		added, quiet, err := i.take(tx, lines, heard)
		if err != nil {
			return err
		}
		next.Added += int64(added)
		next.Known += int64(len(lines) - added - quiet)
		next.Empty += int64(len(rows) - len(lines) - len(rejects) + quiet)
		if err := intake.Note(tx, i.s.files, i.f.ID, rejects); err != nil {
			return err
		}
		next.Refused += int64(len(rejects))
		return tx.Exec(`UPDATE insight_imports SET added = ?, known = ?, empty = ?, refused = ? WHERE id = ?`,
			next.Added, next.Known, next.Empty, next.Refused, int64(next.ID)).Error
	})
	if err == nil && on {
		*i.f = next
	}
	return on, err
}

// parted gives the lines that are taken and those that are refused.
func parted(rows []read) (lines []*line, rejects []Reject) {
	for _, r := range rows {
		if r.line != nil {
			lines = append(lines, r.line)
		}
		if r.reject != nil {
			rejects = append(rejects, *r.reject)
		}
	}
	return lines, rejects
}

// hear reads what lines complain of; whose they are is not known yet.
func (i *importing) hear(ctx context.Context, lines []*line) ([]insights.Heard, error) {
	list := make([]insights.Said, len(lines))
	for n, l := range lines {
		list[n] = insights.Said{Source: insights.FromImport, Channel: l.channel, Order: i.s.Tickets.OrderKey(l.order), Text: l.text, At: l.at, Blames: l.blames}
		if l.sku != "" {
			list[n].Products = []string{l.sku}
		}
	}
	return i.s.Groups.Hear(ctx, list)
}

// take gives lines that are new to the groups, and notes that they were taken. quiet ones complain of nothing.
func (i *importing) take(tx *gorm.DB, lines []*line, heard []insights.Heard) (added, quiet int, err error) {
	if len(lines) == 0 {
		return 0, 0, nil
	}
	subjects, err := i.subjects(tx, lines)
	if err != nil {
		return 0, 0, err
	}
	buyers, err := i.buyers(tx, heard)
	if err != nil {
		return 0, 0, err
	}
	var list []insights.Heard
	var marks []any
	mark := func(hash []byte, subject id.ID) {
		subjects[string(hash)] = subject
		marks = append(marks, int64(i.f.ID), int64(subject), hash)
	}
	for n, l := range lines {
		if heard[n].Complaints() == 0 {
			quiet++
			continue
		}
		hash, chat := l.hash(i.s.Sealer), l.chat(i.s.Sealer, i.f.Plan.Preset)
		if _, known := subjects[string(hash)]; known {
			continue
		}
		one := heard[n]
		if one.Subject = subjects[string(chat)]; chat == nil || one.Subject == 0 {
			one.Subject = i.s.IDs.Next()
		}
		if chat != nil && subjects[string(chat)] == 0 {
			mark(chat, one.Subject)
		}
		mark(hash, one.Subject)
		one.Key = i.f.key
		if who, known := buyers[string(one.Order)]; known && one.Order != nil {
			one.Contact, one.Key = who.Contact, who.Key
		}
		list = append(list, one)
	}
	if len(list) == 0 {
		return 0, quiet, nil
	}
	text := `INSERT INTO insight_import_lines (import_id, subject_id, hash) VALUES (?, ?, ?)` + strings.Repeat(`, (?, ?, ?)`, len(marks)/3-1)
	if err := tx.Exec(text, marks...).Error; err != nil {
		return 0, 0, err
	}
	_, err = i.s.Groups.TakeTx(tx, list)
	return len(list), quiet, err
}

// subjects gives the subjects of lines and chats that were taken, by their hashes.
func (i *importing) subjects(tx *gorm.DB, lines []*line) (map[string]id.ID, error) {
	var hashes [][]byte
	for _, l := range lines {
		hashes = append(hashes, l.hash(i.s.Sealer))
		if chat := l.chat(i.s.Sealer, i.f.Plan.Preset); chat != nil {
			hashes = append(hashes, chat)
		}
	}
	rows, err := tx.Raw(`SELECT hash, subject_id FROM insight_import_lines WHERE hash IN ?`, hashes).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	out := map[string]id.ID{}
	for rows.Next() {
		var hash []byte
		var subject int64
		if err := rows.Scan(&hash, &subject); err != nil {
			return nil, err
		}
		out[string(hash)] = id.ID(subject)
	}
	return out, rows.Err()
}

// buyers gives whose the orders of texts are, by their hashes.
func (i *importing) buyers(tx *gorm.DB, heard []insights.Heard) (map[string]Buyer, error) {
	var keys [][]byte
	for _, h := range heard {
		if h.Order != nil {
			keys = append(keys, h.Order)
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	return i.s.Buyers(tx, keys)
}
