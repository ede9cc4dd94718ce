package tickets

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// NewAgent is what CreateAgent needs.
type NewAgent struct {
	Email        string
	Name         string
	Role         Role
	PasswordHash string // made by app/auth
	Locale       string // of her pages; empty follows the browser
	// First refuses when the desk has an agent already: the first visit makes one administrator, not two.
	First bool
}

// What an agent may choose for herself.
var (
	agentLocales   = []string{"", "zh-CN", "en"}
	agentThemes    = []string{"", "light", "dark"}
	availabilities = []string{"online", "away"}
)

// CreateAgent adds an agent. Errors: Invalid, Conflict (the address is taken; First and there is one).
func (s *Service) CreateAgent(ctx context.Context, n NewAgent) (*Agent, error) {
	a, err := s.newAgent(n)
	if err != nil {
		return nil, err
	}
	return a, s.store.Write(ctx, func(tx *gorm.DB) error { return s.insertAgent(on(tx), a, n.First) })
}

// CreateAgentTx is CreateAgent within a transaction of the caller's.
func (s *Service) CreateAgentTx(tx *gorm.DB, n NewAgent) (*Agent, error) {
	a, err := s.newAgent(n)
	if err != nil {
		return nil, err
	}
	return a, s.insertAgent(on(tx), a, n.First)
}

func (s *Service) newAgent(n NewAgent) (*Agent, error) {
	email, ok := NormalEmail(n.Email)
	if !ok {
		return nil, fault.InvalidField("email", "invalid", "error.identity.email", nil)
	}
	name, err := requiredLine("name", n.Name, NameMax)
	if err != nil {
		return nil, err
	}
	if !n.Role.Valid() {
		return nil, fault.InvalidField("role", "invalid", "error.agent.role", nil)
	}
	at := Millis(s.now())
	return &Agent{
		ID: s.ids.Next(), Name: name, Email: email, EmailHash: s.seal.Hash(hashAgent, email), Role: n.Role,
		Password: n.PasswordHash, Locale: n.Locale, Availability: "online", CreatedAt: at, UpdatedAt: at,
	}, nil
}

func (s *Service) insertAgent(c conn, a *Agent, first bool) (err error) {
	if first {
		if err := c.lockAgents(); err != nil {
			return err
		}
		if found, err := c.ids(`SELECT a.id FROM agents a ORDER BY a.id LIMIT 1`); err != nil {
			return err
		} else if len(found) > 0 {
			return fault.New(fault.Conflict, "error.agent.not_first")
		}
	}
	if a.NameSealed, err = s.sealed(c, s.seal.DeskKey(), "agents", "name", a.ID, a.Name); err != nil {
		return err
	}
	if a.EmailSealed, err = s.sealed(c, s.seal.DeskKey(), "agents", "email", a.ID, a.Email); err != nil {
		return err
	}
	n, err := c.exec(`INSERT INTO agents (id, name, email, email_hash, role, password, locale, availability, created_at, updated_at)
 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (email_hash) DO NOTHING`,
		int64(a.ID), a.NameSealed, a.EmailSealed, a.EmailHash, string(a.Role), a.Password, a.Locale, a.Availability, a.CreatedAt, a.UpdatedAt)
	if err == nil && n == 0 {
		taken := fault.InvalidField("email", "taken", "error.agent.email_taken", nil)
		taken.Kind = fault.Conflict
		err = taken
	}
	return err
}

// lockAgents lets nobody else add an agent until the transaction ends. On SQLite the one writer needs none.
func (c conn) lockAgents() error {
	if !c.postgres {
		return nil
	}
	_, err := c.exec(`LOCK TABLE agents IN SHARE ROW EXCLUSIVE MODE`)
	return err
}

// SetAgentPassword replaces an agent's password by the hash of a new one. Ending her sessions is app/auth's part.
// Errors: NotFound.
func (s *Service) SetAgentPassword(ctx context.Context, agent id.ID, passwordHash string) error {
	return s.store.Write(ctx, func(tx *gorm.DB) error { return s.SetAgentPasswordTx(tx, agent, passwordHash) })
}

// SetAgentPasswordTx is SetAgentPassword within a transaction of the caller's.
func (s *Service) SetAgentPasswordTx(tx *gorm.DB, agent id.ID, passwordHash string) error {
	return on(tx).updateAgent(`UPDATE agents SET password = ?, updated_at = ? WHERE id = ?`, passwordHash, Millis(s.now()), int64(agent))
}

// SetAgentPreferences keeps what an agent chose for herself. Errors: NotFound, Invalid.
func (s *Service) SetAgentPreferences(ctx context.Context, agent id.ID, locale, theme, availability string) error {
	for _, f := range []struct {
		name, value string
		allowed     []string
	}{
		{"locale", locale, agentLocales}, {"theme", theme, agentThemes}, {"availability", availability, availabilities},
	} {
		if !slices.Contains(f.allowed, f.value) {
			return fault.InvalidField(f.name, "invalid", "error.agent.preference", nil)
		}
	}
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		return on(tx).updateAgent(`UPDATE agents SET locale = ?, theme = ?, availability = ?, updated_at = ? WHERE id = ?`,
			locale, theme, availability, Millis(s.now()), int64(agent))
	})
}

func (c conn) updateAgent(text string, args ...any) error {
	n, err := c.exec(text, args...)
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "error.agent.not_found")
	}
	return err
}
