package insights_test

import (
	"testing"

	"huiyin/app/insights"
	"huiyin/tickets"
)

func TestWhatWasGivenBackCountsOnceInAGroupOnItsFirstDay(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		group, fine := d.group("late", 1, 0)
		d.refunds = map[string]insights.Refund{"A": {Currency: "CNY", Amount: 500}, "B": {Currency: "CNY", Amount: 250}, "C": {Currency: "USD", Amount: 99}}
		for i, one := range []struct {
			order string
			days  int
		}{{"A", 3}, {"A", 1}, {"B", 3}, {"C", 3}, {"D", 3}, {"A", 200}} {
			subject := d.IDs.Next()
			d.n++
			_, err := d.Take(t.Context(), []insights.Said{{Source: insights.FromImport, Subject: subject, Channel: "chat", Order: []byte(one.order), Text: "my parcel has not arrived " + word(i), At: d.At.AddDate(0, 0, -one.days)}})
			must(t, err)
			must(t, d.Put(t.Context(), fine, subject))
		}
		for range 2 { // again changes nothing
			must(t, d.Cost(t.Context()))
			if got := d.Number(`SELECT SUM(amount) FROM insight_costs WHERE group_id = ? AND currency = 'CNY'`, int64(group)); got != 750 {
				t.Errorf("CNY %d, want 750", got)
			}
			if got := d.Number(`SELECT COUNT(*) FROM insight_costs WHERE orders = 2 AND currency = 'CNY'`); got != 1 {
				t.Errorf("%d days with two orders", got)
			}
		}
		delete(d.refunds, "C")
		must(t, d.Cost(t.Context()))
		if got := d.Number(`SELECT COUNT(*) FROM insight_costs WHERE currency = 'USD'`); got != 0 {
			t.Error("a refund that was taken back still costs")
		}
	})
}

func TestAnotherZoneCutsTheDaysAnew(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.group("late", 1, 150)
		must(t, d.Rezone(t.Context()))
		day := d.Number(`SELECT MIN(day) FROM insight_rolls WHERE n > 0`)
		shop := tickets.DefaultShop
		shop.Name, shop.Timezone = "shop", "America/Los_Angeles"
		must(t, d.Tickets.SaveShop(t.Context(), shop))
		must(t, d.Rezone(t.Context()))
		d.right()
		// It is the evening before there; its midnight was eight hours ago in Shanghai's terms.
		if now := d.Number(`SELECT MIN(day) FROM insight_rolls WHERE n > 0`); now == day {
			t.Error("the days are those of the zone before")
		}
		if n := d.Number(`SELECT COUNT(DISTINCT day) FROM insight_rolls WHERE n > 0`); n != 1 {
			t.Errorf("%d days", n)
		}
	})
}

func TestTextsGoWithTheirTicketAndTheCountsStay(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ticket, _ := d.writes(d.person("Mei"), tickets.ChannelAPI, "my parcel is lost")
		other, _ := d.writes(d.person("Bo"), tickets.ChannelAPI, "my parcel is lost as well")
		d.follow()
		must(t, d.DB.Write(t.Context(), emptied(ticket)))
		if n := d.Number(`SELECT COUNT(*) FROM insight_voices WHERE subject_id = ? AND body IS NOT NULL`, int64(ticket)); n != 0 {
			t.Error("the text is there")
		}
		if n := d.Number(`SELECT COUNT(*) FROM insight_voices WHERE subject_id = ? AND body IS NOT NULL`, int64(other)); n != 1 {
			t.Error("another ticket's text is gone")
		}
		if d.all() != 2 {
			t.Errorf("counts %d", d.all())
		}
		d.right()
	})
}
