package api

import (
	"net/http"

	"huiyin/app/auth"
	"huiyin/tickets"
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
	if err := c.known("limit", "cursor"); err != nil {
		return err
	}
	limit, err := c.limit()
	if err != nil {
		return err
	}
	after, err := c.after()
	if err != nil {
		return err
	}
	list, err := a.Tickets.Inboxes(c.Request().Context())
	if err != nil {
		return err
	}
	var out []inboxOut
	next := ""
	for i := range list {
		box := &list[i]
		if box.ID <= after {
			continue
		}
		if len(out) == limit {
			next = cursorAfter(list[i-1].ID)
			break
		}
		out = append(out, inboxOut{box.ID.String(), box.Name, box.Channel, box.Key, box.DisabledAt != nil, stamp(box.CreatedAt)})
	}
	return sendPage(c, out, next)
}
