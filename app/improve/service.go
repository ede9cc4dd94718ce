package improve

import (
	"context"
	"io"
	"log/slog"
	"time"

	"huiyin/app/insights"
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
	// Insights knows the groups and who complained.
	Insights *insights.Service
	// Orders knows what was paid, and in which arm.
	Orders Orders
	// Files keeps what is attached to tasks.
	Files Files
	// Tried tells when contacts were seen first in an arm of a trial, as the shop says with their order attempts. nil: nobody was.
	Tried func(ctx context.Context, trial string, contacts []id.ID) (map[id.ID]Tried, error)
	// Answers tells how many of those who were told of a task have said that it is fixed for them, and that it is still the same.
	// nil: nobody was told.
	Answers func(ctx context.Context, task id.ID) (fixed, still int, err error)
}

// Tried is the arm of a trial in which a contact tried to order, and when she did first.
type Tried struct {
	Arm string
	At  int64
}

// Orders are the shop's orders, as far as they are counted here.
type Orders struct {
	// Paid tells how many were paid in each quarter of an hour (its beginning in Unix ms, UTC) from a time up to another.
	Paid func(ctx context.Context, from, to int64) (map[int64]int64, error)
	// InArms tells how many were paid in each arm of a trial, by the arm's name, from a time up to another.
	InArms func(ctx context.Context, trial string, from, to int64) (map[string]int, error)
	// Arms gives the arms of a trial that orders were made in, by the keyed hash of their number.
	Arms func(ctx context.Context, trial string, hashes [][]byte) (map[string]string, error)
}

// Files puts sealed files into the desk's store and gives them back.
type Files struct {
	// Keep checks a file, seals it for a row of improve_files, and stores it. Errors: Invalid, TooLarge, Unavailable.
	Keep func(ctx context.Context, row id.ID, name string, body io.Reader) (Stored, error)
	// Open gives the content again. Errors: NotFound, Unavailable.
	Open func(ctx context.Context, row id.ID, file string) (io.ReadCloser, error)
	// Drop deletes it.
	Drop func(ctx context.Context, file string) error
}

// Stored is a file that was put into the store.
type Stored struct {
	Name string // as it is shown
	Type string // media type, by content
	Size int64
	File string // in the store
}

// Service is the package's one type. It is safe for concurrent use.
type Service struct {
	Options
	plans plans
}

// New makes the service.
func New(o Options) *Service {
	if o.Answers == nil {
		o.Answers = func(context.Context, id.ID) (int, int, error) { return 0, 0, nil }
	}
	if o.Tried == nil {
		o.Tried = func(context.Context, string, []id.ID) (map[id.ID]Tried, error) { return nil, nil }
	}
	return &Service{Options: o}
}
