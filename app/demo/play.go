package demo

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// play carries out one thread at the times of its steps. It has a domain service of its own, with a clock that the
// steps set.
type play struct {
	*thread
	shop    *Shop
	service *tickets.Service
	clock   atomic.Int64 // Unix ms
	contact id.ID
	ticket  *tickets.Ticket
	over    chan struct{} // closed at the end
}

func newPlay(s *Shop, t *thread) *play {
	p := &play{thread: t, shop: s, over: make(chan struct{})}
	p.service = s.services.New(func() time.Time { return time.UnixMilli(p.clock.Load()) })
	return p
}

// begin makes the contact known, unless contacts has her already, and writes the first message.
func (p *play) begin(ctx context.Context, contacts map[int]id.ID) error {
	p.clock.Store(p.steps[0].at.UnixMilli())
	if known, ok := contacts[p.who]; ok && p.who >= 0 {
		p.contact = known
	} else if err := p.meet(ctx); err != nil {
		return err
	}
	contacts[p.who] = p.contact
	return p.write(ctx, 0)
}

// meet makes the contact: a shopper whom the shop knows, or a visitor of whom only the language is known.
func (p *play) meet(ctx context.Context) error {
	n := tickets.NewContact{Locale: p.locale}
	var vip bool
	if p.who >= 0 {
		who := shoppers()[p.who]
		n.Name, vip = who.name, who.vip
		n.Identities = []tickets.NewIdentity{
			{Kind: tickets.IdentityShop, Value: who.id, Verified: true},
			{Kind: tickets.IdentityEmail, Value: who.email, Verified: true},
			{Kind: tickets.IdentityPhone, Value: who.phone, Verified: true},
		}
	}
	contact, err := p.service.CreateContact(ctx, n)
	if err != nil {
		return err
	}
	p.contact = contact.ID
	if vip {
		_, err = p.service.UpdateContact(ctx, tickets.Actor{Kind: tickets.ActorSystem}, p.contact, tickets.ContactChange{VIP: &vip})
	}
	return err
}

// finish carries out what follows the first message.
func (p *play) finish(ctx context.Context) error {
	for i := 1; i < len(p.steps); i++ {
		p.clock.Store(p.steps[i].at.UnixMilli())
		err := p.step(ctx, i)
		if refused(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (p *play) step(ctx context.Context, i int) (err error) {
	s := &p.steps[i]
	by := p.actor(s.agent)
	switch s.do {
	case doWrite:
		return p.write(ctx, i)
	case doReply:
		return p.post(ctx, i, tickets.KindReply)
	case doNote:
		return p.post(ctx, i, tickets.KindNote)
	case doDraft:
		return p.service.SaveDraft(ctx, by.ID, p.ticket.ID, tickets.KindReply, s.text)
	case doAssign:
		_, err = p.service.Assign(ctx, by, p.ticket.ID, &p.shop.Agents[s.to])
	case doTeam:
		_, err = p.service.SetTeam(ctx, by, p.ticket.ID, &p.shop.Teams[s.team])
	case doPriority:
		_, err = p.service.SetPriority(ctx, by, p.ticket.ID, tickets.Priority(s.text))
	case doTags:
		_, err = p.service.SetTags(ctx, by, p.ticket.ID, s.tags)
	case doStatus:
		_, err = p.service.SetStatus(ctx, by, p.ticket.ID, tickets.Status(s.text))
	case doSnooze:
		until := s.until.UnixMilli()
		_, err = p.service.Snooze(ctx, by, p.ticket.ID, &until)
	case doRead:
		return p.service.MarkRead(ctx, by, p.ticket.ID, p.ticket.LastSeq)
	case doSeen:
		return p.service.MarkRead(ctx, tickets.Actor{Kind: tickets.ActorContact, ID: p.contact}, p.ticket.ID, p.ticket.LastSeq)
	}
	return err
}

func (p *play) actor(agent int) tickets.Actor {
	if agent < 0 {
		return tickets.Actor{Kind: tickets.ActorSystem}
	}
	return tickets.Actor{Kind: tickets.ActorAgent, ID: p.shop.Agents[agent], Role: staff[agent].role}
}

// write lets the shopper say something.
func (p *play) write(ctx context.Context, i int) error {
	got, err := p.service.Receive(ctx, tickets.Inbound{
		InboxID: p.shop.Inboxes[p.locale], ContactID: p.contact, SourceID: p.outer(i), Body: p.steps[i].text,
		Page: p.page, Order: p.order, OrderVerified: p.order != "" && p.who >= 0, At: p.steps[i].at,
	})
	if err == nil {
		p.ticket = got.Ticket
	}
	return err
}

func (p *play) post(ctx context.Context, i int, kind tickets.MessageKind) error {
	got, err := p.service.Post(ctx, p.actor(p.steps[i].agent), tickets.Outgoing{
		TicketID: p.ticket.ID, Kind: kind, ClientID: p.outer(i), Body: p.steps[i].text,
	})
	if err == nil {
		p.ticket = got.Ticket
	}
	return err
}

// outer is the sender's own id of a message.
func (p *play) outer(i int) string { return fmt.Sprintf("demo-%d-%d", p.n, i) }
