package hooks

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// payload is the body of a delivery.
type payload struct {
	ID    string         `json:"id"`
	Event string         `json:"event"`
	At    string         `json:"at"`
	Data  map[string]any `json:"data"`
}

// build makes the body of an event as things are now; nil when the event is gone.
func (s *Service) build(ctx context.Context, d *Delivery) ([]byte, error) {
	events, err := s.Tickets.EventsAfter(ctx, d.n-1, 1)
	if err != nil || len(events) == 0 || events[0].N != d.n {
		return nil, err
	}
	e := &events[0]
	data := map[string]any{}
	if e.Data != "" {
		if err := json.Unmarshal([]byte(e.Data), &data); err != nil {
			return nil, err
		}
	}
	if e.TicketID != nil {
		if data["ticket"], err = s.ticketData(ctx, *e.TicketID); err != nil {
			return nil, err
		}
	}
	switch {
	case said(e) && e.SubjectID != nil:
		if data["message"], err = s.messageData(ctx, *e.SubjectID); err != nil {
			return nil, err
		}
	case e.Type == tickets.EventGroupRising && e.SubjectID != nil:
		data["group"] = e.SubjectID.String()
	case e.Type == tickets.EventTaskUpdated && e.SubjectID != nil:
		data["task"] = e.SubjectID.String()
		delete(data, "tell") // whom the desk tells is nobody else's business
	case strings.HasPrefix(string(e.Type), "contact.") && e.SubjectID != nil:
		data["contact"] = map[string]any{"id": e.SubjectID.String()}
	}
	if d.Event == "ticket.updated" {
		data["change"] = strings.TrimPrefix(string(e.Type), "ticket.")
	}
	return json.Marshal(payload{ID: d.ID.String(), Event: d.Event, At: stamp(e.At), Data: data})
}

// ticketData is a ticket's ids, states and times under their names of the API. What a person wrote is not in it.
func (s *Service) ticketData(ctx context.Context, ticket id.ID) (map[string]any, error) {
	t, err := s.Tickets.Ticket(ctx, ticket)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"id": t.ID.String(), "number": t.Number, "status": t.Status, "priority": t.Priority, "channel": t.Channel, "inbox": t.InboxID.String(),
		"contact": t.ContactID.String(), "assignee": text(t.AssigneeID), "team": text(t.TeamID), "seq": t.LastSeq, "snoozed_until": when(t.SnoozedUntil),
		"first_replied_at": when(t.FirstRepliedAt), "solved_at": when(t.SolvedAt), "created_at": stamp(t.CreatedAt), "updated_at": stamp(t.UpdatedAt),
	}, nil
}

func (s *Service) messageData(ctx context.Context, message id.ID) (map[string]any, error) {
	m, err := s.Tickets.Message(ctx, message)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"id": m.ID.String(), "ticket": m.TicketID.String(), "pos": m.Pos, "seq": m.Seq, "kind": m.Kind, "created_at": stamp(m.CreatedAt), "attachments": m.Files,
		"author": map[string]any{"kind": m.AuthorKind, "id": m.AuthorID.String()},
	}, nil
}

func stamp(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z07:00") }

func when(ms *int64) any {
	if ms == nil {
		return nil
	}
	return stamp(*ms)
}

func text(one *id.ID) any {
	if one == nil {
		return nil
	}
	return one.String()
}

// Sign is the signature of a body at a time in Unix seconds, as X-Huiyin-Signature carries it.
func Sign(secret, at string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(at + "."))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}
