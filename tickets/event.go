package tickets

import (
	"context"
	"strconv"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// EventType names what happened.
type EventType string

// The events. Those of a ticket stand in its timeline.
const (
	EventTicketCreated    EventType = "ticket.created"      // data: begun (spam, closed) when it was finished from its beginning
	EventMessageCreated   EventType = "message.created"     // subject: the message; data: from, to when it moved the status; held, aside, begun, copied
	EventMessageRecalled  EventType = "message.recalled"    // subject: the message
	EventMessageReleased  EventType = "message.released"    // subject: the message, which was held; data: from, to when it moved the status
	EventMessageMoved     EventType = "message.moved"       // in both tickets; subject: the original there, the copy here; data: into or out_of (ticket)
	EventMessageUndone    EventType = "message.undone"      // subject: the message, which was held
	EventParticipantIn    EventType = "participant.added"   // subject: the contact
	EventParticipantOut   EventType = "participant.removed" // subject: the contact
	EventStatusChanged    EventType = "ticket.status"       // data: from, to
	EventAssigned         EventType = "ticket.assigned"     // subject: the agent or none; data: from
	EventTeamChanged      EventType = "ticket.team"         // subject: the team or none; data: from
	EventPriorityChanged  EventType = "ticket.priority"     // data: from, to
	EventSubjectChanged   EventType = "ticket.subject"
	EventTagsChanged      EventType = "ticket.tags"    // data: added, removed (tag ids)
	EventSnoozed          EventType = "ticket.snoozed" // data: until (Unix ms)
	EventWoken            EventType = "ticket.woken"
	EventTicketMerged     EventType = "ticket.merged"     // subject: the ticket that it went into; data: status (before)
	EventTicketTook       EventType = "ticket.took"       // subject: the ticket that was merged into this one
	EventTicketUnmerged   EventType = "ticket.unmerged"   // subject: the other one; a row in both
	EventFirstOverdue     EventType = "reply.overdue"     // the time until which the first reply was promised is over
	EventUndelivered      EventType = "reply.undelivered" // subject: the ticket; data: seq (of the newest answer not taken)
	EventRated            EventType = "csat.received"     // subject: the rating; data: score
	EventTextSent         EventType = "text.sent"         // a text message told the contact of an answer
	EventTextFailed       EventType = "text.failed"       // data: reason (a word of the program)
	EventMailFailed       EventType = "mail.failed"       // subject: the message that left as mail; data: reason (a word of the program)
	EventMailBounced      EventType = "mail.bounced"      // the same, of one that came back
	EventOrderMoved       EventType = "order.moved"       // subject: the order (app/orders); data: from, to
	EventLinksRevoked     EventType = "links.revoked"     // the addresses of the ticket's page hold no more
	EventContactCreated   EventType = "contact.created"   // subject: the contact
	EventContactMerged    EventType = "contact.merged"    // subject: the contact that lives on; data: from
	EventContactUpdated   EventType = "contact.updated"   // subject: the contact
	EventContactErased    EventType = "contact.erased"    // subject: the contact
	EventFeedbackReceived EventType = "feedback.received" // subject: the response (app/feedback); data: form, response, revision, rating, nps, source, ticket_id
	EventTaskUpdated      EventType = "task.updated"      // subject: the task (app/improve); data: number, change, state, owner, tell (agents)
	EventGroupRising      EventType = "group.rising"      // subject: the group of complaints (app/insights); data: kind (rise, new), observed
	EventAlertRaised      EventType = "alert.raised"      // subject: the alert (app/notify); data: kind
)

// Event is one row of the desk's log: a ticket's timeline and the outbox at once. It holds ids and states only.
type Event struct {
	N         int64 `gorm:"primaryKey;autoIncrement"` // order in the log
	TicketID  *id.ID
	Pos       *int64
	Type      EventType
	SubjectID *id.ID
	ActorKind ActorKind
	ActorID   id.ID
	Data      string // JSON object or empty
	At        int64
}

// EventsMax is the largest page that EventsAfter gives.
const EventsMax = 1000

const eventColumns = `e.n, e.ticket_id, e.pos, e.type, e.subject_id, e.actor_kind, e.actor_id, e.data, e.at`

func (e *Event) scanned() []any {
	return []any{&e.N, &e.TicketID, &e.Pos, (*string)(&e.Type), &e.SubjectID, (*string)(&e.ActorKind), (*int64)(&e.ActorID), &e.Data, &e.At}
}

// EventsAfter gives the events whose place in the log lies after cursor, in the order of the log. On PostgreSQL a row
// with a smaller place may still be committed later: app/events.go minds the gaps.
func (s *Service) EventsAfter(ctx context.Context, cursor int64, limit int) ([]Event, error) {
	var out []Event
	err := on(s.store.Read(ctx)).each(func(scan func(...any) error) error {
		out = append(out, Event{})
		return scan(out[len(out)-1].scanned()...)
	}, `SELECT `+eventColumns+` FROM events e WHERE e.n > ? ORDER BY e.n LIMIT ?`, cursor, clamp(limit, EventsMax, EventsMax))
	return out, err
}

// TaskUpdatedTx notes in the log that an improvement task has changed. data is a JSON object of ids and states.
func (s *Service) TaskUpdatedTx(tx *gorm.DB, by Actor, task id.ID, data string) error {
	return s.log(on(tx), by, EventTaskUpdated, task, data, Millis(s.now()))
}

// GroupRisingTx notes in the log that a group of complaints stands out: kind is rise or new, observed how many complained.
func (s *Service) GroupRisingTx(tx *gorm.DB, group id.ID, kind string, observed int) error {
	return s.log(on(tx), Actor{Kind: ActorSystem}, EventGroupRising, group, `{"kind":"`+kind+`","observed":`+strconv.Itoa(observed)+`}`, Millis(s.now()))
}

// AlertRaisedTx notes in the log that the operator's attention is wanted. kind is a word of the program.
func (s *Service) AlertRaisedTx(tx *gorm.DB, alert id.ID, kind string) error {
	return s.log(on(tx), Actor{Kind: ActorSystem}, EventAlertRaised, alert, `{"kind":"`+kind+`"}`, Millis(s.now()))
}

// insertEvents adds rows to the log in one statement, in order.
func (c conn) insertEvents(events []Event) error {
	args := make([]any, 0, 8*len(events))
	for i := range events {
		e := &events[i]
		args = append(args, e.TicketID, e.Pos, e.Type, e.SubjectID, e.ActorKind, e.ActorID, e.Data, e.At)
	}
	return c.insertAll(`INSERT INTO events (ticket_id, pos, type, subject_id, actor_kind, actor_id, data, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, 8, args, "")
}

// fromTo is the data of an event that changed one word into another. The words are the desk's own and need no escaping.
func fromTo[T ~string](from, to T) string {
	return `{"from":"` + string(from) + `","to":"` + string(to) + `"}`
}

// clamp brings the size of a page between 1 and most; none given means usual.
func clamp(limit, usual, most int) int {
	if limit <= 0 {
		limit = usual
	}
	return min(limit, most)
}
