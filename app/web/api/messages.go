package api

import (
	"net/http"
	"strconv"

	"huiyin/app/idempotency"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// afterPos reads a place of the query; 0 where it is absent. Errors: Invalid.
func (c *Call) afterPos() (int64, error) {
	text := c.QueryParam("after")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, fault.InvalidField("after", "invalid", "api.error.pos", nil)
	}
	return n, nil
}

func (a *API) messages(c *Call) error {
	if err := c.known("after", "events", "limit"); err != nil {
		return err
	}
	return a.timeline(c, c.QueryParam("events") == "1", true)
}

func (a *API) events(c *Call) error {
	if err := c.known("after", "limit"); err != nil {
		return err
	}
	return a.timeline(c, true, false)
}

// timeline gives what stands in a ticket after a place: messages, events, or both. Next is the place to go on from.
func (a *API) timeline(c *Call, events, messages bool) error {
	t, err := a.ticketNamed(c)
	if err != nil {
		return err
	}
	after, err := c.afterPos()
	if err != nil {
		return err
	}
	limit, err := c.limit()
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	n, err := a.names(ctx, a.Tickets, t.ContactID)
	if err != nil {
		return err
	}
	entries, err := a.Tickets.Timeline(ctx, t.ID, after, limit)
	if err != nil {
		return err
	}
	var out []messageOut
	for i := range entries {
		e := &entries[i]
		switch {
		case e.Message != nil && messages:
			out = append(out, messageOf(e.Message, n))
		case e.Message == nil && events:
			out = append(out, messageOut{
				Ticket: t.ID.String(), Pos: *e.Event.Pos, Kind: "event", Author: n.of(e.Event.ActorKind, e.Event.ActorID), Event: eventOf(&e.Event),
				Attachments: []fileOut{}, CreatedAt: stamp(e.Event.At),
			})
		}
	}
	next := ""
	if len(entries) == limit {
		next = strconv.FormatInt(*entries[len(entries)-1].Event.Pos, 10)
	}
	return sendPage(c, out, next)
}

// newMessage is what POST /tickets/{id}/messages takes.
type newMessage struct {
	Kind        string  `json:"kind"`
	Body        string  `json:"body"`
	Attachments []id.ID `json:"attachments"`
	SourceID    string  `json:"source_id"`
}

func (a *API) postMessage(c *Call) error {
	t, err := a.ticketNamed(c)
	if err != nil {
		return err
	}
	in := newMessage{}
	if err := c.Read(&in); err != nil {
		return err
	}
	ctx := c.Request().Context()
	return c.Once(func(tx idempotency.Tx) (done, error) {
		desk := a.Tickets.Within(tx)
		var m *tickets.Message
		switch in.Kind {
		case string(tickets.KindContact):
			got, err := desk.ReceiveTx(tx, tickets.Inbound{
				InboxID: t.InboxID, ContactID: t.ContactID, TicketID: t.ID, Body: in.Body, SourceID: in.SourceID, Attachments: in.Attachments,
			})
			if err != nil {
				return done{}, err
			}
			m = got.Message
		case string(tickets.KindReply), string(tickets.KindNote):
			got, err := desk.Post(ctx, c.by(), tickets.Outgoing{
				TicketID: t.ID, Kind: tickets.MessageKind(in.Kind), Body: in.Body, ClientID: in.SourceID, Attachments: in.Attachments,
			})
			if err != nil {
				return done{}, err
			}
			m = got.Message
		default:
			return done{}, fault.InvalidField("kind", "invalid", "error.message.kind", nil)
		}
		contact, err := desk.Contact(ctx, t.ContactID)
		if err != nil {
			return done{}, err
		}
		n, err := a.names(ctx, desk, contact.ID)
		return done{http.StatusCreated, messageOf(m, n), contact}, err
	})
}
