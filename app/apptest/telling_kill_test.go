package apptest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/apptest"
	"huiyin/app/db"
)

// A desk that is killed while it tells goes on by itself, and at the end each of those who complained has the message once.
func TestSoakATellingSurvivesKillsAndTellsNobodyTwice(t *testing.T) {
	t.Parallel()
	const people = 80
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			desk := startOn(t, dialect, "HUIYIN_LIMIT_SCALE=1000")
			desk.AddAgent(importer, "Boss", "manager", agentPassword)
			key := desk.AddInbox("Shop", nil)
			ctx, cancel := context.WithCancel(t.Context())
			t.Cleanup(cancel)
			var all []*apptest.Client
			for i := range people {
				c := apptest.NewClient(desk.Base, key)
				if err := c.Start(ctx); err != nil {
					t.Fatal(err)
				}
				c.Send(fmt.Sprintf("快递太慢了 %d", i))
				go c.Run(ctx)
				all = append(all, c)
			}
			waitWithin(t, time.Minute, "all complaints to be taken", func() bool {
				for _, c := range all {
					if _, _, waiting, _ := c.State(); waiting > 0 {
						return false
					}
				}
				return true
			})
			desk.Kill() // nobody writes while the complaints are put into a group
			inside(t, desk, func(d *db.DB) { groupOfAll(t, d) })
			desk.Start()
			post := func(path string, form url.Values) {
				t.Helper()
				if status, body := desk.PostAs(t, importer, agentPassword, path, form); status >= http.StatusBadRequest {
					t.Fatalf("%s: %d %.300s", path, status, body)
				}
			}
			post("/improve", url.Values{"title": {"faster"}, "target": {"30"}, "group": {fmt.Sprint(groupOfTest)}})
			post("/improve/1/state", url.Values{"version": {"1"}, "state": {"rolled_out"}})
			post("/improve/1/telling", url.Values{"days": {"30"}, "text_zh-CN": {"好了。"}, "text_en": {"Done."}})
			caught := 0
			for kill := range 2 {
				inside(t, desk, func(d *db.DB) {
					waitWithin(t, importPatience, "the telling to get on", func() bool { return toldSoFar(t, d) >= int64(people*(kill+1)/4) })
				})
				desk.Kill()
				inside(t, desk, func(d *db.DB) {
					n := toldSoFar(t, d)
					t.Logf("killed when %d of %d were told", n, people)
					if n > 0 && n < people {
						caught++
					}
					later(t, d)
				})
				desk.Start()
			}
			if caught == 0 {
				t.Error("no kill was in the middle: the test tries nothing")
			}
			inside(t, desk, func(d *db.DB) {
				waitWithin(t, importPatience, "the telling to end", func() bool {
					var state string
					if err := d.Read(t.Context()).Raw(`SELECT state FROM tellings`).Row().Scan(&state); err != nil {
						t.Fatal(err)
					}
					return state == "done"
				})
				var messages, tickets int64
				if err := d.Read(t.Context()).Raw(`SELECT COUNT(*), COUNT(DISTINCT ticket_id) FROM messages WHERE kind = 'reply' AND author_kind = 'system' AND created_at >= (SELECT created_at FROM tellings)`).Row().Scan(&messages, &tickets); err != nil {
					t.Fatal(err)
				}
				if n := toldSoFar(t, d); n != people || messages != people || tickets != people {
					t.Errorf("%d are told, %d messages in %d tickets; want %d", n, messages, tickets, people)
				}
			})
		})
	}
}

func toldSoFar(t *testing.T, d *db.DB) (n int64) {
	t.Helper()
	if err := d.Read(t.Context()).Raw(`SELECT COUNT(*) FROM telling_people WHERE state = 'told'`).Row().Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// groupOfAll says that every contact has complained of one matter in her ticket, and wants to be told.
func groupOfAll(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *gorm.DB) error {
		for _, text := range []string{
			`INSERT INTO insight_groups (id, level, state, pinned, by_hand, language, aspect, size, twin_refused, dirty, version, created_at, updated_at)
 VALUES (4242, 'group', 'open', false, false, 'zh', 'delivery', 2, false, false, 1, 0, 0), (4243, 'fine', 'open', false, false, 'zh', 'delivery', 2, false, false, 1, 0, 0)`,
			`UPDATE insight_groups SET parent_id = 4242 WHERE id = 4243`,
			`DELETE FROM insight_voices`,
			`INSERT INTO insight_voices (id, source, subject_id, contact_id, channel, language, team_id, aspect, complaint, fine_id, group_id, score, fixed, at, day, created_at)
 SELECT id, 'ticket', id, contact_id, 'chat', 'zh', 0, 'delivery', true, 4243, 4242, 1, false, created_at, created_at, created_at FROM tickets`,
			`INSERT INTO contact_consents (id, contact_id, purpose, version, source, given_at) SELECT id, contact_id, 'told', '1', 'chat', created_at FROM tickets`,
		} {
			if err := tx.Exec(text).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
