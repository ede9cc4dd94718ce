package privacy_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/privacy"
	"huiyin/tickets"
)

// The plans at 100,000 tickets: each query walks its index, whatever else there is.
func TestDueRowsAreFoundByIndexAtAHundredThousandTickets(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("fills a database with 100,000 tickets")
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		x := newDesk(t, d)
		x.fill(t, 100_000)
		for rule, index := range map[privacy.Rule]string{
			privacy.RuleContacts: "contacts_seen", privacy.RuleVisitors: "contacts_seen", privacy.RuleTickets: "tickets_finished", privacy.RuleTrails: "chat_sessions_trail",
			privacy.RuleMails: "mail_incoming_kept", privacy.RuleOrders: "orders_nobody",
		} {
			plan := x.plan(t, x.DueSQL(rule, time.Now().AddDate(0, -24, 0)))
			if !strings.Contains(plan, index) || strings.Contains(plan, "SCAN t\n") || strings.Contains(plan, "Seq Scan") {
				t.Errorf("%s walks no index %s:\n%s", rule, index, plan)
			}
		}
		began := time.Now()
		got, err := x.Preview(t.Context(), privacy.Rules{ContactMonths: 24, TicketMonths: 24, VisitorDays: 700, TrailDays: 700, AccessMonths: 24, MailDays: 700, OrderMonths: 24})
		must(t, err)
		t.Logf("%s: preview %v in %v", d.Dialect(), got, time.Since(began))
	})
}

// fill makes tickets that grow evenly over four years, one of each contact.
func (x *desk) fill(t *testing.T, n int) {
	t.Helper()
	series := `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) `
	first := tickets.Millis(time.Now().AddDate(-4, 0, 0))
	step := (tickets.Millis(time.Now()) - first) / int64(n)
	must(t, x.db.Write(t.Context(), func(tx *gorm.DB) error {
		return errors.Join(
			tx.Exec(`INSERT INTO contacts (id, key_id, locale, last_seen_at, created_at, updated_at) `+series+`SELECT i, 1, '', CAST(? AS BIGINT) + i * CAST(? AS BIGINT), 1, 1 FROM n`, n, first, step).Error,
			tx.Exec(`INSERT INTO chat_sessions (id, token_hash, contact_id, inbox_id, signed, context, expires_at, seen_at, created_at) `+series+
				`SELECT i, CAST('t' || i AS `+x.bytes()+`), i, 1, ?, CAST('c' AS `+x.bytes()+`), 1, CAST(? AS BIGINT) + i * CAST(? AS BIGINT), 1 FROM n`, n, false, first, step).Error,
			tx.Exec(`INSERT INTO tickets (id, number, inbox_id, channel, contact_id, key_id, status, priority, last_pos, last_seq, last_contact_pos, last_reply_pos, contact_read, agent_read,
 last_message_at, created_at, updated_at) `+series+`SELECT i, i, 1, 'chat', i, 1, CASE WHEN i % 20 = 0 THEN 'open' ELSE 'solved' END, 'normal', 1, 1, 1, 0, 0, 0, CAST(? AS BIGINT) + i * CAST(? AS BIGINT), 1, CAST(? AS BIGINT) + i * CAST(? AS BIGINT) FROM n WHERE i % 3 > 0`,
				n, first, step, first, step).Error,
		)
	}))
	must(t, x.db.Write(t.Context(), func(tx *gorm.DB) error {
		return errors.Join(
			tx.Exec(`INSERT INTO ticket_participants (ticket_id, contact_id, created_at, actor_kind, actor_id) `+series+`SELECT i, i + 1, 1, 'system', 0 FROM n WHERE i % 10 = 1`, n).Error,
			tx.Exec(`INSERT INTO messages (id, ticket_id, pos, kind, author_kind, author_id, created_at, guest_id) `+series+`SELECT i, i, 1, 'contact', 'contact', i + 1, 1, i + 1 FROM n WHERE i % 10 = 1`, n).Error,
		)
	}))
	must(t, x.db.Write(t.Context(), func(tx *gorm.DB) error {
		return tx.Exec(`INSERT INTO mail_incoming (id, inbox_id, epoch, uid, key_id, size, state, contact_id, ticket_id, came_at, created_at) `+series+
			`SELECT i, 1, 1, i, CASE WHEN i % 10 = 0 THEN i ELSE 0 END, 1, CASE WHEN i % 100 = 0 THEN 'failed' ELSE 'done' END, i, i, 1, CAST(? AS BIGINT) + i * CAST(? AS BIGINT) FROM n`, n, first, step).Error
	}))
	must(t, x.db.Write(t.Context(), func(tx *gorm.DB) error { // every third is of nobody
		return tx.Exec(`INSERT INTO orders (id, key_id, contact_id, order_no, order_hash, status, platform, currency, updated_at, ordered_at, created_at, changed_at) `+series+
			`SELECT i, 1, CASE WHEN i % 3 > 0 THEN i END, CAST('n' AS `+x.bytes()+`), CAST('h' || i AS `+x.bytes()+`), 'paid', '', 'CNY', 1, CAST(? AS BIGINT) + i * CAST(? AS BIGINT), 1, 1 FROM n`, n, first, step).Error
	}))
	must(t, x.db.Write(t.Context(), func(tx *gorm.DB) error {
		return tx.Exec(`INSERT INTO form_responses (id, form_id, n, revision, contact_id, channel, locale, order_verified, created_at, updated_at, editable_until) `+series+
			`SELECT i, 1, 1, 1, i, 'link', '', ?, 1, CAST(? AS BIGINT) + i * CAST(? AS BIGINT), 1 FROM n WHERE i % 7 = 0`, n, false, first, step).Error
	}))
	must(t, x.db.Write(t.Context(), func(tx *gorm.DB) error { return tx.Exec(`ANALYZE`).Error }))
}

func (x *desk) bytes() string {
	if x.db.Dialect() == db.Postgres {
		return "BYTEA"
	}
	return "BLOB"
}

func (x *desk) plan(t *testing.T, query string) string {
	t.Helper()
	explain, column := `EXPLAIN QUERY PLAN `, 3
	if x.db.Dialect() == db.Postgres {
		explain, column = `EXPLAIN `, 0
	}
	rows, err := x.db.Read(t.Context()).Raw(explain + query).Rows()
	must(t, err)
	defer func() { _ = rows.Close() }()
	var out strings.Builder
	for rows.Next() {
		parts := make([]any, column+1)
		for i := range parts {
			parts[i] = new(any)
		}
		must(t, rows.Scan(parts...))
		fmt.Fprintf(&out, "%s\n", *parts[column].(*any))
	}
	must(t, rows.Err())
	return out.String()
}
