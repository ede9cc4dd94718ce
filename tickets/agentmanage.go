package tickets

import (
	"context"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// ChangeAgent gives an agent a name and a role. Errors: Denied, NotFound, Invalid, Conflict (her own role; the last
// administrator's).
func (s *Service) ChangeAgent(ctx context.Context, by Actor, agent id.ID, name string, role Role) error {
	name, err := requiredLine("name", name, NameMax)
	if err != nil {
		return err
	}
	if !role.Valid() {
		return fault.InvalidField("role", "invalid", "error.agent.role", nil)
	}
	return s.manageAgent(ctx, by, agent, func(c conn, a *Agent) (err error) {
		if role != a.Role {
			if err := c.mayLose(by, a, role == RoleAdmin); err != nil {
				return err
			}
		}
		if a.NameSealed, err = s.sealed(c, s.seal.DeskKey(), "agents", "name", a.ID, name); err != nil {
			return err
		}
		_, err = c.exec(`UPDATE agents SET name = ?, role = ?, updated_at = ? WHERE id = ?`, a.NameSealed, string(role), Millis(s.now()), int64(agent))
		return err
	})
}

// DisableAgentTx lets an agent in no longer; her tickets stay hers. Ending her sessions and tokens is app/auth's part.
// Errors: Denied, NotFound, Conflict (oneself; the last administrator).
func (s *Service) DisableAgentTx(tx *gorm.DB, by Actor, agent id.ID) error {
	return s.manageAgentTx(on(tx), by, agent, func(c conn, a *Agent) error {
		if a.DisabledAt != nil {
			return nil
		}
		if err := c.mayLose(by, a, false); err != nil {
			return err
		}
		at := Millis(s.now())
		_, err := c.exec(`UPDATE agents SET disabled_at = ?, updated_at = ? WHERE id = ?`, at, at, int64(agent))
		return err
	})
}

// EnableAgent lets an agent in again. Errors: Denied, NotFound.
func (s *Service) EnableAgent(ctx context.Context, by Actor, agent id.ID) error {
	return s.manageAgent(ctx, by, agent, func(c conn, _ *Agent) error {
		_, err := c.exec(`UPDATE agents SET disabled_at = NULL, updated_at = ? WHERE id = ?`, Millis(s.now()), int64(agent))
		return err
	})
}

func (s *Service) manageAgent(ctx context.Context, by Actor, agent id.ID, change func(c conn, a *Agent) error) error {
	return s.store.Write(ctx, func(tx *gorm.DB) error { return s.manageAgentTx(on(tx), by, agent, change) })
}

// manageAgentTx changes an agent while nobody else changes any: the rules look at all of them.
func (s *Service) manageAgentTx(c conn, by Actor, agent id.ID, change func(c conn, a *Agent) error) error {
	if err := c.lockAgents(); err != nil {
		return err
	}
	if err := c.mayManage(by); err != nil {
		return err
	}
	a := &Agent{ID: agent}
	err := c.row(`SELECT a.role, a.disabled_at FROM agents a WHERE a.id = ?`, int64(agent)).Scan((*string)(&a.Role), &a.DisabledAt)
	if err != nil {
		return noRows(err, fault.New(fault.NotFound, "error.agent.not_found"))
	}
	return change(c, a)
}

// MayManageTx refuses everybody but the desk itself and an administrator who is at work. The row is looked at in the
// transaction. Errors: Denied.
func (s *Service) MayManageTx(tx *gorm.DB, by Actor) error { return on(tx).mayManage(by) }

func (c conn) mayManage(by Actor) error {
	if by.Kind == ActorSystem {
		return nil
	}
	n := 0
	err := c.row(`SELECT COUNT(*) FROM agents a WHERE a.id = ? AND a.role = ? AND a.disabled_at IS NULL`, int64(by.ID), string(RoleAdmin)).Scan(&n)
	if err == nil && (n == 0 || by.Kind != ActorAgent) {
		err = fault.New(fault.Denied, "error.denied")
	}
	return err
}

// mayLose refuses what would lock somebody out: nobody takes her own rights, and one administrator always stays.
func (c conn) mayLose(by Actor, a *Agent, staysAdmin bool) error {
	if by.Kind == ActorAgent && by.ID == a.ID {
		return fault.New(fault.Conflict, "error.agent.oneself")
	}
	if staysAdmin || a.Role != RoleAdmin || a.DisabledAt != nil {
		return nil
	}
	others := 0
	err := c.row(`SELECT COUNT(*) FROM agents a WHERE a.role = ? AND a.disabled_at IS NULL AND a.id <> ?`, string(RoleAdmin), int64(a.ID)).Scan(&others)
	if err == nil && others == 0 {
		err = fault.New(fault.Conflict, "error.agent.last_admin")
	}
	return err
}
