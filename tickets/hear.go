package tickets

// hear is what somebody's message does to the ticket, in every way that one comes in.
func (e *edit) hear(m *Message, a *arrival) error {
	guest := a.ContactID != e.t.ContactID
	if guest {
		m.GuestID = new(a.ContactID)
	}
	if a.Aside {
		m.Kind = KindNote
		return e.say(m, asideData)
	}
	data := ""
	if e.fresh && a.endsAtOnce() {
		data = begunAs(a.BeginAs)
	}
	if err := e.take(m, data); err != nil || guest {
		return err // a guest's page and order are not the contact's
	}
	return e.notice(a)
}

// take is what a message that is to be answered does to its ticket. data is what its event says; where there is something
// to say, a move of the status has a row of its own.
func (e *edit) take(m *Message, data string) error {
	t := e.t
	if data == "" && t.Status != StatusSolved { // reopening deserves a row of its own, after the message
		data = e.carry(byContact)
	}
	if err := e.say(m, data); err != nil {
		return err
	}
	t.LastContactPos = m.Pos
	e.move(follow(t.Status, byContact))
	if t.WaitingSince == nil && t.Status.Active() {
		t.WaitingSince = new(m.CreatedAt)
	}
	if t.SnoozedUntil != nil {
		t.SnoozedUntil = nil
		e.event(EventWoken, 0, "")
	}
	return nil
}

// notice keeps where the contact is and which order she speaks of. A signed order is not replaced by a claim.
func (e *edit) notice(a *arrival) (err error) {
	t, s := e.t, e.s
	if a.Page.URL != "" && (a.Page.URL != t.PageURL || a.Page.Title != t.PageTitle) {
		t.PageURL, t.PageTitle = a.Page.URL, a.Page.Title
		if t.PageURLSealed, err = s.sealed(e.c, t.KeyID, "tickets", "page_url", t.ID, t.PageURL); err != nil {
			return err
		}
		if t.PageTitleSealed, err = s.sealed(e.c, t.KeyID, "tickets", "page_title", t.ID, t.PageTitle); err != nil {
			return err
		}
	}
	if a.Order == "" || (a.Order == t.Order && a.OrderVerified == t.OrderVerified) || (t.OrderVerified && !a.OrderVerified) {
		return nil
	}
	return s.setOrder(e.c, t, a.Order, a.OrderVerified)
}
