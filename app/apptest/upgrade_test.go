package apptest_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"huiyin/app/apptest"
	"huiyin/app/db/dbtest"
)

// yesterday is a desk that the release with schema 2 (commit 2305a0c) has left behind, in testdata/schema2: its
// database, its key ring, and what its people hold. All of it was made up for this test.
type yesterday struct {
	Inbox, Session string
	AgentToken     string `json:"agent_token"`
}

func unzipped(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// leave puts yesterday's desk of a dialect where a process of today finds it.
func leave(t *testing.T, dialect string) (*apptest.Process, yesterday) {
	t.Helper()
	from := filepath.Join("testdata", "schema2", dialect)
	var env []string
	if dialect == "postgres" {
		dsn := dbtest.Postgres(t)
		conn, err := pgx.Connect(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context()) //nolint:errcheck // of a test
		if _, err := conn.PgConn().Exec(t.Context(), string(unzipped(t, from+".sql.gz"))).ReadAll(); err != nil {
			t.Fatal(err)
		}
		env = append(env, "HUIYIN_DATABASE="+dsn)
	}
	p := apptest.NewProcess(t, env...)
	copyFile(t, from+".keyring.json", filepath.Join(p.Dir, "keyring.json"))
	if dialect == "sqlite" {
		if err := os.WriteFile(filepath.Join(p.Dir, "huiyin.db"), unzipped(t, from+".db.gz"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var y yesterday
	content, err := os.ReadFile(from + ".json")
	if err == nil {
		err = json.Unmarshal(content, &y)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p, y
}

// heard is what the shopper of yesterday reads on her page.
func (y yesterday) heard(t *testing.T, p *apptest.Process) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.Base()+"/chat/v1/messages?after=0&wait=0", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+y.Session)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// Today's program takes over yesterday's database with everything readable, and the copy that it made before opens too.
func TestYesterdaysDeskOpensToday(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			p, y := leave(t, dialect)
			p.Start()
			whole := func(p *apptest.Process) {
				t.Helper()
				page := y.heard(t, p)
				for _, said := range []string{"昨天买的陶瓷杯什么时候发货？", "杯口有一点小缺口"} {
					if !strings.Contains(page, said) {
						t.Errorf("the shopper lacks %q: %s", said, page)
					}
				}
				once := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
				res, err := once.PostForm(p.Base()+"/sign-in", url.Values{"email": {"wang@desk.example"}, "password": {"correct horse battery"}})
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()
				if res.StatusCode != http.StatusSeeOther || len(res.Cookies()) == 0 {
					t.Errorf("the colleague does not get in: %d", res.StatusCode)
				}
			}
			whole(p)
			p.Stop() // the daily backup, which may be under way, takes the older keys away when it is done
			made, err := filepath.Glob(filepath.Join(p.Dir, "backups", "migration-2-*.huiyin"))
			if err != nil || len(made) != 1 {
				t.Fatalf("copies made before the migration: %v, %v", made, err)
			}
			keys, err := filepath.Glob(filepath.Join(p.Dir, "backups", "*.keys"))
			if err != nil || len(keys) == 0 { // any of them is new enough
				t.Fatalf("keys: %v, %v", keys, err)
			}
			var env []string
			if dialect == "postgres" {
				env = append(env, "HUIYIN_DATABASE="+dbtest.Postgres(t))
			}
			again := apptest.NewProcess(t, env...)
			copyFile(t, filepath.Join(p.Dir, "keyring.json"), filepath.Join(again.Dir, "keyring.json"))
			again.Command("", "restore", made[0], "--keys", keys[0])
			again.Start()
			whole(again)
		})
	}
}
