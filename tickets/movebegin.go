package tickets

// newTicket makes the ticket of a contact that the message begins; it is not written yet.
func (v *move) newTicket(p *Contact, at int64) (*edit, error) {
	old := v.from.t
	box, err := v.s.inbox(v.c, old.InboxID)
	if err != nil {
		return nil, err
	}
	number, err := v.c.nextNumber()
	if err != nil {
		return nil, err
	}
	t := &Ticket{
		ID: v.s.ids.Next(), Number: number, InboxID: box.ID, Channel: box.Channel, ContactID: p.ID, KeyID: p.KeyID, Status: StatusNew,
		Priority: PriorityNormal, PreviousID: &old.ID, Subject: old.Subject, CreatedAt: at, UpdatedAt: at, LastMessageAt: at,
	}
	if t.FirstReplyDueAt, err = v.s.firstReplyDue(v.c, box, at); err != nil {
		return nil, err
	}
	if t.SubjectSealed, err = v.s.sealed(v.c, t.KeyID, "tickets", "subject", t.ID, t.Subject); err != nil {
		return nil, err
	}
	e := v.s.begin(v.c, t, v.actor, at)
	e.fresh = true
	e.event(EventTicketCreated, 0, "")
	return e, nil
}

// begin writes a new ticket, before its first message.
func (v *move) begin() error {
	if !v.to.fresh {
		return nil
	}
	fits, err := v.c.insertTicket(v.to.t)
	if err == nil && !fits {
		err = otherOpen()
	}
	return err
}
