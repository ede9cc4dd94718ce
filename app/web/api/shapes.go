package api

import (
	"context"
	"html"
	"strings"

	stdjson "encoding/json"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// who names a person or the desk.
type who struct {
	Kind tickets.ActorKind `json:"kind,omitempty"`
	ID   *string           `json:"id"`
	Name string            `json:"name"`
}

// ticketOut is a ticket as the API gives it.
type ticketOut struct {
	ID              string           `json:"id"`
	Number          int64            `json:"number"`
	Subject         string           `json:"subject"`
	Status          tickets.Status   `json:"status"`
	SnoozedUntil    *string          `json:"snoozed_until"`
	Priority        tickets.Priority `json:"priority"`
	Channel         tickets.Channel  `json:"channel"`
	Inbox           string           `json:"inbox"`
	Contact         who              `json:"contact"`
	Assignee        *string          `json:"assignee"`
	Team            *string          `json:"team"`
	Tags            []string         `json:"tags"`
	Order           *string          `json:"order"`
	OrderVerified   bool             `json:"order_verified"`
	MergedInto      *string          `json:"merged_into"`
	Seq             int64            `json:"seq"`
	Pos             int64            `json:"pos"`
	FirstReplyDueAt *string          `json:"first_reply_due_at"`
	NextReplyDueAt  *string          `json:"next_reply_due_at"`
	SolveDueAt      *string          `json:"solve_due_at"`
	FirstRepliedAt  *string          `json:"first_replied_at"`
	SolvedAt        *string          `json:"solved_at"`
	CSAT            *int             `json:"csat"`
	CreatedAt       string           `json:"created_at"`
	UpdatedAt       string           `json:"updated_at"`
}

func idText(i *id.ID) *string {
	if i == nil || *i == 0 {
		return nil
	}
	text := i.String()
	return &text
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// ticketOf shapes a ticket; contact is her name, which may be empty.
func ticketOf(t *tickets.Ticket, contact string, score *int) ticketOut {
	out := ticketOut{
		ID: t.ID.String(), Number: t.Number, Subject: t.Subject, Status: t.Status, SnoozedUntil: stampOf(t.SnoozedUntil), Priority: t.Priority,
		Channel: t.Channel, Inbox: t.InboxID.String(), Contact: who{ID: idText(&t.ContactID), Name: contact}, Assignee: idText(t.AssigneeID),
		Team: idText(t.TeamID), Tags: t.Tags, Order: orNull(t.Order), OrderVerified: t.OrderVerified, MergedInto: idText(t.MergedInto),
		Seq: t.LastSeq, Pos: t.LastPos, FirstReplyDueAt: stampOf(t.FirstReplyDueAt), FirstRepliedAt: stampOf(t.FirstRepliedAt),
		SolvedAt: stampOf(t.SolvedAt), CSAT: score, CreatedAt: stamp(t.CreatedAt), UpdatedAt: stamp(t.UpdatedAt),
	}
	if out.Tags == nil {
		out.Tags = []string{}
	}
	return out
}

// fileOut is an attachment.
type fileOut struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
}

// messageOut is a message, or with events=1 an event.
type messageOut struct {
	ID          *string   `json:"id"`
	Ticket      string    `json:"ticket"`
	Pos         int64     `json:"pos"`
	Seq         *int64    `json:"seq"`
	Kind        string    `json:"kind"`
	Author      who       `json:"author"`
	Body        string    `json:"body"`
	HTML        string    `json:"html"`
	Attachments []fileOut `json:"attachments"`
	SourceID    *string   `json:"source_id"`
	State       *string   `json:"state"`
	Event       *eventOut `json:"event,omitempty"`
	CreatedAt   string    `json:"created_at"`
}

// eventOut is what happened in a ticket.
type eventOut struct {
	Type    string             `json:"type"`
	Subject *string            `json:"subject"`
	Data    stdjson.RawMessage `json:"data"`
}

// names gives the names of agents, and of one contact.
type names struct {
	agents  map[id.ID]string
	contact map[id.ID]string
}

func (a *API) names(ctx context.Context, t *tickets.Service, contacts ...id.ID) (names, error) {
	n := names{agents: map[id.ID]string{}, contact: map[id.ID]string{}}
	list, err := t.Agents(ctx)
	if err != nil {
		return n, err
	}
	for i := range list {
		n.agents[list[i].ID] = list[i].Name
	}
	for _, one := range contacts {
		p, err := t.Contact(ctx, one)
		if err != nil {
			return n, err
		}
		n.contact[one] = p.Name
	}
	return n, nil
}

func (n names) of(kind tickets.ActorKind, whose id.ID) who {
	w := who{Kind: kind, ID: idText(&whose)}
	switch kind {
	case tickets.ActorAgent:
		w.Name = n.agents[whose]
	case tickets.ActorContact:
		w.Name = n.contact[whose]
	case tickets.ActorSystem:
	}
	return w
}

func messageOf(m *tickets.Message, n names) messageOut {
	out := messageOut{
		ID: idText(&m.ID), Ticket: m.TicketID.String(), Pos: m.Pos, Seq: m.Seq, Kind: string(m.Kind), Author: n.of(m.AuthorKind, m.AuthorID),
		Body: m.Body, HTML: htmlOf(m.Body), SourceID: orNull(m.ClientID), State: orNull(string(m.State)), CreatedAt: stamp(m.CreatedAt), Attachments: []fileOut{},
	}
	if m.GuestID != nil {
		out.Author.ID = idText(m.GuestID)
	}
	for i := range m.Attachments {
		f := &m.Attachments[i]
		out.Attachments = append(out.Attachments, fileOut{ID: f.ID.String(), Name: f.Name, Type: f.Type, Size: f.Size})
	}
	return out
}

// htmlOf is a plain text as HTML.
func htmlOf(text string) string {
	return strings.ReplaceAll(html.EscapeString(text), "\n", "<br>\n")
}

func eventOf(e *tickets.Event) *eventOut {
	out := &eventOut{Type: string(e.Type), Subject: idText(e.SubjectID), Data: stdjson.RawMessage("{}")}
	if e.Data != "" {
		out.Data = stdjson.RawMessage(e.Data)
	}
	return out
}

// contactOut is a contact as the API gives it.
type contactOut struct {
	ID         string        `json:"id"`
	Name       string        `json:"name"`
	ExternalID *string       `json:"external_id"`
	Identities []identityOut `json:"identities"`
	Emails     []addressOut  `json:"emails"`
	Phones     []addressOut  `json:"phones"`
	Locale     string        `json:"locale"`
	VIP        bool          `json:"vip"`
	Blocked    bool          `json:"blocked"`
	Erased     bool          `json:"erased"`
	CreatedAt  string        `json:"created_at"`
	UpdatedAt  string        `json:"updated_at"`
}

type identityOut struct {
	Kind     tickets.IdentityKind `json:"kind"`
	ID       string               `json:"id"`
	Verified bool                 `json:"verified"`
}

type addressOut struct {
	Value    string `json:"value"`
	Verified bool   `json:"verified"`
}

func contactOf(p *tickets.Contact) contactOut {
	out := contactOut{
		ID: p.ID.String(), Name: p.Name, Locale: p.Locale, VIP: p.VIP, Blocked: p.Blocked, Erased: p.KeyID == 0,
		CreatedAt: stamp(p.CreatedAt), UpdatedAt: stamp(p.UpdatedAt), Identities: []identityOut{}, Emails: []addressOut{}, Phones: []addressOut{},
	}
	for i := range p.Identities {
		one := &p.Identities[i]
		switch one.Kind {
		case tickets.IdentityEmail:
			out.Emails = append(out.Emails, addressOut{one.Value, one.Verified})
		case tickets.IdentityPhone:
			out.Phones = append(out.Phones, addressOut{one.Value, one.Verified})
		default:
			out.Identities = append(out.Identities, identityOut{one.Kind, one.Value, one.Verified})
			if one.Kind == tickets.IdentityShop && one.Verified && out.ExternalID == nil {
				out.ExternalID = orNull(one.Value)
			}
		}
	}
	return out
}
