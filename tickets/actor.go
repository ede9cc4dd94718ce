package tickets

import (
	"database/sql"
	"errors"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Role is what an agent may do; each includes the one before.
type Role string

// The roles.
const (
	RoleAgent   Role = "agent"
	RoleManager Role = "manager"
	RoleAdmin   Role = "admin"
)

// Valid tells whether r is one of the roles.
func (r Role) Valid() bool { return r == RoleAgent || r == RoleManager || r == RoleAdmin }

// ActorKind says who acts.
type ActorKind string

// The kinds of actor.
const (
	ActorContact ActorKind = "contact"
	ActorAgent   ActorKind = "agent"
	ActorSystem  ActorKind = "system"
)

// Actor is who does something.
type Actor struct {
	Kind ActorKind
	ID   id.ID // of the contact or agent; zero for the system
	Role Role  // of an agent
}

// system is the desk itself.
var system = Actor{Kind: ActorSystem}

// mayWork refuses everybody but the desk itself and an agent who is there and not disabled. The row is looked at in
// the transaction of the write, so that an agent who was disabled a moment ago cannot finish what she began.
func (c conn) mayWork(a Actor) error {
	switch a.Kind {
	case ActorSystem:
		return nil
	case ActorAgent:
		return c.agentWorks(a.ID, fault.New(fault.Denied, "error.denied"))
	default:
		return fault.New(fault.Denied, "error.denied")
	}
}

// agentWorks gives refusal when no such agent is at work.
func (c conn) agentWorks(agent id.ID, refusal error) error {
	var disabled sql.NullInt64
	err := c.row(`SELECT disabled_at FROM agents WHERE id = ?`, agent).Scan(&disabled)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && disabled.Valid) {
		return refusal
	}
	return err
}
