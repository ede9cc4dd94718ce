package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"gorm.io/gorm"

	"huiyin/app/auth"
	"huiyin/app/config"
	"huiyin/app/db"
	"huiyin/app/improve"
	"huiyin/app/improve/telling"
	"huiyin/app/insights"
	"huiyin/app/orders"
	"huiyin/mailin"
	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// nodeTTL is how long a node's number stays leased after the node has died; then others take up its jobs.
const nodeTTL = 30 * time.Second

// Desk is the ground that every command stands on: database, key ring, domain, sign-ins.
type Desk struct {
	Log     *slog.Logger
	DB      *db.DB
	Store   tickets.Store
	Sealer  *seal.Sealer
	IDs     *id.Maker
	Tickets *tickets.Service
	Auth    *auth.Service

	holder  string          // this process, in leases
	mails   *mailin.Service // nil: nothing is read
	notify  func(tickets.Change)
	logged  func()
	may     func() error
	copy    func(ctx context.Context, a *tickets.Attachment, contact id.ID) (*tickets.Attachment, error)
	replied func(tx *gorm.DB, t *tickets.Ticket, m *tickets.Message) error
	stop    context.CancelFunc
}

// deskOptions are what Serve adds to the ground.
type deskOptions struct {
	notify func(tickets.Change) // told of every change; nil: nobody
	logged func()               // told whenever the log has grown; nil: nobody
	secure bool                 // browsers come by https
	serves bool                 // it is a desk at work, not a command
	may    func() error         // whether the desk takes in what comes from outside; nil: always
	// copyFile copies a file of a message for another contact; nil: the desk has no files.
	copyFile func(ctx context.Context, a *tickets.Attachment, contact id.ID) (*tickets.Attachment, error)
	// replied is called in the transaction in which a contact gets a reply; nil: nobody sends it out of the house.
	replied func(tx *gorm.DB, t *tickets.Ticket, m *tickets.Message) error
}

// OpenDesk opens the desk's data for a command: it migrates (or refuses, with --migrate check), makes or reads the key
// ring, and leases a node number. Close gives all back.
func OpenDesk(ctx context.Context, cfg config.Desk, log *slog.Logger) (*Desk, error) {
	return openDesk(ctx, cfg, log, deskOptions{})
}

func openDesk(ctx context.Context, cfg config.Desk, log *slog.Logger, o deskOptions) (_ *Desk, err error) {
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	if err := wholePlace(cfg); err != nil {
		return nil, err
	}
	database, err := db.Open(ctx, db.Options{DSN: cfg.Database.Reveal(), Path: cfg.SQLiteFile(), Log: log})
	if err != nil {
		return nil, err
	}
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	d := &Desk{Log: log, DB: database, holder: holder(o.serves), stop: stop}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	if err := migrate(ctx, database, cfg, log); err != nil {
		return nil, err
	}
	node, err := database.LeaseNode(life, d.holder, nodeTTL)
	if err != nil {
		return nil, fmt.Errorf("lease a node number: %w", err)
	}
	newest, err := database.NewestID(ctx)
	if err != nil {
		return nil, err
	}
	d.IDs = id.NewMaker(node, time.Now)
	d.IDs.Past(id.ID(newest))
	d.Store = tickets.Store{Write: database.Write, Read: database.Read, After: db.After}
	d.Sealer, err = seal.Open(ctx, seal.Options{
		DB: seal.Store{Write: database.Write, Read: database.Read}, RingPath: cfg.KeyringFile(),
		Now: time.Now, NewID: d.IDs.Next, Log: log,
	})
	if err != nil {
		return nil, err
	}
	d.notify, d.logged, d.may, d.copy, d.replied = o.notify, o.logged, o.may, o.copyFile, o.replied
	d.Tickets = d.TicketsAt(time.Now)
	d.Auth = auth.New(auth.Options{
		Store: d.Store, Tickets: d.Tickets, Sealer: d.Sealer, IDs: d.IDs, Now: time.Now, Log: log, Secure: o.secure,
	})
	return d, d.Tickets.EnsureDefaults(ctx)
}

// TicketsAt makes another domain service of the desk whose clock the caller sets; the screens hear of its changes too.
func (d *Desk) TicketsAt(now func() time.Time) *tickets.Service {
	return tickets.New(tickets.Options{
		Store: d.Store, Sealer: d.Sealer, IDs: d.IDs, Now: now, Notify: d.notify, Logged: d.logged, MayReceive: d.may, Replied: d.replied, HoldMail: tickets.MailHold,
		Moved: func(tx *gorm.DB, from id.ID, copied *tickets.Message, into *tickets.Ticket, files map[id.ID]id.ID) error {
			return d.Mailboxes().Moved(tx, from, copied, into, files)
		},
		CopyFile: d.copy, Merged: contactsMerged,
	})
}

// contactsMerged makes what is kept of one contact outside of tickets another's.
func contactsMerged(tx *gorm.DB, from, to id.ID) error {
	return errors.Join(orders.Merged(tx, from, to), insights.Joined(tx, from, to), improve.Merged(tx, from, to), telling.Merged(tx, from, to))
}

// Close ends the work on the data; what was committed stays.
func (d *Desk) Close() error {
	d.stop()
	return d.DB.Close()
}

// Migrate brings the database up to date and tells how many steps that took.
func Migrate(ctx context.Context, cfg config.Desk, log *slog.Logger) (applied int, err error) {
	err = withDatabase(ctx, cfg, log, func(d *db.DB) error {
		applied, err = migrateSafely(ctx, d, cfg, log)
		return err
	})
	return applied, err
}

// MigrationStatus tells where the database stands.
func MigrationStatus(ctx context.Context, cfg config.Desk, log *slog.Logger) (list []db.MigrationStatus, err error) {
	err = withDatabase(ctx, cfg, log, func(d *db.DB) error {
		list, err = d.Status(ctx)
		return err
	})
	return list, err
}

func withDatabase(ctx context.Context, cfg config.Desk, log *slog.Logger, fn func(*db.DB) error) error {
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	d, err := db.Open(ctx, db.Options{DSN: cfg.Database.Reveal(), Path: cfg.SQLiteFile(), Log: log})
	if err != nil {
		return err
	}
	return errors.Join(fn(d), d.Close())
}

func migrate(ctx context.Context, d *db.DB, cfg config.Desk, log *slog.Logger) error {
	if cfg.Migrate == "check" {
		pending, err := d.Pending(ctx)
		if err != nil {
			return err
		}
		if pending > 0 {
			return fmt.Errorf("the database lacks %d migrations: run `huiyin migrate` first, or start with --migrate auto", pending)
		}
		return nil
	}
	applied, err := migrateSafely(ctx, d, cfg, log)
	if err != nil {
		return err
	}
	if applied > 0 {
		log.Info("database migrated", "steps", applied)
	}
	return nil
}
