package insights

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// MarkKind is what days are marked for.
type MarkKind string

// The kinds of marks.
const (
	Release  MarkKind = "release"
	Campaign MarkKind = "campaign"
)

// Mark are days that pictures mark and comparisons know of; both From and To count.
type Mark struct {
	ID       id.ID
	Kind     MarkKind
	From, To time.Time // midnights of the shop
	Title    string
	Agent    *id.ID
}

const (
	marksTable    = "insight_marks"
	markTitleMost = 60  // characters
	markDaysMost  = 100 // of one mark
	marksMost     = 500
)

// Marks gives the marks that touch days from one up to another (left out), in order. Zero times: all of them.
func (s *Service) Marks(ctx context.Context, from, to time.Time) ([]Mark, error) {
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		return nil, err
	}
	first, last := int64(0), int64(1)<<62
	if !from.IsZero() {
		first = from.UnixMilli()
	}
	if !to.IsZero() {
		last = to.UnixMilli()
	}
	tx := s.Store.Read(ctx)
	rows, err := tx.Raw(`SELECT m.id, m.kind, m.from_day, m.to_day, m.title, m.agent_id FROM insight_marks m WHERE m.to_day >= ? AND m.from_day < ? ORDER BY m.from_day, m.id LIMIT ?`,
		first, last, marksMost).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var out []Mark
	var titles [][]byte
	for rows.Next() {
		var m Mark
		var begin, end int64
		var title []byte
		if err := rows.Scan((*int64)(&m.ID), (*string)(&m.Kind), &begin, &end, &title, &m.Agent); err != nil {
			return nil, err
		}
		m.From, m.To = time.UnixMilli(begin).In(shop.Zone()), time.UnixMilli(end).In(shop.Zone())
		out, titles = append(out, m), append(titles, title)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Title, err = s.Sealer.OpenText(tx, marksTable, "title", out[i].ID, titles[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// AddMark adds one; the same days with the same kind and title are there once only. Errors: Invalid (fields kind, title, from, to),
// Conflict.
func (s *Service) AddMark(ctx context.Context, by id.ID, m Mark) (id.ID, error) {
	m.Title = strings.Join(strings.Fields(m.Title), " ")
	if err := m.check(); err != nil {
		return 0, err
	}
	all, err := s.Marks(ctx, time.Time{}, time.Time{})
	if err != nil {
		return 0, err
	}
	if len(all) >= marksMost {
		return 0, fault.New(fault.Conflict, "insights.error.marks")
	}
	for _, o := range all {
		if o.Kind == m.Kind && o.Title == m.Title && o.From.Equal(m.From) && o.To.Equal(m.To) {
			return 0, fault.New(fault.Conflict, "insights.error.mark_there")
		}
	}
	mark := s.IDs.Next()
	return mark, s.Store.Write(ctx, func(tx *gorm.DB) error {
		title, err := s.Sealer.SealText(tx, s.Sealer.DeskKey(), marksTable, "title", mark, m.Title)
		if err != nil {
			return err
		}
		return tx.Exec(`INSERT INTO insight_marks (id, kind, from_day, to_day, title, agent_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			int64(mark), string(m.Kind), m.From.UnixMilli(), m.To.UnixMilli(), title, int64(by), tickets.Millis(s.Now())).Error
	})
}

func (m *Mark) check() error {
	e := &fault.Error{Kind: fault.Invalid, Key: "insights.error.mark"}
	wrong := func(field, code, key string, args map[string]any) {
		e.Fields = append(e.Fields, fault.Field{Name: field, Code: code, Key: key, Args: args})
	}
	if m.Kind != Release && m.Kind != Campaign {
		wrong("kind", "invalid", "insights.error.mark_kind", nil)
	}
	if n := utf8.RuneCountInString(m.Title); n == 0 || n > markTitleMost {
		wrong("title", "invalid", "insights.error.mark_title", map[string]any{"max": markTitleMost})
	}
	if m.From.IsZero() {
		wrong("from", "invalid", "insights.error.day", nil)
	}
	switch {
	case m.From.IsZero(): // said already
	case m.To.IsZero() || m.To.Before(m.From):
		wrong("to", "invalid", "insights.error.to", nil)
	case daysBetween(m.From, m.To) >= markDaysMost:
		wrong("to", "too_long", "insights.error.mark_long", map[string]any{"max": markDaysMost})
	}
	if len(e.Fields) > 0 {
		return e
	}
	return nil
}

// DropMark takes one away. Errors: NotFound.
func (s *Service) DropMark(ctx context.Context, mark id.ID) error {
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		out := tx.Exec(`DELETE FROM insight_marks WHERE id = ?`, int64(mark))
		if out.Error == nil && out.RowsAffected == 0 {
			return fault.New(fault.NotFound, "insights.error.mark_gone")
		}
		return out.Error
	})
}
