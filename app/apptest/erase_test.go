package apptest_test

import (
	"bytes"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"huiyin/app/apptest"
	"huiyin/app/db"
	"huiyin/tickets/seal/sealtest"
)

// look opens a desk's database beside the desk.
func look(t *testing.T, desk *apptest.Process, fn func(d *db.DB)) {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{Path: filepath.Join(desk.Dir, "huiyin.db")})
	if err != nil {
		t.Fatal(err)
	}
	fn(d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// column gives the bytes of one column.
func column(t *testing.T, d *db.DB, query string) (out [][]byte) {
	t.Helper()
	if err := d.Read(t.Context()).Raw(query).Scan(&out).Error; err != nil {
		t.Fatal(err)
	}
	return out
}

// holding gives the files under dir that hold one of the values.
func holding(t *testing.T, dir string, values [][]byte) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, v := range values {
			if len(v) >= 8 && bytes.Contains(raw, v) {
				found = append(found, path)
				break
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Whoever was erased stays erased when a backup from before is put back with the newest keys: neither what she wrote nor
// what it was sealed or hashed to lies in the new place, and the counts are what they were.
func TestAnErasedPersonStaysErasedInAnOlderBackup(t *testing.T) {
	t.Parallel()
	desk := apptest.StartProcess(t)
	secrets := live(t, desk)
	token := desk.AddAgent("boss@example.com", "Boss", "manager", leakPassword)
	dir := t.TempDir()
	older, newer := filepath.Join(dir, "older.huiyin"), filepath.Join(dir, "newer.huiyin")
	desk.Command("", "backup", older)

	var contact string
	var hers [][]byte
	count := `SELECT (SELECT COUNT(*) FROM tickets) || '/' || (SELECT COUNT(*) FROM messages)`
	var counts []byte
	look(t, desk, func(d *db.DB) {
		contact = string(column(t, d, `SELECT CAST(id AS TEXT) FROM contacts`)[0])
		counts = column(t, d, count)[0]
		for _, q := range []string{
			`SELECT hash FROM contact_identities`, `SELECT value FROM contact_identities`, `SELECT hash FROM contact_tokens`, `SELECT name FROM contacts`,
			`SELECT order_hash FROM tickets`, `SELECT order_last FROM tickets`, `SELECT preview FROM tickets`, `SELECT dedupe FROM messages WHERE dedupe IS NOT NULL`,
			`SELECT body FROM messages`, `SELECT name FROM attachments`,
		} {
			found := column(t, d, q)
			if len(found) == 0 {
				t.Fatalf("%s: nothing: the test tries nothing", q)
			}
			hers = append(hers, found...)
		}
	})
	restored := func(keys string) *apptest.Process {
		place := apptest.NewProcess(t)
		copyFile(t, filepath.Join(desk.Dir, "keyring.json"), filepath.Join(place.Dir, "keyring.json"))
		place.Command("", "restore", older, "--keys", keys)
		return place
	}
	if found := holding(t, restored(older+".keys").Dir, hers); len(found) == 0 {
		t.Fatal("her rows are not found even where they are: the search is blind")
	}

	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, desk.Base()+"/api/v1/contacts/"+contact, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusNoContent {
		t.Fatalf("erase: %d", res.StatusCode)
	}
	desk.Command("", "backup", newer)

	place := restored(newer + ".keys")
	if found := holding(t, place.Dir, hers); len(found) > 0 {
		t.Errorf("what was hers lies in %v", found)
	}
	if files, _ := filepath.Glob(filepath.Join(place.Dir, "files", "*", "*")); len(files) > 0 {
		t.Errorf("her file is still there: %v", files)
	}
	sealtest.Scan(t, place.Dir, secrets)
	look(t, place, func(d *db.DB) {
		if now := column(t, d, count)[0]; !bytes.Equal(now, counts) {
			t.Errorf("tickets/messages: %s, they were %s", now, counts)
		}
	})
	place.Start()
	if code := place.Stop(); code != 0 {
		t.Errorf("the restored desk ended with %d:\n%s", code, place.Log())
	}
}
