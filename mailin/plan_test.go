package mailin_test

import (
	"regexp"
	"testing"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/mailin"
)

var named = regexp.MustCompile(`@\w+`)

func TestNoQueryGoesThroughAllMails(t *testing.T) {
	t.Parallel()
	base := dbtest.Open(t, db.SQLite)
	whole := regexp.MustCompile(`^SCAN (?:m|mail_\w+)(?: USING COVERING INDEX mail_ids\w*)?$|mail_incoming_uid \(inbox_id=\?\)$`)
	for _, query := range append([]string{mailin.CountWaiting}, mailin.GoesAlong...) {
		var args []any
		query = named.ReplaceAllString(query, "?")
		for _, c := range query {
			if c == '?' {
				args = append(args, 1)
			}
		}
		rows, err := base.Read(bg).Raw(`EXPLAIN QUERY PLAN `+query, args...).Rows()
		must(t, err)
		for rows.Next() {
			var one, two, three int
			var step string
			must(t, rows.Scan(&one, &two, &three, &step))
			if whole.MatchString(step) {
				t.Errorf("%s: %s", query, step)
			}
		}
		must(t, rows.Close())
	}
}
