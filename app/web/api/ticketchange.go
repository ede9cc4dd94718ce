package api

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"huiyin/app/idempotency"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// optional is a field of a change: absent, null or a value.
type optional[T any] struct {
	Set   bool
	Null  bool
	Value T
}

// UnmarshalJSON is called only where the field is there.
func (o *optional[T]) UnmarshalJSON(b []byte) error {
	o.Set = true
	if o.Null = bytes.Equal(b, []byte("null")); o.Null {
		return nil
	}
	return unmarshal(b, &o.Value)
}

// ticketChange is what PATCH /tickets/{id} takes.
type ticketChange struct {
	Status       optional[tickets.Status]   `json:"status"`
	Priority     optional[tickets.Priority] `json:"priority"`
	Assignee     optional[id.ID]            `json:"assignee"`
	Team         optional[id.ID]            `json:"team"`
	Tags         optional[[]string]         `json:"tags"`
	Subject      optional[string]           `json:"subject"`
	SnoozedUntil optional[string]           `json:"snoozed_until"`
}

func (a *API) changeTicket(c *Call) error {
	t, err := a.ticketNamed(c)
	if err != nil {
		return err
	}
	var in ticketChange
	if err := c.Read(&in); err != nil {
		return err
	}
	until, err := in.check()
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	return c.Once(func(tx idempotency.Tx) (done, error) {
		desk := a.Tickets.Within(tx)
		if err := in.apply(ctx, desk, c.by(), t.ID, until); err != nil {
			return done{}, err
		}
		now, err := desk.Ticket(ctx, t.ID)
		if err != nil {
			return done{}, err
		}
		out, contact, err := a.whole(ctx, desk, now)
		return done{http.StatusOK, out, contact}, err
	})
}

// check refuses null where there is no such thing, and reads the time.
func (in *ticketChange) check() (*int64, error) {
	e := &fault.Error{Kind: fault.Invalid, Key: "web.error.bad_request"}
	for field, null := range map[string]bool{
		"status": in.Status.Null, "priority": in.Priority.Null, "tags": in.Tags.Null, "subject": in.Subject.Null,
	} {
		if null {
			e.Fields = append(e.Fields, fault.Field{Name: field, Code: "required", Key: "api.error.required"})
		}
	}
	var until *int64
	if in.SnoozedUntil.Set && !in.SnoozedUntil.Null {
		at, err := time.Parse(time.RFC3339, in.SnoozedUntil.Value)
		if err != nil {
			e.Fields = append(e.Fields, fault.Field{Name: "snoozed_until", Code: "invalid", Key: "api.error.time"})
		}
		until = new(at.UnixMilli())
	}
	if len(e.Fields) > 0 {
		return nil, e
	}
	return until, nil
}

// apply does the changes, the status last: it may close what the others need open.
func (in *ticketChange) apply(ctx context.Context, desk *tickets.Service, by tickets.Actor, ticket id.ID, until *int64) error {
	to := func(o optional[id.ID]) *id.ID {
		if o.Null || o.Value == 0 {
			return nil
		}
		return &o.Value
	}
	steps := []struct {
		set bool
		do  func() error
	}{
		{in.Subject.Set, func() error { _, err := desk.SetSubject(ctx, by, ticket, in.Subject.Value); return err }},
		{in.Priority.Set, func() error { _, err := desk.SetPriority(ctx, by, ticket, in.Priority.Value); return err }},
		{in.Tags.Set, func() error { _, err := desk.SetTags(ctx, by, ticket, in.Tags.Value); return err }},
		{in.Team.Set, func() error { _, err := desk.SetTeam(ctx, by, ticket, to(in.Team)); return field("team", err) }},
		{in.Assignee.Set, func() error { _, err := desk.Assign(ctx, by, ticket, to(in.Assignee)); return field("assignee", err) }},
		{in.SnoozedUntil.Set, func() error { _, err := desk.Snooze(ctx, by, ticket, until); return err }},
		{in.Status.Set, func() error { _, err := desk.SetStatus(ctx, by, ticket, in.Status.Value); return err }},
	}
	for _, step := range steps {
		if !step.set {
			continue
		}
		if err := step.do(); err != nil {
			return err
		}
	}
	return nil
}

// field makes of somebody who is not found a wrong field: the address was right.
func field(name string, err error) error {
	if e := fault.As(err); e != nil && e.Kind == fault.NotFound {
		return fault.InvalidField(name, "not_found", e.Key, e.Args)
	}
	return err
}

// mergeIn is what POST /tickets/{id}/merge takes.
type mergeIn struct {
	Into id.ID `json:"into"`
}

func (a *API) merge(c *Call) error {
	t, err := a.ticketNamed(c)
	if err != nil {
		return err
	}
	var in mergeIn
	if err := c.Read(&in); err != nil {
		return err
	}
	if in.Into == 0 {
		return fault.InvalidField("into", "required", "api.error.required", nil)
	}
	ctx := c.Request().Context()
	return c.Once(func(tx idempotency.Tx) (done, error) {
		desk := a.Tickets.Within(tx)
		into, err := desk.MergeTicketTx(tx, c.by(), t.ID, in.Into)
		if err != nil {
			return done{}, field("into", err)
		}
		out, contact, err := a.whole(ctx, desk, into)
		return done{http.StatusOK, out, contact}, err
	})
}

// splitIn is what POST /tickets/{id}/split takes.
type splitIn struct {
	FromPos int64 `json:"from_pos"`
}

// split moves what was said from a place on into a new ticket.
func (a *API) split(c *Call) error {
	t, err := a.ticketNamed(c)
	if err != nil {
		return err
	}
	var in splitIn
	if err := c.Read(&in); err != nil {
		return err
	}
	if in.FromPos < 1 {
		return fault.InvalidField("from_pos", "invalid", "api.error.pos", nil)
	}
	var plan *tickets.Split
	prepare := func(ctx context.Context) (err error) {
		plan, err = a.Tickets.PlanSplit(ctx, c.by(), t.ID, in.FromPos)
		return err
	}
	return c.OnceAfter(prepare, func(tx idempotency.Tx) (done, error) {
		into, err := a.Tickets.SplitTx(tx, c.by(), plan)
		if err != nil {
			return done{}, err
		}
		out, contact, err := a.whole(c.Request().Context(), a.Tickets.Within(tx), into)
		return done{http.StatusCreated, out, contact}, err
	})
}
