package telling_test

import (
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/improve/telling"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

func TestAVisitorWhoWasToldAndSignsInIsNotToldAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		visitor := d.complains(tickets.ChannelChat, "en", 20, true)
		d.work(d.start())
		known := d.complains(tickets.ChannelEmail, "en", 9, true)
		must(t, d.DB.Write(ctx, func(tx *gorm.DB) error { return d.Tickets.MergeContactTx(tx, visitor.contact, known.contact) }))
		again := d.start()
		d.work(again)
		if r := d.round(again); r.Told != 0 || len(d.told(visitor.ticket)) != 1 || len(d.told(known.ticket)) != 0 {
			t.Errorf("%+v; told %d and %d times", r, len(d.told(visitor.ticket)), len(d.told(known.ticket)))
		}
		list, err := telling.ToldTo(d.DB.Read(ctx), []id.ID{known.contact})
		if err != nil || len(list) != 1 {
			t.Errorf("she reads that she was told %d times, %v", len(list), err)
		}
	})
}

// While a telling goes on, one of two who wait, or who was told, becomes the other.
func TestTwoOfATellingWhoTurnOutToBeOneAreToldOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.perHour = 4 // one mail an hour
		first, second, third := d.complains(tickets.ChannelEmail, "en", 9, true), d.complains(tickets.ChannelEmail, "en", 9, true), d.complains(tickets.ChannelEmail, "en", 9, true)
		one := d.start()
		d.work(one)
		for _, other := range []her{second, third} { // of whom one was told, and of whom nobody was
			must(t, d.DB.Write(ctx, func(tx *gorm.DB) error { return d.Tickets.MergeContactTx(tx, first.contact, other.contact) }))
			first = other
		}
		for range 3 {
			d.At = d.At.AddDate(0, 0, 1)
			d.work(one)
		}
		if r := d.round(one); r.Moving() || r.Told != 1 || len(d.mails) != 1 {
			t.Errorf("%+v; %d mails", r, len(d.mails))
		}
	})
}

// A change that is taken back is not told of any more.
func TestNobodyIsToldOfAChangeThatWasTakenBackMeanwhile(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		her := d.complains(tickets.ChannelChat, "en", 20, true)
		one := d.start()
		changed := d.task.Changed
		d.task.Changed = time.Time{}
		d.work(one)
		if r := d.round(one); r.State != telling.Stopped || r.Told != 0 || len(d.told(her.ticket)) != 0 {
			t.Errorf("%s, told %d", r.State, r.Told)
		}
		d.task.Changed = changed
		d.work(d.start())
		if len(d.told(her.ticket)) != 1 {
			t.Error("she is not told once it is there again")
		}
	})
}
