package insights

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// zoneSetting keeps in which zone the days were cut.
const zoneSetting = "insights_zone"

// Rezone cuts the days anew when the shop's zone was changed, a few subjects at a time. Killed anywhere, it begins again; what was
// done stays right.
func (s *Service) Rezone(ctx context.Context) error {
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		return err
	}
	was, set, err := s.Tickets.Setting(ctx, zoneSetting)
	if err != nil || set && string(was) == shop.Timezone {
		return err
	}
	zone := shop.Zone()
	for after, over := int64(0), false; set && !over; {
		began := time.Now()
		err := s.write(ctx, func(tx *gorm.DB) (err error) {
			after, over, err = s.rezoneSome(tx, after, zone)
			return err
		})
		if err != nil {
			return err
		}
		if err := tickets.Pause(ctx, time.Since(began)); err != nil {
			return err
		}
	}
	return s.Tickets.SetSetting(ctx, zoneSetting, []byte(shop.Timezone))
}

func (s *Service) rezoneSome(tx *gorm.DB, after int64, zone *time.Location) (next int64, over bool, err error) {
	rows, err := voicesWhere(tx, ` WHERE v.id > ? ORDER BY v.id LIMIT ?`, after, settleRows)
	if err != nil || len(rows) == 0 {
		return after, true, err
	}
	var of []id.ID
	for i := range rows {
		of = append(of, rows[i].subject)
	}
	all, err := takeSubjects(tx, of)
	if err != nil {
		return after, false, err
	}
	if err := all.each(func(v *voice) bool {
		day := dayOf(time.UnixMilli(v.at), zone)
		moved := day != v.day
		v.day = day
		return moved
	}); err != nil {
		return after, false, err
	}
	return int64(rows[len(rows)-1].id), false, all.done()
}
