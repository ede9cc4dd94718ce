package telling

import (
	"context"
	"log/slog"
	"net/url"
	"time"

	"gorm.io/gorm"

	"huiyin/app/insights"
	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// Task is a task of improvement as far as it is told of.
type Task struct {
	ID     id.ID
	Number int64
	Title  string
	Groups []id.ID
	// Changed is since when everybody has the change; zero: not yet, and nobody is told.
	Changed time.Time
	// Fall is the measured fall of the complaint's rate in per cent; nil: none was shown.
	Fall *int
}

// Options are what New needs.
type Options struct {
	Store    tickets.Store
	Tickets  *tickets.Service
	Insights *insights.Service
	Sealer   *seal.Sealer
	IDs      *id.Maker
	Now      func() time.Time
	Log      *slog.Logger
	BaseURL  *url.URL
	// Text gives a text of the program in a language.
	Text func(locale, key string, args map[string]any) string
	// Task gives a task. Errors: NotFound.
	Task func(ctx context.Context, task id.ID) (Task, error)
	// ByMail gives what lets a message in a ticket go as a mail to its contact alone, for tickets.Outgoing.Also; nil: she cannot be
	// reached so.
	ByMail func(ctx context.Context, t *tickets.Ticket, contact *tickets.Contact) (func(tx *gorm.DB, p tickets.Posted) error, error)
	// MailsAnHour is how many mails all mailboxes may send in an hour.
	MailsAnHour func(ctx context.Context) (int, error)
	// Queue inserts the job that tells into a transaction, once while it waits or runs.
	Queue func(tx *gorm.DB, job Job) error
}

// Service is the package's one type. It is safe for concurrent use.
type Service struct {
	Options
	page pageCache
}

// New makes the service.
func New(o Options) *Service { return &Service{Options: o} }

// Job is the job that tells.
type Job struct {
	Telling id.ID `json:"telling"`
}

// Kind names the job.
func (Job) Kind() string { return "telling" }

// Languages are those in which texts are written, the first that of the desk by itself.
func Languages() []string { return []string{"zh-CN", "en"} }

// language is one of Languages for a person's locale, or for the shop's.
func language(locales ...string) string {
	for _, locale := range locales {
		switch {
		case len(locale) >= 2 && locale[:2] == "zh":
			return "zh-CN"
		case locale != "":
			return "en"
		}
	}
	return Languages()[0]
}
