package hooks

import (
	"context"
	"log/slog"
	"time"

	"gorm.io/gorm"

	"huiyin/app/egress"
	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

const (
	// Most is how many hooks a desk may have; the queue has room for a job of each.
	Most = 10
	// TryFor is how long a delivery is tried.
	TryFor = 24 * time.Hour
	// KeepFor is how long the log of deliveries goes back.
	KeepFor = 30 * 24 * time.Hour
	// DrainTimeout ends a drain that is stuck.
	DrainTimeout = 3 * time.Minute

	drainFor   = time.Minute // then another job may have the worker
	stopAfter  = 3           // failures in a row: the receiver is down, the rest waits for the next look
	stepRows   = 100         // rows a transaction: more would hold up the chat
	stepPause  = 20 * time.Millisecond
	urlMax     = 2000
	sealedURL  = "url"
	sealedWord = "secret"
	table      = "webhooks"
)

// The alerts.
const (
	alertFailing = "webhooks.failing"
	alertOff     = "webhooks.off"
)

// Options are what New needs.
type Options struct {
	Store   tickets.Store
	Tickets *tickets.Service
	Sealer  *seal.Sealer
	IDs     *id.Maker
	Now     func() time.Time
	Log     *slog.Logger
	// HTTP sends the requests.
	HTTP *egress.Client
	// Queue inserts the job that drains a hook into a transaction, once while it waits or runs.
	Queue func(tx *gorm.DB, job Drain) error
	// Alert tells the administrators that a hook has failed or was switched off, AlertOver that it works again. nil: only the log.
	Alert     func(ctx context.Context, kind string, args map[string]string)
	AlertOver func(ctx context.Context, kind string)
}

// Service is the package's one type. It is safe for concurrent use.
type Service struct{ Options }

// New makes the service.
func New(o Options) *Service {
	if o.Alert == nil {
		o.Alert = func(ctx context.Context, kind string, args map[string]string) {
			o.Log.WarnContext(ctx, "alert", "kind", kind, "hook", args["hook"], "reason", args["reason"])
		}
	}
	if o.AlertOver == nil {
		o.AlertOver = func(context.Context, string) {}
	}
	return &Service{o}
}

// Drain is the job that sends what is due to a hook.
type Drain struct {
	Hook id.ID `json:"hook"`
}

// Kind names the job.
func (Drain) Kind() string { return "webhook" }
