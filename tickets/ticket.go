package tickets

import (
	"context"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Channel is the way a conversation came in.
type Channel string

// The channels.
const (
	ChannelChat  Channel = "chat"
	ChannelEmail Channel = "email"
	ChannelForm  Channel = "form"
	ChannelPhone Channel = "phone"
	ChannelAPI   Channel = "api"
)

// Valid tells whether c is one of the channels.
func (c Channel) Valid() bool {
	switch c {
	case ChannelChat, ChannelEmail, ChannelForm, ChannelPhone, ChannelAPI:
		return true
	}
	return false
}

// Priority orders what is urgent.
type Priority string

// The priorities.
const (
	PriorityLow    Priority = "low"
	PriorityNormal Priority = "normal"
	PriorityHigh   Priority = "high"
	PriorityUrgent Priority = "urgent"
)

// Valid tells whether p is one of the priorities.
func (p Priority) Valid() bool {
	switch p {
	case PriorityLow, PriorityNormal, PriorityHigh, PriorityUrgent:
		return true
	}
	return false
}

// Ticket is one matter of one contact. Subject, order, page and preview are sealed with its contact's key.
type Ticket struct {
	ID              id.ID `gorm:"primaryKey;autoIncrement:false"`
	Number          int64 // what people say: #10482
	InboxID         id.ID
	Channel         Channel
	ContactID       id.ID
	KeyID           id.ID
	Status          Status
	Priority        Priority
	AssigneeID      *id.ID
	TeamID          *id.ID
	SubjectSealed   []byte `gorm:"column:subject"`
	OrderSealed     []byte `gorm:"column:order_no"`
	OrderHash       []byte
	OrderLast       []byte // keyed hash of the order number's last four characters
	OrderVerified   bool
	PageURLSealed   []byte `gorm:"column:page_url"`
	PageTitleSealed []byte `gorm:"column:page_title"`
	PreviewSealed   []byte `gorm:"column:preview"` // start of the newest message the contact may see
	Subject         string `gorm:"-"`
	Order           string `gorm:"-"`
	PageURL         string `gorm:"-"`
	PageTitle       string `gorm:"-"`
	Preview         string `gorm:"-"`
	LastPos         int64  // newest place in the timeline; 0 before the first
	LastSeq         int64  // newest message that the contact may see
	LastContactPos  int64  // newest message of the contact
	LastReplyPos    int64  // newest reply or note
	ContactRead     int64  // seq up to which the contact has read
	AgentRead       int64  // seq up to which an agent has read
	WaitingSince    *int64 // since when the contact waits for an answer
	SnoozedUntil    *int64
	MergedInto      *id.ID
	PreviousID      *id.ID // the ticket that this one goes on from
	FirstRepliedAt  *int64
	FirstReplyDueAt *int64 // until when the first reply was promised; nil: nothing was
	OverdueAt       *int64 // when it was said that the first reply is overdue
	SolvedAt        *int64
	ClosedAt        *int64
	EmptiedAt       *int64 // when a retention rule took its texts; nil when something was said since
	LastMessageAt   int64
	CreatedAt       int64    `gorm:"autoCreateTime:false"`
	UpdatedAt       int64    `gorm:"autoUpdateTime:false"`
	Tags            []string `gorm:"-"` // in alphabetical order; nil where they were not loaded (changes of messages)
}

// Ticket gives a ticket with its tags. Errors: NotFound.
func (s *Service) Ticket(ctx context.Context, ticket id.ID) (*Ticket, error) {
	return s.oneTicket(ctx, `t.id = ?`, int64(ticket))
}

// TicketByNumber gives a ticket by the number that people say. Errors: NotFound.
func (s *Service) TicketByNumber(ctx context.Context, number int64) (*Ticket, error) {
	return s.oneTicket(ctx, `t.number = ?`, number)
}

func (s *Service) oneTicket(ctx context.Context, where string, value int64) (*Ticket, error) {
	c := on(s.store.Read(ctx))
	t, err := c.ticket(selectTicket+` WHERE `+where, value)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, fault.New(fault.NotFound, "error.ticket.not_found")
	}
	if err := s.openTicket(c, t); err != nil {
		return nil, err
	}
	return t, s.loadTags(c, t)
}
