package attempts

import (
	"context"
	"log/slog"
	"sync"
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
	// Alert tells the administrators that the success rate has fallen, AlertOver that it is as usual again. nil: only the log.
	Alert     func(ctx context.Context, kind string, args map[string]string)
	AlertOver func(ctx context.Context, kind string)
}

// Service is the package's one type. It is safe for concurrent use.
type Service struct {
	Options
	steps stepWords

	mu     sync.Mutex
	looked time.Time // when Look last looked
}

// New makes the service.
func New(o Options) *Service {
	if o.Alert == nil {
		o.Alert = func(ctx context.Context, kind string, _ map[string]string) {
			o.Log.WarnContext(ctx, "alert", "kind", kind)
		}
	}
	if o.AlertOver == nil {
		o.AlertOver = func(context.Context, string) {}
	}
	return &Service{Options: o, steps: stepWords{days: map[stepDay]map[string]bool{}}}
}
