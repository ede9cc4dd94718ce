package privacy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"gorm.io/gorm"

	"huiyin/app/i18n"
	"huiyin/mailin"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Options are what New needs.
type Options struct {
	Store   tickets.Store
	Tickets *tickets.Service
	IDs     *id.Maker
	Now     func() time.Time
	Log     *slog.Logger
	// Forget empties what other packages keep of a person, within the transaction that erases her.
	// Of tickets that are emptied it is called once for each hundred of their messages.
	Forget func(tx *gorm.DB, who tickets.Erased) error
	// ForgetRest empties, in pieces, what Forget has left because it was too much for one transaction. May be nil.
	ForgetRest func(ctx context.Context, contact id.ID) error
	// ForgetVisitors deletes what other packages keep of contacts who never wrote, within the transaction that deletes them.
	ForgetVisitors func(tx *gorm.DB, contacts []id.ID) error
	// ForgetTrails empties what the shop's pages said in these chat sessions.
	ForgetTrails func(tx *gorm.DB, sessions []id.ID) error
	// DropMails deletes mails as they came, as many of these as a transaction should, and tells how many.
	DropMails func(tx *gorm.DB, mails []id.ID) (int, error)
	// ForgetOrders empties orders of nobody but for what is counted, and tells how many.
	ForgetOrders func(tx *gorm.DB, orders []id.ID) (int, error)
	// Told is called once it is committed, for each contact: her screens are cut off. May be nil.
	Told func(contact id.ID)
	// Texts are for what a person is given.
	Texts *i18n.Bundle
	// OpenFile gives a file's content. Errors: NotFound.
	OpenFile func(ctx context.Context, file *tickets.Attachment) (io.ReadCloser, error)
	// Mail gives what a message was as a mail; nil: it was none. May be nil.
	Mail func(ctx context.Context, message id.ID) (*mailin.Whole, error)
	// Parts are what other packages keep of a person beside what was said. May be empty.
	Parts []Part
	// DropFile deletes a file's content from the store.
	DropFile func(ctx context.Context, file *tickets.Attachment) error
	// Scrub makes what was deleted vanish from where copies of it lie: the database's files, the keys of backups. While it
	// fails the erasure is not ended. May be nil.
	Scrub func(ctx context.Context) error
}

// Service is the package's one type. It is safe for concurrent use.
type Service struct{ Options }

// New makes the service.
func New(o Options) *Service {
	if o.Told == nil {
		o.Told = func(id.ID) {}
	}
	if o.Scrub == nil {
		o.Scrub = func(context.Context) error { return nil }
	}
	if o.ForgetRest == nil {
		o.ForgetRest = func(context.Context, id.ID) error { return nil }
	}
	if o.Mail == nil {
		o.Mail = func(context.Context, id.ID) (*mailin.Whole, error) { return nil, nil }
	}
	return &Service{o}
}

// system is the desk itself, which acts by its rules.
var system = tickets.Actor{Kind: tickets.ActorSystem}

// piece is how many rows are looked at in one go.
const piece = 200

// Reasons are what may be given as the reason of an erasure.
func Reasons() []tickets.ErasureReason {
	return []tickets.ErasureReason{tickets.ErasedOnRequest, tickets.ErasedUnneeded}
}

// Erase forgets a person for good. When it returns without error nobody can read anything of hers again, even if the
// process dies; what is left to empty is emptied then or by Resume. Erasing her again changes nothing. Errors: Denied,
// NotFound, Invalid (reason), Conflict (she is under legal hold).
func (s *Service) Erase(ctx context.Context, a tickets.Actor, contact id.ID, why tickets.ErasureReason) error {
	if !slices.Contains(Reasons(), why) {
		return fault.InvalidField("reason", "invalid", "privacy.error.reason", nil)
	}
	living, err := s.decide(ctx, a, contact, why)
	if err != nil {
		return err
	}
	if err := s.finish(ctx, living); err != nil {
		s.Log.ErrorContext(ctx, "an erasure is not finished yet and will be resumed", "contact", living, "error", err)
	}
	return nil
}

// Keep puts a person under legal hold, or takes her from it, and notes who did. Errors: Denied, NotFound, Conflict (she
// was erased).
func (s *Service) Keep(ctx context.Context, a tickets.Actor, contact id.ID, keep bool) error {
	action := ActionLet
	if keep {
		action = ActionKeep
	}
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		changed, err := s.Tickets.KeepTx(tx, a, contact, keep)
		if err != nil || !changed {
			return err
		}
		return s.noteTx(tx, a.ID, action, contact)
	})
}

// decide makes her unreadable and gives the contact that the erasure goes by.
func (s *Service) decide(ctx context.Context, a tickets.Actor, contact id.ID, why tickets.ErasureReason) (id.ID, error) {
	var who tickets.Erased
	err := s.Store.Write(ctx, func(tx *gorm.DB) (err error) {
		if who, err = s.Tickets.EraseContactTx(tx, a, contact, why); err != nil || who.Already {
			return err
		}
		if a.Kind == tickets.ActorAgent {
			if err := s.noteTx(tx, a.ID, ActionErase, who.Contacts[0]); err != nil {
				return err
			}
		}
		return s.Forget(tx, who)
	})
	if err != nil {
		return 0, err
	}
	for _, one := range who.Contacts {
		s.Told(one)
	}
	return who.Contacts[0], nil
}

// finish empties messages and deletes files of people who were made unreadable, scrubs once for all of them and notes
// that nothing is left.
func (s *Service) finish(ctx context.Context, contacts ...id.ID) error {
	var errs []error
	var empty []id.ID
	for _, contact := range contacts {
		if err := s.empty(ctx, contact); err != nil {
			errs = append(errs, fmt.Errorf("contact %s: %w", contact, err))
			continue
		}
		empty = append(empty, contact)
	}
	if len(empty) == 0 {
		return errors.Join(errs...)
	}
	if err := s.Scrub(ctx); err != nil {
		return errors.Join(append(errs, fmt.Errorf("scrub what was deleted: %w", err))...)
	}
	for _, contact := range empty {
		errs = append(errs, s.Tickets.EndErasure(ctx, contact))
	}
	return errors.Join(errs...)
}

// empty empties the messages and mails of a person and deletes her files.
func (s *Service) empty(ctx context.Context, contact id.ID) error {
	if err := s.ForgetRest(ctx, contact); err != nil {
		return fmt.Errorf("empty what goes with the messages: %w", err)
	}
	if err := s.Tickets.EmptyMessages(ctx, contact); err != nil {
		return fmt.Errorf("empty the messages: %w", err)
	}
	for after := id.ID(0); ; {
		list, err := s.Tickets.FilesOfContact(ctx, contact, after, piece)
		if err != nil {
			return fmt.Errorf("list the files: %w", err)
		}
		for i := range list {
			after = list[i].ID
			if err := s.DropFile(ctx, &list[i]); err != nil {
				return fmt.Errorf("delete a file: %w", err)
			}
		}
		if len(list) < piece {
			return nil
		}
	}
}

// Resume finishes erasures that were begun and not ended.
func (s *Service) Resume(ctx context.Context) error {
	open, err := s.Tickets.OpenErasures(ctx, piece)
	if err != nil {
		return err
	}
	return s.finish(ctx, open...)
}

// Sweep erases everybody whose data key is gone though her rows are there, and tells how many: a backup was put back
// that is older than their erasure.
func (s *Service) Sweep(ctx context.Context) (erased int, err error) {
	for last := id.ID(0); ; {
		var found []id.ID
		if found, last, err = s.Tickets.KeylessContacts(ctx, last, piece); err != nil {
			return erased, err
		}
		for _, contact := range found {
			living, err := s.decide(ctx, system, contact, tickets.ErasedByRestore)
			if err != nil {
				return erased, err
			}
			erased++
			if err := s.finish(ctx, living); err != nil {
				return erased, err
			}
		}
		if last == 0 {
			return erased, s.Resume(ctx)
		}
	}
}
