package mailin_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"huiyin/mailin/imapbox"
)

func TestTwoProcessesThatBothTakeThemselvesForTheOneMakeEachMailAMessageOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.quiet()
		const mails = 48
		for n := range mails {
			raw := letter(fmt.Sprintf("a%d@home.test", n), "wang@home.test", "x", "text")
			must(t, d.Keep(bg, d.inbox.ID, 1, imapbox.Mail{UID: uint32(n + 1), Raw: raw, At: time.Now(), Size: int64(len(raw))}))
		}
		var both sync.WaitGroup
		for range 4 {
			both.Go(func() {
				for {
					if n, err := d.Process(bg); n == 0 || err != nil {
						return
					}
				}
			})
		}
		both.Wait()
		d.process()
		if n := d.count(`SELECT COUNT(*) FROM mail_incoming WHERE state = 'done' AND ticket_id IS NOT NULL AND key_id <> 0`); n != mails {
			t.Errorf("%d of %d mails are whole", n, mails)
		}
		if n := d.count(`SELECT COUNT(*) FROM messages WHERE kind = 'contact'`); n != mails {
			t.Errorf("%d messages of %d mails", n, mails)
		}
	})
}
