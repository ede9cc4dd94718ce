package tickets

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// Team is a group of agents. One that was deleted keeps its name for the tickets of before, and has no agents.
type Team struct {
	ID         id.ID  `gorm:"primaryKey;autoIncrement:false"`
	NameSealed []byte `gorm:"column:name"`
	Name       string `gorm:"-"`
	CreatedAt  int64  `gorm:"autoCreateTime:false"`
	DeletedAt  *int64

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

// Teams gives the teams with their agents, by name.
func (s *Service) Teams(ctx context.Context) ([]Team, error) {
	all, err := s.AllTeams(ctx)
	return slices.DeleteFunc(all, func(t Team) bool { return t.DeletedAt != nil }), err
}

// AllTeams gives the teams as Teams does, those too that were deleted.
func (s *Service) AllTeams(ctx context.Context) ([]Team, error) {
	c := on(s.store.Read(ctx))
	var out []Team
	err := c.each(func(scan func(...any) error) error {
		var t Team
		err := scan((*int64)(&t.ID), &t.NameSealed, &t.CreatedAt, &t.DeletedAt)
		out = append(out, t)
		return err
	}, `SELECT g.id, g.name, g.created_at, g.deleted_at FROM teams g`)
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
