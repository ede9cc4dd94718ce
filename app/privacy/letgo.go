package privacy

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// dropVisitors deletes visitors, a few a transaction: each has several rows.
func (r *run) dropVisitors(ctx context.Context, before time.Time, rows []id.ID) (int, error) {
	all := 0
	for some := range slices.Chunk(rows, visitorsAtOnce) {
		done, err := r.dropSome(ctx, before, some)
		if all += done; err != nil {
			return all, err
		}
	}
	if all == 0 {
		return 0, nil
	}
	return all, r.s.Scrub(ctx)
}

// dropSome deletes visitors who are still due once they are locked: one may be writing her first message.
func (r *run) dropSome(ctx context.Context, before time.Time, rows []id.ID) (int, error) {
	var gone []id.ID
	done, err := r.write(ctx, RuleVisitors, func(tx *gorm.DB) (n int, err error) {
		gone = nil
		for _, one := range rows {
			still, err := r.lockDue(tx, RuleVisitors, before, one)
			if err != nil {
				return 0, err
			}
			if !still {
				continue
			}
			all, err := r.s.Tickets.DropVisitorTx(tx, one)
			if err != nil {
				return 0, err
			}
			gone = append(gone, all...)
			n++
		}
		if n == 0 {
			return 0, nil
		}
		return n, r.s.ForgetVisitors(tx, gone)
	})
	for _, one := range gone {
		if err == nil {
			r.s.Told(one)
		}
	}
	return done, err
}

func (r *run) lockDue(tx *gorm.DB, rule Rule, before time.Time, contact id.ID) (bool, error) {
	if _, err := r.s.Tickets.LockContactTx(tx, contact); err != nil {
		return false, err
	}
	still, err := areDue(tx, rule, r.s.dueArgs(before), contact)
	return len(still) > 0, err
}

// dropMails deletes mails as they came, those of them that are still due: one may be tried again, or its writer kept. They
// are many and small, so what lies in the database's files is scrubbed once, after all.
func (r *run) dropMails(ctx context.Context, before time.Time, rows []id.ID) (int, error) {
	done, err := r.write(ctx, RuleMails, func(tx *gorm.DB) (int, error) {
		still, err := areDue(tx, RuleMails, r.s.dueArgs(before), rows...)
		if err != nil || len(still) == 0 {
			return 0, err
		}
		return r.s.DropMails(tx, still)
	})
	r.scrub = r.scrub || done > 0
	return done, err
}

// forgetOrders empties orders of nobody that are still due: the buyer may have become known, or the shop has said more.
func (r *run) forgetOrders(ctx context.Context, before time.Time, rows []id.ID) (int, error) {
	done, err := r.write(ctx, RuleOrders, func(tx *gorm.DB) (int, error) {
		still, err := areDue(tx, RuleOrders, r.s.dueArgs(before), rows...)
		if err != nil || len(still) == 0 {
			return 0, err
		}
		return r.s.ForgetOrders(tx, still)
	})
	r.scrub = r.scrub || done > 0
	return done, err
}

// eraseContacts erases people; what has to be done for all the database's files is done once for all of them.
func (r *run) eraseContacts(ctx context.Context, before time.Time, rows []id.ID) (int, error) {
	var erased []id.ID
	for _, one := range rows {
		var who tickets.Erased
		done, err := r.write(ctx, RuleContacts, func(tx *gorm.DB) (int, error) {
			still, err := r.lockDue(tx, RuleContacts, before, one)
			if err != nil || !still {
				return 0, err
			}
			who, err = r.s.Tickets.EraseContactTx(tx, system, one, tickets.ErasedByRule)
			if err != nil || who.Already {
				return 0, err
			}
			return 1, r.s.Forget(tx, who)
		})
		if err != nil {
			return 0, err
		}
		if done > 0 {
			for _, one := range who.Contacts {
				r.s.Told(one)
			}
			erased = append(erased, one)
		}
		if r.over() {
			break
		}
	}
	return len(erased), r.s.finish(ctx, erased...)
}

// emptyTickets empties finished tickets, several small ones a transaction.
func (r *run) emptyTickets(ctx context.Context, before time.Time, rows []id.ID) (int, error) {
	sizes, err := r.s.Tickets.SizesOf(ctx, rows)
	if err != nil {
		return 0, err
	}
	all := 0
	for len(rows) > 0 {
		n, places := 0, int64(0)
		for n < len(rows) && (n == 0 || places+sizes[rows[n]] <= rowsAtOnce) {
			places += sizes[rows[n]]
			n++
		}
		done, err := r.emptySome(ctx, before, rows[:n])
		all, rows = all+done, rows[n:]
		if err != nil {
			return all, err
		}
		if r.over() {
			break
		}
	}
	if all == 0 {
		return 0, nil
	}
	return all, r.s.Scrub(ctx)
}

// emptySome empties tickets in one transaction, or a single long one in several.
func (r *run) emptySome(ctx context.Context, before time.Time, rows []id.ID) (int, error) {
	for next := int64(0); ; {
		var at int64
		done, err := r.write(ctx, RuleTickets, func(tx *gorm.DB) (int, error) {
			var begun []id.ID
			gone := 0
			at = -1
			for _, one := range rows {
				to, done, err := r.s.Tickets.EmptyTicketTx(tx, one, tickets.Millis(before), next)
				if err != nil {
					return 0, err
				}
				if at = to; done {
					begun = append(begun, one)
				}
				if done && to < 0 {
					gone++
				}
			}
			if len(begun) == 0 {
				return 0, nil
			}
			return gone, r.s.Forget(tx, tickets.Erased{Tickets: begun})
		})
		if next = at; err != nil || next < 0 {
			return done, err
		}
	}
}
