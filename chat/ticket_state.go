package chat

import (
	"encoding/json"
	"slices"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// ticketState is a ticket as an agent's screen shows it, in one language.
type ticketState struct {
	number                   int64
	subject                  string
	status                   tickets.Status
	priority                 tickets.Priority
	channel                  tickets.Channel
	assignee                 *author
	team                     id.ID
	tags                     []string
	contact                  named
	page                     page
	order                    string
	orderVerified            bool
	pos, seq                 int64
	contactRead, agentRead   int64
	waitingSince, snoozed    int64
	previous, mergedInto     id.ID
	preview                  string
	lastMessageAt, createdAt int64
	updatedAt                int64
}

// state takes a ticket apart. false: a name is not known yet.
func (k maker) state(t *tickets.Ticket) (s ticketState, ok bool) {
	contact, ok := k.author(tickets.ActorContact, t.ContactID)
	if !ok {
		return s, false
	}
	s = ticketState{
		number: t.Number, subject: t.Subject, status: t.Status, priority: t.Priority, channel: t.Channel,
		tags: t.Tags, contact: named{contact.ID, contact.Name}, page: page{t.PageURL, t.PageTitle}, order: t.Order,
		orderVerified: t.OrderVerified, pos: t.LastPos, seq: t.LastSeq, contactRead: t.ContactRead, agentRead: t.AgentRead,
		preview: t.Preview, lastMessageAt: t.LastMessageAt, createdAt: t.CreatedAt, updatedAt: t.UpdatedAt,
		team: valueOf(t.TeamID), previous: valueOf(t.PreviousID), mergedInto: valueOf(t.MergedInto),
		waitingSince: valueOf(t.WaitingSince), snoozed: valueOf(t.SnoozedUntil),
	}
	if t.AssigneeID != nil {
		by, ok := k.author(tickets.ActorAgent, *t.AssigneeID)
		if !ok {
			return s, false
		}
		s.assignee = &by
	}
	return s, true
}

func valueOf[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// same tells that nothing differs but what every message changes and a message frame says anyway.
func (s *ticketState) same(was *ticketState) bool {
	return s.number == was.number && s.subject == was.subject && s.status == was.status && s.priority == was.priority &&
		sameAuthor(s.assignee, was.assignee) && s.team == was.team && slices.Equal(s.tags, was.tags) &&
		s.contact == was.contact && s.page == was.page && s.order == was.order && s.orderVerified == was.orderVerified &&
		s.waitingSince == was.waitingSince && s.snoozed == was.snoozed && s.mergedInto == was.mergedInto
}

// frame builds a ticket frame with the fields that differ from was, or all.
func (s *ticketState) frame(ticket id.ID, was *ticketState, all bool) *frame {
	e := begin("ticket")
	e.id("ticket", ticket)
	e.key("fields")
	fields := encoder{append(e.b, '{')}
	s.words(&fields, was, all)
	s.numbers(&fields, was, all)
	out := fields.b
	if first := len(e.b) + 1; len(out) > first { // every field begins with a comma
		out = append(out[:first], out[first+1:]...)
	}
	return &frame{wire: wrap(opText, append(out, '}', '}'))}
}

// words are what people have written or chosen.
func (s *ticketState) words(e *encoder, was *ticketState, all bool) {
	text := func(name, now, before string) {
		if all || now != before {
			e.text(name, now)
		}
	}
	text("subject", s.subject, was.subject)
	text("status", string(s.status), string(was.status))
	text("priority", string(s.priority), string(was.priority))
	text("channel", string(s.channel), string(was.channel))
	text("preview", s.preview, was.preview)
	if all || !sameAuthor(s.assignee, was.assignee) {
		e.author("assignee", s.assignee)
	}
	value := func(name string, same bool, v any) {
		if all || !same {
			b, _ := json.Marshal(v) // strings and ids always encode
			e.raw(name, string(b))
		}
	}
	value("team", s.team == was.team, s.team)
	value("tags", slices.Equal(s.tags, was.tags), append([]string{}, s.tags...))
	value("contact", s.contact == was.contact, s.contact)
	value("page", s.page == was.page, s.page)
	value("order", s.order == was.order && s.orderVerified == was.orderVerified, s.orderField())
	value("previous", s.previous == was.previous, s.previous)
	value("merged_into", s.mergedInto == was.mergedInto, s.mergedInto)
}

// numbers are places and times.
func (s *ticketState) numbers(e *encoder, was *ticketState, all bool) {
	num := func(name string, now, before int64) {
		if all || now != before {
			e.num(name, now)
		}
	}
	num("number", s.number, was.number)
	num("pos", s.pos, was.pos)
	num("seq", s.seq, was.seq)
	num("contact_read", s.contactRead, was.contactRead)
	num("agent_read", s.agentRead, was.agentRead)
	at := func(name string, now, before int64) {
		if all || now != before {
			e.at(name, now)
		}
	}
	at("waiting_since", s.waitingSince, was.waitingSince)
	at("snoozed_until", s.snoozed, was.snoozed)
	at("last_message_at", s.lastMessageAt, was.lastMessageAt)
	at("created_at", s.createdAt, was.createdAt)
	at("updated_at", s.updatedAt, was.updatedAt)
}

func (s *ticketState) orderField() any {
	if s.order == "" {
		return nil
	}
	return map[string]any{"number": s.order, "verified": s.orderVerified}
}

func sameAuthor(a, b *author) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// moment is a time, or null for none.
func moment(ms int64) *stamp {
	if ms == 0 {
		return nil
	}
	s := stamp(ms)
	return &s
}
