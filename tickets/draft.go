package tickets

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// draftMax is the longest draft in bytes; a draft may be longer than a message, so that nothing typed is lost.
const draftMax = 16 * BodyMax

// Draft is what an agent has begun to write, kept per ticket and kind. It is sealed with the key of the ticket's
// contact: it speaks of her, and is forgotten with her.
type Draft struct {
	AgentID    id.ID       `gorm:"primaryKey"`
	TicketID   id.ID       `gorm:"primaryKey"`
	Kind       MessageKind `gorm:"primaryKey"`
	ID         id.ID
	BodySealed []byte `gorm:"column:body"`
	Body       string `gorm:"-"`
	UpdatedAt  int64  `gorm:"autoUpdateTime:false"`
}

// SaveDraft keeps what an agent has begun to write; nothing visible deletes it. Errors: NotFound (the ticket), Denied,
// Invalid.
func (s *Service) SaveDraft(ctx context.Context, agent, ticket id.ID, kind MessageKind, body string) error {
	if kind != KindReply && kind != KindNote {
		return fault.InvalidField("kind", "invalid", "error.message.kind", nil)
	}
	if len(body) > draftMax {
		return tooLong("body", "error.message.too_long", len(body), draftMax)
	}
	body = WithoutControls(strings.ToValidUTF8(body, "\uFFFD"))
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		c := on(tx)
		if err := c.mayWork(Actor{Kind: ActorAgent, ID: agent}); err != nil {
			return err
		}
		if !Visible(body) {
			return c.deleteDraft(agent, ticket, kind)
		}
		var key id.ID
		if err := c.row(`SELECT key_id FROM tickets WHERE id = ?`, int64(ticket)).Scan((*int64)(&key)); err != nil {
			return noRows(err, fault.New(fault.NotFound, "error.ticket.not_found"))
		}
		return s.putDraft(c, key, &Draft{AgentID: agent, TicketID: ticket, Kind: kind, ID: s.ids.Next(), Body: body, UpdatedAt: Millis(s.now())})
	})
}

func (c conn) deleteDraft(agent, ticket id.ID, kind MessageKind) error {
	_, err := c.exec(`DELETE FROM drafts WHERE agent_id = ? AND ticket_id = ? AND kind = ?`, int64(agent), int64(ticket), string(kind))
	return err
}

// Drafts gives an agent's drafts in one ticket.
func (s *Service) Drafts(ctx context.Context, agent, ticket id.ID) ([]Draft, error) {
	return s.drafts(on(s.store.Read(ctx)), agent, ticket)
}

func (s *Service) drafts(c conn, agent, ticket id.ID) ([]Draft, error) {
	var out []Draft
	err := c.each(func(scan func(...any) error) error {
		d := Draft{AgentID: agent, TicketID: ticket}
		err := scan((*string)(&d.Kind), (*int64)(&d.ID), &d.BodySealed, &d.UpdatedAt)
		out = append(out, d)
		return err
	}, `SELECT d.kind, d.id, d.body, d.updated_at FROM drafts d WHERE d.agent_id = ? AND d.ticket_id = ? ORDER BY d.kind`, int64(agent), int64(ticket))
	if err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Body, err = s.open(c, "drafts", "body", out[i].ID, out[i].BodySealed); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// DraftTickets tells in which of the tickets (200 at most) the agent has a draft.
func (s *Service) DraftTickets(ctx context.Context, agent id.ID, tickets []id.ID) (map[id.ID]bool, error) {
	out := map[id.ID]bool{}
	if len(tickets) == 0 {
		return out, nil
	}
	in, args := list(tickets[:min(len(tickets), PageMax)])
	found, err := on(s.store.Read(ctx)).ids(`SELECT d.ticket_id FROM drafts d WHERE d.agent_id = ? AND d.ticket_id IN `+in,
		append([]any{int64(agent)}, args...)...)
	for _, ticket := range found {
		out[ticket] = true
	}
	return out, err
}
