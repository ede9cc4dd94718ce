package tickets

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Sizes of pages: what is given for a limit of zero, and the most that is given.
const (
	PageUsual = 50
	PageMax   = 200
)

// Entry is one place of a ticket's timeline.
type Entry struct {
	Event   Event
	Message *Message // of a message.created event
}

const timelineQuery = `SELECT ` + eventColumns + `, m.id, m.seq, m.kind, m.author_kind, m.author_id, m.client_id, m.body,
 m.state, m.created_at, m.changed_at, m.files, m.masked, m.guest_id, m.held_until, m.copied_from, m.moved_to FROM events e LEFT JOIN messages m ON m.ticket_id = e.ticket_id AND m.pos = e.pos WHERE e.ticket_id = ? AND `

// Timeline gives everything in a ticket whose place lies after afterPos, notes and events too, by place.
func (s *Service) Timeline(ctx context.Context, ticket id.ID, afterPos int64, limit int) ([]Entry, error) {
	return s.timeline(ctx, timelineQuery+`e.pos > ? ORDER BY e.pos LIMIT ?`, int64(ticket), afterPos, clamp(limit, PageUsual, PageMax))
}

// TimelineBefore gives the places right before beforePos, by place; zero means the end of the timeline.
func (s *Service) TimelineBefore(ctx context.Context, ticket id.ID, beforePos int64, limit int) ([]Entry, error) {
	if beforePos <= 0 {
		beforePos = 1 << 62
	}
	out, err := s.timeline(ctx, timelineQuery+`e.pos < ? ORDER BY e.pos DESC LIMIT ?`, int64(ticket), beforePos, clamp(limit, PageUsual, PageMax))
	slices.Reverse(out)
	return out, err
}

func (s *Service) timeline(ctx context.Context, query string, args ...any) ([]Entry, error) {
	var out []Entry
	c := on(s.store.Read(ctx))
	err := c.each(func(scan func(...any) error) error {
		out = append(out, Entry{})
		return out[len(out)-1].scan(scan)
	}, query, args...)
	if err != nil {
		return nil, err
	}
	var messages []*Message
	for i := range out {
		if m := out[i].Message; m != nil {
			if err := s.openMessage(c, m); err != nil {
				return nil, err
			}
			messages = append(messages, m)
		}
	}
	return out, s.withFiles(c, messages...)
}

// scan reads a row of timelineQuery, where a place without a message has NULL in the message's columns.
func (e *Entry) scan(scan func(...any) error) error {
	var message, author, created, files, hidden sql.NullInt64
	var kind, authorKind, state sql.NullString
	m := &Message{}
	err := scan(append(e.Event.scanned(), &message, &m.Seq, &kind, &authorKind, &author, &m.ClientSealed, &m.BodySealed,
		&state, &created, &m.ChangedAt, &files, &hidden, &m.GuestID, &m.HeldUntil, &m.CopiedFrom, &m.MovedTo)...)
	if err != nil || !message.Valid {
		return err
	}
	m.ID, m.TicketID, m.Pos, m.CreatedAt = id.ID(message.Int64), *e.Event.TicketID, *e.Event.Pos, created.Int64
	m.Kind, m.AuthorKind, m.AuthorID = MessageKind(kind.String), ActorKind(authorKind.String), id.ID(author.Int64)
	m.State, m.Files, m.Masked = MessageState(state.String), int(files.Int64), Masked(hidden.Int64)
	e.Message = m
	return nil
}

// Visible gives what the contact may see of a ticket after afterSeq, by seq.
func (s *Service) Visible(ctx context.Context, ticket id.ID, afterSeq int64, limit int) ([]Message, error) {
	return s.messages(on(s.store.Read(ctx)), selectMessage+` WHERE m.ticket_id = ? AND m.seq > ? ORDER BY m.seq LIMIT ?`,
		int64(ticket), afterSeq, clamp(limit, PageUsual, PageMax))
}

// Said gives what was said in a ticket after a place in it, by pos; internal notes only if they are asked for;
// what came of the contact's own as an automatic reply is hers.
func (s *Service) Said(ctx context.Context, ticket id.ID, after int64, limit int, notes bool) ([]Message, error) {
	only := ` AND (m.seq IS NOT NULL OR (m.author_kind = 'contact' AND m.guest_id IS NULL))`
	if notes {
		only = ``
	}
	return s.messages(on(s.store.Read(ctx)), selectMessage+` WHERE m.ticket_id = ? AND m.pos > ?`+only+` ORDER BY m.pos LIMIT ?`,
		int64(ticket), after, clamp(limit, PageUsual, PageMax))
}

// ChangedSince gives the messages up to upToSeq that were recalled, erased or got a picture of a file after they had been written, by seq: what
// a client that has them already must take back. To the contact a reply that was held is new, not changed. At most 200, the
// ones changed last.
func (s *Service) ChangedSince(ctx context.Context, ticket id.ID, upToSeq int64) ([]Message, error) {
	out, err := s.messages(on(s.store.Read(ctx)),
		selectMessage+` WHERE m.ticket_id = ? AND m.changed_at IS NOT NULL AND m.seq <= ?
 AND NOT (m.held_until IS NOT NULL AND m.state = '' AND m.files = 0) ORDER BY m.changed_at DESC LIMIT ?`,
		int64(ticket), upToSeq, PageMax)
	slices.SortFunc(out, func(a, b Message) int { return int(*a.Seq - *b.Seq) })
	return out, err
}

// ChangedPlaces is ChangedSince for agents: by place, with notes and with replies that were held, up to a place.
func (s *Service) ChangedPlaces(ctx context.Context, ticket id.ID, upToPos int64) ([]Message, error) {
	out, err := s.messages(on(s.store.Read(ctx)),
		selectMessage+` WHERE m.ticket_id = ? AND m.changed_at IS NOT NULL AND m.pos <= ? ORDER BY m.changed_at DESC LIMIT ?`,
		int64(ticket), upToPos, PageMax)
	slices.SortFunc(out, func(a, b Message) int { return cmp.Compare(a.Pos, b.Pos) })
	return out, err
}

// MessageIn gives a message that stands in a ticket, or in one that was merged into it. Errors: NotFound.
func (s *Service) MessageIn(ctx context.Context, ticket, message id.ID) (*Message, error) {
	c := on(s.store.Read(ctx))
	found, err := s.messages(c, selectMessage+` WHERE m.id = ?`, int64(message))
	if err != nil {
		return nil, err
	}
	if len(found) == 1 {
		all, err := c.mergedTree(ticket)
		if err != nil {
			return nil, err
		}
		if slices.Contains(all, found[0].TicketID) {
			return &found[0], nil
		}
	}
	return nil, fault.New(fault.NotFound, "error.message.not_found")
}

// ContactTickets gives a contact's tickets with an id after afterID, the oldest first; inbox zero means of all inboxes.
func (s *Service) ContactTickets(ctx context.Context, contact, inbox id.ID, afterID id.ID, limit int) ([]Ticket, error) {
	query, args := selectTicket+` WHERE t.contact_id = ? AND t.id > ?`, []any{int64(contact), int64(afterID)}
	if inbox != 0 {
		query, args = query+` AND t.inbox_id = ?`, append(args, int64(inbox))
	}
	return s.contactTickets(ctx, query+` ORDER BY t.id LIMIT ?`, append(args, clamp(limit, PageUsual, PageMax))...)
}

// EarlierTickets gives a contact's tickets with an id before beforeID (zero: all), the newest first.
func (s *Service) EarlierTickets(ctx context.Context, contact, beforeID id.ID, limit int) ([]Ticket, error) {
	if beforeID == 0 {
		beforeID = 1<<63 - 1
	}
	return s.contactTickets(ctx, selectTicket+` WHERE t.contact_id = ? AND t.id < ? ORDER BY t.id DESC LIMIT ?`,
		int64(contact), int64(beforeID), clamp(limit, PageUsual, PageMax))
}

func (s *Service) contactTickets(ctx context.Context, query string, args ...any) ([]Ticket, error) {
	c := on(s.store.Read(ctx))
	out, err := c.tickets(query, args...)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if err := s.openTicket(c, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}
