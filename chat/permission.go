package chat

import (
	"context"
	"maps"
	"sync"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// mayRead tells whether an agent may see a ticket. All agents see all tickets for now; every way to one goes through
// here.
func mayRead(a tickets.Actor, _ *tickets.Ticket) bool { return a.Kind == tickets.ActorAgent }

// mayWrite tells whether an agent may answer in a ticket.
func mayWrite(a tickets.Actor, t *tickets.Ticket) bool { return mayRead(a, t) }

// ticket reads the ticket that a frame names, if the agent may see it.
func (a *agent) ticket(ctx context.Context, in *incoming) (t *tickets.Ticket, err error) {
	one, p := in.ticketID()
	if p != nil {
		return nil, p
	}
	if one == 0 {
		return nil, newProblem(codeNotFound, "chat.error.ticket")
	}
	d := a.conn.desk
	err = d.reading(ctx, func() (err error) {
		t, err = d.tickets.Ticket(ctx, one)
		return err
	})
	if fault.Is(err, fault.NotFound) || (err == nil && !mayRead(a.actor, t)) {
		return nil, newProblem(codeNotFound, "chat.error.ticket")
	}
	return t, err
}

// passLife is how long an agent who was let at a ticket is let at it again without a look at the row: whoever answers
// quickly does not read the ticket each time.
const passLife = 5 * time.Second

// pass says that an agent may write in a ticket, and whose it is.
type pass struct {
	ticket, contact, inbox id.ID
	until                  time.Time // zero: while the ticket is open on her screen
}

func passTo(t *tickets.Ticket) pass {
	return pass{ticket: t.ID, contact: t.ContactID, inbox: t.InboxID}
}

func (k pass) holds() bool { return k.until.IsZero() || time.Now().Before(k.until) }

// passes are those of one agent's socket.
type passes struct {
	mu   sync.Mutex
	kept map[id.ID]pass
}

const passesKept = 2 * subscribeMax

func (p *passes) find(ticket id.ID) (pass, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k, found := p.kept[ticket]
	return k, found && k.holds()
}

func (p *passes) keep(k pass) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept == nil {
		p.kept = map[id.ID]pass{}
	}
	if len(p.kept) >= passesKept {
		maps.DeleteFunc(p.kept, func(_ id.ID, k pass) bool { return !k.until.IsZero() })
	}
	p.kept[k.ticket] = k
}

func (p *passes) drop(ticket id.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.kept, ticket)
}

// writable lets an agent write in the ticket that a frame names.
func (a *agent) writable(ctx context.Context, in *incoming) (pass, error) {
	if one, p := in.ticketID(); p == nil {
		if k, found := a.passes.find(one); found {
			return k, nil
		}
	}
	t, err := a.ticket(ctx, in)
	if err != nil {
		return pass{}, err
	}
	if !mayWrite(a.actor, t) {
		return pass{}, denied("chat.error.denied", "")
	}
	k := passTo(t)
	k.until = time.Now().Add(passLife)
	a.passes.keep(k)
	return k, nil
}
