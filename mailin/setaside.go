package mailin

import (
	"bytes"
	"context"
	"mime"
	"net/mail"
	"time"

	"gorm.io/gorm"

	"huiyin/mailin/eml"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// glanceBytes is how much of a mail is looked at that could not be read: it has perhaps ended the process three times.
const glanceBytes = 64 << 10

// setAside makes a ticket of a mail of which nothing could be made, with the mail itself as a file. It does not read the mail
// but for a glance at its head.
func (s *Service) setAside(ctx context.Context, w *waiting) error {
	err := s.aside(ctx, w)
	if err != nil && ctx.Err() == nil {
		return s.notNow(ctx, &letter{waiting: w}, err)
	}
	return err
}

func (s *Service) aside(ctx context.Context, w *waiting) error {
	raw, err := s.raw(s.Store.Read(ctx), w.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	from, subject := glance(raw)
	writer, err := s.writerNow(ctx, &letter{waiting: w, Message: &eml.Message{From: from}})
	if err != nil {
		return err
	}
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		return err
	}
	in := tickets.Inbound{
		InboxID: w.Inbox, ContactID: writer, SourceID: "aside:" + w.ID.String(), At: time.UnixMilli(w.CameAt),
		Subject: cutLine(subject, tickets.SubjectMax), Body: s.Text(shop.Locale, "mailin.body.failed", nil),
	}
	if in.Subject == "" {
		in.Subject = s.Text(shop.Locale, "mailin.subject.failed", nil)
	}
	if p, err := s.Tickets.Contact(ctx, writer); err != nil {
		return err
	} else if p.Blocked { // as a mail of hers that can be read
		in.BeginAs = tickets.StatusClosed
	}
	if len(raw) > 0 {
		file, err := s.TakeFile(ctx, writer, "mail.eml", "message/rfc822", raw)
		switch {
		case err == nil:
			in.Attachments = []id.ID{file.ID}
		case fault.Is(err, fault.Invalid) || fault.Is(err, fault.TooLarge): // it stays with the inbox, whose page gives it
			in.Body += "\n" + s.Text(shop.Locale, "mailin.body.failed_file", nil)
		default:
			return err
		}
	}
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		if waits, err := s.hold(tx, w.ID); !waits || err != nil {
			return err
		}
		got, err := s.Tickets.ReceiveTx(tx, in)
		if err != nil {
			return err
		}
		if err := s.Sealer.GiveKey(tx, w.Key, got.Message.AuthorID); err != nil {
			return err
		}
		return s.finish(tx, &letter{waiting: w}, stateFailed, got)
	})
	if err == nil {
		s.Log.ErrorContext(ctx, "a mail was set aside: nothing could be made of it", "mail", w.ID, "inbox", w.Inbox)
	}
	return err
}

// glance reads sender and subject of a mail's head, if that is simple.
func glance(raw []byte) (from eml.Address, subject string) {
	m, err := mail.ReadMessage(bytes.NewReader(append(raw[:min(len(raw), glanceBytes):min(len(raw), glanceBytes)], "\r\n\r\n"...)))
	if err != nil {
		return from, ""
	}
	if a, err := m.Header.AddressList("From"); err == nil && len(a) > 0 {
		from = eml.Address{Name: a[0].Name, Address: a[0].Address}
	}
	subject = m.Header.Get("Subject")
	if text, err := (&mime.WordDecoder{}).DecodeHeader(subject); err == nil {
		subject = text
	}
	return from, visibleOnly(subject)
}

// FailedMail is a mail that was set aside.
type FailedMail struct {
	ID     id.ID
	CameAt int64
	Size   int64
	Ticket id.ID
	Kept   bool // the mail itself is still there
}

const failedMost = 100

// FailedMails gives the newest mails of an inbox that were set aside, at most 100.
func (s *Service) FailedMails(ctx context.Context, inbox id.ID) (out []FailedMail, err error) {
	err = all(s.Store.Read(ctx), func(scan func(...any) error) error {
		var f FailedMail
		var ticket *int64
		err := scan((*int64)(&f.ID), &f.CameAt, &f.Size, &ticket, &f.Kept)
		f.Ticket = id.ID(orZero(ticket))
		out = append(out, f)
		return err
	}, `SELECT id, came_at, size, ticket_id, key_id <> 0 FROM mail_incoming WHERE state = 'failed' AND inbox_id = ? ORDER BY id DESC LIMIT ?`, int64(inbox), failedMost)
	return out, err
}

// Retry tries a mail again that was set aside. Errors: NotFound.
func (s *Service) Retry(ctx context.Context, inbox, mail id.ID) error {
	return s.wake(ctx, "mailin.error.raw_gone",
		`UPDATE mail_incoming SET state = ?, attempts = 0, entries = 0, next_at = NULL WHERE id = ? AND inbox_id = ? AND state = 'failed' AND key_id <> 0`,
		stateNew, int64(mail), int64(inbox))
}

// Raw gives a mail of an inbox as it came, for whoever mends what is wrong. Errors: NotFound.
func (s *Service) Raw(ctx context.Context, inbox, mail id.ID) ([]byte, error) {
	tx := s.Store.Read(ctx)
	var n int
	if err := tx.Raw(`SELECT COUNT(*) FROM mail_incoming WHERE id = ? AND inbox_id = ?`, int64(mail), int64(inbox)).Row().Scan(&n); err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, fault.New(fault.NotFound, "mailin.error.raw_gone")
	}
	return s.raw(tx, mail)
}
