package hooks

import (
	"slices"
	"strings"

	"huiyin/tickets"
)

// EventPing is what a test sends; nobody subscribes to it.
const EventPing = "ping"

// kinds lists the events that a hook may ask for, in the order of the page, and the rows of the log that make each.
var kinds = []struct {
	name string
	of   func(e *tickets.Event) bool
}{
	{"ticket.created", begins},
	{"ticket.updated", updates},
	{"ticket.solved", solves},
	{"message.created", said},
	{"contact.created", is(tickets.EventContactCreated)},
	{"contact.erased", is(tickets.EventContactErased)},
	{"feedback.received", is(tickets.EventFeedbackReceived)},
	{"group.rising", is(tickets.EventGroupRising)},
	{"task.updated", is(tickets.EventTaskUpdated)},
	{"csat.received", is(tickets.EventRated)},
	{"alert.raised", is(tickets.EventAlertRaised)},
}

// Events are the names of all events that a hook may ask for.
func Events() []string {
	out := make([]string, len(kinds))
	for i, k := range kinds {
		out[i] = k.name
	}
	return out
}

func is(one tickets.EventType) func(*tickets.Event) bool {
	return func(e *tickets.Event) bool { return e.Type == one }
}

// begins tells of a new ticket, unless it was taken for spam or blocked at once: nobody's program is to answer that.
func begins(e *tickets.Event) bool { return e.Type == tickets.EventTicketCreated && !e.Quiet() }

// said tells of a message, unless nobody is to answer it; of a held reply when it is released.
func said(e *tickets.Event) bool {
	return e.Type == tickets.EventMessageReleased || e.Type == tickets.EventMessageCreated && !e.Quiet() && !e.Held()
}

// updates tells whether a ticket has changed: by an act, or by a message that moved its status.
func updates(e *tickets.Event) bool {
	return slices.Contains([]tickets.EventType{
		tickets.EventStatusChanged, tickets.EventAssigned, tickets.EventTeamChanged, tickets.EventPriorityChanged,
		tickets.EventSubjectChanged, tickets.EventTagsChanged, tickets.EventSnoozed, tickets.EventWoken,
		tickets.EventTicketMerged, tickets.EventTicketTook, tickets.EventTicketUnmerged, tickets.EventFirstOverdue,
	}, e.Type) || (said(e) && strings.Contains(e.Data, `"to":`))
}

func solves(e *tickets.Event) bool {
	return (e.Type == tickets.EventStatusChanged || said(e)) && strings.Contains(e.Data, `"to":"`+string(tickets.StatusSolved)+`"`)
}
