package tickets

import (
	"context"
	"slices"
	"strings"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Agent is a person who answers. Name and e-mail are sealed with the desk's key.
type Agent struct {
	ID           id.ID  `gorm:"primaryKey;autoIncrement:false"`
	NameSealed   []byte `gorm:"column:name"`
	EmailSealed  []byte `gorm:"column:email"`
	EmailHash    []byte
	Name         string `gorm:"-"`
	Email        string `gorm:"-"`
	Role         Role
	Password     string // PHC string of argon2id
	Locale       string // "", zh-CN, en: empty follows the browser
	Theme        string // "", light, dark: empty follows the system
	Availability string // online, away
	DisabledAt   *int64
	CreatedAt    int64 `gorm:"autoCreateTime:false"`
	UpdatedAt    int64 `gorm:"autoUpdateTime:false"`
}

const selectAgent = `SELECT a.id, a.name, a.email, a.email_hash, a.role, a.password, a.locale, a.theme, a.availability,
 a.disabled_at, a.created_at, a.updated_at FROM agents a`

// AgentByEmail gives the agent who signs in with this address. Errors: NotFound.
func (s *Service) AgentByEmail(ctx context.Context, email string) (*Agent, error) {
	email, _ = NormalEmail(email) // what is no address is nobody's
	return s.agent(ctx, ` WHERE a.email_hash = ?`, s.seal.Hash(hashAgent, email))
}

// Agent gives an agent. Errors: NotFound.
func (s *Service) Agent(ctx context.Context, agent id.ID) (*Agent, error) {
	return s.agent(ctx, ` WHERE a.id = ?`, int64(agent))
}

func (s *Service) agent(ctx context.Context, where string, value any) (*Agent, error) {
	found, err := s.agents(ctx, where, value)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fault.New(fault.NotFound, "error.agent.not_found")
	}
	return &found[0], nil
}

// Agents gives all agents, disabled ones too, by name.
func (s *Service) Agents(ctx context.Context) ([]Agent, error) {
	out, err := s.agents(ctx, ``)
	slices.SortFunc(out, func(a, b Agent) int { return strings.Compare(a.Name, b.Name) })
	return out, err
}

func (s *Service) agents(ctx context.Context, where string, args ...any) ([]Agent, error) {
	c := on(s.store.Read(ctx))
	var out []Agent
	err := c.each(func(scan func(...any) error) error {
		var a Agent
		err := scan((*int64)(&a.ID), &a.NameSealed, &a.EmailSealed, &a.EmailHash, (*string)(&a.Role), &a.Password, &a.Locale,
			&a.Theme, &a.Availability, &a.DisabledAt, &a.CreatedAt, &a.UpdatedAt)
		out = append(out, a)
		return err
	}, selectAgent+where, args...)
	if err != nil {
		return nil, err
	}
	for i := range out {
		a := &out[i]
		if a.Name, err = s.open(c, "agents", "name", a.ID, a.NameSealed); err != nil {
			return nil, err
		}
		if a.Email, err = s.open(c, "agents", "email", a.ID, a.EmailSealed); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// CountAgents tells how many agents the desk has, disabled ones too.
func (s *Service) CountAgents(ctx context.Context) (int, error) {
	var n int
	err := on(s.store.Read(ctx)).row(`SELECT COUNT(*) FROM agents`).Scan(&n)
	return n, err
}

// agentNames gives the names of all agents: there are few of them, and lists show them on every row.
func (s *Service) agentNames(c conn) (map[id.ID]string, error) {
	sealed := map[id.ID][]byte{}
	err := c.each(func(scan func(...any) error) error {
		var a id.ID
		var name []byte
		err := scan((*int64)(&a), &name)
		sealed[a] = name
		return err
	}, `SELECT a.id, a.name FROM agents a`)
	if err != nil {
		return nil, err
	}
	names := make(map[id.ID]string, len(sealed))
	for a, name := range sealed {
		if names[a], err = s.open(c, "agents", "name", a, name); err != nil {
			return nil, err
		}
	}
	return names, nil
}
