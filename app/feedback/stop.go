package feedback

import (
	"context"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Whoever is asked by mail can say that she wants no more such questions. It holds for the person, of whatever form and by
// whatever channel, until she takes it back by the same address.

const ofPerson = ` WHERE contact_id IN (SELECT p.id FROM contacts p WHERE p.id = ? OR p.merged_into = ?)`

// stopAddress is the page where whom is asked says no.
func (s *Service) stopAddress(a *Ask, locale string) string {
	u := s.BaseURL.JoinPath("asks", s.token(tokenStop, a.ID))
	u.RawQuery = "lang=" + locale
	return u.String()
}

// Stopped tells whether she whom an asking went to wants no more. Errors: NotFound (no such address, or she was erased).
func (s *Service) Stopped(ctx context.Context, token string) (stopped bool, err error) {
	tx := s.Store.Read(ctx)
	_, who, err := s.stopping(tx, token)
	if err != nil {
		return false, err
	}
	return s.refuses(tx, who.ID)
}

// Stop keeps that she whom an asking went to wants no more; with again, that she does not mind after all. Again it changes
// nothing. Errors: as of Stopped.
func (s *Service) Stop(ctx context.Context, token string, again bool) error {
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		a, who, err := s.stopping(tx, token)
		if err != nil {
			return err
		}
		if again {
			return tx.Exec(`DELETE FROM form_refusals`+ofPerson, int64(who.ID), int64(who.ID)).Error
		}
		return tx.Exec(`INSERT INTO form_refusals (contact_id, ask_id, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, int64(who.ID), int64(a.ID), s.millis()).Error
	})
}

func (s *Service) stopping(tx *gorm.DB, token string) (*Ask, *tickets.Contact, error) {
	gone := fault.New(fault.NotFound, "feedback.error.unknown_link")
	ask := s.untoken(tokenStop, token)
	if ask == 0 {
		return nil, nil, gone
	}
	a, err := s.oneAsk(tx, ` WHERE a.id = ?`, int64(ask))
	if err != nil {
		return nil, nil, err
	}
	who, err := s.living(tx, a.ContactID)
	if fault.Is(err, fault.Conflict) {
		return nil, nil, gone
	}
	return a, who, err
}

// refuses tells whether somebody wants to be asked no more.
func (s *Service) refuses(tx *gorm.DB, contact id.ID) (bool, error) {
	at, err := s.refusedAt(tx, []id.ID{contact})
	return at != 0, err
}

// refusedAt gives since when somebody wants to be asked no more, by her contact or one that became hers; zero: she does not mind.
func (s *Service) refusedAt(tx *gorm.DB, contacts []id.ID) (at int64, err error) {
	err = tx.Raw(`SELECT COALESCE(MIN(r.at), 0) FROM form_refusals r JOIN contacts p ON p.id = r.contact_id WHERE p.id IN ? OR p.merged_into IN ?`, contacts, contacts).
		Row().Scan(&at)
	return at, err
}
