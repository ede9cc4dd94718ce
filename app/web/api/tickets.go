package api

import (
	"context"
	"net/http"
	"strings"

	"huiyin/app/idempotency"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// contactIn names a contact.
type contactIn struct {
	ID         id.ID  `json:"id"`
	ExternalID string `json:"external_id"`
	Email      string `json:"email"`
	Phone      string `json:"phone"`
	Name       string `json:"name"`
	Locale     string `json:"locale"`
}

func (in *contactIn) ref() tickets.ContactRef { return tickets.ContactRef(*in) }

// newTicket is what POST /tickets takes.
type newTicket struct {
	Inbox    string           `json:"inbox"` // id or key; absent: the inbox of the api channel
	Subject  string           `json:"subject"`
	Body     string           `json:"body"`
	Contact  contactIn        `json:"contact"`
	Order    string           `json:"order"`
	Tags     []string         `json:"tags"`
	Priority tickets.Priority `json:"priority"`
	SourceID string           `json:"source_id"`
}

func (a *API) createTicket(c *Call) error {
	var in newTicket
	if err := c.Read(&in); err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	ctx := c.Request().Context()
	box, err := a.inboxOf(ctx, in.Inbox)
	if err != nil {
		return err
	}
	return c.Once(func(tx idempotency.Tx) (done, error) {
		desk := a.Tickets.Within(tx)
		contact, _, err := desk.ContactForTx(tx, in.Contact.ref())
		if err != nil {
			return done{}, err
		}
		got, err := desk.ReceiveTx(tx, tickets.Inbound{
			InboxID: box.ID, ContactID: contact.ID, Subject: in.Subject, Body: in.Body, Order: in.Order, OrderVerified: in.Order != "", SourceID: in.SourceID,
		})
		if err != nil {
			return done{}, err
		}
		t := got.Ticket
		if !got.Duplicate {
			if t, err = in.sort(ctx, desk, c.by(), t); err != nil {
				return done{}, err
			}
		}
		if t.Tags == nil {
			t.Tags = in.Tags
		}
		return done{http.StatusCreated, ticketOf(t, contact.Name, nil), contact}, nil
	})
}

// check refuses what the domain would only see later, with all fields at once.
func (in *newTicket) check() error {
	e := &fault.Error{Kind: fault.Invalid, Key: "web.error.bad_request"}
	need := func(field, value string) {
		if strings.TrimSpace(value) == "" {
			e.Fields = append(e.Fields, fault.Field{Name: field, Code: "required", Key: "api.error.required"})
		}
	}
	need("subject", in.Subject)
	need("body", in.Body)
	if in.Priority != "" && !in.Priority.Valid() {
		e.Fields = append(e.Fields, fault.Field{Name: "priority", Code: "invalid", Key: "error.ticket.priority"})
	}
	if in.Contact.ref().Empty() {
		e.Fields = append(e.Fields, fault.Field{Name: "contact", Code: "required", Key: "error.contact.reference"})
	}
	if len(e.Fields) > 0 {
		return e
	}
	return nil
}

// sort gives a new ticket its tags and priority.
func (in *newTicket) sort(ctx context.Context, desk *tickets.Service, by tickets.Actor, t *tickets.Ticket) (*tickets.Ticket, error) {
	var err error
	if in.Priority != "" && in.Priority != t.Priority {
		if t, err = desk.SetPriority(ctx, by, t.ID, in.Priority); err != nil {
			return nil, err
		}
	}
	if len(in.Tags) > 0 {
		t, err = desk.SetTags(ctx, by, t.ID, in.Tags)
	}
	return t, err
}

// inboxOf finds an inbox by id or key; the empty one is that of the api channel. Errors: Invalid (field inbox).
func (a *API) inboxOf(ctx context.Context, name string) (*tickets.Inbox, error) {
	if name == "" {
		return a.Tickets.DefaultInbox(ctx)
	}
	var box *tickets.Inbox
	one, err := id.Parse(name)
	if err == nil {
		box, err = a.Tickets.Inbox(ctx, one)
	} else {
		box, err = a.Tickets.InboxByKey(ctx, name)
	}
	if fault.Is(err, fault.NotFound) {
		return nil, fault.InvalidField("inbox", "not_found", "error.inbox.not_found", nil)
	}
	return box, err
}

func (a *API) ticketList(c *Call) error {
	if err := c.known("status", "assignee", "team", "inbox", "tag", "contact", "q", "sort", "limit", "cursor"); err != nil {
		return err
	}
	f, err := c.filter()
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if name := c.QueryParam("inbox"); name != "" {
		box, err := a.inboxOf(ctx, name)
		if err != nil {
			return err
		}
		f.Inbox = box.ID
	}
	found, err := a.Tickets.Filter(ctx, f)
	if err != nil {
		return err
	}
	scores, err := a.scores(ctx, found.Items)
	if err != nil {
		return err
	}
	out := make([]ticketOut, len(found.Items))
	for i := range found.Items {
		row := &found.Items[i]
		out[i] = ticketOf(&row.Ticket, row.ContactName, scores[row.ID])
	}
	return sendPage(c, out, found.Next)
}

// filter reads the query of a list of tickets.
func (c *Call) filter() (f tickets.Filter, err error) {
	f = tickets.Filter{Tag: c.QueryParam("tag"), Query: c.QueryParam("q"), Sort: tickets.FilterSort(c.QueryParam("sort")), Cursor: c.QueryParam("cursor")}
	if text := c.QueryParam("status"); text != "" {
		for word := range strings.SplitSeq(text, ",") {
			f.Statuses = append(f.Statuses, tickets.Status(word))
		}
	}
	if f.Limit, err = c.limit(); err != nil {
		return f, err
	}
	switch text := c.QueryParam("assignee"); text {
	case "none":
		f.Unassigned = true
	case "me":
		f.Assignee = c.Token.Agent.ID
	default:
		if f.Assignee, err = c.idQuery("assignee"); err != nil {
			return f, err
		}
	}
	if f.Team, err = c.idQuery("team"); err != nil {
		return f, err
	}
	f.Contact, err = c.idQuery("contact")
	return f, err
}

// scores are the ratings of some tickets.
func (a *API) scores(ctx context.Context, rows []tickets.TicketRow) (map[id.ID]*int, error) {
	list := make([]id.ID, len(rows))
	for i := range rows {
		list[i] = rows[i].ID
	}
	return a.Tickets.Scores(ctx, list)
}

// ticketNamed is the ticket of the address.
func (a *API) ticketNamed(c *Call) (*tickets.Ticket, error) {
	one, err := c.idParam("ticket")
	if err != nil {
		return nil, err
	}
	return a.Tickets.Ticket(c.Request().Context(), one)
}

func (a *API) ticket(c *Call) error {
	if err := c.known(); err != nil {
		return err
	}
	t, err := a.ticketNamed(c)
	if err != nil {
		return err
	}
	out, _, err := a.whole(c.Request().Context(), a.Tickets, t)
	if err != nil {
		return err
	}
	return c.Send(http.StatusOK, out)
}

// whole shapes a ticket with what stands elsewhere.
func (a *API) whole(ctx context.Context, desk *tickets.Service, t *tickets.Ticket) (ticketOut, *tickets.Contact, error) {
	p, err := desk.Contact(ctx, t.ContactID)
	if err != nil {
		return ticketOut{}, nil, err
	}
	scores, err := desk.Scores(ctx, []id.ID{t.ID})
	if err != nil {
		return ticketOut{}, nil, err
	}
	return ticketOf(t, p.Name, scores[t.ID]), p, nil
}
