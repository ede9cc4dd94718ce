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

// Accesses gives lines of the record before one, the newest first; zero: from the newest.
func (s *Service) Accesses(ctx context.Context, before id.ID, limit int) ([]Access, error) {
	var list []Access
	q := s.Store.Read(ctx).Order("id DESC").Limit(limit)
	if before != 0 {
		q = q.Where("id < ?", int64(before))
	}
	return list, q.Find(&list).Error
}
