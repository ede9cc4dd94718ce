package apptest_test

import (
	"bytes"
	"encoding/hex"
	"path/filepath"
	"testing"

	"huiyin/app/apptest"
	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/tickets/seal/sealtest"
)

// The same on PostgreSQL: after an erasure neither the database nor the data folder has anything left of her, and a backup
// from before, put back with the newest keys, brings nothing of hers back, while the counts stay.
func TestAnErasedPersonStaysErasedInAnOlderBackupOnPostgres(t *testing.T) {
	t.Parallel()
	dsn := dbtest.Postgres(t)
	desk := apptest.StartProcess(t, "HUIYIN_DATABASE="+dsn)
	secrets := live(t, desk)
	token := desk.AddAgent("boss@example.com", "Boss", "manager", leakPassword)
	dir := t.TempDir()
	older, newer := filepath.Join(dir, "older.huiyin"), filepath.Join(dir, "newer.huiyin")
	desk.Command("", "backup", older)

	var contact string
	var hers [][]byte
	var counts []byte
	const count = `SELECT (SELECT COUNT(*) FROM tickets) || '/' || (SELECT COUNT(*) FROM messages)`
	lookAt(t, dsn, func(d *db.DB) {
		contact, counts = string(column(t, d, `SELECT CAST(id AS TEXT) FROM contacts`)[0]), column(t, d, count)[0]
		for _, q := range []string{
			`SELECT wrapped FROM huiyin_keys.data_keys WHERE contact_id IS NOT NULL`, `SELECT hash FROM contact_identities`, `SELECT value FROM contact_identities`,
			`SELECT hash FROM contact_tokens`, `SELECT name FROM contacts`, `SELECT order_hash FROM tickets`, `SELECT body FROM messages`, `SELECT name FROM attachments`,
		} {
			found := column(t, d, q)
			if len(found) == 0 {
				t.Fatalf("%s: nothing: the test tries nothing", q)
			}
			hers = append(hers, found...)
		}
	})
	if len(dumped(t, dsn, hers)) == 0 {
		t.Fatal("her rows are not found even where they are: the search is blind")
	}
	eraseByAPI(t, desk, token, contact)
	if n := len(dumped(t, dsn, hers)); n > 0 {
		t.Errorf("%d values of hers are still in the database", n)
	}
	if found := holding(t, desk.Dir, hers); len(found) > 0 {
		t.Errorf("what was hers lies in %v", found)
	}
	desk.Command("", "backup", newer)

	again := dbtest.Postgres(t)
	place := apptest.NewProcess(t, "HUIYIN_DATABASE="+again)
	copyFile(t, filepath.Join(desk.Dir, "keyring.json"), filepath.Join(place.Dir, "keyring.json"))
	place.Command("", "restore", older, "--keys", newer+".keys")
	if n := len(dumped(t, again, hers)); n > 0 {
		t.Errorf("%d values of hers came back with the older backup", n)
	}
	sealtest.Scan(t, place.Dir, secrets)
	sealtest.ScanDump(t, dump(t, again), secrets)
	if files, _ := filepath.Glob(filepath.Join(place.Dir, "files", "*", "*")); len(files) > 0 {
		t.Errorf("her file is still there: %v", files)
	}
	lookAt(t, again, func(d *db.DB) {
		if now := column(t, d, count)[0]; !bytes.Equal(now, counts) {
			t.Errorf("tickets/messages: %s, they were %s", now, counts)
		}
	})
}

// lookAt opens a PostgreSQL database beside its desk.
func lookAt(t *testing.T, dsn string, fn func(d *db.DB)) {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	fn(d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// dumped gives the values that a dump of the database shows.
func dumped(t *testing.T, dsn string, values [][]byte) (found [][]byte) {
	t.Helper()
	all := dump(t, dsn).Bytes()
	for _, v := range values {
		if len(v) >= 8 && bytes.Contains(all, []byte(hex.EncodeToString(v))) {
			found = append(found, v)
		}
	}
	return found
}
