package mailin

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"huiyin/mailin/eml"
	"huiyin/mailin/probe"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// fingerprint tells one mail from another, whatever way it took: its Message-ID with what a forger or a careless program would leave
// different, or, where it has none, what it says.
func (l *letter) fingerprint() string {
	sum := sha256.New()
	part := func(text string) { sum.Write(append([]byte(text), 0)) }
	part(l.MessageID)
	part(l.From.Address)
	part(strconv.FormatInt(l.Date.UnixMilli(), 10))
	part(l.Subject)
	if l.MessageID == "" {
		part(l.Whole)
		part(l.HTML)
		for i := range l.Attachments {
			sum.Write(l.Attachments[i].Content)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// seenBefore tells whether the same mail has come to the inbox before.
func (s *Service) seenBefore(tx *gorm.DB, l *letter) (bool, error) {
	var n int
	err := tx.Raw(`SELECT COUNT(*) FROM mail_seen WHERE inbox_id = ? AND hash = ? AND incoming_id <> ?`, int64(l.Inbox), s.Sealer.Hash(hashMail, l.print), int64(l.ID)).Row().Scan(&n)
	return n > 0, err
}

// enter makes of a mail what it is: a message of a ticket, news of a mail that did not arrive, or nothing new. It runs in one
// transaction with everything that it brings about.
func (s *Service) enter(tx *gorm.DB, l *letter) error {
	if waits, err := s.hold(tx, l.ID); !waits || err != nil {
		return err
	}
	if l.ours() {
		return s.finish(tx, l, stateOwn, tickets.Received{})
	}
	hash := s.Sealer.Hash(hashMail, l.print)
	done := tx.Exec(`INSERT INTO mail_seen (inbox_id, hash, incoming_id) VALUES (?, ?, ?) ON CONFLICT (inbox_id, hash) DO NOTHING`, int64(l.Inbox), hash, int64(l.ID))
	if done.Error != nil {
		return done.Error
	}
	if done.RowsAffected == 0 {
		return s.finish(tx, l, stateDuplicate, tickets.Received{})
	}
	if l.Bounce != nil {
		if known, err := s.bounced(tx, l); known || err != nil {
			return errors.Join(err, s.finishUnless(tx, err, l, stateBounce))
		}
	}
	return s.receive(tx, l)
}

// hold tells whether nothing was made of a mail yet, and holds its row: a process that has lost its lease without knowing waits here
// for the one that has it now, and finds that it is done.
func (s *Service) hold(tx *gorm.DB, mail id.ID) (waits bool, err error) {
	done := tx.Exec(`UPDATE mail_incoming SET next_at = NULL WHERE id = ? AND state = ?`, int64(mail), stateNew)
	return done.RowsAffected == 1, done.Error
}

// ours tells whether the desk itself has sent the mail: it comes back as a copy of its own, or tests the mailbox.
func (l *letter) ours() bool {
	return l.account.own(l.From.Address) && (l.own || strings.Contains(l.Subject, probe.Marker))
}

func (s *Service) finishUnless(tx *gorm.DB, err error, l *letter, state string) error {
	if err != nil {
		return nil
	}
	return s.finish(tx, l, state, tickets.Received{})
}

// receive makes it a message.
func (s *Service) receive(tx *gorm.DB, l *letter) error {
	writer, err := s.writer(tx, l)
	if err != nil {
		return err
	}
	if err := s.thread(tx, l, writer.ID); err != nil {
		return err
	}
	if l.account.blocks(l.From.Address) { // it begins a closed ticket, whatever it answers
		l.ticket, l.reason = 0, reasonNew
	}
	l.guessed = l.reason == reasonNumber && !l.proved
	in := s.inbound(l, writer)
	got, err := s.Tickets.ReceiveTx(tx, in)
	if err != nil {
		return err
	}
	if got.Created && l.ticket != 0 { // it would have gone there
		l.reason = reasonEnded
	}
	if err := s.saveMail(tx, l, got); err != nil {
		return err
	}
	if err := s.joinOthers(tx, l, got.Ticket); err != nil {
		return err
	}
	if err := s.remember(tx, l, got.Ticket, got.Message); err != nil {
		return err
	}
	if !in.Aside && in.BeginAs == "" && l.Auto != eml.AutoList && !l.guessed {
		if err := s.bringIn(tx, l, got.Ticket, writer); err != nil {
			return err
		}
	}
	if err := s.Sealer.GiveKey(tx, l.Key, writer.ID); err != nil {
		return err
	}
	return s.finish(tx, l, stateDone, got)
}

// inbound is the mail as every channel gives its input.
func (s *Service) inbound(l *letter, writer *tickets.Contact) tickets.Inbound {
	in := tickets.Inbound{
		InboxID: l.Inbox, ContactID: writer.ID, SourceID: l.sourceID(), TicketID: l.ticket, Joins: l.ticket != 0, Subject: cutLine(l.Subject, tickets.SubjectMax),
		Body: l.body, At: l.at,
	}
	for _, f := range l.files {
		in.Attachments = append(in.Attachments, f.ID)
	}
	if in.Body == "" && len(in.Attachments) == 0 {
		in.Body = s.emptyBody(l, writer)
	}
	switch {
	case l.ticket != 0 && l.Auto == eml.AutoReply:
		in.Aside = true
	case writer.Blocked, l.account.blocks(l.From.Address):
		in.BeginAs = tickets.StatusClosed
	case l.spam:
		in.BeginAs = tickets.StatusSpam
	case l.Bounce != nil:
		in.BeginAs = tickets.StatusClosed
	}
	return in
}

// sourceID is the mail's outer id: it may stand twice in an inbox only where its Message-ID was used for two mails.
func (l *letter) sourceID() string { return "mail:" + l.print[:32] }

// cutLine is a text of at most so many characters, on one line.
func cutLine(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}

// emptyBody says in words that a mail says nothing.
func (s *Service) emptyBody(l *letter, writer *tickets.Contact) string {
	if l.HTML != "" {
		return s.Text(writer.Locale, "mailin.body.html", nil)
	}
	return s.Text(writer.Locale, "mailin.body.empty", nil)
}
