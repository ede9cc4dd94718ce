package tickets

import (
	"context"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// AddTeamAgent puts an agent into a team; one who is in it stays. Errors: NotFound.
func (s *Service) AddTeamAgent(ctx context.Context, team, agent id.ID) error {
	return s.changeTeam(ctx, team, func(c conn) error { return c.addTeamAgent(team, agent) })
}

// ChangeTeam gives a team a name and its agents, in place of those before. Errors: NotFound, Invalid.
func (s *Service) ChangeTeam(ctx context.Context, team id.ID, name string, agents []id.ID) error {
	name, err := requiredLine("name", name, NameMax)
	if err != nil {
		return err
	}
	return s.changeTeam(ctx, team, func(c conn) error {
		sealed, err := s.sealed(c, s.seal.DeskKey(), "teams", "name", team, name)
		if err != nil {
			return err
		}
		if _, err := c.exec(`UPDATE teams SET name = ? WHERE id = ?`, sealed, int64(team)); err != nil {
			return err
		}
		if _, err := c.exec(`DELETE FROM team_agents WHERE team_id = ?`, int64(team)); err != nil {
			return err
		}
		for _, agent := range agents {
			if err := c.addTeamAgent(team, agent); err != nil {
				return err
			}
		}
		return nil
	})
}

// changeTeam runs change while nobody else changes the team.
func (s *Service) changeTeam(ctx context.Context, team id.ID, change func(conn) error) error {
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		c, found := on(tx), int64(0)
		err := c.row(c.lock(`SELECT g.id FROM teams g WHERE g.id = ? AND g.deleted_at IS NULL`, "g"), int64(team)).Scan(&found)
		if err != nil {
			return noRows(err, fault.New(fault.NotFound, "error.team.unknown"))
		}
		return change(c)
	})
}

func (c conn) addTeamAgent(team, agent id.ID) error {
	found := int64(0)
	if err := c.row(`SELECT id FROM agents WHERE id = ?`, int64(agent)).Scan(&found); err != nil {
		return noRows(err, fault.New(fault.NotFound, "error.agent.not_found"))
	}
	_, err := c.exec(`INSERT INTO team_agents (team_id, agent_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, int64(team), int64(agent))
	return err
}

// TeamAgents gives the agents of a team.
func (s *Service) TeamAgents(ctx context.Context, team id.ID) ([]id.ID, error) {
	return on(s.store.Read(ctx)).ids(`SELECT ta.agent_id FROM team_agents ta WHERE ta.team_id = ? ORDER BY ta.agent_id`, int64(team))
}
