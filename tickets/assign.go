package tickets

import (
	"context"
	"database/sql"
	"errors"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Assign gives the ticket to an agent, or to nobody. A new ticket becomes open with it. Errors: Denied, NotFound (the
// ticket), Invalid (no such agent, or one who is disabled).
func (s *Service) Assign(ctx context.Context, a Actor, ticket id.ID, to *id.ID) (*Ticket, error) {
	return s.change(ctx, a, ticket, func(e *edit) error {
		if to != nil {
			if err := e.c.agentWorks(*to, fault.InvalidField("assignee", "unknown", "error.agent.unknown", nil)); err != nil {
				return err
			}
		}
		e.assign(to)
		return nil
	})
}

// assign changes the assignee. The status that comes with being taken up has an event row of its own, unless a message
// has moved it already.
func (e *edit) assign(to *id.ID) {
	from := e.t.AssigneeID
	if same(from, to) {
		return
	}
	e.t.AssigneeID = nil
	var agent id.ID
	if to != nil {
		agent = *to
		e.t.AssigneeID = &agent
	}
	e.event(EventAssigned, agent, wasID(from))
	if to != nil {
		e.move(follow(e.t.Status, byTaking))
	}
}

// SetTeam gives the ticket to a team, or to none. Errors: Denied, NotFound (the ticket), Invalid (no such team).
func (s *Service) SetTeam(ctx context.Context, a Actor, ticket id.ID, to *id.ID) (*Ticket, error) {
	return s.change(ctx, a, ticket, func(e *edit) error {
		from := e.t.TeamID
		if same(from, to) {
			return nil
		}
		var team id.ID
		e.t.TeamID = nil
		if to != nil {
			team = *to
			e.t.TeamID = &team
			err := e.c.row(`SELECT id FROM teams WHERE id = ? AND deleted_at IS NULL`, int64(team)).Scan((*int64)(&team))
			if errors.Is(err, sql.ErrNoRows) {
				return fault.InvalidField("team", "unknown", "error.team.unknown", nil)
			}
			if err != nil {
				return err
			}
		}
		e.event(EventTeamChanged, team, wasID(from))
		return nil
	})
}

// wasID is the data of an event whose subject took the place of another.
func wasID(from *id.ID) string {
	if from == nil {
		return ""
	}
	return `{"from":"` + from.String() + `"}`
}
