package feedback

import (
	"context"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Visitor gives for whom a photo is taken that comes before the answers: whom the token names that was given for an earlier photo, else
// who is known by the link, else somebody new. The token goes into Submission.Visitor. Errors: as Open.
func (s *Service) Visitor(ctx context.Context, in Submission) (contact id.ID, token string, err error) {
	f, box, err := s.Open(ctx, in.Key)
	if err != nil {
		return 0, "", err
	}
	e := &entry{
		Submission: in, form: f, box: box, order: in.Link.Order, signed: f.Proves(box, in.Link, s.Now()) == ProofSigned,
		edit: s.untoken(tokenEdit, in.Edit), ask: s.untoken(tokenAsk, in.Ask), visitor: s.untoken(tokenVisitor, in.Visitor),
	}
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		p, err := s.forPhotos(tx, e)
		if err != nil {
			return err
		}
		contact = p.ID
		return nil
	})
	return contact, s.token(tokenVisitor, contact), err
}

func (s *Service) forPhotos(tx *gorm.DB, e *entry) (*tickets.Contact, error) {
	if e.edit != 0 {
		r, err := s.oneResponse(tx, ` WHERE r.form_id = ? AND r.id = ?`, int64(e.form.ID), int64(e.edit))
		if err != nil {
			return nil, err
		}
		return s.living(tx, r.ContactID)
	}
	if e.signed {
		r, err := s.oneResponse(tx, ` WHERE r.form_id = ? AND r.order_hash = ? AND r.order_verified`, int64(e.form.ID), s.orderHash(e.order))
		if err == nil {
			return s.living(tx, r.ContactID)
		}
		if !fault.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	p, err := s.knownBy(tx, e, &Response{})
	if p != nil || err != nil {
		return p, err
	}
	return s.Tickets.CreateContactTx(tx, tickets.NewContact{Name: e.Name, Locale: tickets.LocaleTag(e.Locale)})
}

// Opened counts that a form's page was shown, and notes it of the asking that led there.
func (s *Service) Opened(ctx context.Context, f *Form, source Source, ask string) error {
	asked := s.untoken(tokenAsk, ask)
	return s.Store.Write(ctx, func(tx *gorm.DB) error {
		r := roll{form: f.ID, at: quarter(s.millis()), source: source, value: CountOpened, n: 1}
		if asked != 0 {
			a, err := s.oneAsk(tx, ` WHERE a.id = ? AND a.form_id = ?`, int64(asked), int64(f.ID))
			switch {
			case fault.Is(err, fault.NotFound):
			case err != nil:
				return err
			case a.OpenedAt != nil:
				return nil // she looks again
			default:
				r.source, r.agent = a.Source, orZero(a.AgentID)
				if err := tx.Exec(`UPDATE form_asks SET opened_at = ? WHERE id = ?`, s.millis(), int64(a.ID)).Error; err != nil {
					return err
				}
			}
		}
		return addRolls(tx, []roll{r})
	})
}

// AskedResponse gives the response that an asking has got, or nil.
func (s *Service) AskedResponse(ctx context.Context, form id.ID, ask string) (*Response, error) {
	asked := s.untoken(tokenAsk, ask)
	if asked == 0 {
		return nil, nil
	}
	r, err := s.oneResponse(s.Store.Read(ctx), ` WHERE r.form_id = ? AND r.ask_id = ? ORDER BY r.id LIMIT 1`, int64(form), int64(asked))
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return r, err
}

// Editable tells whether a response can be given again now.
func (s *Service) Editable(r *Response) bool { return s.millis() < r.EditableUntil && r.Answers != nil }
