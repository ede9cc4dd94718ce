package apptest_test

import (
	"bytes"
	"context"
	"net/http"
	"testing"

	"gorm.io/gorm"

	"huiyin/app/apptest"
	"huiyin/app/db"
)

// A desk that is killed in the middle of an erasure finishes it when it comes back: nothing that opens is left, each message
// is empty, and the counts are what they were.
func TestAnErasureThatWasKilledIsFinishedAfterTheRestart(t *testing.T) {
	t.Parallel()
	desk := apptest.StartProcess(t)
	live(t, desk)
	token := desk.AddAgent("boss@example.com", "Boss", "manager", leakPassword)
	var contact string
	const more = 8_000 // messages: the erasure takes a while, in pieces of a hundred
	look(t, desk, func(d *db.DB) {
		contact = string(column(t, d, `SELECT CAST(id AS TEXT) FROM contacts`)[0])
		err := d.Write(t.Context(), func(tx *gorm.DB) error {
			return tx.Exec(`INSERT INTO messages (id, ticket_id, pos, seq, kind, author_kind, author_id, body, created_at)
 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
 SELECT i, (SELECT MIN(id) FROM tickets), 1000000 + i, 1000000 + i, 'note', 'agent', 1, CAST('x' AS BLOB), 1 FROM n`, more).Error
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	const count = `SELECT (SELECT COUNT(*) FROM tickets) || '/' || (SELECT COUNT(*) FROM messages) || '/' || (SELECT COUNT(*) FROM contacts)`
	const left = `SELECT COUNT(*) FROM messages WHERE body IS NOT NULL`
	number := func(query string) (n []byte) {
		look(t, desk, func(d *db.DB) { n = column(t, d, `SELECT CAST((`+query+`) AS TEXT)`)[0] })
		return n
	}
	counts := number(count)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, desk.Base()+"/api/v1/contacts/"+contact, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	go func() {
		if res, err := http.DefaultClient.Do(req); err == nil { // killed: the answer may never come
			_ = res.Body.Close()
		}
	}()
	waitFor(t, "the erasure to be under way", func() bool {
		return string(number(`SELECT COUNT(*) FROM messages WHERE state = 'erased'`)) != "0"
	})
	desk.Kill()
	if n := number(left); string(n) == "0" {
		t.Fatal("the erasure was over before the kill: the test tries nothing")
	}
	if keys := number(`SELECT COUNT(*) FROM data_keys WHERE contact_id = ` + contact); string(keys) != "0" {
		t.Errorf("%s keys of hers are left after the kill: what is not emptied yet can be read", keys)
	}
	desk.Start()
	waitFor(t, "the erasure to end", func() bool {
		return string(number(`SELECT COUNT(*) FROM erasures WHERE done_at IS NULL`)) == "0"
	})
	if n := number(left); string(n) != "0" {
		t.Errorf("%s messages are not empty", n)
	}
	if now := number(count); !bytes.Equal(now, counts) {
		t.Errorf("tickets/messages/contacts: %s, they were %s", now, counts)
	}
}
