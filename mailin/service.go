package mailin

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/url"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"huiyin/mailin/token"
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
	BaseURL *url.URL
	// Text gives a text of the program in a language.
	Text func(locale, key string, args map[string]any) string
	// TakeFile keeps a file of a mail for a contact; a fault says why it cannot be kept.
	TakeFile func(ctx context.Context, contact id.ID, name, media string, content []byte) (*tickets.Attachment, error)
	// AgentSignature gives what an agent wants under her answers. nil: nobody has one.
	AgentSignature func(ctx context.Context, agent id.ID) (string, error)
	// OpenFile gives the content of an attachment.
	OpenFile func(ctx context.Context, a *tickets.Attachment) (io.ReadCloser, error)
	// Token gives an access token for an inbox whose provider takes no password.
	Token func(ctx context.Context, inbox id.ID) (string, error)
	// Spoilt is told of a token that the mail server has refused.
	Spoilt func(ctx context.Context, inbox id.ID, token string) error
	// Lease takes or renews the right to do something alone, Release gives it back. nil: there is one process.
	Lease   func(ctx context.Context, name string, ttl time.Duration) (bool, error)
	Release func(ctx context.Context, name string) error
	// Wake tells the other nodes that accounts have changed or are to be fetched now. nil: there is one process.
	Wake func()
	// MayReceive refuses when there is no room; the mails wait on their server. nil: there always is.
	MayReceive func() error
	// Alert tells the administrators that an inbox fails, AlertOver that it works again. nil: only the log.
	Alert     func(ctx context.Context, kind string, args map[string]string)
	AlertOver func(ctx context.Context, kind string)
	// Send hands a mail to the server of an account. Errors: *SendError. nil: nothing is sent.
	Send func(ctx context.Context, a *Account, m OutMail) (Sent, error)
	// Queue inserts the job that sends a letter into a transaction, once while it waits or runs. nil: Look finds it.
	Queue func(tx *gorm.DB, job SendLetter) error
	// There tells whether an agent who takes chats is connected, on any node. nil: nobody is.
	There func() bool
	// TLS and Dial are for the connections to mail servers; nil: the usual ones.
	TLS  *tls.Config
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// CommandTime is how long a mail server may take for one answer; zero: the usual time.
	CommandTime time.Duration
	// Step is told of each step of the intake, for tests that end the process there. nil: nobody is.
	Step func(name string)
}

// Service turns mails into tickets and tickets' answers into mails. It is safe for concurrent use.
type Service struct {
	Options
	tokens token.Maker
	reload chan struct{} // one signal waits: look at the accounts
	work   chan struct{} // one signal waits: there are mails to read

	accounts knownAccounts
	begun    time.Time         // when the service was made
	tookOver atomic.Bool       // Look has taken over what a dead process was sending
	atStep   func(step string) // of a test
}

const hashToken, hashMail, hashID, hashAddress = "mail-token", "mail-seen", "mail-id", "mail-address"

// New makes the service.
func New(o Options) *Service {
	if o.MayReceive == nil {
		o.MayReceive = func() error { return nil }
	}
	if o.Wake == nil {
		o.Wake = func() {}
	}
	if o.Alert == nil {
		o.Alert = func(ctx context.Context, kind string, args map[string]string) {
			o.Log.WarnContext(ctx, "alert", "kind", kind, "inbox", args["inbox"], "reason", args["reason"])
		}
	}
	if o.AgentSignature == nil {
		o.AgentSignature = func(context.Context, id.ID) (string, error) { return "", nil }
	}
	if o.Step == nil {
		o.Step = func(string) {}
	}
	if o.Queue == nil {
		o.Queue = func(*gorm.DB, SendLetter) error { return nil }
	}
	if o.There == nil {
		o.There = func() bool { return false }
	}
	if o.AlertOver == nil {
		o.AlertOver = func(context.Context, string) {}
	}
	s := &Service{Options: o, begun: o.Now(), reload: make(chan struct{}, 1), work: make(chan struct{}, 1)}
	s.tokens = token.Maker{MAC: func(text string) []byte { return o.Sealer.Hash(hashToken, text) }}
	return s
}

// Woken looks at the accounts and at what waits, because another node or a page asks for it.
func (s *Service) Woken() {
	signal(s.reload)
	signal(s.work)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// all runs fn over the rows of a query; scan gives its columns.
func all(tx *gorm.DB, fn func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := tx.Raw(query, args...).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
