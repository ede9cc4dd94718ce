package apptest_test

import (
	"net/http"
	"path/filepath"
	"testing"

	"huiyin/app/apptest"
	"huiyin/app/db"
)

// eraseByAPI erases a contact as a program does.
func eraseByAPI(t *testing.T, desk *apptest.Process, token, contact string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, desk.Base()+"/api/v1/contacts/"+contact, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // read only
	if res.StatusCode != http.StatusNoContent {
		t.Fatalf("erase: %d", res.StatusCode)
	}
}

// While the desk goes on serving, neither its database, nor the write-ahead log, nor the keys of last night's backup have
// anything left of whom was erased.
func TestAnErasedPersonIsGoneFromTheFolderOfARunningDesk(t *testing.T) {
	t.Parallel()
	desk := apptest.StartProcess(t)
	live(t, desk)
	token := desk.AddAgent("boss@example.com", "Boss", "manager", leakPassword)
	night := filepath.Join(desk.Dir, "backups", "desk-20991231-033000.huiyin") // the newest there
	desk.Command("", "backup", night)

	var contact string
	var hers [][]byte
	look(t, desk, func(d *db.DB) {
		contact = string(column(t, d, `SELECT CAST(id AS TEXT) FROM contacts`)[0])
		for _, q := range []string{
			`SELECT wrapped FROM data_keys WHERE contact_id IS NOT NULL`, `SELECT hash FROM contact_identities`, `SELECT value FROM contact_identities`,
			`SELECT hash FROM contact_tokens`, `SELECT name FROM contacts`, `SELECT order_hash FROM tickets`, `SELECT body FROM messages`, `SELECT name FROM attachments`,
		} {
			found := column(t, d, q)
			if len(found) == 0 {
				t.Fatalf("%s: nothing: the test tries nothing", q)
			}
			hers = append(hers, found...)
		}
	})
	if len(holding(t, desk.Dir, hers)) == 0 {
		t.Fatal("her rows are not found even where they are: the search is blind")
	}
	eraseByAPI(t, desk, token, contact)
	if found := holding(t, desk.Dir, hers); len(found) > 0 {
		t.Errorf("what was hers still lies in %v", found)
	}

	place := apptest.NewProcess(t)
	copyFile(t, filepath.Join(desk.Dir, "keyring.json"), filepath.Join(place.Dir, "keyring.json"))
	place.Command("", "restore", night, "--keys", night+".keys")
	look(t, place, func(d *db.DB) {
		if left := column(t, d, `SELECT wrapped FROM data_keys WHERE contact_id IS NOT NULL`); len(left) > 0 {
			t.Errorf("the keys that lie beside last night's backup open %d data keys of hers", len(left))
		}
	})
}
