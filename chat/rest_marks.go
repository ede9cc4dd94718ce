package chat

import (
	"net/http"

	"huiyin/tickets"
)

// postRead is POST /chat/v1/read.
func (d *Desk) postRead(c *caller, w http.ResponseWriter, r *http.Request) error {
	in := &incoming{}
	if p := readBody(w, r, startMax, in); p != nil {
		return p
	}
	one, p := in.ticketID()
	if p != nil {
		return p
	}
	t, err := c.ticket(r.Context(), one)
	if err != nil {
		return err
	}
	if t == nil {
		return newProblem(codeNotFound, "chat.error.ticket")
	}
	if err := d.tickets.MarkRead(r.Context(), c.actor(), t.ID, in.Seq); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// postTyping is POST /chat/v1/typing.
func (d *Desk) postTyping(c *caller, w http.ResponseWriter, r *http.Request) error {
	in := &incoming{}
	if p := readBody(w, r, startMax, in); p != nil {
		return p
	}
	t, err := c.ticket(r.Context(), 0)
	if err != nil {
		return err
	}
	if t != nil {
		d.typed(typingNews{Ticket: t.ID, Contact: t.ContactID, Inbox: t.InboxID, Kind: tickets.ActorContact, Who: t.ContactID, On: in.On})
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
