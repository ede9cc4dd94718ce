package chat

import (
	"context"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const (
	namesKept = 1 << 14
	nameAge   = time.Minute // a changed name is shown after that at the latest
)

// names keeps what people are called, so that a frame is built without asking the database.
type names struct {
	desk *Desk
	kept *lru.Cache[nameKey, nameValue]
}

type nameKey struct {
	kind tickets.ActorKind
	id   id.ID
}

type nameValue struct {
	name string
	at   time.Time
}

func newNames(d *Desk) *names {
	kept, err := lru.New[nameKey, nameValue](namesKept)
	if err != nil {
		panic(err) // only for a size below one
	}
	return &names{desk: d, kept: kept}
}

// get gives a name that is known and fresh enough.
func (n *names) get(kind tickets.ActorKind, who id.ID) (string, bool) {
	v, ok := n.kept.Get(nameKey{kind, who})
	if !ok || time.Since(v.at) > nameAge {
		return "", false
	}
	return v.name, true
}

func (n *names) put(kind tickets.ActorKind, who id.ID, name string) {
	n.kept.Add(nameKey{kind, who}, nameValue{name, time.Now()})
}

// need makes sure that a name is known for the next moment, by the database where it must. Somebody who is gone has an
// empty name.
func (n *names) need(ctx context.Context, kind tickets.ActorKind, who id.ID) error {
	if who == 0 || kind == tickets.ActorSystem {
		return nil
	}
	if _, ok := n.get(kind, who); ok {
		return nil
	}
	var name string
	var err error
	if kind == tickets.ActorAgent {
		var a *tickets.Agent
		if a, err = n.desk.tickets.Agent(ctx, who); err == nil {
			name = a.Name
		}
	} else {
		var c *tickets.Contact
		if c, err = n.desk.tickets.Contact(ctx, who); err == nil {
			name = c.Name
		}
	}
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	n.put(kind, who, name)
	return nil
}

// needMessages is need for the authors of messages.
func (n *names) needMessages(ctx context.Context, list []tickets.Message) error {
	for i := range list {
		if err := n.need(ctx, list[i].AuthorKind, list[i].AuthorID); err != nil {
			return err
		}
	}
	return nil
}

// forget drops a name that must not be shown again.
func (n *names) forget(kind tickets.ActorKind, who id.ID) { n.kept.Remove(nameKey{kind, who}) }
