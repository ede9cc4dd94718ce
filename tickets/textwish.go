package tickets

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// TextWish is a contact's wish to be told of an answer by text message, with the number that she gave for it. It is used
// for nothing else and is no identity of hers.
type TextWish struct {
	ID        id.ID
	TicketID  id.ID
	Phone     string // E.164
	PhoneHash []byte // keyed; tells one number from another
	ConsentAt int64
}

const hashTextPhone = "text.phone"

// WishText keeps the number at which a ticket's contact wants to be told. consent is her tick in a box of its own.
// Errors: NotFound, Invalid (phone, consent).
func (s *Service) WishText(ctx context.Context, ticket id.ID, phone string, consent bool) error {
	number, err := s.TextNumber(ctx, phone)
	if err != nil {
		return err
	}
	if !consent {
		return fault.InvalidField("consent", "required", "error.text.consent", nil)
	}
	wish := s.ids.Next()
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		c := on(tx)
		t, err := s.locked(c, ticket)
		if err != nil {
			return err
		}
		sealed, err := s.sealed(c, t.KeyID, "text_wishes", "phone", wish, number)
		if err != nil {
			return err
		}
		_, err = c.exec(`INSERT INTO text_wishes (ticket_id, id, phone, phone_hash, consent_at) VALUES (?, ?, ?, ?, ?)
 ON CONFLICT (ticket_id) DO UPDATE SET id = excluded.id, phone = excluded.phone, phone_hash = excluded.phone_hash, consent_at = excluded.consent_at`,
			int64(ticket), int64(wish), sealed, s.seal.Hash(hashTextPhone, number), Millis(s.now()))
		return err
	})
}

// UnwishText forgets the number.
func (s *Service) UnwishText(ctx context.Context, ticket id.ID) error {
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		_, err := on(tx).exec(`DELETE FROM text_wishes WHERE ticket_id = ?`, int64(ticket))
		return err
	})
}

// TextWish gives a ticket's wish, or nil: where there is none, and where the person was erased.
func (s *Service) TextWish(ctx context.Context, ticket id.ID) (*TextWish, error) {
	c, w, sealed := on(s.store.Read(ctx)), &TextWish{}, []byte(nil)
	err := c.row(`SELECT w.ticket_id, w.id, w.phone, w.phone_hash, w.consent_at FROM text_wishes w WHERE w.ticket_id = ?`, int64(ticket)).
		Scan((*int64)(&w.TicketID), (*int64)(&w.ID), &sealed, &w.PhoneHash, &w.ConsentAt)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if w.Phone, err = s.open(c, "text_wishes", "phone", w.ID, sealed); w.Phone == "" || err != nil {
		return nil, err
	}
	return w, nil
}

// NoteText puts the outcome of a text message into the ticket's timeline; reason is a word of the program, empty for
// one that was sent.
func (s *Service) NoteText(ctx context.Context, ticket id.ID, reason string) error {
	_, err := s.change(ctx, system, ticket, func(e *edit) error {
		if reason == "" {
			e.event(EventTextSent, 0, "")
			return nil
		}
		e.event(EventTextFailed, 0, `{"reason":"`+strings.Map(wordRune, reason)+`"}`)
		return nil
	})
	return err
}

// wordRune keeps an event's data to words of the program, whatever a gateway answers.
func wordRune(r rune) rune {
	if r == '_' || r == '.' || (r >= '0' && r <= '9') || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') {
		return r
	}
	return -1
}

// TextNumber brings a mobile number into the form in which messages are sent, E.164. Errors: Invalid (phone).
func (s *Service) TextNumber(ctx context.Context, phone string) (string, error) {
	shop, err := s.Shop(ctx)
	if err != nil {
		return "", err
	}
	number, shared, ok := normalPhone(phone, shop.Country)
	if !ok || shared {
		return "", fault.InvalidField("phone", "invalid", "error.text.phone", nil)
	}
	return number, nil
}
