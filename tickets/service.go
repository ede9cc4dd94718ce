package tickets

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// Store is the database as the domain needs it; app/db gives it.
type Store struct {
	// Write runs fn in the one door for writes and returns after the commit is durable. fn may run more than once:
	// it assigns to outer variables and never adds to them. Only tx is used inside; nothing slow runs there.
	Write func(ctx context.Context, fn func(tx *gorm.DB) error) error
	// Read gives the readers' side.
	Read func(ctx context.Context) *gorm.DB
	// After registers a call for the moment right after tx has been committed. On SQLite the calls run in the order
	// of the commits, on one goroutine: they must not block.
	After func(tx *gorm.DB, fn func())
}

// PlanAnew makes PostgreSQL plan what this transaction asks anew. A plan that it has kept was made when the tables were as good
// as empty, and reads the whole of them; an import fills them faster than PostgreSQL looks at them again by itself.
func PlanAnew(tx *gorm.DB) error {
	if tx.Name() != "postgres" {
		return nil
	}
	return tx.Exec(`SET LOCAL plan_cache_mode = force_custom_plan`).Error
}

// Service is the domain: every change of a ticket goes through it. It is safe for concurrent use.
type Service struct {
	store    Store
	seal     *seal.Sealer
	ids      *id.Maker
	now      func() time.Time
	notify   func(Change)
	logged   func()
	may      func() error
	copyFile func(ctx context.Context, a *Attachment, contact id.ID) (*Attachment, error)
	holdMail time.Duration
	moved    func(tx *gorm.DB, from id.ID, copied *Message, into *Ticket, files map[id.ID]id.ID) error
	replied  func(tx *gorm.DB, t *Ticket, m *Message) error
	merged   func(tx *gorm.DB, from, to id.ID) error
	inboxes  *inboxCache
	shop     *shopCache
	site     *siteCache
	seen     *seenGate

	outlooks *outlookCache
}

// Options are what New needs.
type Options struct {
	Store  Store
	Sealer *seal.Sealer
	IDs    *id.Maker
	Now    func() time.Time
	// Notify is told of every committed change of a ticket, in commit order on SQLite; it must not block. The chat
	// hub listens. May be nil.
	Notify func(Change)
	// Logged is called after every commit that added rows to events, of tickets or not; it must not block. It wakes
	// the readers. May be nil.
	Logged func()
	// MayReceive is asked before anything is taken in from outside: its error, a fault, is the answer. nil: always.
	MayReceive func() error
	// HoldMail is how long an agent may take back an answer in a ticket of mails (MailHold). Zero: not at all.
	HoldMail time.Duration
	// Replied is called inside the transaction in which the contact gets a reply, held before or not, after all of it was written; its error, which
	// must be worth trying again, rolls it back. What sends the reply out of the house hangs here. May be nil.
	Replied func(tx *gorm.DB, t *Ticket, m *Message) error
	// Moved is called inside the transaction that has moved a message: from stands for its copy in another ticket, and its files may
	// have other ids. What is kept elsewhere of the message moves here. May be nil.
	Moved func(tx *gorm.DB, from id.ID, copied *Message, into *Ticket, files map[id.ID]id.ID) error
	// Merged is called inside the transaction that makes one contact of two, before any ticket is locked: what is kept elsewhere
	// of from becomes to's. Her data keys are given by themselves. May be nil.
	Merged func(tx *gorm.DB, from, to id.ID) error
	// CopyFile copies a file of a message for another contact, sealed with her key, as an upload of whoever uploaded it
	// that no message has. MoveMessage calls it outside of a transaction. nil: such a message cannot be moved.
	CopyFile func(ctx context.Context, a *Attachment, contact id.ID) (*Attachment, error)
}

// New makes the domain service.
func New(o Options) *Service {
	s := &Service{store: o.Store, seal: o.Sealer, ids: o.IDs, now: o.Now, notify: o.Notify, logged: o.Logged, may: o.MayReceive}
	s.replied, s.copyFile, s.holdMail = o.Replied, o.CopyFile, o.HoldMail
	s.moved = o.Moved
	if s.moved == nil {
		s.moved = func(*gorm.DB, id.ID, *Message, *Ticket, map[id.ID]id.ID) error { return nil }
	}
	s.merged = o.Merged
	if s.merged == nil {
		s.merged = func(*gorm.DB, id.ID, id.ID) error { return nil }
	}
	if s.copyFile == nil {
		s.copyFile = noCopies
	}
	if s.replied == nil {
		s.replied = func(*gorm.DB, *Ticket, *Message) error { return nil }
	}
	if s.may == nil {
		s.may = func() error { return nil }
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.notify == nil {
		s.notify = func(Change) {}
	}
	if s.logged == nil {
		s.logged = func() {}
	}
	s.inboxes, s.outlooks = newInboxCache(s.now), newOutlookCache()
	s.shop, s.site, s.seen = &shopCache{}, &siteCache{}, &seenGate{}
	return s
}

// Within gives the service inside a transaction of the caller: what its methods write is part of it, and what they read is
// what the transaction sees. It holds as long as the transaction; an error of a method wants the transaction rolled back.
func (s *Service) Within(tx *gorm.DB) *Service {
	in := *s
	in.store.Write = func(_ context.Context, fn func(tx *gorm.DB) error) error { return fn(tx) }
	in.store.Read = func(context.Context) *gorm.DB { return tx }
	return &in
}

// Millis is the desk's form of a time: Unix milliseconds.
func Millis(t time.Time) int64 { return t.UnixMilli() }
