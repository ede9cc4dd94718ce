package tickets

import (
	"database/sql"
	"errors"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Whoever works here uses everybody's quick replies, her teams' and her own. Everybody writes her own; managers and
// administrators write everybody's and every team's. Nobody reads or writes another person's: for her they do not exist.

// macroRole gives the role of who acts, as the database has it now; the desk itself may do everything.
func (c conn) macroRole(a Actor) (Role, error) {
	switch a.Kind {
	case ActorSystem:
		return RoleAdmin, nil
	case ActorAgent:
	default:
		return "", fault.New(fault.Denied, "error.denied")
	}
	var role string
	var disabled sql.NullInt64
	err := c.row(`SELECT role, disabled_at FROM agents WHERE id = ?`, int64(a.ID)).Scan(&role, &disabled)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && disabled.Valid) {
		return "", fault.New(fault.Denied, "error.denied")
	}
	return Role(role), err
}

// macroShelves are the shelves that somebody may use, everybody's first, her own last.
func (c conn) macroShelves(a Actor) ([]MacroShelf, error) {
	role, err := c.macroRole(a)
	if err != nil {
		return nil, err
	}
	shelves := []MacroShelf{Everyones}
	teams := `SELECT x.team_id FROM team_agents x WHERE x.agent_id = ? ORDER BY x.team_id`
	args := []any{int64(a.ID)}
	if role != RoleAgent {
		teams, args = `SELECT g.id FROM teams g ORDER BY g.id`, nil
	}
	ids, err := c.ids(teams, args...)
	for _, team := range ids {
		shelves = append(shelves, MacroShelf{MacroTeam, team})
	}
	if a.Kind == ActorAgent {
		shelves = append(shelves, MacroShelf{MacroPerson, a.ID})
	}
	return shelves, err
}

// mayWriteMacros refuses who may not change what lies on a shelf. Errors: Denied, NotFound (another person's, no such team).
func (c conn) mayWriteMacros(a Actor, shelf MacroShelf) error {
	role, err := c.macroRole(a)
	if err != nil {
		return err
	}
	switch shelf.Scope {
	case MacroPerson:
		if shelf.Owner != a.ID && a.Kind != ActorSystem {
			return noMacro()
		}
		return nil
	case MacroTeam:
		var team id.ID
		if err := c.row(`SELECT id FROM teams WHERE id = ?`, int64(shelf.Owner)).Scan((*int64)(&team)); err != nil {
			return noRows(err, fault.New(fault.NotFound, "error.team.unknown"))
		}
	case MacroEveryone:
	default:
		return fault.InvalidField("shelf", "invalid", "error.macro.shelf", nil)
	}
	if role == RoleAgent {
		return fault.New(fault.Denied, "error.macro.denied")
	}
	return nil
}

func noMacro() error { return fault.New(fault.NotFound, "error.macro.not_found") }

// lockMacros lets one transaction at a time change quick replies, so that a group is not emptied and filled at once. On
// SQLite there is one writer anyway.
func (c conn) lockMacros() error {
	if !c.postgres {
		return nil
	}
	_, err := c.exec(`LOCK TABLE macro_groups IN SHARE ROW EXCLUSIVE MODE`)
	return err
}
