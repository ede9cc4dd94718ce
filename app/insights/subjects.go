package insights

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// Quote is one clause in its words.
type Quote struct {
	Voice    id.ID
	Group    id.ID // as the row has it; 0: none
	Source   string
	Subject  id.ID
	Contact  *id.ID
	Channel  string
	Language string
	Text     string // empty: forgotten
	At       time.Time
}

// Cursor is the place after a quote in a list.
type Cursor struct {
	At    int64 // Unix ms; 0: from the newest on
	Voice id.ID
}

// Chosen says whose quotes are listed.
type Chosen struct {
	Filter
	Groups    []id.ID // nil: of any, also of none
	Ungrouped bool    // of none
	Fine      id.ID
	Aspect    *string
}

const quoteColumns = `v.id, v.group_id, v.source, v.subject_id, v.contact_id, v.channel, v.language, v.body, v.at`

// Subjects lists who stands behind a number, the newest first: the newest clause of each subject. Each word of them is opened
// for this page alone.
func (s *Service) Subjects(ctx context.Context, f Chosen, after Cursor, limit int) ([]Quote, error) {
	same, where, args, err := s.chosen(ctx, f)
	if err != nil {
		return nil, err
	}
	from, to := tickets.Millis(f.From), tickets.Millis(f.To)
	if after.At > 0 && after.At < to {
		where, args = where+` AND v.at <= ?`, append(args, after.At)
	}
	if after.At > 0 {
		where, args = where+` AND (v.at, v.id) < (?, ?)`, append(args, after.At, int64(after.Voice))
	}
	// The clause of a subject that is newest in the same place stands for it. A subject has few clauses.
	args = append(args, from, to, to, limit)
	return s.quotes(s.Store.Read(ctx), `SELECT `+quoteColumns+` FROM insight_voices v WHERE v.complaint`+where+` AND v.at >= ? AND v.at < ?
 AND NOT EXISTS (SELECT 1 FROM insight_voices o WHERE o.subject_id = v.subject_id AND o.complaint AND (o.at, o.id) > (v.at, v.id) AND o.at < ?`+same+`)
 ORDER BY v.at DESC, v.id DESC LIMIT ?`, args...)
}

// chosen are the conditions on clauses; same says which other clauses o of a subject are in the same place.
func (s *Service) chosen(ctx context.Context, f Chosen) (same, where string, args []any, err error) {
	where, args = f.where(`v`)
	switch {
	case f.Fine != 0:
		where, args, same = where+` AND v.fine_id = ?`, append(args, int64(f.Fine)), ` AND o.fine_id = v.fine_id`
	case f.Ungrouped:
		where, same = where+` AND v.group_id = 0 AND NOT EXISTS (SELECT 1 FROM insight_voices g WHERE g.subject_id = v.subject_id AND g.complaint AND g.group_id <> 0)`, ` AND o.group_id = 0`
	case len(f.Groups) > 0:
		resolve, err := s.Resolve(ctx)
		if err != nil {
			return "", "", nil, err
		}
		where, args, same = where+` AND v.group_id IN ?`, append(args, int64s(withMerged(f.Groups, resolve))), ` AND o.group_id = v.group_id`
	}
	if f.Aspect != nil {
		where, args, same = where+` AND v.aspect = ?`, append(args, *f.Aspect), same+` AND o.aspect = v.aspect`
	}
	if f.Product != "" {
		where, args = where+` AND EXISTS (SELECT 1 FROM insight_voice_products p WHERE p.voice_id = v.id AND p.sku = ?)`, append(args, f.Product)
	}
	return same, where, args, nil
}

func (s *Service) quotes(tx *gorm.DB, query string, args ...any) ([]Quote, error) {
	rows, err := tx.Raw(query, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var list []Quote
	var bodies [][]byte
	for rows.Next() {
		var q Quote
		var body []byte
		var at int64
		if err := rows.Scan((*int64)(&q.Voice), (*int64)(&q.Group), &q.Source, (*int64)(&q.Subject), &q.Contact, &q.Channel, &q.Language, &body, &at); err != nil {
			return nil, err
		}
		q.At = time.UnixMilli(at)
		list, bodies = append(list, q), append(bodies, body)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Text, err = s.openVoice(tx, list[i].Voice, bodies[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// openVoice gives what was said; empty when it was forgotten, or somebody is being erased.
func (s *Service) openVoice(tx *gorm.DB, voice id.ID, body []byte) (string, error) {
	if len(body) == 0 {
		return "", nil
	}
	text, err := s.Sealer.OpenText(tx, "insight_voices", "body", voice, body)
	if errors.Is(err, seal.ErrErased) {
		return "", nil
	}
	return text, err
}

// Samples gives for each group the clause nearest to its middle that can still be read, in the language ("zh", "en") if there
// is one.
func (s *Service) Samples(ctx context.Context, groups []id.ID, language string) (map[id.ID]Quote, error) {
	out := map[id.ID]Quote{}
	if len(groups) == 0 {
		return out, nil
	}
	list, err := s.quotes(s.Store.Read(ctx), `SELECT v.id, m.group_id, v.source, v.subject_id, v.contact_id, v.channel, v.language, v.body, v.at FROM insight_samples m
 JOIN insight_voices v ON v.id = m.voice_id WHERE m.group_id IN ? AND v.body IS NOT NULL
 AND m.n = (SELECT k.n FROM insight_samples k JOIN insight_voices w ON w.id = k.voice_id WHERE k.group_id = m.group_id AND w.body IS NOT NULL
 ORDER BY CASE WHEN w.language = ? THEN 0 ELSE 1 END, k.n LIMIT 1)`, int64s(groups), language)
	for _, q := range list {
		if q.Text != "" {
			out[q.Group] = q
		}
	}
	return out, err
}
