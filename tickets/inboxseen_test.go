package tickets_test

import (
	"fmt"
	"testing"
	"time"

	"huiyin/tickets"
)

func TestSitesAreSeenAndInventedOnesPushNoRealOneOut(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		box, err := d.UpdateInboxSettings(bg, d.chat.ID, tickets.InboxSettings{AllowedOrigins: []string{"https://shop.example"}})
		ok(t, err)
		ok(t, d.SeeSite(bg, box, "https://shop.example"))
		for i := range 40 {
			d.advance(11 * time.Second)
			ok(t, d.SeeSite(bg, box, fmt.Sprintf("https://evil%d.example", i)))
		}
		ok(t, d.SeeSite(bg, box, "https://at-once.example")) // too soon after another refused one
		ok(t, d.SeeSite(bg, box, "https://shop.example/path?token=1"))
		ok(t, d.SeeSite(bg, box, "null"))
		sites, err := d.SeenSites(bg, box)
		ok(t, err)
		equal(t, len(sites), 6)
		equal(t, sites[0].Origin, "https://evil39.example")
		equal(t, sites[0].Refused, true)
		equal(t, sites[5].Origin, "https://shop.example")
		equal(t, sites[5].Refused, false)

		box, err = d.AllowSite(bg, box.ID, "https://evil39.example")
		ok(t, err)
		sites, err = d.SeenSites(bg, box)
		ok(t, err)
		equal(t, sites[0].Refused, false)
		equal(t, len(box.Settings.AllowedOrigins), 2)
	})
}

func TestASiteIsWrittenOnceAnHour(t *testing.T) {
	d := onSQLite(t)
	box, err := d.UpdateInboxSettings(bg, d.chat.ID, tickets.InboxSettings{AllowedOrigins: []string{"https://shop.example"}})
	ok(t, err)
	at := func() int64 {
		ok(t, d.SeeSite(bg, box, "https://shop.example"))
		sites, err := d.SeenSites(bg, box)
		ok(t, err)
		return sites[0].At
	}
	first := at()
	d.advance(59 * time.Minute)
	equal(t, at(), first)
	d.advance(2 * time.Minute)
	if at() == first {
		t.Error("an hour later it is not written again")
	}
}
