package mailin_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/privacy"
	"huiyin/tickets"
)

// rules puts retention rules in force and gives what the preview counts of mails.
func (d *desk) rules(p *privacy.Service, r privacy.Rules) int64 {
	d.t.Helper()
	admin := d.boss()
	admin.Role = tickets.RoleAdmin
	must(d.t, p.Propose(bg, admin, r))
	must(d.t, p.Adopt(bg, admin))
	found, err := p.Preview(bg, r)
	must(d.t, err)
	for _, one := range found {
		if one.Rule == privacy.RuleMails {
			return one.Count
		}
	}
	return -1
}

func TestMailsAsTheyCameAreLetGoWhenTheirDaysAreOver(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		p := d.privacy()
		age := func(uid uint32, days int, state string) {
			d.exec(`UPDATE mail_incoming SET created_at = ?, state = CASE WHEN ? = '' THEN state ELSE ? END WHERE uid = ?`,
				tickets.Millis(time.Now().AddDate(0, 0, -days)), state, state, d.uids-uid)
		}
		stays := map[uint32]string{}
		mail := func(from string, days int, state, why string) uint32 {
			n := d.uids + 1
			d.put(letter(fmt.Sprint(n, "@home.test"), from, fmt.Sprint("Mail ", n), "words"))
			age(0, days, state)
			if why != "" {
				stays[n] = why
			}
			return n
		}
		mail("old@home.test", 31, "", "")
		mail("old@home.test", 400, "bounce", "")
		mail("young@home.test", 29, "", "it is young")
		mail("failed@home.test", 60, "failed", "somebody is to look at it yet")
		mail("failed@home.test", 91, "failed", "")
		d.keep(1, letter("new@home.test", "new@home.test", "New", "words"))
		d.exec(`UPDATE mail_incoming SET next_at = 9000000000000000 WHERE uid = ?`, d.uids)
		age(0, 60, "")
		stays[d.uids] = "nothing was made of it yet"
		d.cutOff("coming@home.test", 60)
		stays[d.uids] = "it comes"

		mail("kept@home.test", 60, "", "its writer is kept")
		kept := d.all()[len(d.all())-1]
		mail("merged@home.test", 60, "", "its writer is somebody who is kept")
		d.exec(`UPDATE contacts SET merged_into = ? WHERE id = ?`, int64(kept.ContactID), int64(d.all()[len(d.all())-1].ContactID))
		d.put(letter("guest@home.test", "guest@home.test", "Guest", "words", "Cc: "+d.AnswerAddress(kept.ID)))
		age(0, 60, "")
		stays[d.uids] = "its ticket is of somebody who is kept"
		must(t, p.Keep(bg, d.boss(), kept.ContactID, true))

		if n := d.rules(p, privacy.Rules{}); n != -1 {
			t.Errorf("with 0 days the preview tells of %d", n)
		}
		must(t, p.Retain(bg))
		keys := d.keys()
		if n := d.rules(p, privacy.Rules{MailDays: 30}); n != 3 || len(keys) != len(stays)+3 {
			t.Errorf("the preview says %d, and %d are kept so far, want 3 and %d", n, len(keys), len(stays)+3)
		}
		must(t, p.Retain(bg))
		for n := uint32(1); n <= d.uids; n++ {
			there := d.count(`SELECT COUNT(*) FROM mail_incoming i WHERE uid = ? AND key_id <> 0 AND (raw IS NOT NULL OR EXISTS (SELECT 1 FROM mail_pieces p WHERE p.incoming_id = i.id))`, n) == 1
			if there != (stays[n] != "") {
				t.Errorf("mail %d is there: %v (%s)", n, there, stays[n])
			}
		}
		if n := d.keysLeft(keys); n != len(stays) {
			t.Errorf("%d keys are left, want %d", n, len(stays))
		}
		runs, err := p.Runs(bg, 10)
		must(t, err)
		if len(runs) != 1 || runs[0].Mails != 3 || runs[0].EndedAt == nil {
			t.Errorf("the log says %+v", runs)
		}
		// message and head stay, and that it has come
		if got := d.said(d.all()[0].ID); len(got) != 1 || got[0] != "contact: words" || d.count(`SELECT COUNT(*) FROM mail_messages WHERE ticket_id = ?`, int64(d.all()[0].ID)) != 1 {
			t.Errorf("the message says %q", got)
		}
		before := len(d.all())
		d.keep(2, letter("1@home.test", "old@home.test", "Mail 1", "words"))
		d.process()
		if n := len(d.all()); n != before {
			t.Error("a mail that was let go is taken again")
		}
	})
}

func TestManyMailsAreLetGoAHundredATransaction(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		p := d.privacy()
		scrubs := 0
		p.Scrub = func(context.Context) error { scrubs++; return nil }
		series := `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 450) `
		d.exec(`INSERT INTO mail_incoming (id, inbox_id, epoch, uid, key_id, raw, size, state, came_at, created_at) ` + series +
			`SELECT i, 1, 9, i, i, CAST('x' AS ` + d.bytes() + `), 1000, 'done', 1, 1 FROM n`)
		most, left := 0, 450
		write := p.Store.Write
		p.Store.Write = func(ctx context.Context, fn func(*gorm.DB) error) error {
			err := write(ctx, fn)
			n := d.count(`SELECT COUNT(*) FROM mail_incoming WHERE key_id <> 0`)
			most, left = max(most, left-n), n
			return err
		}
		d.rules(p, privacy.Rules{MailDays: 30})
		must(t, p.Retain(bg))
		if runs, err := p.Runs(bg, 1); err != nil || left != 0 || most != 100 || scrubs != 1 || runs[0].Mails != 450 {
			t.Errorf("%d are left, at most %d went at once, %d scrubs, the log %+v, %v", left, most, scrubs, runs, err)
		}
	})
}

// A ticket that a rule empties keeps none of what its messages were as mails.
func TestATicketThatIsEmptiedKeepsNoMail(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		p := d.privacy()
		d.put(rich("a1@home.test", "wang@home.test", "words", ""))
		ticket := d.all()[0]
		for i := range 230 {
			d.keep(1, letter(fmt.Sprint(i, "@home.test"), "wang@home.test", "More", "words", "In-Reply-To: <a1@home.test>"))
		}
		d.process()
		d.put(letter("b@home.test", "li@home.test", "Another", "words"))
		if n := len(d.all()); n != 2 {
			t.Fatalf("%d tickets", n)
		}
		d.exec(`UPDATE tickets SET status = 'closed', updated_at = 1 WHERE id = ?`, int64(ticket.ID))
		d.rules(p, privacy.Rules{TicketMonths: 1})
		must(t, p.Retain(bg))
		if raw, heads, ids := d.count(`SELECT COUNT(*) FROM mail_incoming WHERE key_id <> 0`), d.count(`SELECT COUNT(*) FROM mail_messages`), d.count(`SELECT COUNT(*) FROM mail_ids`); raw != 1 || heads != 1 || ids != 1 {
			t.Errorf("%d mails, %d heads and %d hashes are left, want one of the other ticket", raw, heads, ids)
		}
		if n := d.count(`SELECT COUNT(*) FROM tickets WHERE emptied_at IS NOT NULL`); n != 1 {
			t.Errorf("%d tickets were emptied", n)
		}
	})
}
