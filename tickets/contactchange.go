package tickets

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// seenEvery is how far a contact's last_seen_at may lag behind.
const seenEvery = time.Minute

// ContactChange are the fields of a contact that are to change; nil leaves one as it is.
type ContactChange struct {
	Name    *string
	Locale  *string
	VIP     *bool
	Blocked *bool
}

// UpdateContact changes what is known of a contact. She herself may change her name and language, the desk all.
// Errors: Denied, NotFound, Invalid.
func (s *Service) UpdateContact(ctx context.Context, a Actor, contact id.ID, change ContactChange) (*Contact, error) {
	var out *Contact
	err := s.store.Write(ctx, func(tx *gorm.DB) (err error) {
		out, err = s.UpdateContactTx(tx, a, contact, change)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// UpdateContactTx is UpdateContact inside a transaction of the caller.
func (s *Service) UpdateContactTx(tx *gorm.DB, a Actor, contact id.ID, change ContactChange) (*Contact, error) {
	c := on(tx)
	if err := c.mayChangeContact(a, contact, change); err != nil {
		return nil, err
	}
	p, err := c.contact(c.lock(selectContact+` WHERE p.id = ?`, "p"), int64(contact))
	if err != nil {
		return nil, err
	}
	if err := errors.Join(p.mustLive(), s.openContact(c, p)); err != nil {
		return nil, err
	}
	was := *p
	if err := change.apply(p); err != nil {
		return nil, err
	}
	if was.Name == p.Name && was.Locale == p.Locale && was.VIP == p.VIP && was.Blocked == p.Blocked {
		return p, nil
	}
	p.UpdatedAt = Millis(s.now())
	if p.NameSealed, err = s.sealed(c, p.KeyID, "contacts", "name", p.ID, p.Name); err != nil {
		return nil, err
	}
	if _, err := c.exec(`UPDATE contacts SET name = ?, locale = ?, vip = ?, blocked = ?, updated_at = ? WHERE id = ?`,
		p.NameSealed, p.Locale, p.VIP, p.Blocked, p.UpdatedAt, int64(p.ID)); err != nil {
		return nil, err
	}
	if was.Name != p.Name {
		if err := s.saveNameTokens(c, p); err != nil {
			return nil, err
		}
	}
	return p, s.log(c, a, EventContactUpdated, p.ID, "", p.UpdatedAt)
}

func (c conn) mayChangeContact(a Actor, contact id.ID, change ContactChange) error {
	if a.Kind != ActorContact {
		return c.mayWork(a)
	}
	if a.ID != contact || change.VIP != nil || change.Blocked != nil {
		return fault.New(fault.Denied, "error.denied")
	}
	return nil
}

func (change ContactChange) apply(p *Contact) (err error) {
	if change.Name != nil {
		if p.Name, err = normalLine("name", *change.Name, NameMax); err != nil {
			return err
		}
	}
	if change.Locale != nil {
		p.Locale = LocaleTag(*change.Locale)
	}
	if change.VIP != nil {
		p.VIP = *change.VIP
	}
	if change.Blocked != nil {
		p.Blocked = *change.Blocked
	}
	return nil
}

// Seen notes that the contact is here now, at most once a minute.
func (s *Service) Seen(ctx context.Context, contact id.ID) error {
	p, err := on(s.store.Read(ctx)).contact(selectContact+` WHERE p.id = ?`, int64(contact))
	if err != nil {
		return err
	}
	now := Millis(s.now())
	if now-p.LastSeenAt < seenEvery.Milliseconds() {
		return nil
	}
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		_, err := on(tx).exec(`UPDATE contacts SET last_seen_at = ? WHERE id = ? AND last_seen_at < ?`, now, int64(contact), now)
		return err
	})
}

// LocaleTag gives a language tag as it is kept, and nothing for what has not the form of one: at most the 35 characters that
// RFC 5646, 4.4.1, asks for.
func LocaleTag(s string) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	if s = strings.TrimSpace(s); len(s) > 35 || strings.Trim(s, letters) != "" {
		return ""
	}
	return s
}
