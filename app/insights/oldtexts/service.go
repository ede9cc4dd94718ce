package oldtexts

import (
	"log/slog"
	"time"

	"gorm.io/gorm"

	"huiyin/app/blob"
	"huiyin/app/insights"
	"huiyin/app/intake"
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
	// Files keeps the files of imports until they are done.
	Files blob.Store
	// Queue inserts the job that works on an import into a transaction, once while it waits or runs.
	Queue func(tx *gorm.DB, job Job) error
	// Groups take texts in and subjects out.
	Groups *insights.Service
	// Buyers gives whose the orders are that have these hashes (tickets.OrderKey), of those that are somebody's. nil: nobody is known.
	Buyers func(tx *gorm.DB, orders [][]byte) (map[string]Buyer, error)
	// MayWrite refuses when there is no room. nil: there always is.
	MayWrite func() error
}

// Buyer is whose an order is, and a data key of hers.
type Buyer struct{ Contact, Key id.ID }

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
	if o.Buyers == nil {
		o.Buyers = func(*gorm.DB, [][]byte) (map[string]Buyer, error) { return nil, nil }
	}
	return &Service{o, &intake.Tray{
		Table: table, Faults: "insight_import_faults", Store: o.Store, Sealer: o.Sealer, Files: o.Files, Now: o.Now,
		Words: intake.Words{File: "oldtexts.file.", Gone: "oldtexts.file.gone", Started: "oldtexts.error.started", Columns: "oldtexts.error.columns", Twice: "oldtexts.error.column_twice"},
	}}
}

// Job is the job that works on an import: takes its texts in, or back.
type Job struct {
	Import id.ID `json:"import"`
}

// Kind names the job.
func (Job) Kind() string { return "insight_import" }
