package api

import (
	"net/http"
	"slices"

	"huiyin/app/auth"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

type meOut struct {
	ID     string       `json:"id"`
	Name   string       `json:"name"`
	Email  string       `json:"email"`
	Role   tickets.Role `json:"role"`
	Locale string       `json:"locale"`
	// Scopes are what the token may do.
	Scopes []auth.Scope `json:"scopes"`
}

func (a *API) me(c *Call) error {
	if err := c.known(); err != nil {
		return err
	}
	agent := c.Token.Agent
	out := meOut{ID: agent.ID.String(), Name: agent.Name, Email: agent.Email, Role: agent.Role, Locale: agent.Locale, Scopes: c.Token.Scopes}
	if len(out.Scopes) == 0 {
		out.Scopes = auth.Scopes()
	}
	return c.Send(http.StatusOK, out)
}

type inboxOut struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Channel   tickets.Channel `json:"channel"`
	Key       string          `json:"key"`
	Disabled  bool            `json:"disabled"`
	CreatedAt string          `json:"created_at"`
}

func (a *API) inboxes(c *Call) error {
	limit, after, err := c.idPage()
	if err != nil {
		return err
	}
	list, err := a.Tickets.Inboxes(c.Request().Context())
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(box tickets.Inbox) bool { return box.ID <= after })
	list, next := cutPage(list, limit, func(box *tickets.Inbox) id.ID { return box.ID })
	out := make([]inboxOut, len(list))
	for i := range list {
		box := &list[i]
		out[i] = inboxOut{box.ID.String(), box.Name, box.Channel, box.Key, box.DisabledAt != nil, stamp(box.CreatedAt)}
	}
	return sendPage(c, out, next)
}
