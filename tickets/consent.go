package tickets

import (
	"context"
	"database/sql"
	"errors"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// noticeMax is the longest name or version of a notice, in bytes.
const noticeMax = 100

// AcceptNotice keeps that the contact has accepted a notice in this version; the first time counts. Errors: NotFound,
// Invalid.
func (s *Service) AcceptNotice(ctx context.Context, contact id.ID, notice, version string) error {
	if notice == "" || version == "" || len(notice) > noticeMax || len(version) > noticeMax {
		return fault.InvalidField("notice", "invalid", "error.notice", nil)
	}
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		c := on(tx)
		p, err := c.heldContact(contact)
		if err == nil {
			err = p.mustLive()
		}
		if err != nil {
			return err
		}
		_, err = c.exec(`INSERT INTO contact_consents (contact_id, notice, version, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			int64(p.ID), notice, version, Millis(s.now()))
		return err
	})
}

// Accepted tells whether the contact has accepted the notice in this version.
func (s *Service) Accepted(ctx context.Context, contact id.ID, notice, version string) (bool, error) {
	var at int64
	err := on(s.store.Read(ctx)).row(`SELECT n.at FROM contact_consents n WHERE n.contact_id = ? AND n.notice = ? AND n.version = ?`,
		int64(contact), notice, version).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Consent is a notice that a contact has accepted.
type Consent struct {
	Notice  string
	Version string
	At      int64
}

// Consents gives the notices that the contact has accepted, the oldest first.
func (s *Service) Consents(ctx context.Context, contact id.ID) ([]Consent, error) {
	var out []Consent
	err := on(s.store.Read(ctx)).each(func(scan func(...any) error) error {
		out = append(out, Consent{})
		k := &out[len(out)-1]
		return scan(&k.Notice, &k.Version, &k.At)
	}, `SELECT n.notice, n.version, n.at FROM contact_consents n WHERE n.contact_id = ? ORDER BY n.at LIMIT 200`, int64(contact))
	return out, err
}
