package api

import (
	"net/http"
	"strings"

	"huiyin/app/idempotency"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// contactList gives contacts, the newest first, or the one who is known by an address.
func (a *API) contactList(c *Call) error {
	limit, before, err := c.idPage("external_id", "email", "phone")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	known := map[tickets.IdentityKind]string{
		tickets.IdentityShop: c.QueryParam("external_id"), tickets.IdentityEmail: c.QueryParam("email"), tickets.IdentityPhone: c.QueryParam("phone"),
	}
	list, err := a.Tickets.Contacts(ctx, tickets.ContactFilter{Known: known, Before: before, Limit: limit + 1})
	if err != nil {
		return err
	}
	list, next := cutPage(list, limit, func(p *tickets.Contact) id.ID { return p.ID })
	out := make([]contactOut, len(list))
	for i := range list {
		out[i] = contactOf(&list[i])
	}
	return sendPage(c, out, next)
}

// newContact is what POST /contacts takes.
type newContact struct {
	ExternalID string `json:"external_id"`
	Email      string `json:"email"`
	Phone      string `json:"phone"`
	Name       string `json:"name"`
	Locale     string `json:"locale"`
}

// createContact makes a contact known; whoever is known by one of the addresses already is that contact, and comes back
// with 200.
func (a *API) createContact(c *Call) error {
	var in newContact
	if err := c.Read(&in); err != nil {
		return err
	}
	ref := tickets.ContactRef{ExternalID: in.ExternalID, Email: in.Email, Phone: in.Phone, Name: in.Name, Locale: in.Locale}
	return c.Once(func(tx idempotency.Tx) (done, error) {
		p, created, err := a.Tickets.ContactForTx(tx, ref)
		if err != nil {
			return done{}, plainFields(err)
		}
		return a.contactDone(c, tx, p.ID, created)
	})
}

func (a *API) contactDone(c *Call, tx idempotency.Tx, contact id.ID, created bool) (done, error) {
	p, err := a.Tickets.Within(tx).Contact(c.Request().Context(), contact)
	if err != nil {
		return done{}, err
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	return done{status, contactOf(p), p}, nil
}

// plainFields names fields of a contact as they are called where the contact is the whole body.
func plainFields(err error) error {
	return renamed(err, func(name string) string { return strings.TrimPrefix(name, "contact.") })
}

// contactNamed is the contact of the address.
func (a *API) contactNamed(c *Call) (*tickets.Contact, error) {
	one, err := c.idParam("contact")
	if err != nil {
		return nil, err
	}
	return a.Tickets.Contact(c.Request().Context(), one)
}

func (a *API) contact(c *Call) error {
	if err := c.known(); err != nil {
		return err
	}
	p, err := a.contactNamed(c)
	if err != nil {
		return err
	}
	return c.Send(http.StatusOK, contactOf(p))
}

// contactChange is what PATCH /contacts/{id} takes.
type contactChange struct {
	Name    *string `json:"name"`
	Locale  *string `json:"locale"`
	VIP     *bool   `json:"vip"`
	Blocked *bool   `json:"blocked"`
}

func (a *API) changeContact(c *Call) error {
	p, err := a.contactNamed(c)
	if err != nil {
		return err
	}
	var in contactChange
	if err := c.Read(&in); err != nil {
		return err
	}
	return c.Once(func(tx idempotency.Tx) (done, error) {
		if _, err := a.Tickets.UpdateContactTx(tx, c.by(), p.ID, tickets.ContactChange(in)); err != nil {
			return done{}, err
		}
		return a.contactDone(c, tx, p.ID, false)
	})
}
