package privacy

import (
	"context"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Action is what somebody of the desk did with a person's data.
type Action string

// The actions that are noted.
const (
	ActionReveal Action = "reveal" // saw a whole number or address
	ActionExport Action = "export" // took everything out
	ActionErase  Action = "erase"
	ActionKeep   Action = "keep"    // put her under legal hold
	ActionLet    Action = "release" // took her from it
)

// Access is a line of the record of who did what with a person's data, and when. It never holds the data.
type Access struct {
	ID        id.ID `gorm:"primaryKey;autoIncrement:false"`
	AgentID   id.ID
	Action    Action
	ContactID id.ID
	At        int64
}

// TableName is the record's table.
func (Access) TableName() string { return "access_log" }

// Note writes a line, before what it tells of happens: what is not noted is not shown.
func (s *Service) Note(ctx context.Context, agent id.ID, action Action, contact id.ID) error {
	return s.Store.Write(ctx, func(tx *gorm.DB) error { return s.noteTx(tx, agent, action, contact) })
}

func (s *Service) noteTx(tx *gorm.DB, agent id.ID, action Action, contact id.ID) error {
	return tx.Create(&Access{ID: s.IDs.Next(), AgentID: agent, Action: action, ContactID: contact, At: tickets.Millis(s.Now())}).Error
}

// AccessFilter says which lines of the record are wanted; zero values say nothing.
type AccessFilter struct {
	Contacts []id.ID // of one person: she and those who were merged into her
	Agent    id.ID
	Before   id.ID // lines that are older than this one
	Limit    int
}

// Accesses gives lines of the record, the newest first. Every filter has its index.
func (s *Service) Accesses(ctx context.Context, f AccessFilter) ([]Access, error) {
	var list []Access
	q := s.Store.Read(ctx).Order("id DESC").Limit(f.Limit)
	if f.Before != 0 {
		q = q.Where("id < ?", int64(f.Before))
	}
	if len(f.Contacts) > 0 {
		q = q.Where("contact_id IN ?", f.Contacts)
	}
	if f.Agent != 0 {
		q = q.Where("agent_id = ?", int64(f.Agent))
	}
	return list, q.Find(&list).Error
}
