package tickets

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// A ticket's page /t/TOKEN is opened by a random token, of which the database keeps a hash. Each message that leads
// there has a token of its own; all of a ticket are revoked together.
const (
	linkBytes   = 16 // 22 characters: short enough for a variable of a text message
	linkLife    = 180 * 24 * time.Hour
	linksTicket = 50 // that hold at once; the oldest give way
)

func linkHash(token string) []byte {
	sum := sha256.Sum256([]byte("ticket link " + token))
	return sum[:]
}

// NewLink makes a token that opens the ticket's page for 180 days. Errors: NotFound.
func (s *Service) NewLink(ctx context.Context, ticket id.ID) (token string, err error) {
	b := make([]byte, linkBytes)
	_, _ = rand.Read(b) // crypto/rand never fails
	token = base64.RawURLEncoding.EncodeToString(b)
	link := s.ids.Next()
	err = s.store.Write(ctx, func(tx *gorm.DB) error {
		c, now := on(tx), Millis(s.now())
		if _, err := s.locked(c, ticket); err != nil {
			return err
		}
		_, err := c.exec(`INSERT INTO ticket_links (id, ticket_id, token_hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?)`,
			int64(link), int64(ticket), linkHash(token), now, now+linkLife.Milliseconds())
		if err != nil {
			return err
		}
		_, err = c.exec(`DELETE FROM ticket_links WHERE ticket_id = ? AND id NOT IN
 (SELECT l.id FROM ticket_links l WHERE l.ticket_id = ? ORDER BY l.id DESC LIMIT ?)`, int64(ticket), int64(ticket), linksTicket)
		return err
	})
	return token, err
}

// RevokeLinks ends every address of the ticket's page. Errors: Denied, NotFound.
func (s *Service) RevokeLinks(ctx context.Context, a Actor, ticket id.ID) error {
	_, err := s.change(ctx, a, ticket, func(e *edit) error {
		n, err := e.c.exec(`UPDATE ticket_links SET revoked_at = ? WHERE ticket_id = ? AND revoked_at IS NULL`, e.at, int64(ticket))
		if n > 0 {
			e.event(EventLinksRevoked, 0, "")
		}
		return err
	})
	return err
}

// TicketByLink gives the ticket that a token opens, and its contact. A ticket that was merged stands for itself.
// Errors: NotFound, alike for a token that was never made, has expired or was revoked, and for an erased person.
func (s *Service) TicketByLink(ctx context.Context, token string) (*Ticket, *Contact, error) {
	gone := fault.New(fault.NotFound, "error.ticket.not_found")
	if raw, err := base64.RawURLEncoding.DecodeString(token); err != nil || len(raw) != linkBytes {
		return nil, nil, gone
	}
	c := on(s.store.Read(ctx))
	var ticket id.ID
	err := c.row(`SELECT l.ticket_id FROM ticket_links l WHERE l.token_hash = ? AND l.revoked_at IS NULL AND l.expires_at > ?`,
		linkHash(token), Millis(s.now())).Scan((*int64)(&ticket))
	if err = noRows(err, gone); err != nil {
		return nil, nil, err
	}
	t, err := s.Ticket(ctx, ticket)
	if err != nil {
		return nil, nil, err
	}
	p, err := s.Contact(ctx, t.ContactID)
	if err != nil {
		return nil, nil, err
	}
	alive, err := s.keyLives(c, t.KeyID)
	if err == nil && !alive {
		err = gone
	}
	return t, p, err
}

// keyLives tells whether a data key is still there: that of an erased person is not.
func (s *Service) keyLives(c conn, key id.ID) (bool, error) {
	_, err := s.sealed(c, key, "ticket_links", "probe", 1, "x")
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Conflict {
		return false, nil
	}
	return err == nil, err
}
