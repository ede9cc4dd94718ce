package orders_test

import (
	"testing"
	"time"

	"huiyin/app/orders"
)

func TestPaidOrdersAreCountedInTheQuarterInWhichTheyWerePaid(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		day := d.At.Add(-48 * time.Hour).Truncate(time.Hour)
		at := func(minutes int) *string {
			return new(day.Add(time.Duration(minutes) * time.Minute).Format(time.RFC3339))
		}
		put := func(number string, paid *string) {
			t.Helper()
			d.At = d.At.Add(time.Second)
			d.put(number, orders.Draft{Status: "paid", Currency: "CNY", PaidAt: paid, UpdatedAt: new(d.At.Format(time.RFC3339))})
		}
		count := func() map[int]int64 {
			t.Helper()
			rolls, err := d.orders.PaidByQuarter(t.Context(), day, d.At)
			must(t, err)
			out := map[int]int64{}
			for quarter, n := range rolls {
				out[int(time.UnixMilli(quarter).Sub(day).Minutes())] = n
			}
			return out
		}
		put("1", at(1))
		put("2", at(14))
		put("3", at(15))
		put("4", nil)
		put("1", at(1)) // once more
		if got := count(); len(got) != 2 || got[0] != 2 || got[15] != 1 {
			t.Errorf("paid %v", got)
		}
		put("2", at(31))
		put("3", nil)
		put("4", at(2))
		if got := count(); len(got) != 2 || got[0] != 2 || got[30] != 1 {
			t.Errorf("after changes %v", got)
		}
	})
}
