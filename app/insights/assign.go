package insights

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"huiyin/app/insights/grouping"
	"huiyin/app/insights/worker"
	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// assignRows new clauses get their groups in one transaction.
const assignRows = 100

// turn is how long a job works before it comes back: what dies with a node is taken up again soon.
const turn = 40 * time.Second

// Assign gives new clauses their groups, by the model of the last pass, for a while. Without a model they wait for the first pass.
// While a pass is under way they are marked: the pass, or the model that it brings, places them again. more: there are more.
func (s *Service) Assign(ctx context.Context) (more bool, err error) {
	if s.Worker == nil {
		return false, nil
	}
	for until := time.Now().Add(turn); time.Now().Before(until); {
		began := time.Now()
		n, err := s.assignSome(ctx)
		if err != nil || n == 0 {
			return false, err
		}
		if err := tickets.Pause(ctx, time.Since(began)); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (s *Service) assignSome(ctx context.Context) (int, error) {
	tx := s.Store.Read(ctx)
	last, err := s.current(tx)
	if err != nil {
		return 0, err
	}
	if last == nil {
		return 0, s.firstPass(ctx)
	}
	if last.model == "" {
		return 0, nil // the next pass builds one
	}
	passing, err := s.isPassing(tx)
	if err != nil {
		return 0, err
	}
	waiting, texts, err := s.waiting(tx, passing)
	if err != nil || len(waiting) == 0 {
		return 0, err
	}
	own, err := s.ownLines(ctx)
	if err != nil {
		return 0, err
	}
	members, err := s.Worker.Assign(ctx, worker.Model{Name: last.model, Lexicon: own, Read: func(ctx context.Context) ([]byte, error) {
		return s.readModel(ctx, last.model)
	}}, texts)
	if errors.Is(err, grouping.ErrForm) {
		return 0, s.lostModel(ctx, last)
	}
	if err != nil {
		return 0, err
	}
	err = s.write(ctx, func(tx *gorm.DB) error {
		now, err := s.current(tx)
		if err != nil || now == nil || now.model != last.model {
			return err // another model holds since: ask that one
		}
		fines, err := s.allFines(tx)
		if err != nil {
			return err
		}
		passing, err := s.isPassing(tx) // it begins alone, so it sees what was written before as known
		if err != nil {
			return err
		}
		to := map[id.ID]target{}
		for i, m := range members {
			t := target{score: scoreOf(m)}
			if passing {
				t.score = meanwhile
			}
			if f := fines.byNumber[m.Fine]; f != nil && m.Fine > 0 {
				t.fine = f.ID
			}
			to[waiting[i]] = t
		}
		rows, err := voicesWhere(tx, ` WHERE v.id IN ? AND v.score < 0`, int64s(waiting))
		if err != nil {
			return err
		}
		if err := s.assignTx(tx, rows, to); err != nil {
			return err
		}
		return s.queue(tx, Looking{}) // what rises is told while it rises
	})
	return len(waiting), err
}

// lostModel notes that the model of a pass is gone or of another form, and asks for a pass that builds one.
func (s *Service) lostModel(ctx context.Context, last *Run) error {
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec(`UPDATE insight_runs SET model = '' WHERE id = ? AND model = ?`, int64(last.ID), last.model).Error; err != nil {
			return err
		}
		return s.queue(tx, Passing{})
	})
}

// firstPass asks for the first pass as soon as there are enough texts.
func (s *Service) firstPass(ctx context.Context) error {
	n, err := s.Texts(ctx, FirstTexts)
	if err != nil || n < FirstTexts {
		return err
	}
	return s.Store.Write(ctx, func(tx *gorm.DB) error { return s.queue(tx, Passing{}) })
}

// scoreOf is the score of a clause of which a model has said where it belongs.
func scoreOf(m worker.Member) float64 { return max(float64(m.Score), 0) }

// waiting gives some clauses that the model has not placed; while a pass is under way not those that it has placed meanwhile.
func (s *Service) waiting(tx *gorm.DB, passing bool) (list []id.ID, texts []string, err error) {
	least := meanwhile
	if passing {
		least = unseen
	}
	rows, err := tx.Raw(`SELECT v.id, v.body FROM insight_voices v WHERE v.score < 0 AND v.score >= ? ORDER BY v.id LIMIT ?`, least, assignRows).Rows()
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var bodies [][]byte
	for rows.Next() {
		var v int64
		var body []byte
		if err := rows.Scan(&v, &body); err != nil {
			return nil, nil, err
		}
		list, bodies = append(list, id.ID(v)), append(bodies, body)
	}
	if err := rows.Err(); err != nil {
		return nil, nil, err
	}
	for i, one := range list {
		text, err := s.Sealer.OpenText(tx, voicesTable, "body", one, bodies[i])
		if err != nil && !errors.Is(err, seal.ErrErased) {
			return nil, nil, err
		}
		texts = append(texts, text)
	}
	return list, texts, nil
}
