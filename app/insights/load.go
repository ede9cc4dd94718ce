package insights

import (
	"context"
	"errors"
	"iter"

	"gorm.io/gorm"

	"huiyin/app/insights/worker"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// loadRows are read at once.
const loadRows = 500

// loaded is what the pass remembers of a text: its body goes to the worker and is forgotten here.
type loaded struct {
	voice            id.ID
	fine             id.ID
	at               int64
	language, aspect uint16 // into words
	unseen           bool
}

// loading streams texts to the worker.
type loading struct {
	s      *Service
	fines  *fines
	groups map[id.ID]*Group // by id
	rows   []loaded
	words  []string
	word   map[string]uint16
}

func (l *loading) wordOf(text string) uint16 {
	n, known := l.word[text]
	if !known {
		n = uint16(len(l.words))
		l.words, l.word[text] = append(l.words, text), n
	}
	return n
}

// texts gives the newest complaints that still have a text: those that a pass has seen before, in order of id, then the new ones.
func (l *loading) texts(ctx context.Context, most int, cold bool) iter.Seq2[worker.Text, error] {
	return func(yield func(worker.Text, error) bool) {
		first, err := l.s.firstOf(ctx, most)
		if err != nil {
			yield(worker.Text{}, err)
			return
		}
		for _, which := range []string{`v.score >= 0`, `v.score < 0`} {
			for after := first; ; {
				page, err := l.page(ctx, which, after, cold)
				if err != nil {
					yield(worker.Text{}, err)
					return
				}
				for i := range page {
					l.rows = append(l.rows, page[i].loaded)
					if !yield(page[i].text, nil) {
						return
					}
				}
				if len(page) == 0 {
					break
				}
				after = page[len(page)-1].voice
			}
		}
	}
}

// firstOf gives an id after which the newest texts lie.
func (s *Service) firstOf(ctx context.Context, most int) (id.ID, error) {
	var first []int64
	err := s.Store.Read(ctx).Raw(`SELECT v.id FROM insight_voices v WHERE v.complaint AND v.body IS NOT NULL ORDER BY v.id DESC LIMIT 1 OFFSET ?`, most-1).Scan(&first).Error
	if err != nil || len(first) == 0 {
		return 0, err
	}
	return id.ID(first[0] - 1), nil
}

// loadedText is a row with its text.
type loadedText struct {
	loaded
	text worker.Text
}

type sealedText struct {
	loadedText
	body []byte
}

func (l *loading) page(ctx context.Context, which string, after id.ID, cold bool) (page []loadedText, err error) {
	tx := l.s.Store.Read(ctx)
	rows, err := l.read(tx, which, after, cold)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	keys := make([]id.ID, 0, len(rows))
	for i := range rows {
		if key, ok := seal.KeyOf(rows[i].body); ok {
			keys = append(keys, key)
		}
	}
	if err := l.s.Sealer.Preload(tx, keys); err != nil {
		return nil, err
	}
	for i := range rows {
		r := &rows[i]
		// One who is being erased at this moment leaves an empty text behind, so that the place in the order is kept.
		if r.text.Body, err = l.s.Sealer.OpenText(tx, voicesTable, "body", r.voice, r.body); err != nil && !errors.Is(err, seal.ErrErased) {
			return nil, err
		}
		page = append(page, r.loadedText)
	}
	return page, nil
}

func (l *loading) read(tx *gorm.DB, which string, after id.ID, cold bool) ([]sealedText, error) {
	rows, err := tx.Raw(`SELECT v.id, v.subject_id, v.contact_id, v.language, v.aspect, v.fine_id, v.score, v.fixed, v.at, v.body FROM insight_voices v
 WHERE v.id > ? AND v.complaint AND v.body IS NOT NULL AND `+which+` ORDER BY v.id LIMIT ?`, int64(after), loadRows).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var list []sealedText
	for rows.Next() {
		var r sealedText
		var subject id.ID
		var contact *id.ID
		var language, aspect string
		var score float64
		var fixed bool
		if err := rows.Scan((*int64)(&r.voice), (*int64)(&subject), &contact, &language, &aspect, (*int64)(&r.fine), &score, &fixed, &r.at, &r.body); err != nil {
			return nil, err
		}
		r.language, r.aspect, r.unseen = l.wordOf(language), l.wordOf(aspect), score < 0
		r.text.Writer = subject.String()
		if contact != nil {
			r.text.Writer = contact.String()
		}
		l.place(&r.text, r.fine, fixed, r.unseen, cold)
		list = append(list, r)
	}
	return list, rows.Err()
}

// place says where a text was and whether it stays there: because a person put it there, because its group is pinned, or
// because the group has a title and the model no longer knows that fine group, or is just being built. One that came while
// another pass was under way was nowhere yet.
func (l *loading) place(t *worker.Text, fine id.ID, fixed, unseen, cold bool) {
	t.Known, t.Keep, t.Put = !unseen, fixed, fixed && fine == 0
	f := l.fines.byID[fine]
	if f == nil || unseen && !fixed {
		return
	}
	t.Fine = f.number()
	g := l.groups[*f.ParentID]
	if g == nil {
		return
	}
	t.Group, t.Put = g.ordinal, fixed
	t.Keep = t.Keep || g.Pinned || g.Title != "" && (cold || !f.ofModel())
}
