package tickets

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Team is a group of agents.
type Team struct {
	ID         id.ID  `gorm:"primaryKey;autoIncrement:false"`
	NameSealed []byte `gorm:"column:name"`
	Name       string `gorm:"-"`
	CreatedAt  int64  `gorm:"autoCreateTime:false"`

	Agents []id.ID `gorm:"-"`
}

// CreateTeam adds a team without agents. Errors: Invalid.
func (s *Service) CreateTeam(ctx context.Context, name string) (*Team, error) {
	name, err := requiredLine("name", name, NameMax)
	if err != nil {
		return nil, err
	}
	t := &Team{ID: s.ids.Next(), Name: name, CreatedAt: Millis(s.now())}
	return t, s.store.Write(ctx, func(tx *gorm.DB) (err error) {
		c := on(tx)
		if t.NameSealed, err = s.sealed(c, s.seal.DeskKey(), "teams", "name", t.ID, name); err != nil {
			return err
		}
		_, err = c.exec(`INSERT INTO teams (id, name, created_at) VALUES (?, ?, ?)`, int64(t.ID), t.NameSealed, t.CreatedAt)
		return err
	})
}

// Teams gives all teams with their agents, by name.
func (s *Service) Teams(ctx context.Context) ([]Team, error) {
	c := on(s.store.Read(ctx))
	var out []Team
	err := c.each(func(scan func(...any) error) error {
		var t Team
		err := scan((*int64)(&t.ID), &t.NameSealed, &t.CreatedAt)
		out = append(out, t)
		return err
	}, `SELECT g.id, g.name, g.created_at FROM teams g`)
	if err != nil {
		return nil, err
	}
	for i := range out {
		t := &out[i]
		if t.Name, err = s.open(c, "teams", "name", t.ID, t.NameSealed); err != nil {
			return nil, err
		}
		if t.Agents, err = c.ids(`SELECT x.agent_id FROM team_agents x WHERE x.team_id = ? ORDER BY x.agent_id`, int64(t.ID)); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b Team) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// AddTeamAgent puts an agent into a team; one who is in it stays. Errors: NotFound.
func (s *Service) AddTeamAgent(ctx context.Context, team, agent id.ID) error {
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		c := on(tx)
		var found int64
		if err := c.row(`SELECT id FROM teams WHERE id = ?`, int64(team)).Scan(&found); err != nil {
			return noRows(err, fault.New(fault.NotFound, "error.team.unknown"))
		}
		if err := c.row(`SELECT id FROM agents WHERE id = ?`, int64(agent)).Scan(&found); err != nil {
			return noRows(err, fault.New(fault.NotFound, "error.agent.not_found"))
		}
		_, err := c.exec(`INSERT INTO team_agents (team_id, agent_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, int64(team), int64(agent))
		return err
	})
}
