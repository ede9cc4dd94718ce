package mailin

import (
	"errors"
	"regexp"
	"strings"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// taken notes what a server said of each recipient of a mail that it took.
func (s *Service) taken(tx *gorm.DB, t *try, sent Sent) error {
	if err := s.holdLetter(tx, t.letterRow.message); err != nil {
		return err
	}
	for _, one := range foreignIDs(t.account.SMTP.Host, sent.Said) {
		if err := s.rememberID(tx, one, t.letterRow.ticket, t.letterRow.message); err != nil {
			return err
		}
	}
	said := map[string]SentTo{}
	for _, one := range sent.Recipients {
		said[normalAddress(one.Address)] = one
	}
	for _, r := range t.to {
		one, ok := said[normalAddress(r.address)]
		if !ok {
			one = SentTo{Accepted: true}
		}
		if err := s.noteRecipient(tx, t, r, one, true); err != nil {
			return err
		}
	}
	return s.after(tx, t, "")
}

// noteRecipient notes what became of one recipient in a try. That a server has taken a mail is true whoever is late to say
// so; everything else counts only as long as no later try has begun. own says that it speaks of this recipient, and not of the
// mail.
func (s *Service) noteRecipient(tx *gorm.DB, t *try, r *recipientRow, one SentTo, own bool) error {
	now := tickets.Millis(s.Now())
	if one.Accepted {
		r.state = Delivered
		return tx.Exec(`UPDATE mail_recipients SET state = ?, code = 0, enhanced = '', reason = '', detail = NULL, sent_at = ?, updated_at = ? WHERE id = ? AND state IN ('queued', 'sending')`,
			string(Delivered), now, now, int64(r.id)).Error
	}
	reason := reasonOf(one.Enhanced, one.Detail, "")
	r.state = Queued
	if one.Lasting {
		r.state = Refused
	}
	detail, err := s.sealDetail(tx, t.ticket.KeyID, r.id, one.Detail)
	if err != nil {
		return err
	}
	if own && r.state == Refused && gone(reason) {
		if err := s.markBad(tx, r.address); err != nil {
			return err
		}
	}
	return tx.Exec(`UPDATE mail_recipients SET state = ?, code = ?, enhanced = ?, reason = ?, detail = ?, updated_at = ? WHERE id = ? AND state IN ('queued', 'sending') AND `+thisTry,
		string(r.state), one.Code, one.Enhanced, reason, detail, now, int64(r.id), int64(t.letterRow.message), t.begun).Error
}

// sealDetail seals what a server said; of somebody who was erased nothing is kept.
func (s *Service) sealDetail(tx *gorm.DB, key, recipient id.ID, text string) ([]byte, error) {
	if key == 0 {
		return nil, nil
	}
	sealed, err := s.Sealer.SealText(tx, key, recipientsTable, "detail", recipient, cutLine(text, detailMost))
	if errors.Is(err, seal.ErrErased) {
		return nil, nil
	}
	return sealed, err
}

const detailMost = 500

// thisTry holds as long as no later try of the letter has begun.
const thisTry = `EXISTS (SELECT 1 FROM mail_letters l WHERE l.message_id = ? AND (l.begun_at IS NULL OR l.begun_at = ?))`

// failed notes a try that nobody got anything by.
func (s *Service) failed(tx *gorm.DB, t *try, e *SendError) error {
	if err := s.holdLetter(tx, t.letterRow.message); err != nil {
		return err
	}
	said := map[string]SentTo{}
	for _, one := range e.Refused {
		said[normalAddress(one.Address)] = one
	}
	if t.ticket == nil { // before anything was built
		t.ticket = &tickets.Ticket{ID: t.letterRow.ticket}
		if err := tx.Raw(`SELECT key_id FROM tickets WHERE id = ?`, int64(t.letterRow.ticket)).Row().Scan((*int64)(&t.ticket.KeyID)); err != nil || t.ticket.KeyID == 0 {
			return err
		}
	}
	for _, r := range t.to {
		one, ok := said[normalAddress(r.address)]
		if ok = ok && one.Lasting; !ok {
			one = SentTo{Lasting: e.Final, Code: e.Code, Enhanced: e.Enhanced, Detail: e.Detail}
		}
		if err := s.noteRecipient(tx, t, r, one, ok); err != nil {
			return err
		}
		if ok || e.Code != 0 && !e.Mailbox {
			continue // the server's words say why
		}
		if err := tx.Exec(`UPDATE mail_recipients SET reason = ? WHERE id = ? AND state IN ('queued', 'refused') AND `+thisTry, e.Reason, int64(r.id), int64(t.letterRow.message), t.begun).Error; err != nil {
			return err
		}
	}
	if e.Unsure {
		if err := tx.Exec(`UPDATE mail_letters SET unsure = ? WHERE message_id = ?`, true, int64(t.letterRow.message)).Error; err != nil {
			return err
		}
	}
	return s.after(tx, t, e.Reason)
}

// after decides after a try whether there is another.
func (s *Service) after(tx *gorm.DB, t *try, reason string) error {
	l := t.letterRow
	now := s.Now()
	next := min(tickets.Millis(now.Add(pauses[min(l.attempts, len(pauses)-1)])), l.untilAt) // the last try comes at the end of the time
	if tickets.Millis(now) >= l.untilAt {
		err := tx.Exec(`UPDATE mail_recipients SET state = ?, updated_at = ? WHERE message_id = ? AND state IN ('queued', 'sending') AND `+thisTry,
			string(GivenUp), tickets.Millis(now), int64(l.message), int64(l.message), t.begun).Error
		if err != nil {
			return err
		}
	}
	var left int
	if err := tx.Raw(`SELECT COUNT(*) FROM mail_recipients WHERE message_id = ? AND state IN ('queued', 'sending')`, int64(l.message)).Row().Scan(&left); err != nil {
		return err
	}
	if left == 0 {
		return s.settle(tx, l)
	}
	done := tx.Exec(`UPDATE mail_letters SET state = ?, reason = ?, next_at = ?, updated_at = ? WHERE message_id = ? AND state IN ('sending', 'waiting') AND (begun_at IS NULL OR begun_at = ?)`,
		letterWaiting, reason, next, tickets.Millis(now), int64(l.message), t.begun)
	if done.Error != nil || done.RowsAffected == 0 {
		return done.Error
	}
	return s.Tickets.NoteMailTx(tx, l.message, "", "")
}

// settle ends a letter that waits for nobody any more.
func (s *Service) settle(tx *gorm.DB, l *letterRow) error {
	var sent, bad int
	var reason *string
	err := tx.Raw(`SELECT COUNT(CASE WHEN sent_at IS NOT NULL AND state NOT IN ('bounced') THEN 1 END), COUNT(CASE WHEN state IN ('refused', 'given_up') AND reason <> 'known_bad' THEN 1 END),
 MIN(CASE WHEN state IN ('refused', 'given_up') AND reason <> 'known_bad' THEN reason END) FROM mail_recipients WHERE message_id = ?`, int64(l.message)).Row().Scan(&sent, &bad, &reason)
	if err != nil {
		return err
	}
	state, why := letterSent, ""
	if sent == 0 {
		state = letterFailed
	}
	if reason != nil {
		why = *reason
	}
	return s.endLetter(tx, l, state, why, bad > 0)
}

var (
	inBrackets = regexp.MustCompile(`<([^<>@\s]{1,200}@[^<>@\s]{1,200})>`)
	sesID      = regexp.MustCompile(`(?i)\bok ([0-9a-f]{16}-[0-9a-f-]{20,60})\b`)
	sesHost    = regexp.MustCompile(`^email-smtp(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com$`)
)

// foreignIDs are the Message-IDs under which a provider says that it sends a mail: those of SES and Outlook are in the place
// of ours, and answers name them.
func foreignIDs(host, said string) (out []string) {
	for _, found := range inBrackets.FindAllStringSubmatch(said, 3) {
		out = append(out, found[1])
	}
	if found := sesID.FindStringSubmatch(said); found != nil {
		out = append(out, found[1]+"@email.amazonses.com")
		if region := sesHost.FindStringSubmatch(strings.ToLower(host)); region != nil && region[1] != "us-east-1" {
			out = append(out, found[1]+"@"+region[1]+".amazonses.com")
		}
	}
	return out
}
