package feedback

import (
	"maps"
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// earlier gives the response that this one would take the place of, its row locked, or nil. Errors: NotFound (the token's), Conflict
// (its time is over).
func (s *Service) earlier(tx *gorm.DB, e *entry) (*Response, error) {
	lock := ""
	if tx.Name() == "postgres" {
		lock = " FOR UPDATE OF r"
	}
	var old *Response
	var err error
	switch {
	case e.edit != 0:
		if old, err = s.oneResponse(tx, ` WHERE r.form_id = ? AND r.id = ?`+lock, int64(e.form.ID), int64(e.edit)); err != nil {
			return nil, err
		}
	case e.signed:
		old, err = s.oneResponse(tx, ` WHERE r.form_id = ? AND r.order_hash = ? AND r.order_verified`+lock, int64(e.form.ID), e.hash)
	case e.ask != 0:
		old, err = s.oneResponse(tx, ` WHERE r.form_id = ? AND r.ask_id = ? ORDER BY r.id LIMIT 1`+lock, int64(e.form.ID), int64(e.ask))
	}
	if old == nil || err != nil {
		if fault.Is(err, fault.NotFound) {
			err = nil
		}
		return nil, err
	}
	if e.at >= old.EditableUntil || old.Answers == nil {
		return nil, fault.New(fault.Conflict, "feedback.error.answered")
	}
	return old, nil
}

// again puts a response in the place of an earlier one, and keeps what that said.
func (s *Service) again(tx *gorm.DB, e *entry, old *Response) (*Receipt, error) {
	who, err := s.living(tx, old.ContactID)
	if err != nil {
		return nil, err
	}
	was := *old
	r := old
	out := &Receipt{Response: r, FormKey: e.form.Key, Replaced: true, Masked: e.masked, Edit: s.EditToken(r.ID)}
	if e.n == old.Version && same(old.Answers, e.answers) {
		out.Replaced, out.Duplicate = false, true
		return out, s.withTicket(tx, out)
	}
	if err := s.keepOld(tx, &was, who.KeyID); err != nil {
		return nil, err
	}
	r.Version, r.Revision, r.Answers, r.Locale, r.UpdatedAt = e.n, old.Revision+1, e.answers, e.Locale, e.at
	r.Rating, r.NPS = e.asked.scores(e.answers)
	answers, err := s.sealAnswers(tx, who.KeyID, tableResponses, r.ID, r.Answers)
	if err != nil {
		return nil, err
	}
	if err := tx.Exec(`UPDATE form_responses SET n = ?, revision = ?, answers = ?, locale = ?, rating = ?, nps = ?, updated_at = ? WHERE id = ?`,
		r.Version, r.Revision, answers, r.Locale, r.Rating, r.NPS, r.UpdatedAt, int64(r.ID)).Error; err != nil {
		return nil, err
	}
	if r.TicketID != nil || e.opens(e.answers) {
		if err := s.tell(tx, e.withNewFiles(was.Answers), out, who, true); err != nil {
			return nil, err
		}
	}
	return out, s.noted(tx, e, out)
}

// withNewFiles is the entry with those files only that the earlier answers did not have: a message has the others already.
func (e *entry) withNewFiles(was Answers) *entry {
	out := *e
	out.files = nil
	for _, file := range e.files {
		old := false
		for _, values := range was {
			old = old || slices.Contains(values, file.String())
		}
		if !old {
			out.files = append(out.files, file)
		}
	}
	return &out
}

func same(a, b Answers) bool {
	return maps.EqualFunc(a, b, slices.Equal[[]string])
}

// keepOld keeps what a response said.
func (s *Service) keepOld(tx *gorm.DB, r *Response, key id.ID) error {
	row := s.IDs.Next()
	answers, err := s.sealAnswers(tx, key, tableRevisions, row, r.Answers)
	if err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO form_revisions (id, response_id, revision, n, rating, nps, locale, answers, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		int64(row), int64(r.ID), r.Revision, r.Version, r.Rating, r.NPS, r.Locale, answers, r.UpdatedAt).Error
}

// living gives the contact, or the one that she was merged into. Errors: Conflict when she was erased.
func (s *Service) living(tx *gorm.DB, contact id.ID) (*tickets.Contact, error) {
	for {
		p, err := s.Tickets.ContactTx(tx, contact)
		switch {
		case err != nil:
			return nil, err
		case p.MergedInto != nil:
			contact = *p.MergedInto
		case p.KeyID == 0:
			return nil, fault.New(fault.Conflict, "error.contact.erased")
		default:
			return p, nil
		}
	}
}
