package privacy

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// What a rule lets go, as SQL: rows and their order. Every one walks an index from its old end, so that a desk of any age
// finds the next hundred at once; a test looks at the plans. They name tables of several packages, as erasing does: see
// Holders. The writes are those packages' own.
const (
	// A contact whom the rule may let go: nobody keeps her, and she has no ticket, and no part in one, that is worked on or newer, and
	// has neither ordered nor answered a form since.
	dueContacts = ` FROM contacts p WHERE p.merged_into IS NULL AND p.kept_at IS NULL AND p.key_id <> 0 AND p.last_seen_at < @before
 AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.contact_id = p.id AND (t.last_message_at >= @before OR t.status IN ('new','open','pending')))
 AND NOT EXISTS (SELECT 1 FROM ticket_participants x JOIN tickets t ON t.id = x.ticket_id WHERE x.contact_id = p.id
 AND (t.last_message_at >= @before OR t.status IN ('new','open','pending')))
 AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.contact_id = p.id AND o.ordered_at >= @before)
 AND NOT EXISTS (SELECT 1 FROM form_responses r WHERE r.contact_id = p.id AND r.updated_at >= @before)`

	// A visitor has come by the chat, and has no ticket, nor part in one. Who has ordered or answered a form is a customer.
	dueVisitors = ` FROM contacts p WHERE p.merged_into IS NULL AND p.kept_at IS NULL AND p.key_id <> 0 AND p.last_seen_at < @before
 AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.contact_id = p.id) AND EXISTS (SELECT 1 FROM chat_sessions s WHERE s.contact_id = p.id)
 AND NOT EXISTS (SELECT 1 FROM ticket_participants x WHERE x.contact_id = p.id) AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.guest_id = p.id)
 AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.contact_id = p.id) AND NOT EXISTS (SELECT 1 FROM form_responses r WHERE r.contact_id = p.id)`

	// A ticket that was merged into another stays as long as that one.
	dueTickets = ` FROM tickets t WHERE t.status IN ('solved','closed','spam') AND t.emptied_at IS NULL AND t.key_id <> 0 AND t.updated_at < @before
 AND NOT EXISTS (SELECT 1 FROM contacts p WHERE p.id = t.contact_id AND p.kept_at IS NOT NULL)
 AND NOT EXISTS (SELECT 1 FROM tickets g WHERE g.id = t.merged_into AND (g.status IN ('new','open','pending') OR g.updated_at >= @before))`

	dueTrails = ` FROM chat_sessions s WHERE s.context IS NOT NULL AND s.seen_at < @before
 AND NOT EXISTS (SELECT 1 FROM contacts p WHERE p.id = s.contact_id AND p.kept_at IS NOT NULL)`

	// A mail as it came, of which nothing is to be made any more. One that could not be read is kept longer: it is all there is.
	dueMails = ` FROM mail_incoming i WHERE i.key_id <> 0 AND i.state NOT IN ('new','coming') AND i.created_at < @before
 AND (i.state <> 'failed' OR i.created_at < @before_failed)
 AND NOT EXISTS (SELECT 1 FROM contacts p WHERE p.id = i.contact_id AND p.kept_at IS NOT NULL)
 AND NOT EXISTS (SELECT 1 FROM contacts q JOIN contacts p ON p.id = q.merged_into WHERE q.id = i.contact_id AND p.kept_at IS NOT NULL)
 AND NOT EXISTS (SELECT 1 FROM tickets t JOIN contacts p ON p.id = t.contact_id WHERE t.id = i.ticket_id AND p.kept_at IS NOT NULL)`

	// An order of nobody, of which the shop says nothing new and nobody talks any more; one in a ticket of somebody who is kept stays.
	dueOrders = ` FROM orders o WHERE o.contact_id IS NULL AND o.order_no IS NOT NULL AND o.ordered_at < @before AND o.changed_at < @before
 AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.order_hash = o.order_hash AND (t.updated_at >= @before OR t.status IN ('new','open','pending')))
 AND NOT EXISTS (SELECT 1 FROM tickets t JOIN contacts p ON p.id = t.contact_id WHERE t.order_hash = o.order_hash AND p.kept_at IS NOT NULL)`

	dueAccesses = ` FROM access_log a WHERE a.id < @before_id`
)

// due is the rows of a rule: the id, where the rows stand, and their order.
var due = map[Rule]struct{ id, rows, order string }{
	RuleContacts: {"p.id", dueContacts, "p.last_seen_at, p.id"},
	RuleVisitors: {"p.id", dueVisitors, "p.last_seen_at, p.id"},
	RuleTickets:  {"t.id", dueTickets, "t.updated_at, t.id"},
	RuleTrails:   {"s.id", dueTrails, "s.seen_at"},
	RuleAccesses: {"a.id", dueAccesses, "a.id"},
	RuleMails:    {"i.id", dueMails, "i.created_at, i.id"},
	RuleOrders:   {"o.id", dueOrders, "o.ordered_at, o.id"},
}

// failedMailDays is how long at least a mail is kept that could not be read: somebody has to find time to look at it.
const failedMailDays = 90

func (s *Service) dueArgs(before time.Time) map[string]any {
	failed := s.Now().AddDate(0, 0, -failedMailDays)
	if before.Before(failed) {
		failed = before
	}
	return map[string]any{"before": tickets.Millis(before), "before_id": int64(id.At(before)), "before_failed": tickets.Millis(failed)}
}

// dueRows gives the next rows that a rule lets go, the oldest first.
func dueRows(tx *gorm.DB, rule Rule, args map[string]any, limit int) ([]id.ID, error) {
	d := due[rule]
	args["limit"] = limit
	var out []id.ID
	return out, tx.Raw(`SELECT `+d.id+d.rows+` ORDER BY `+d.order+` LIMIT @limit`, args).Scan(&out).Error
}

// areDue gives those of the rows that a rule lets go, in their order.
func areDue(tx *gorm.DB, rule Rule, args map[string]any, rows ...id.ID) (out []id.ID, err error) {
	d := due[rule]
	args["rows"] = rows
	return out, tx.Raw(`SELECT `+d.id+d.rows+` AND `+d.id+` IN @rows ORDER BY `+d.order, args).Scan(&out).Error
}

// Preview is what a rule would let go now.
type Preview struct {
	Rule    Rule
	Before  time.Time
	Count   int64
	Sample  []id.ID // contacts, or of RuleTickets tickets: the oldest
	Numbers []int64 // of the sample's tickets
}

// sampleMax is how many a preview names.
const sampleMax = 8

// Preview tells what each rule that is on would let go now, exactly, and changes nothing.
func (s *Service) Preview(ctx context.Context, r Rules) ([]Preview, error) {
	zone, err := s.zone(ctx)
	if err != nil {
		return nil, err
	}
	var out []Preview
	for _, rule := range AllRules() {
		before, on := r.before(rule, s.Now().In(zone))
		if !on {
			continue
		}
		p := Preview{Rule: rule, Before: before}
		tx := s.Store.Read(ctx)
		if err := tx.Raw(`SELECT COUNT(*)`+due[rule].rows, s.dueArgs(before)).Scan(&p.Count).Error; err != nil {
			return nil, err
		}
		if p.Sample, err = dueRows(tx, rule, s.dueArgs(before), sampleMax); err != nil {
			return nil, err
		}
		if rule == RuleTickets && len(p.Sample) > 0 {
			if err := tx.Raw(`SELECT t.number FROM tickets t WHERE t.id IN ? ORDER BY t.updated_at, t.id`, p.Sample).Scan(&p.Numbers).Error; err != nil {
				return nil, err
			}
		}
		out = append(out, p)
	}
	return out, nil
}

// zone is the shop's: a month ends by its calendar.
func (s *Service) zone(ctx context.Context) (*time.Location, error) {
	shop, err := s.Tickets.Shop(ctx)
	return shop.Zone(), err
}
