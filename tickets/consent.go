package tickets

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Purpose is what a consent is for. Consents of different purposes are never given by one act.
type Purpose string

// The purposes.
const (
	PurposePrivacy Purpose = "privacy"     // the desk's own privacy notice, by its version
	PurposeShop    Purpose = "shop_notice" // the notice that an inbox names instead of it
	PurposeTold    Purpose = "told"        // to be told once what she complained of has been improved
)

// ConsentSource is where a consent was given or withdrawn.
type ConsentSource string

// The sources.
const (
	SourceChat   ConsentSource = "chat"   // in the chat
	SourceTicket ConsentSource = "ticket" // on the ticket's page
	SourceAgent  ConsentSource = "agent"  // by somebody of the desk, at her word
)

// ToldVersion is the version of the words by which shoppers are asked for PurposeTold. It changes with their meaning.
const ToldVersion = "1"

// versionMax is the longest version of a notice, in bytes.
const versionMax = 100

// Consent is that a contact agreed to something; a withdrawn one is kept as the proof of both.
type Consent struct {
	Purpose     Purpose
	Version     string
	Source      ConsentSource
	GivenAt     int64
	WithdrawnAt *int64
}

// AcceptNotice keeps that the contact has accepted a notice in this version; the first time counts. Errors: NotFound,
// Invalid, Conflict (she was erased).
func (s *Service) AcceptNotice(ctx context.Context, contact id.ID, notice Purpose, version string) error {
	if version == "" || len(version) > versionMax || (notice != PurposePrivacy && notice != PurposeShop) {
		return fault.InvalidField("notice", "invalid", "error.notice", nil)
	}
	return s.consent(ctx, contact, func(c conn, p *Contact) error { return s.give(c, p, notice, version, SourceChat) })
}

// SetTold keeps that the contact wants, or no longer wants, to be told of an improvement. Saying the same again changes
// nothing. Nobody of the desk may give it for her. Errors: NotFound, Invalid, Denied, Conflict (she was erased).
func (s *Service) SetTold(ctx context.Context, a Actor, contact id.ID, wants bool, from ConsentSource) error {
	if from != SourceChat && from != SourceTicket && from != SourceAgent {
		return fault.InvalidField("source", "invalid", "error.notice", nil)
	}
	return s.consent(ctx, contact, func(c conn, p *Contact) error {
		if a.Kind != ActorContact {
			if err := c.mayWork(a); err != nil {
				return err
			}
		}
		if wants && (a.Kind != ActorContact || from == SourceAgent) {
			return fault.New(fault.Denied, "error.denied")
		}
		if wants {
			return s.give(c, p, PurposeTold, ToldVersion, from)
		}
		at := Millis(s.now())
		n, err := c.exec(`UPDATE contact_consents SET withdrawn_at = ? WHERE contact_id = ? AND purpose = 'told' AND withdrawn_at IS NULL`, at, int64(p.ID))
		if err != nil || n == 0 {
			return err
		}
		return s.log(c, a, EventContactUpdated, p.ID, "", at)
	})
}

// consent runs fn with the living contact, held.
func (s *Service) consent(ctx context.Context, contact id.ID, fn func(c conn, p *Contact) error) error {
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		c := on(tx)
		p, err := c.heldContact(contact)
		if err == nil {
			err = p.mustLive()
		}
		if err != nil {
			return err
		}
		return fn(c, p)
	})
}

func (s *Service) give(c conn, p *Contact, purpose Purpose, version string, from ConsentSource) error {
	_, err := c.exec(`INSERT INTO contact_consents (id, contact_id, purpose, version, source, given_at) VALUES (?, ?, ?, ?, ?, ?)
 ON CONFLICT (contact_id, purpose, version) WHERE withdrawn_at IS NULL DO NOTHING`,
		int64(s.ids.Next()), int64(p.ID), string(purpose), version, string(from), Millis(s.now()))
	return err
}

// Accepted gives the versions of a notice that the contact has accepted, the oldest first.
func (s *Service) Accepted(ctx context.Context, contact id.ID, notice Purpose) ([]string, error) {
	list, err := s.Consents(ctx, contact)
	var out []string
	for _, k := range list {
		if k.Purpose == notice && k.WithdrawnAt == nil {
			out = append(out, k.Version)
		}
	}
	return out, err
}

// Told tells whether the contact wants to be told of an improvement.
func (s *Service) Told(ctx context.Context, contact id.ID) (bool, error) {
	list, err := s.Accepted(ctx, contact, PurposeTold)
	return len(list) > 0, err
}

// Consents gives what the contact has agreed to, the oldest first, at most the newest 200.
func (s *Service) Consents(ctx context.Context, contact id.ID) ([]Consent, error) {
	var out []Consent
	err := on(s.store.Read(ctx)).each(func(scan func(...any) error) error {
		out = append(out, Consent{})
		k := &out[len(out)-1]
		return scan((*string)(&k.Purpose), &k.Version, (*string)(&k.Source), &k.GivenAt, &k.WithdrawnAt)
	}, `SELECT n.purpose, n.version, n.source, n.given_at, n.withdrawn_at FROM contact_consents n WHERE n.contact_id = ? ORDER BY n.id DESC LIMIT 200`, int64(contact))
	slices.Reverse(out)
	return out, err
}
