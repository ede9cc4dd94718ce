package notify_test

import (
	"testing"
	"time"

	"huiyin/app/notify"
)

func TestTheBellIsPagedAndSwept(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		for range 5 {
			d.write(nil)
			d.at = d.at.Add(time.Second)
		}
		d.read()
		first, next, err := d.notices.Bell(bg, d.lin.ID, notify.Place{}, 3)
		must(t, err)
		rest, end, err := d.notices.Bell(bg, d.lin.ID, *next, 3)
		must(t, err)
		if len(first) != 3 || len(rest) != 2 || end != nil || first[2].At <= rest[0].At {
			t.Errorf("pages of %d and %d, then %v", len(first), len(rest), end)
		}
		must(t, d.notices.ReadOne(bg, d.chen.ID, first[0].ID)) // another's: nothing happens
		if n, err := d.notices.Unread(bg, d.lin.ID); n != 5 || err != nil {
			t.Errorf("unread: %d, %v", n, err)
		}
		must(t, d.notices.ReadOne(bg, d.lin.ID, first[0].ID))
		d.at = d.at.Add(31 * 24 * time.Hour)
		must(t, d.notices.Sweep(bg, 2))
		left, _, err := d.notices.Bell(bg, d.lin.ID, notify.Place{}, 50)
		must(t, err)
		if len(left) != 4 {
			t.Errorf("%d left after a month, want the unread 4", len(left))
		}
		d.at = d.at.Add(60 * 24 * time.Hour)
		must(t, d.notices.Sweep(bg, 2))
		if left, _, _ = d.notices.Bell(bg, d.lin.ID, notify.Place{}, 50); len(left) != 0 {
			t.Errorf("%d left after three months", len(left))
		}
	})
}
