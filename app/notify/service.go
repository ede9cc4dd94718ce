package notify

import (
	"context"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// Notice is what an agent's screens are told at once. Kind empty: only the number of what she has not read has changed.
type Notice struct {
	Agent          id.ID
	Kind           Kind
	Ticket         id.ID // 0: it is not about a ticket
	Number         int64 // of the ticket
	Unread         int   // at most UnreadMost
	At             int64
	Sound, Desktop bool
}

// Text is what goes to a person or a group outside the console.
type Text struct {
	Title string
	Open  string // what a link to it says
	Lines []Line
	// Foot says why she gets this and where to change it.
	Foot string
}

// Line is one thing to know, with where it leads.
type Line struct{ Text, Link string }

// Options are what New needs.
type Options struct {
	Store   tickets.Store
	Tickets *tickets.Service
	Sealer  *seal.Sealer
	IDs     *id.Maker
	BaseURL *url.URL
	Now     func() time.Time
	Log     *slog.Logger
	// Text gives a text in a language.
	Text func(locale, key string, args map[string]any) string
	// Tell shows a notice on an agent's screens; it does not wait.
	Tell func(Notice)
	// There tells whether an agent who takes chats is connected.
	There func() bool
	// TaskNumber gives the number of an improvement task. Errors: NotFound. nil: there are none.
	TaskNumber func(ctx context.Context, task id.ID) (int64, error)
	// Mail sends an agent a mail; Post tells a target. Their errors may be a Failure.
	Mail func(ctx context.Context, to *tickets.Agent, text Text) error
	Post func(ctx context.Context, to Target, text Text) error
	// CheckTarget refuses a target's address that Post could not use, with a field error for url or secret. nil: any.
	CheckTarget func(ctx context.Context, to Target) error
	// Queue inserts the job that sends what is due to somebody into a transaction; it does not run before at.
	Queue func(tx *gorm.DB, job Out, at time.Time) error
}

// Failure is an error of Mail or Post that says what is wrong.
type Failure interface {
	error
	// Reason is the key of the text that says it. Detail is what the other side said, for the test's answer only.
	Reason() string
	Detail() string
	// Lasting tells that trying again is of no use.
	Lasting() bool
}

// Service is the package's one type. It is safe for concurrent use.
type Service struct {
	Options
	mu      sync.Mutex
	pending map[string]map[string]string // alerts that could not be written yet; nil args: it is over
	busy    map[Out]bool                 // what this process sends just now
}

// New makes the service.
func New(o Options) *Service {
	if o.TaskNumber == nil {
		o.TaskNumber = func(context.Context, id.ID) (int64, error) {
			return 0, fault.New(fault.NotFound, "web.error.not_found")
		}
	}
	return &Service{Options: o, pending: map[string]map[string]string{}, busy: map[Out]bool{}}
}
