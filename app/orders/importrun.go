package orders

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

const (
	rowsAtOnce = 100
	// stepOrders are written in one transaction: with lines, contacts and keys some hundred rows.
	stepOrders = 40
	// turn is how long a job works on an import before it comes back: what dies with a node is taken up again soon.
	turn = 40 * time.Second
	// stalledAfter is when an import that is not over is looked after.
	stalledAfter = time.Hour
	// faultsMost is how many rejected lines are kept; more are counted.
	faultsMost = 10_000
	pauseLeast = 2 * time.Millisecond
	pauseMost  = 100 * time.Millisecond
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
		if e := fault.As(err); e != nil {
			return false, s.fail(ctx, f, e)
		}
		return false, err
	}
	for until := time.Now().Add(turn); f.Place < int64(len(list)); {
		if time.Now().After(until) {
			return true, nil
		}
		began := time.Now()
		if err := run.step(ctx, list[f.Place:min(int(f.Place)+stepOrders, len(list))]); err != nil {
			return false, err
		}
		if err := pause(ctx, min(max(time.Since(began)/8, pauseLeast), pauseMost)); err != nil {
			return false, err
		}
	}
	return false, s.finish(ctx, f)
}

func pause(ctx context.Context, long time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(long):
		return nil
	}
}

// importing is an import at work.
type importing struct {
	s    *Service
	f    *File
	read reading
}

// prepare reads the file and brings its orders into their order, which is the same each time.
func (s *Service) prepare(ctx context.Context, f *File) (*importing, []group, error) {
	data, err := s.content(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	rows, err := readRows(data)
	if err != nil {
		return nil, nil, err
	}
	list := grouped(rows[1:], &f.Plan)
	if len(list) > OrdersMax {
		return nil, nil, fileFault("too_many", map[string]any{"max": OrdersMax})
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
			if err := i.faults(tx, rejects); err != nil {
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

// faults notes rejected lines behind those that are there.
func (i *importing) faults(tx *gorm.DB, rejects []Reject) error {
	if len(rejects) == 0 {
		return nil
	}
	var n int
	if err := tx.Raw(`SELECT COALESCE(MAX(n), 0) FROM order_import_faults WHERE import_id = ?`, int64(i.f.ID)).Row().Scan(&n); err != nil {
		return err
	}
	var rows [][]any
	for _, r := range rejects {
		if n++; n > faultsMost {
			break
		}
		rows = append(rows, []any{int64(i.f.ID), n, r.Line, r.Col, string(r.Field), r.Code})
	}
	_, err := (&putting{s: i.s, tx: tx}).insert(`INSERT INTO order_import_faults (import_id, n, line, col, field, code)`, "", rows)
	return err
}

// finish ends an import; its file goes.
func (s *Service) finish(ctx context.Context, f *File) error {
	return s.end(ctx, f, ImportDone, "")
}

// fail ends an import whose file cannot be read.
func (s *Service) fail(ctx context.Context, f *File, why *fault.Error) error {
	key := why.Key
	return s.end(ctx, f, ImportFailed, key[strings.LastIndexByte(key, '.')+1:])
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
	return s.end(ctx, f, ImportFailed, "stopped")
}

// resume queues imports again that began long ago and are not over; of one whose job waits or runs nothing comes. A job is lost
// when its process was killed too often.
func (s *Service) resume(ctx context.Context) error {
	list, err := s.imports(s.Store.Read(ctx), `WHERE state IN (?, ?) AND started_at < ? ORDER BY id LIMIT ?`,
		ImportWaiting, ImportRunning, tickets.Millis(s.Now().Add(-stalledAfter)), importsMost)
	for i := range list {
		if err == nil {
			err = s.Store.Write(ctx, func(tx *gorm.DB) error { return s.Queue(tx, Import{Import: list[i].ID}) })
		}
	}
	return err
}

func (s *Service) end(ctx context.Context, f *File, state, reason string) error {
	err := s.Store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`UPDATE order_imports SET state = ?, reason = ?, ended_at = ? WHERE id = ? AND ended_at IS NULL`,
			state, reason, tickets.Millis(s.Now()), int64(f.ID)).Error
	})
	if err != nil {
		return err
	}
	return s.Files.Delete(ctx, f.file)
}
