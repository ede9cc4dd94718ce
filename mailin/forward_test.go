package mailin_test

import (
	"strings"
	"testing"
)

const passedText = "请帮她。\r\n\r\n---------- Forwarded message ---------\r\nFrom: Wang Fang <wang@home.test>\r\nDate: Thu, Nov 26, 2026 at 10:00 AM\r\nSubject: Refund\r\nTo: <lin@shop.test>\r\n\r\nWhere is my money?"

func TestAMailThatAnAgentPassesOnIsItsFirstWriters(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		for name, one := range map[string]struct{ auth, want string }{
			"proved by DMARC":          {"mx.shop.test; dmarc=pass header.from=shop.test", "wang@home.test"},
			"proved by its signature":  {"mx.shop.test; spf=fail smtp.mailfrom=x.test; dkim=pass header.d=shop.test", "wang@home.test"},
			"signed by somebody else":  {"mx.shop.test; dkim=pass header.d=evil.test", "lin@shop.test"},
			"DMARC of another domain":  {"mx.shop.test; dmarc=pass header.from=evil.test", "lin@shop.test"},
			"refuted":                  {"mx.shop.test; dmarc=fail header.from=shop.test", "lin@shop.test"},
			"said by a stranger":       {"evil.test; dmarc=pass header.from=shop.test", "lin@shop.test"},
			"a forged word below ours": {"mx.shop.test; dmarc=fail header.from=shop.test\r\nAuthentication-Results: mx.shop.test; dmarc=pass header.from=shop.test", "lin@shop.test"},
		} {
			d.put(letter(name+"@x.test", "Lin <lin@shop.test>", "Fwd: Refund", passedText, "Authentication-Results: "+one.auth))
			all := d.all()
			last := all[len(all)-1]
			p, err := d.tickets.Contact(bg, last.ContactID)
			must(t, err)
			if got := p.Identities[0].Value; got != one.want {
				t.Errorf("%s: the ticket is of %s", name, got)
			}
			if said := d.said(last.ID)[0]; one.want == "wang@home.test" && said != "contact: Where is my money?" {
				t.Errorf("%s: it says %q", name, said)
			}
		}
	})
}

func TestAMailPassedOnAsAFileKeepsItsFiles(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		inner := "From: \"王芳\" <wang@home.test>\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\nContent-Type: text/plain\r\n\r\nWhere is my money?\r\n--i\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=bill.txt\r\n\r\nbill\r\n--i--\r\n"
		raw := letter("o@x.test", "lin@shop.test", "look", "--o\r\nContent-Type: text/plain\r\n\r\nplease\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n"+inner+"--o--",
			"Authentication-Results: mx.shop.test; dmarc=pass", "MIME-Version: 1.0")
		d.put([]byte(strings.Replace(string(raw), "Content-Type: text/plain; charset=utf-8", "Content-Type: multipart/mixed; boundary=o", 1)))
		all := d.all()
		if got := d.said(all[0].ID); len(all) != 1 || got[0] != "contact: Where is my money?" {
			t.Fatalf("got %q", got)
		}
		if n := d.count(`SELECT COUNT(*) FROM attachments WHERE message_id IS NOT NULL`); n < 2 {
			t.Errorf("%d files, want the mail itself and its own", n)
		}
	})
}
