package notify_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"huiyin/app/db"
	"huiyin/app/notify"
)

func TestAnAlertIsRaisedOnceAndGoesToTheAdministrators(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		d.target(notify.Target{Kinds: []notify.Kind{notify.Alert}})
		for range 2 {
			d.notices.Alert(bg, "disk.low", map[string]string{"free": "90 MB"})
		}
		d.read()
		d.send()
		d.is("Wu", d.bell(d.wu), "alert")
		d.is("Lin", d.bell(d.lin), "")
		d.is("mails", strings.Join(d.mailed, " "), "Wu")
		d.is("posts", strings.Join(d.posted, " "), "group")
		if text := d.posts[0]; text.Title != "磁盘空间即将用尽" || text.Lines[0].Link != "https://desk.example/settings/health" {
			t.Errorf("the alert says %+v", text)
		}
		list, err := d.notices.Standing(bg)
		must(t, err)
		if len(list) != 1 || list[0].Args["free"] != "90 MB" {
			t.Errorf("standing: %+v", list)
		}
		d.notices.AlertOver(bg, "disk.low")
		d.notices.AlertOver(bg, "disk.low")
		d.is("over", d.bell(d.wu), "")
		d.notices.Alert(bg, "disk.low", nil)
		d.read()
		d.is("and again", d.bell(d.wu), "alert")
	})
}

func TestAnAlertThatCannotBeWrittenIsRaisedLater(t *testing.T) {
	t.Parallel()
	d := newDesk(t, db.SQLite)
	gone, cancel := context.WithCancel(bg)
	cancel()
	d.notices.Alert(gone, "disk.low", map[string]string{"free": "1 MB"})
	if list, _ := d.notices.Standing(bg); len(list) != 0 {
		t.Fatalf("the write did not fail: %+v", list)
	}
	d.pass(time.Second)
	if list, _ := d.notices.Standing(bg); len(list) != 1 {
		t.Errorf("standing: %+v", list)
	}
}
