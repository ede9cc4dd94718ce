package mailin

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode"

	"gorm.io/gorm"

	"huiyin/mailin/eml"
	"huiyin/mailin/probe"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/mask"
)

// participantsMost is how many people one mail brings into a ticket.
const participantsMost = 20

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
	blocked := l.account.blocks(l.From.Address)
	if blocked { // it begins a closed ticket, whatever it answers
		l.ticket, l.reason = 0, reasonNew
	}
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
	case writer.Blocked, blocked:
		in.BeginAs = tickets.StatusClosed
	case l.spam:
		in.BeginAs = tickets.StatusSpam
	case l.Bounce != nil:
		in.BeginAs = tickets.StatusClosed
	}
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
	if !in.Aside && in.BeginAs == "" && l.Auto != eml.AutoList {
		if err := s.bringIn(tx, l, got.Ticket, writer); err != nil {
			return err
		}
	}
	if err := s.Sealer.GiveKey(tx, l.Key, writer.ID); err != nil {
		return err
	}
	return s.finish(tx, l, stateDone, got)
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

// writer gives the contact whose address the mail comes from, and makes her where nobody has it.
func (s *Service) writer(tx *gorm.DB, l *letter) (*tickets.Contact, error) {
	if l.writer != 0 {
		return s.living(tx, l.writer)
	}
	return s.person(tx, l.From, localeOf(l.body+l.Subject))
}

func (s *Service) living(tx *gorm.DB, contact id.ID) (*tickets.Contact, error) {
	p, err := s.Tickets.ContactTx(tx, contact)
	for err == nil && p.MergedInto != nil {
		p, err = s.Tickets.ContactTx(tx, *p.MergedInto)
	}
	return p, err
}

// person gives the contact who is known by an address, and makes one where there is none.
func (s *Service) person(tx *gorm.DB, a eml.Address, locale string) (*tickets.Contact, error) {
	p, err := s.Tickets.ContactByIdentityTx(tx, tickets.IdentityEmail, a.Address)
	if p != nil || err != nil {
		return p, err
	}
	name, err := tickets.OptionalLine("name", cutLine(a.Name, tickets.NameMax), tickets.NameMax)
	if err != nil {
		name = ""
	}
	n := tickets.NewContact{Name: name, Locale: locale}
	if _, ok := tickets.NormalEmail(a.Address); ok {
		n.Identities = []tickets.NewIdentity{{Kind: tickets.IdentityEmail, Value: a.Address, Verified: true}}
	}
	if name == "" { // what stands before the @ tells people apart
		local, _, _ := strings.Cut(withoutPlus(a.Address), "@")
		n.Name = cutLine(visibleOnly(local), tickets.NameMax)
	}
	return s.Tickets.CreateContactTx(tx, n)
}

// writerNow finds or makes the writer in a transaction of her own: her files are stored before her mail is entered. Two mails of
// somebody new may be read at once; the second look finds whom the other has made.
func (s *Service) writerNow(ctx context.Context, l *letter) (writer id.ID, err error) {
	for range 3 {
		err = s.Store.Write(ctx, func(tx *gorm.DB) error {
			p, err := s.person(tx, l.From, localeOf(l.body+l.Subject))
			if err == nil {
				writer = p.ID
			}
			return err
		})
		if !fault.Is(err, fault.Conflict) {
			break
		}
	}
	return writer, err
}

// localeOf guesses the language in which somebody writes.
func localeOf(text string) string {
	han, letters := 0, 0
	for _, r := range firstBytes(text, 4000) {
		switch {
		case unicode.Is(unicode.Han, r):
			han++
		case unicode.IsLetter(r):
			letters++
		}
	}
	switch {
	case 3*han > letters:
		return "zh-CN"
	case letters > 0:
		return "en"
	}
	return ""
}

// bringIn makes those to whom the mail was sent too participants of its ticket.
func (s *Service) bringIn(tx *gorm.DB, l *letter, t *tickets.Ticket, writer *tickets.Contact) error {
	var people []id.ID
	for _, a := range append(append([]eml.Address{}, l.To...), l.CC...) {
		if len(people) == participantsMost {
			break
		}
		if _, ok := tickets.NormalEmail(a.Address); !ok {
			continue
		}
		mine, err := s.ownAddress(tx, a.Address)
		if err != nil {
			return err
		}
		if mine {
			continue
		}
		p, err := s.person(tx, a, "")
		if err != nil {
			return err
		}
		if p.ID != writer.ID && p.ID != t.ContactID {
			people = append(people, p.ID)
		}
	}
	if len(people) == 0 {
		return nil
	}
	_, err := s.Tickets.AddParticipantsTx(tx, tickets.Actor{Kind: tickets.ActorContact, ID: writer.ID}, t.ID, people)
	return err
}

// ownAddress tells whether an address is one of the desk's own inboxes.
func (s *Service) ownAddress(tx *gorm.DB, address string) (bool, error) {
	accounts, err := s.known(tx)
	for i := range accounts {
		if accounts[i].own(address) {
			return true, err
		}
	}
	return false, err
}

// saveMail keeps what the message was as a mail.
func (s *Service) saveMail(tx *gorm.DB, l *letter, got tickets.Received) error {
	head, err := s.sealJSON(tx, got.Ticket.KeyID, "head", got.Message.ID, l.head(), false)
	if err != nil {
		return err
	}
	var content []byte
	if c := l.content(); c.Text != "" || c.HTML != "" || len(c.Files) > 0 {
		c.Text, _ = mask.Text(c.Text, nil)
		c.HTML, _ = mask.Text(c.HTML, nil)
		if content, err = s.sealJSON(tx, got.Ticket.KeyID, "content", got.Message.ID, c, true); err != nil {
			return err
		}
	}
	return tx.Exec(`INSERT INTO mail_messages (message_id, ticket_id, inbox_id, incoming_id, reason, auto, head, content, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		int64(got.Message.ID), int64(got.Ticket.ID), int64(l.Inbox), int64(l.ID), l.reason, string(l.Auto), head, content, tickets.Millis(s.Now())).Error
}

const mailTable = "mail_messages"

// sealJSON seals a value for a column of a message's row, packed where it may be long.
func (s *Service) sealJSON(tx *gorm.DB, key id.ID, column string, message id.ID, value any, pack bool) ([]byte, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	if pack {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, err := w.Write(plain)
		if err = errors.Join(err, w.Close()); err != nil {
			return nil, err
		}
		plain = b.Bytes()
	}
	return s.Sealer.Seal(tx, key, mailTable, column, message, plain)
}

// finish notes what became of a mail. The one that came twice is not kept twice.
func (s *Service) finish(tx *gorm.DB, l *letter, state string, got tickets.Received) error {
	var contact, ticket, message *int64
	if got.Ticket != nil {
		c, t, m := int64(got.Message.AuthorID), int64(got.Ticket.ID), int64(got.Message.ID)
		contact, ticket, message = &c, &t, &m
	} else if l.about.ticket != 0 {
		contact, ticket = (*int64)(&l.about.contact), (*int64)(&l.about.ticket)
		if l.about.message != 0 {
			message = (*int64)(&l.about.message)
		}
	}
	if state == stateDuplicate || state == stateOwn {
		if _, err := dropRaw(tx, s.Sealer, []keptMail{{mail: l.ID, key: l.Key}}); err != nil {
			return err
		}
	}
	return tx.Exec(`UPDATE mail_incoming SET state = ?, contact_id = ?, ticket_id = ?, message_id = ?, done_at = ?, next_at = NULL WHERE id = ?`,
		state, contact, ticket, message, tickets.Millis(s.Now()), int64(l.ID)).Error
}
