package feedback

import (
	"context"
	"log/slog"
	"net/url"
	"time"

	"gorm.io/gorm"

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
	BaseURL *url.URL // links are built from it
	// Text gives the desk's words in a language.
	Text func(locale, key string, args map[string]any) string
	// OrderContact gives whose an order is; zero: the desk does not know the order. nil: it knows none.
	OrderContact func(tx *gorm.DB, number string) (id.ID, error)
	// OrderSKUs gives the goods of an order, for the counts by product. nil: it knows none.
	OrderSKUs func(tx *gorm.DB, number string) ([]string, error)
	// Queue inserts the job that sends what is asked by mail, once while it waits. nil: nobody is asked by mail.
	Queue func(tx *gorm.DB, job Asking) error
	// Send mails a letter to a verified address of a contact. nil: nobody is asked by mail.
	Send func(ctx context.Context, l Letter) error
	// MayWrite refuses when nothing can be written. nil: it always can.
	MayWrite func() error
}

// Service is the package's one type. It is safe for concurrent use.
type Service struct {
	Options
	forms *formCache
}

// New makes the service.
func New(o Options) *Service {
	if o.OrderContact == nil {
		o.OrderContact = func(*gorm.DB, string) (id.ID, error) { return 0, nil }
	}
	if o.OrderSKUs == nil {
		o.OrderSKUs = func(*gorm.DB, string) ([]string, error) { return nil, nil }
	}
	if o.MayWrite == nil {
		o.MayWrite = func() error { return nil }
	}
	return &Service{Options: o, forms: newFormCache(o.Now)}
}

func (s *Service) millis() int64 { return tickets.Millis(s.Now()) }
