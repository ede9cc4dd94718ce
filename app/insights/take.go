package insights

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// heard is a text that was read, outside of any transaction.
type heard struct {
	Said
	clauses []clause
	day     int64
}

// Take reads texts and keeps what they complain of, at most 100 at once. A text that was taken already, by its message or
// because the same person said the same on the same day, changes nothing.
func (s *Service) Take(ctx context.Context, list []Said) (kept int, err error) {
	read, err := s.hear(ctx, list)
	if err != nil || len(read) == 0 {
		return 0, err
	}
	err = s.write(ctx, func(tx *gorm.DB) (err error) {
		kept, err = s.keep(tx, read)
		return err
	})
	return kept, err
}

// TakeTx is Take within a transaction of the caller, of texts that Hear has read.
func (s *Service) TakeTx(tx *gorm.DB, read []Heard) (kept int, err error) {
	if err := alone(tx); err != nil {
		return 0, err
	}
	list := make([]heard, len(read))
	for i := range read {
		list[i] = read[i].heard
	}
	return s.keep(tx, list)
}

// Heard is a text that was read.
type Heard struct{ heard }

// Complaints tells how many clauses of the text complain.
func (h Heard) Complaints() int { return len(h.clauses) }

// Hear reads texts for TakeTx; it is slow work that belongs into no transaction.
func (s *Service) Hear(ctx context.Context, list []Said) ([]Heard, error) {
	read, err := s.hearAll(ctx, list)
	out := make([]Heard, len(read))
	for i := range read {
		out[i] = Heard{read[i]}
	}
	return out, err
}

// hear reads texts and leaves those out that complain of nothing.
func (s *Service) hear(ctx context.Context, list []Said) ([]heard, error) {
	all, err := s.hearAll(ctx, list)
	return slices.DeleteFunc(all, func(h heard) bool { return len(h.clauses) == 0 }), err
}

func (s *Service) hearAll(ctx context.Context, list []Said) ([]heard, error) {
	l, err := s.lexicon(ctx)
	if err != nil {
		return nil, err
	}
	w, err := s.Wording(ctx)
	if err != nil {
		return nil, err
	}
	zone, err := s.zone(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]heard, len(list))
	for i, said := range list {
		out[i] = heard{said, said.clauses(said.Blames || w.AllTexts, l), dayOf(said.At, zone)}
	}
	return out, ctx.Err()
}

// zone is the shop's time zone, which cuts the days.
func (s *Service) zone(ctx context.Context) (*time.Location, error) {
	shop, err := s.Tickets.Shop(ctx)
	return shop.Zone(), err
}

// keep inserts the clauses of texts and counts their subjects.
func (s *Service) keep(tx *gorm.DB, list []heard) (kept int, err error) {
	subjectIDs := make([]id.ID, len(list))
	for i := range list {
		subjectIDs[i] = list[i].Subject
	}
	all, err := takeSubjects(tx, subjectIDs)
	if err != nil {
		return 0, err
	}
	said := map[dayOfContact]int{}
	for i := range list {
		n, err := s.keepOne(tx, all, &list[i], said)
		if err != nil {
			return 0, err
		}
		kept += n
	}
	if err := all.done(); err != nil || kept == 0 {
		return kept, err
	}
	return kept, s.queue(tx, Assigning{})
}

type dayOfContact struct {
	contact id.ID
	day     int64
}

func (s *Service) keepOne(tx *gorm.DB, all *subjects, h *heard, said map[dayOfContact]int) (kept int, err error) {
	if len(h.clauses) == 0 {
		return 0, nil
	}
	if h.Message != 0 && !h.again {
		var known int64
		if err := tx.Raw(`SELECT COUNT(*) FROM insight_voices v WHERE v.message_id = ?`, int64(h.Message)).Row().Scan(&known); err != nil || known > 0 {
			return 0, err
		}
	}
	who := dayOfContact{h.Contact, h.day}
	if _, asked := said[who]; !asked && h.Contact != 0 {
		var n int64
		if err := tx.Raw(`SELECT COUNT(*) FROM insight_voices v WHERE v.contact_id = ? AND v.day = ?`, int64(h.Contact), h.day).Row().Scan(&n); err != nil {
			return 0, err
		}
		said[who] = int(n)
	}
	for _, c := range h.clauses {
		if len(all.rows[h.Subject]) >= clausesMost || h.Contact != 0 && said[who] >= dayMost {
			break
		}
		v, err := s.insertVoice(tx, h, &c)
		if err != nil {
			return kept, err
		}
		if v == nil {
			continue
		}
		if err := all.took(v); err != nil {
			return kept, err
		}
		said[who]++
		kept++
		if err := addProducts(tx, v.id, h.Products); err != nil {
			return kept, err
		}
	}
	return kept, nil
}

// insertVoice adds a clause; nil: the same person has said the same that day, or was erased.
func (s *Service) insertVoice(tx *gorm.DB, h *heard, c *clause) (*voice, error) {
	v := &voice{id: s.IDs.Next(), subject: h.Subject, team: h.Team, channel: h.Channel, language: c.language, aspect: c.aspect, complaint: true, score: unseen, at: h.At.UnixMilli(), day: h.day}
	key := h.Key
	if key == 0 {
		key = s.Sealer.DeskKey()
	}
	body, err := s.Sealer.SealText(tx, key, voicesTable, "body", v.id, c.text)
	if errors.Is(err, seal.ErrErased) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	who := h.Contact
	if who == 0 {
		who = h.Subject
	}
	dedupe := s.Sealer.Hash(hashSaid, who.String()+" "+strconv.FormatInt(h.day, 10)+" "+c.key)
	done := tx.Exec(`INSERT INTO insight_voices (id, source, subject_id, message_id, contact_id, channel, language, team_id, order_hash, dedupe, aspect, complaint, body,
 fine_id, group_id, score, fixed, at, day, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		int64(v.id), h.Source, int64(v.subject), idOrNull(h.Message), idOrNull(h.Contact), v.channel, v.language, int64(v.team), bytesOrNull(h.Order), dedupe, v.aspect,
		true, body, v.score, false, v.at, v.day, s.Now().UnixMilli())
	if done.Error != nil || done.RowsAffected == 0 {
		return nil, done.Error
	}
	return v, nil
}

const (
	voicesTable = "insight_voices"
	// hashSaid is the kind of the keyed hashes of who said what on which day.
	hashSaid = "insight.said"
	// unseen is the score of a clause of which nobody has looked where it belongs. Below 0 it is new to the pass and to the model.
	unseen = -1
	// meanwhile is that of one which got its group while a pass was under way, by the model of before: the next model looks where it
	// belongs.
	meanwhile = -2
)

func bytesOrNull(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// addProducts notes the goods that a clause is about.
func addProducts(tx *gorm.DB, v id.ID, skus []string) error {
	skus = slices.Compact(slices.Sorted(slices.Values(skus)))
	skus = slices.DeleteFunc(skus, func(sku string) bool { return sku == "" })
	if len(skus) == 0 {
		return nil
	}
	skus = skus[:min(len(skus), productsMost)]
	args := make([]any, 0, 2*len(skus))
	for _, sku := range skus {
		args = append(args, sku, int64(v))
	}
	return tx.Exec(`INSERT INTO insight_voice_products (sku, voice_id) VALUES (?, ?)`+strings.Repeat(`, (?, ?)`, len(skus)-1)+` ON CONFLICT DO NOTHING`, args...).Error
}

// productsMost of an order are noted with a clause.
const productsMost = 20
