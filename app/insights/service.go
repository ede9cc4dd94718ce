package insights

import (
	"log/slog"
	"time"

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
}

// Service is the package's one type. It is safe for concurrent use.
type Service struct {
	Options
	cache groupsCache
}

// New makes the service.
func New(o Options) *Service { return &Service{Options: o} }
