package apptest_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"huiyin/app/db"
)

// An import of old texts that is killed again and again goes on by itself: at its end each complaint of the file is there once, and
// what it counts is what there is. So it is after each kill.
func TestSoakAnImportOfOldTextsSurvivesKills(t *testing.T) {
	t.Parallel()
	const size = 6000
	var file bytes.Buffer
	file.WriteString("会话ID,消息发送方,消息时间,消息内容\n")
	for i := range size {
		fmt.Fprintf(&file, "c%d,访客,2026-%02d-%02d 10:00:00,快递太慢了 已经等了 %d 天还没到\n", i/2, 1+i%10, 1+i%28, i)
	}
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			desk := startOn(t, dialect, "HUIYIN_LIMIT_SCALE=1000")
			desk.AddAgent(importer, "Boss", "manager", agentPassword)
			status, path := desk.SendFileAs(t, importer, agentPassword, "/insights/import", map[string]string{"preset": "qiyu"}, "old.csv", file.Bytes())
			if status != http.StatusSeeOther {
				t.Fatalf("send a file: %d", status)
			}
			columns := url.Values{"column0": {"session"}, "column1": {"speaker"}, "column2": {"time"}, "column3": {"text"}}
			if status, body := desk.PostAs(t, importer, agentPassword, path+"/start", columns); status != http.StatusOK {
				t.Fatalf("start: %d %.300s", status, body)
			}
			caught := 0
			for kill := range 2 {
				inside(t, desk, func(d *db.DB) {
					waitWithin(t, importPatience, "the import to get on", func() bool { return oldTextsStand(t, d).Place >= int64(size*(kill+1)/4) })
				})
				desk.Kill()
				inside(t, desk, func(d *db.DB) {
					f := oldTextsStand(t, d)
					t.Logf("killed at line %d of %d, %s", f.Place, size, f.State)
					if f.holds(t); f.State == "running" {
						caught++
					}
					later(t, d)
				})
				desk.Start()
			}
			if caught == 0 {
				t.Error("no kill was in the middle of the import: the test tries nothing")
			}
			waitWithin(t, importPatience, "the import to end", func() bool {
				_, page := desk.GetAs(t, importer, agentPassword, path+"?part=progress")
				return !strings.Contains(page, "<progress")
			})
			inside(t, desk, func(d *db.DB) {
				f := oldTextsStand(t, d)
				if f.holds(t); f.State != "done" || f.Added != size || f.Subjects != size/2 {
					t.Errorf("%+v", f)
				}
			})
		})
	}
}

// oldStand is how far an import of old texts is, beside what is stored.
type oldStand struct {
	State                                          string
	Place, Added, Voices, Subjects, Lines, Counted int64
}

func oldTextsStand(t *testing.T, d *db.DB) (s oldStand) {
	t.Helper()
	err := d.Read(t.Context()).Raw(`SELECT state, place, added, (SELECT COUNT(*) FROM insight_voices) AS voices, (SELECT COUNT(DISTINCT subject_id) FROM insight_voices) AS subjects,
 (SELECT COUNT(*) FROM insight_import_lines) AS lines, (SELECT COALESCE(SUM(n), 0) FROM insight_rolls WHERE kind = 'all') AS counted FROM insight_imports`).Scan(&s).Error
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// holds says that the progress is what is stored and counted, and that nothing is half.
func (s *oldStand) holds(t *testing.T) {
	t.Helper()
	if s.Voices != s.Added || s.Place != s.Added || s.Counted != s.Subjects || s.Lines != s.Added+s.Subjects {
		t.Errorf("the progress is not what is stored: %+v", *s)
	}
}
