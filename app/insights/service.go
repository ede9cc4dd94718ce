package insights

import (
	"context"
	"log/slog"
	"time"

	"gorm.io/gorm"

	"huiyin/app/blob"
	"huiyin/app/insights/worker"
	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// Options are what New needs.
type Options struct {
	Store   tickets.Store
	Tickets *tickets.Service
	Sealer  *seal.Sealer
	IDs     *id.Maker
	Now     func() time.Time
	Log     *slog.Logger
	// Paid tells how many orders were paid in each quarter of an hour (its beginning) from a time up to another, in Unix ms. nil:
	// nobody knows of orders.
	Paid func(ctx context.Context, from, to int64) (map[int64]int64, error)
	// Attempts counts the order attempts that did not come about of orders, by their hashes, and of people, from a time up to
	// another. nil: nobody counts them.
	Attempts func(ctx context.Context, orders [][]byte, contacts []id.ID, from, to time.Time) (map[Tried]int, error)
	// Order gives the goods of an order and whose it is; zero: nobody is known, or the desk does not know the order. nil: there are none.
	Order func(ctx context.Context, number string) (skus []string, contact id.ID, err error)
	// Response gives what somebody answered in a form. Errors: NotFound. nil: there are no forms.
	Response func(ctx context.Context, response id.ID) (*Response, error)
	// Queue inserts a job into a transaction, once while an equal one waits or runs. nil: whoever calls does the work.
	Queue func(tx *gorm.DB, job Job) error
	// Refunds tells what was given back for orders, by their hashes; those without are left out. nil: nobody knows.
	Refunds func(ctx context.Context, orders [][]byte) (map[string]Refund, error)
	// Alert tells the managers that a group rises, AlertOver that it has been told long enough. nil: nobody is told.
	Alert     func(ctx context.Context, kind string, args map[string]string)
	AlertOver func(ctx context.Context, kind string)
	// Worker does what needs memory. nil: nothing is grouped.
	Worker worker.Worker
	// Files keeps the models.
	Files blob.Store
	// Memory is what a pass may take, in MiB. Zero: by what is free.
	Memory int
	// Writers is how many people must have used a word before it may stand in a model or a name. Zero: five.
	Writers int
}

// Job is work of this package that is done in the background.
type Job interface{ Kind() string }

// Service is the package's one type. It is safe for concurrent use.
type Service struct {
	Options
	cache    groupsCache
	lexicons lexicons
}

// New makes the service.
func New(o Options) *Service {
	if o.Writers == 0 {
		o.Writers = writersUsual
	}
	return &Service{Options: o}
}
