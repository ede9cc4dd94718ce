package privacy

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

const (
	rowsAtOnce = 100 // a transaction: more would hold up the chat
	// visitorsAtOnce have about as many rows: contact, session, key, identities.
	visitorsAtOnce = 20
	pauseShort     = 10 * time.Millisecond  // between two transactions
	pauseLong      = 500 * time.Millisecond // of a busy database
	// runMax is how long a run works; what is left waits for the next one.
	runMax = 20 * time.Minute
)

// Retain lets go what the rules in force say, in pieces, and waits after each for twice as long as it took, so that the
// chat comes first. Killed or out of time it leaves the rest to the next call, which goes on with the same run. It is
// called on one node at a time.
func (s *Service) Retain(ctx context.Context) error {
	rules, err := s.Rules(ctx)
	if err != nil {
		return err
	}
	zone, err := s.zone(ctx)
	if err != nil {
		return err
	}
	r := &run{s: s, until: s.Now().Add(runMax)}
	if err := s.Store.Read(ctx).Raw(`SELECT id FROM retention_runs WHERE ended_at IS NULL LIMIT 1`).Scan(&r.id).Error; err != nil {
		return err
	}
	for _, rule := range AllRules() {
		before, on := rules.before(rule, s.Now().In(zone))
		if !on {
			continue
		}
		over, err := r.follow(ctx, rule, before)
		if err != nil {
			return fmt.Errorf("retention of %s: %w", rule, err)
		}
		if over {
			return nil
		}
	}
	return r.end(ctx)
}

// run is a run of the rules; its row is made with the first thing that it does.
type run struct {
	s     *Service
	id    id.ID
	until time.Time
	scrub bool // what was deleted is still to be made vanish
}

// follow lets go what a rule says; true: the time is over.
func (r *run) follow(ctx context.Context, rule Rule, before time.Time) (over bool, err error) {
	if over, err = r.letAllGo(ctx, rule, before); err == nil && r.scrub {
		r.scrub = false
		err = r.s.Scrub(ctx)
	}
	return over, err
}

func (r *run) letAllGo(ctx context.Context, rule Rule, before time.Time) (over bool, err error) {
	for {
		rows, err := dueRows(r.s.Store.Read(ctx), rule, r.s.dueArgs(before), rowsAtOnce)
		if err != nil || len(rows) == 0 {
			return false, err
		}
		done, err := r.letGo(ctx, rule, before, rows)
		if err != nil || (done == 0 && !r.over()) {
			return false, err // none of them was still due: they are looked at by the next run
		}
		if r.over() {
			return true, nil
		}
	}
}

func (r *run) over() bool { return r.s.Now().After(r.until) }

// letGo lets these rows go and tells how many.
func (r *run) letGo(ctx context.Context, rule Rule, before time.Time, rows []id.ID) (int, error) {
	switch rule {
	case RuleTrails:
		return r.write(ctx, rule, func(tx *gorm.DB) (int, error) { return len(rows), r.s.ForgetTrails(tx, rows) })
	case RuleAccesses:
		return r.write(ctx, rule, func(tx *gorm.DB) (int, error) {
			done := tx.Exec(`DELETE FROM access_log WHERE id IN ?`, rows)
			return int(done.RowsAffected), done.Error
		})
	case RuleMails:
		return r.dropMails(ctx, before, rows)
	case RuleOrders:
		return r.forgetOrders(ctx, before, rows)
	case RuleVisitors:
		return r.dropVisitors(ctx, before, rows)
	case RuleTickets:
		return r.emptyTickets(ctx, before, rows)
	case RuleContacts:
		return r.eraseContacts(ctx, before, rows)
	}
	return 0, fmt.Errorf("no such rule: %s", rule)
}

// write runs a piece of work in a transaction that counts what it did, and pauses after it.
func (r *run) write(ctx context.Context, rule Rule, fn func(tx *gorm.DB) (int, error)) (int, error) {
	began, done, made := time.Now(), 0, r.id
	err := r.s.Store.Write(ctx, func(tx *gorm.DB) (err error) {
		made = r.id
		if done, err = fn(tx); err != nil || done == 0 {
			return err
		}
		if made == 0 {
			made = r.s.IDs.Next()
			if err := tx.Exec(`INSERT INTO retention_runs (id, started_at) VALUES (?, ?)`, int64(made), tickets.Millis(r.s.Now())).Error; err != nil {
				return err
			}
		}
		// the rule's name is the column's, and one of ours
		return tx.Exec(`UPDATE retention_runs SET `+string(rule)+` = `+string(rule)+` + ? WHERE id = ?`, done, int64(made)).Error
	})
	if err != nil {
		return 0, err
	}
	r.id = made
	return done, pause(ctx, min(max(2*time.Since(began), pauseShort), pauseLong))
}

func pause(ctx context.Context, long time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(long):
		return nil
	}
}

// end closes the run, if it has done anything.
func (r *run) end(ctx context.Context) error {
	if r.id == 0 {
		return nil
	}
	return r.s.Store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE retention_runs SET ended_at = ? WHERE id = ? AND ended_at IS NULL`, tickets.Millis(r.s.Now()), int64(r.id)).Error
	})
}

// Run is what a run of the rules did, in numbers.
type Run struct {
	ID                                                   id.ID `gorm:"primaryKey;autoIncrement:false"`
	StartedAt                                            int64
	EndedAt                                              *int64 // nil: it goes on, or will be gone on with
	Contacts, Tickets, Visitors, Trails, Accesses, Mails int64
	Orders                                               int64
}

// TableName is the runs' table.
func (Run) TableName() string { return "retention_runs" }

// Runs gives the newest runs that did something.
func (s *Service) Runs(ctx context.Context, limit int) ([]Run, error) {
	var list []Run
	return list, s.Store.Read(ctx).Order("id DESC").Limit(limit).Find(&list).Error
}
