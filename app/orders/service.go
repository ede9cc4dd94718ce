package orders

import (
	"context"
	"log/slog"
	"time"

	"gorm.io/gorm"

	"huiyin/app/blob"
	"huiyin/app/intake"
	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// Kinds of keyed hashes beside those of tickets.
const (
	hashDigest  = "order.digest"
	hashProduct = "product.name"
)

// Options are what New needs.
type Options struct {
	Store   tickets.Store
	Tickets *tickets.Service
	Sealer  *seal.Sealer
	IDs     *id.Maker
	Now     func() time.Time
	Log     *slog.Logger
	// Files keeps the files of imports until they are done. nil: nothing is imported.
	Files blob.Store
	// Queue inserts the job that does an import into a transaction, once while it waits or runs.
	Queue func(tx *gorm.DB, job Import) error
	// Delivered is told, within the transaction, of an order of somebody known that has just been delivered. nil: nobody is.
	Delivered func(tx *gorm.DB, contact id.ID, number string) error
	// MayWrite refuses when there is no room. nil: there always is.
	MayWrite func() error
}

// Service is the package's one type. It is safe for concurrent use.
type Service struct {
	Options
	files *intake.Tray
}

// New makes the service.
func New(o Options) *Service {
	if o.MayWrite == nil {
		o.MayWrite = func() error { return nil }
	}
	return &Service{o, &intake.Tray{
		Table: importTable, Faults: "order_import_faults", Store: o.Store, Sealer: o.Sealer, Files: o.Files, Now: o.Now,
		Words: intake.Words{File: "orders.file.", Gone: "orders.file.gone", Started: "orders.error.started", Columns: "orders.error.columns", Twice: "orders.error.column_twice"},
	}}
}

// Import is the job that takes in the orders of a file.
type Import struct {
	Import id.ID `json:"import"`
}

// Kind names the job.
func (Import) Kind() string { return "order_import" }

// currency is that of the shop.
func (s *Service) currency(ctx context.Context) (string, error) {
	shop, err := s.Tickets.Shop(ctx)
	return shop.Currency, err
}
