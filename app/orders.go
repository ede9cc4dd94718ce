package app

import (
	"time"

	"gorm.io/gorm"

	"huiyin/app/jobs"
	"huiyin/app/orders"
)

const (
	// ordersQueue does one file of orders after the other: two at once would only be slower.
	ordersQueue = "orders"
	// importTimeout ends an import that is stuck; what is done stays, and the next try goes on from there.
	importTimeout = 30 * time.Minute
)

// Orders keeps the orders of the desk. That of a command imports no files.
func (d *Desk) Orders() *orders.Service { return d.OrdersAt(time.Now) }

// OrdersAt is Orders with a clock that the caller sets.
func (d *Desk) OrdersAt(now func() time.Time) *orders.Service {
	return orders.New(orders.Options{Store: d.Store, Tickets: d.TicketsAt(now), Sealer: d.Sealer, IDs: d.IDs, Now: now, Log: d.Log})
}

// newOrders makes what keeps the shop's orders.
func (s *server) newOrders() *orders.Service {
	return orders.New(orders.Options{
		Store: s.Store, Tickets: s.Tickets, Sealer: s.Sealer, IDs: s.IDs, Now: time.Now, Log: s.Log, Files: s.blobs, MayWrite: s.standing.MayWrite,
		Queue: func(tx *gorm.DB, job orders.Import) error {
			_, err := s.jobs.Insert(tx, job, jobs.InsertOptions{Queue: ordersQueue, Unique: true})
			return err
		},
	})
}
