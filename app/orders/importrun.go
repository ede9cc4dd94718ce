package orders

import (
	"context"

	"gorm.io/gorm"

	"huiyin/app/intake"
	"huiyin/tickets"
	"huiyin/tickets/fault"
)

const (
	rowsAtOnce = 100
	// stepOrders are written in one transaction: with lines, contacts and keys some hundred rows.
	stepOrders = 40
)

// Work does an import, or goes on with it where it stopped, for a while. more: there is more to do. An order is whole or not
// there, and how far the import is stands in the transaction of its orders.
func (s *Service) Work(ctx context.Context, job Import) (more bool, err error) {
	f, err := s.ImportOf(ctx, job.Import)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil || (f.State != ImportWaiting && f.State != ImportRunning) {
		return false, err
	}
	run, list, err := s.prepare(ctx, f)
	if err != nil {
		return false, s.files.Fail(ctx, f.ID, f.file, err)
	}
	more, err = intake.InTurn(ctx, func() (bool, error) {
		if f.Place >= int64(len(list)) {
			return false, nil
		}
		return true, run.step(ctx, list[f.Place:min(int(f.Place)+stepOrders, len(list))])
	})
	if err != nil || more {
		return more, err
	}
	return false, s.files.End(ctx, f.ID, f.file, ImportDone, "")
}

// importing is an import at work.
type importing struct {
	s    *Service
	f    *File
	read reading
}

// prepare reads the file and brings its orders into their order, which is the same each time.
func (s *Service) prepare(ctx context.Context, f *File) (*importing, []group, error) {
	rows, err := s.content(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	list := grouped(rows[1:], &f.Plan)
	if len(list) > OrdersMax {
		return nil, nil, s.files.Wrong("too_many", map[string]any{"max": OrdersMax})
	}
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		return nil, nil, err
	}
	preset, _ := presetOf(f.Plan.Preset)
	run := &importing{s: s, f: f, read: reading{plan: &f.Plan, preset: preset, shop: shop.Currency, zone: shop.Zone(), rounded: allRounded(list)}}
	if f.State == ImportWaiting {
		err = s.Store.Write(ctx, func(tx *gorm.DB) error {
			return tx.Exec(`UPDATE order_imports SET state = ?, orders = ? WHERE id = ?`, ImportRunning, len(list), int64(f.ID)).Error
		})
		f.State, f.Orders = ImportRunning, int64(len(list))
	}
	return run, list, err
}

// step takes in some orders, with how far the import is, in one transaction.
func (i *importing) step(ctx context.Context, list []group) error {
	var good []*checked
	var rejects []Reject
	refused := int64(0)
	for _, g := range list {
		c, wrong := i.read.order(g)
		if c == nil {
			rejects = append(rejects, wrong...)
			refused++
			continue
		}
		good = append(good, c)
	}
	err := i.write(ctx, good, rejects, refused, int64(len(list)))
	if (fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict)) && len(list) > 1 {
		for n := range list { // one of them is refused by what is known of its contact: the others are not
			if err := i.step(ctx, list[n:n+1]); err != nil {
				return err
			}
		}
		return nil
	}
	if (fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict)) && len(good) == 1 {
		reject := Reject{Line: list[0].rows[0].Line, Field: FieldBuyer, Code: "contact"}
		return i.write(ctx, nil, []Reject{reject}, 1, 1)
	}
	return err
}

func (i *importing) write(ctx context.Context, good []*checked, rejects []Reject, refused, done int64) error {
	var next File
	err := again(func() error {
		return i.s.Store.Write(ctx, func(tx *gorm.DB) error {
			next = *i.f
			if err := tickets.PlanAnew(tx); err != nil {
				return err
			}
			b := i.s.begin(tx)
			if err := b.put(good); err != nil {
				return err
			}
			for _, o := range b.outcomes {
				switch o {
				case Added:
					next.Added++
				case Changed:
					next.Changed++
				case Same:
					next.Same++
				case Older:
					next.Older++
				}
			}
			next.Refused += refused
			next.Place += done
			if err := intake.Note(tx, i.s.files, i.f.ID, rejects); err != nil {
				return err
			}
			return tx.Exec(`UPDATE order_imports SET place = ?, added = ?, changed = ?, same = ?, older = ?, refused = ? WHERE id = ?`,
				next.Place, next.Added, next.Changed, next.Same, next.Older, next.Refused, int64(next.ID)).Error
		})
	})
	if err == nil {
		*i.f = next
	}
	return err
}

// GiveUp ends an import that failed again and again. What is taken in stays; the file sent once more changes nothing of it.
func (s *Service) GiveUp(ctx context.Context, job Import) error {
	f, err := s.ImportOf(ctx, job.Import)
	if fault.Is(err, fault.NotFound) || (err == nil && f.State != ImportWaiting && f.State != ImportRunning) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.files.End(ctx, f.ID, f.file, ImportFailed, "stopped")
}

// resume queues imports again that began long ago and are not over; of one whose job waits or runs nothing comes. A job is lost
// when its process was killed too often.
func (s *Service) resume(ctx context.Context) error {
	list, err := s.imports(s.Store.Read(ctx), `WHERE state IN (?, ?) AND started_at < ? ORDER BY id LIMIT ?`,
		ImportWaiting, ImportRunning, tickets.Millis(s.Now().Add(-intake.Stalled)), intake.Most)
	for i := range list {
		if err == nil {
			err = s.Store.Write(ctx, func(tx *gorm.DB) error { return s.Queue(tx, Import{Import: list[i].ID}) })
		}
	}
	return err
}
