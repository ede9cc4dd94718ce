package mailin_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/i18n"
	"huiyin/app/privacy"
	"huiyin/mailin"
	"huiyin/mailin/imapbox"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// boss is a manager, who may erase.
func (d *desk) boss() tickets.Actor {
	d.t.Helper()
	a, err := d.tickets.CreateAgent(bg, tickets.NewAgent{Name: "陈", Email: rand.Text() + "@shop.test", Role: tickets.RoleManager, PasswordHash: "x"})
	must(d.t, err)
	return tickets.Actor{Kind: tickets.ActorAgent, ID: a.ID, Role: a.Role}
}

// privacy is the service that erases, wired to the mails as app/erasures.go does it.
func (d *desk) privacy() *privacy.Service {
	d.t.Helper()
	texts, err := i18n.Load()
	must(d.t, err)
	return privacy.New(privacy.Options{
		Store: d.Store, Tickets: d.tickets, IDs: d.IDs, Now: time.Now, Log: slog.New(slog.NewTextHandler(logOf{d.t}, nil)),
		Forget: func(tx *gorm.DB, who tickets.Erased) error { return mailin.Forget(tx, d.Sealer, who) },
		ForgetRest: func(ctx context.Context, contact id.ID) error {
			return mailin.ForgetRest(ctx, d.Store, d.Sealer, contact)
		},
		DropMails: func(tx *gorm.DB, mails []id.ID) (int, error) { return mailin.DropRaw(tx, d.Sealer, mails) },
		Mail: func(ctx context.Context, message id.ID) (*mailin.Whole, error) {
			return mailin.WholeOf(d.Store.Read(ctx), d.Sealer, message)
		},
		OpenFile: d.OpenFile, Texts: texts,
		DropFile: func(context.Context, *tickets.Attachment) error { return nil },
		Scrub:    d.base.Scrub,
	})
}

func (d *desk) erase(contact id.ID) {
	d.t.Helper()
	must(d.t, d.privacy().Erase(bg, d.boss(), contact, tickets.ErasedOnRequest))
	if n := d.count(`SELECT COUNT(*) FROM erasures WHERE done_at IS NULL`); n != 0 {
		d.t.Errorf("%d erasures are not ended", n)
	}
}

func (d *desk) exec(text string, args ...any) {
	d.t.Helper()
	must(d.t, d.base.Write(bg, func(tx *gorm.DB) error { return tx.Exec(text, args...).Error }))
}

// keep stores a mail as if it had been fetched from a folder, and does not read it.
func (d *desk) keep(validity uint32, raw []byte) {
	d.t.Helper()
	d.uids++
	must(d.t, d.Keep(bg, d.inbox.ID, int64(validity), imapbox.Mail{UID: d.uids, Raw: raw, At: time.Now(), Size: int64(len(raw))}))
}

// kept tells what is kept of mails of a contact or in a ticket: mails as they came, their pieces, their keys, heads, hashes.
func (d *desk) kept(where string, args ...any) string {
	d.t.Helper()
	keys := "data_keys"
	if d.base.Dialect() == db.Postgres {
		keys = "huiyin_keys.data_keys"
	}
	var out []string
	for _, q := range []string{
		`SELECT COUNT(*) FROM mail_incoming i WHERE (i.raw IS NOT NULL OR i.key_id <> 0 OR i.contact_id IS NOT NULL) AND `,
		`SELECT COUNT(*) FROM mail_pieces p JOIN mail_incoming i ON i.id = p.incoming_id WHERE `,
		`SELECT COUNT(*) FROM ` + keys + ` k JOIN mail_incoming i ON i.key_id = k.id WHERE `,
		`SELECT COUNT(*) FROM mail_messages m JOIN mail_incoming i ON i.id = m.incoming_id WHERE `,
	} {
		out = append(out, d.countText(q+where, args...))
	}
	return strings.Join(out, " ")
}

func (d *desk) countText(query string, args ...any) string {
	d.t.Helper()
	var n string
	must(d.t, d.base.Read(bg).Raw(`SELECT CAST((`+query+`) AS TEXT)`, args...).Row().Scan(&n))
	return n
}

// keysLeft tells which of the keys are still there.
func (d *desk) keysLeft(keys []id.ID) int {
	d.t.Helper()
	missing, err := d.Sealer.Missing(d.base.Read(bg), keys)
	must(d.t, err)
	return len(keys) - len(missing)
}

func (d *desk) keys() (out []id.ID) {
	d.t.Helper()
	must(d.t, d.base.Read(bg).Raw(`SELECT key_id FROM mail_incoming WHERE key_id <> 0 ORDER BY id`).Scan(&out).Error)
	return out
}

// bytes is what the dialect calls a column of bytes.
func (d *desk) bytes() string {
	if d.base.Dialect() == db.Postgres {
		return "BYTEA"
	}
	return "BLOB"
}

// rich is a mail with all that the desk keeps beside a message.
func rich(id, from, text, more string) []byte {
	return []byte("Message-ID: <" + id + ">\r\nFrom: " + from + "\r\nTo: support@shop.test, friend@other.test\r\n" + more + "Subject: Rich\r\nDate: Thu, 26 Nov 2026 10:00:00 +0800\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain\r\n\r\n" + text +
		"\r\n\r\nOn Thu, 26 Nov 2026 at 10:00, Shop <support@shop.test> wrote:\r\n> the old words\r\n\r\n--a\r\nContent-Type: text/html\r\n\r\n<p onclick=x()>" + text + "</p><META http-equiv=refresh content=0><script>evil()</script>\r\n--a--\r\n" +
		"--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=receipt.txt\r\n\r\nfile of " + from + "\r\n--b--\r\n")
}

func TestNothingIsLeftOfTheMailsOfWhoWasErased(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		first := rich("a1@home.test", "wang@home.test", "my words", "")
		large := letter("a2@home.test", "wang@home.test", "Large", strings.Repeat("many words and more of them\r\n", 30<<20/29)) // of more pieces than go at once, or with its contact and its ticket
		d.put(first, large)
		hers := d.keys()
		wang := d.all()[0]
		if got := d.kept(`i.contact_id = ?`, int64(wang.ContactID)); got != "2 31 2 2" {
			t.Fatalf("kept of her: %s; the test tries nothing", got)
		}
		d.put(letter("b1@home.test", "li@home.test", "Another", "words of li"))
		li := d.all()[2]
		ids := d.count(`SELECT COUNT(*) FROM mail_ids WHERE ticket_id <> ?`, int64(li.ID))
		if ids != 2 {
			t.Fatalf("%d hashes", ids)
		}

		d.erase(wang.ContactID)
		if got := d.kept(`i.inbox_id = ? AND COALESCE(i.contact_id, 0) <> ?`, int64(d.inbox.ID), int64(li.ContactID)); got != "0 0 0 0" {
			t.Errorf("left of her: %s", got)
		}
		if n := d.keysLeft(hers); n != 0 {
			t.Errorf("%d keys of her mails are left", n)
		}
		if n := d.count(`SELECT COUNT(*) FROM mail_ids WHERE ticket_id <> ?`, int64(li.ID)); n != 0 {
			t.Errorf("%d hashes of her mails are left", n)
		}
		if got := d.kept(`i.contact_id = ?`, int64(li.ContactID)); got != "1 0 1 1" || d.count(`SELECT COUNT(*) FROM mail_ids`) != 1 {
			t.Errorf("of somebody else is left: %s", got)
		}

		// The folder is numbered anew, and all comes again: it is known, and not taken.
		before := len(d.all())
		d.keep(2, first)
		d.keep(2, large)
		d.process()
		if n := len(d.all()); n != before || d.count(`SELECT COUNT(*) FROM mail_incoming WHERE state = 'duplicate' AND raw IS NULL AND key_id = 0`) != 2 {
			t.Errorf("her mails came again: %d tickets of %d", n, before)
		}
		must(t, d.Sweep(bg, 100)) // what was too much of the large one to be deleted at once
		if n := d.count(`SELECT COUNT(*) FROM mail_pieces`); n != 0 {
			t.Errorf("%d pieces of what came again are left", n)
		}
		d.put(letter("a3@home.test", "wang@home.test", "Anew", "hello again", "In-Reply-To: <a1@home.test>"))
		all := d.all()
		if len(all) != before+1 || all[before].ContactID == wang.ContactID {
			t.Errorf("she wrote anew: %d tickets", len(all))
		}
	})
}

func TestAnErasedGuestsMailsGoFromTheTicketAndTheOwnersStay(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		d.put(rich("a1@home.test", "wang@home.test", "words of wang", ""))
		owner := d.all()[0]
		d.put(rich("b1@home.test", "li@other.test", "words of li", "Cc: "+d.AnswerAddress(owner.ID)+"\r\n"), letter("b2@home.test", "li@other.test", "Her own", "alone"))
		all := d.all()
		if len(all) != 2 || len(d.said(owner.ID)) != 2 {
			t.Fatalf("%d tickets, said %q", len(all), d.said(owner.ID))
		}
		guest := all[1].ContactID
		in := func(contact id.ID) string {
			return d.countText(`SELECT COUNT(*) FROM mail_messages x JOIN messages m ON m.id = x.message_id WHERE m.ticket_id = ? AND COALESCE(m.guest_id, 0) = ?`, int64(owner.ID), int64(contact))
		}
		if in(guest) != "1" || in(0) != "1" {
			t.Fatalf("mails in the ticket: %s of the guest, %s of its owner", in(guest), in(0))
		}
		d.erase(guest)
		if got := d.kept(`COALESCE(i.contact_id, 0) <> ?`, int64(owner.ContactID)); got != "0 0 0 0" || in(guest) != "0" {
			t.Errorf("left of the guest: %s, and %s heads in the ticket", got, in(guest))
		}
		if got := d.kept(`i.contact_id = ?`, int64(owner.ContactID)); got != "1 0 1 1" || in(0) != "1" || d.count(`SELECT COUNT(*) FROM mail_ids`) != 1 {
			t.Errorf("left of the ticket's owner: %s, %d hashes", got, d.count(`SELECT COUNT(*) FROM mail_ids`))
		}
		var message int64
		must(t, d.base.Read(bg).Raw(`SELECT message_id FROM mail_messages`).Row().Scan(&message))
		if c, err := d.Content(bg, id.ID(message)); err != nil || !strings.Contains(c.Text, "words of wang") {
			t.Errorf("the owner's mail: %+v, %v", c, err)
		}
	})
}

func TestAnErasedOwnersTicketKeepsNoMailOfItsGuests(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		d.put(rich("a1@home.test", "wang@home.test", "words of wang", ""))
		owner := d.all()[0]
		d.put(rich("b1@home.test", "li@other.test", "words of li", "Cc: "+d.AnswerAddress(owner.ID)+"\r\n"))
		keys := d.keys()
		d.put(letter("b2@home.test", "li@other.test", "Her own", "alone"))
		d.erase(owner.ContactID)
		if n := d.keysLeft(keys); n != 0 {
			t.Errorf("%d mails of the ticket can still be opened", n)
		}
		if raw, heads := d.count(`SELECT COUNT(*) FROM mail_incoming WHERE raw IS NOT NULL`), d.count(`SELECT COUNT(*) FROM mail_messages`); raw != 1 || heads != 1 {
			t.Errorf("%d mails and %d heads are left, want the guest's own one", raw, heads)
		}
	})
}

// A mail that waits has no writer yet. Read after the erasure it comes from somebody whom the desk does not know.
func TestAMailThatWaitedDuringItsWritersErasureIsOfANewContact(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		d.put(letter("a1@home.test", "wang@home.test", "First", "one"))
		old := d.all()[0]
		d.keep(1, rich("a2@home.test", "wang@home.test", "two", "In-Reply-To: <a1@home.test>\r\n"))
		d.erase(old.ContactID)
		d.process()
		all := d.all()
		if len(all) != 2 || all[1].ContactID == old.ContactID {
			t.Fatalf("%d tickets", len(all))
		}
		if got := strings.Join(d.said(all[1].ID), "|"); got != "contact: two" {
			t.Errorf("said %q", got)
		}
		if p, err := d.tickets.Contact(bg, all[1].ContactID); err != nil || len(p.Identities) != 1 || p.Identities[0].Value != "wang@home.test" {
			t.Errorf("got %+v, %v", p, err)
		}
		d.erase(all[1].ContactID)
		if n := d.count(`SELECT COUNT(*) FROM mail_incoming WHERE raw IS NOT NULL OR contact_id IS NOT NULL`); n != 0 {
			t.Errorf("%d mails are left after she was erased again", n)
		}
	})
}

// A mail that was set aside is known to be hers, also while it is tried again.
func TestAMailThatIsTriedAgainGoesWithItsWriter(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		d.put(letter("a1@home.test", "wang@home.test", "First", "one"))
		wang := d.all()[0]
		d.exec(`UPDATE mail_incoming SET state = 'new', attempts = 0`)
		d.erase(wang.ContactID)
		d.process()
		if n := len(d.all()); n != 1 || d.count(`SELECT COUNT(*) FROM mail_incoming WHERE state = 'failed' AND key_id = 0`) != 1 {
			t.Errorf("%d tickets: a mail of hers was read after she was erased", n)
		}
	})
}

// A backup from before an erasure has mails whose keys are gone; it may also have been made before they were read.
func TestAMailWithoutItsKeyBecomesNothing(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		d.put(letter("a1@home.test", "wang@home.test", "First", "one"))
		d.keep(1, letter("a2@home.test", "wang@home.test", "Second", "two"))
		keys := d.keys()
		must(t, d.base.Write(bg, func(tx *gorm.DB) error { return d.Sealer.DropKeys(tx, keys) }))
		d.keep(1, letter("a3@home.test", "li@home.test", "Third", "three"))
		d.process()
		if all := d.all(); len(all) != 2 || all[1].Subject != "Third" {
			t.Errorf("%d tickets", len(all))
		}
		if n := d.count(`SELECT COUNT(*) FROM mail_incoming WHERE state = 'gone' AND raw IS NULL AND key_id = 0`); n != 1 {
			t.Errorf("%d mails are gone", n)
		}
		var first int64
		must(t, d.base.Read(bg).Raw(`SELECT MIN(id) FROM mail_incoming`).Row().Scan(&first))
		if _, err := d.Raw(bg, d.inbox.ID, id.ID(first)); err == nil || !strings.Contains(err.Error(), "raw_gone") {
			t.Errorf("the mail as it came: %v", err)
		}
	})
}

// Ten thousand mails of one person are taken away a few at a time: no transaction holds the others up.
func TestManyMailsOfOnePersonAreForgottenInPieces(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		d.put(letter("a1@home.test", "wang@home.test", "First", "one"))
		wang := d.all()[0]
		series := `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) `
		d.exec(`INSERT INTO mail_incoming (id, inbox_id, epoch, uid, key_id, raw, size, state, contact_id, ticket_id, message_id, came_at, created_at) `+series+
			`SELECT i, 1, 9, i, i, CAST('x' AS `+d.bytes()+`), 50000, 'done', CAST(? AS BIGINT), CAST(? AS BIGINT), i, 1, 1 FROM n`, int64(wang.ContactID), int64(wang.ID))
		d.exec(`INSERT INTO mail_messages (message_id, ticket_id, inbox_id, incoming_id, reason, head, created_at) `+series+
			`SELECT i, CAST(? AS BIGINT), 1, i, 'new', CAST('x' AS `+d.bytes()+`), 1 FROM n`, int64(wang.ID))
		d.exec(`INSERT INTO mail_ids (hash, ticket_id, message_id, created_at) `+series+`SELECT CAST('h' || i AS `+d.bytes()+`), CAST(? AS BIGINT), i, 1 FROM n`, int64(wang.ID))

		left := func() (mails, heads, hashes int) {
			return d.count(`SELECT COUNT(*) FROM mail_incoming WHERE raw IS NOT NULL`), d.count(`SELECT COUNT(*) FROM mail_messages`), d.count(`SELECT COUNT(*) FROM mail_ids`)
		}
		mails, heads, hashes := left()
		pieces, longest := 0, time.Duration(0)
		write := d.Store.Write
		d.Store.Write = func(ctx context.Context, fn func(*gorm.DB) error) error {
			began := time.Now()
			err := write(ctx, fn)
			longest = max(longest, time.Since(began))
			m, h, i := left()
			if mails-m > 200 || heads-h > 100 || hashes-i > 2500 {
				t.Errorf("one transaction took %d mails, %d heads and %d hashes", mails-m, heads-h, hashes-i)
			}
			mails, heads, hashes, pieces = m, h, i, pieces+1
			return err
		}
		began := time.Now()
		d.erase(wang.ContactID)
		t.Logf("%s: %d transactions in %v, the longest %v", d.base.Dialect(), pieces, time.Since(began), longest)
		if mails+heads+hashes != 0 || pieces < 100 {
			t.Errorf("%d mails, %d heads and %d hashes are left after %d transactions", mails, heads, hashes, pieces)
		}
	})
}

// While the desk goes on, neither the database file nor the write-ahead log has anything of what an erased writer sent.
func TestAnErasedWritersMailsAreGoneFromTheDatabasesFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	base, err := db.Open(bg, db.Options{Path: filepath.Join(dir, "huiyin.db")})
	must(t, err)
	t.Cleanup(func() { _ = base.Close() })
	_, err = base.Migrate(bg)
	must(t, err)
	d := newDesk(t, base)
	d.quiet()
	const secret = "Quillfeather-teacup-91"
	d.put(rich("theodora-quill@home.test", `"Theodora Quill" <theodora.quill@home.test>`, secret, ""),
		letter("theodora-large@home.test", "theodora.quill@home.test", "Large", strings.Repeat(secret+" and more\r\n", 40_000)))
	d.keep(1, letter("theodora-waits@home.test", "theodora.quill@home.test", "Waits", secret))
	plain := [][]byte{[]byte(secret), []byte("theodora.quill"), []byte("Theodora Quill"), []byte("theodora-quill@")}
	if found := d.holding(dir, plain); len(found) > 0 {
		t.Errorf("can be read in %v", found)
	}
	var hers [][]byte
	for _, q := range []string{
		`SELECT raw FROM mail_incoming WHERE raw IS NOT NULL AND state = 'done'`, `SELECT piece FROM mail_pieces`, `SELECT head FROM mail_messages`,
		`SELECT content FROM mail_messages WHERE content IS NOT NULL`, `SELECT hash FROM mail_ids`,
		`SELECT wrapped FROM data_keys WHERE id IN (SELECT key_id FROM mail_incoming WHERE state = 'done')`,
	} {
		var found [][]byte
		must(t, base.Read(bg).Raw(q).Scan(&found).Error)
		if len(found) == 0 {
			t.Fatalf("%s: nothing: the test tries nothing", q)
		}
		for _, one := range found {
			hers = append(hers, one[max(0, len(one)-32):]) // in one page
		}
	}
	if len(d.holding(dir, hers)) == 0 {
		t.Fatal("her rows are not found even where they are: the search is blind")
	}
	d.erase(d.all()[0].ContactID)
	if found := d.holding(dir, append(hers, plain...)); len(found) > 0 {
		t.Errorf("what was hers still lies in %v", found)
	}
}

// holding gives the files under dir that hold one of the values.
func (d *desk) holding(dir string, values [][]byte) (found []string) {
	d.t.Helper()
	must(d.t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if slices.ContainsFunc(values, func(v []byte) bool { return bytes.Contains(raw, v) }) {
			found = append(found, path)
		}
		return err
	}))
	return found
}
