package seal_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
	"huiyin/tickets/seal/sealtest"
)

// rawDesk is a desk on SQLite whose files the test looks into.
func rawDesk(t *testing.T) (d *desk, dir string) {
	t.Helper()
	dir = t.TempDir()
	opened, err := db.Open(context.Background(), db.Options{Path: filepath.Join(dir, "huiyin.db")})
	if err == nil {
		_, err = opened.Migrate(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opened.Close() })
	d = newDesk(t, opened)
	d.ring = filepath.Join(dir, "keyring")
	return d, dir
}

func TestNothingReadableComesToTheDisk(t *testing.T) {
	t.Parallel()
	d, dir := rawDesk(t)
	s := d.open(t)
	email, body := "zhang.san@shop.example", "我的包裹一直没有到，已经等了整整两个星期，请尽快处理好吗？"
	plain := "this is not sealed: the search must find it"
	d.write(t, func(tx *gorm.DB) error {
		contact := d.ids.Next()
		key, err := s.NewContactKey(tx, contact)
		if err != nil {
			return err
		}
		row := d.ids.Next()
		sealed, err := s.SealText(tx, key, "contact_identities", "value", row, email)
		if err != nil {
			return err
		}
		err = tx.Exec("INSERT INTO contact_identities (id, contact_id, kind, hash, value, verified, created_at) VALUES (?, ?, 'email', ?, ?, ?, 0)",
			row, contact, s.Hash("email", email), sealed, true).Error
		if err != nil {
			return err
		}
		if sealed, err = s.SealText(tx, key, "messages", "body", row, body); err != nil {
			return err
		}
		return tx.Exec("INSERT INTO messages (id, ticket_id, pos, kind, author_kind, author_id, body, state, created_at) VALUES (?, 1, 1, 'contact', 'contact', ?, ?, ?, 0)",
			row, contact, sealed, plain).Error
	})
	secrets := []string{email, body}
	ring, err := seal.LoadRing(d.ring)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keysIn(ring) {
		secrets = append(secrets, rawKey(t, key))
	}
	sealtest.Scan(t, dir, secrets) // while it runs: database, WAL, shared memory
	if hits, files, err := sealtest.Find(dir, []string{plain}); err != nil || len(hits) == 0 || files < 2 {
		t.Errorf("Find = %v in %d files, %v, want what lies in clear to be found", hits, files, err)
	}
	if err := d.db.Close(); err != nil {
		t.Fatal(err)
	}
	sealtest.Scan(t, dir, secrets)
}

// What was erased must not be left in the free space of the file, as it is now or as it was before a rotation: with the
// ring it could be read again.
func TestAnErasedKeyIsGoneFromTheFile(t *testing.T) {
	t.Parallel()
	d, dir := rawDesk(t)
	s := d.open(t)
	d.newValues(t, s, 150)
	before := d.wrapped(t)
	d.rotate(t, s)
	after := d.wrapped(t)
	erased := func(contact id.ID) bool { return contact%5 == 0 }
	for contact := range before {
		if erased(contact) {
			d.write(t, func(tx *gorm.DB) error { return s.DropContactKeys(tx, contact) })
		}
	}
	if err := d.db.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, "huiyin.db"))
	if err != nil {
		t.Fatal(err)
	}
	for contact := range before {
		if there := bytes.Contains(content, after[contact]); there == erased(contact) {
			t.Errorf("data key of contact %d: erased %t, in the file %t", contact, erased(contact), there)
		}
		if erased(contact) && bytes.Contains(content, before[contact]) {
			t.Errorf("data key of contact %d is in the file as it was before the rotation", contact)
		}
	}
}

// wrapped gives the data key of each contact as the database keeps it.
func (d *desk) wrapped(t *testing.T) map[id.ID][]byte {
	t.Helper()
	var rows []struct {
		ContactID id.ID
		Wrapped   []byte
	}
	if err := d.read().Raw("SELECT contact_id, wrapped FROM data_keys WHERE contact_id IS NOT NULL").Scan(&rows).Error; err != nil {
		t.Fatal(err)
	}
	keys := map[id.ID][]byte{}
	for _, r := range rows {
		keys[r.ContactID] = r.Wrapped
	}
	return keys
}

func rawKey(t *testing.T, text string) string {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
