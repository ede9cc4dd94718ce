package tickets

import (
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// SplitMost bounds how many messages one split moves: it is one transaction.
const SplitMost = 100

// Split is a split that was made ready: see PlanSplit.
type Split struct {
	ticket, contact id.ID
	from            int64
	authors         []id.ID
	files           map[id.ID][]id.ID // of each message, under the key of the ticket's contact
}

// selectSplit are the messages that a split moves: all that stand as they were written.
const selectSplit = selectMessage + ` WHERE m.ticket_id = ? AND m.pos >= ? AND m.state = '' ORDER BY m.pos LIMIT ?`

// PlanSplit makes ready what takes time before SplitTx: it copies files that lie under a guest's key.
//
// Errors: Denied, NotFound, Invalid (field from_pos: nothing stands there, or more than SplitMost messages), Conflict
// ("error.contact.erased"), and those of Options.CopyFile.
func (s *Service) PlanSplit(ctx context.Context, a Actor, ticket id.ID, fromPos int64) (*Split, error) {
	c := on(s.store.Read(ctx))
	if err := c.mayWork(a); err != nil {
		return nil, err
	}
	t, err := s.oneOf(c, ticket)
	if err != nil {
		return nil, err
	}
	list, err := s.messages(c, selectSplit, int64(ticket), fromPos, SplitMost+1)
	if err != nil {
		return nil, err
	}
	p := &Split{ticket: ticket, contact: t.ContactID, from: fromPos, authors: []id.ID{t.ContactID}, files: map[id.ID][]id.ID{}}
	if err := p.fits(len(list)); err != nil {
		return nil, err
	}
	for i := range list {
		m := &list[i]
		if m.AuthorKind == ActorContact && !slices.Contains(p.authors, m.AuthorID) {
			p.authors = append(p.authors, m.AuthorID)
		}
		if p.files[m.ID], err = s.filesUnder(ctx, c, m, p.contact); err != nil {
			return nil, err
		}
	}
	slices.Sort(p.authors)
	return p, nil
}

func (p *Split) fits(messages int) error {
	switch {
	case messages == 0:
		return fault.InvalidField("from_pos", "invalid", "error.split.nothing", nil)
	case messages > SplitMost:
		return fault.InvalidField("from_pos", "too_many", "error.split.too_many", map[string]any{"max": SplitMost})
	}
	return nil
}

// SplitTx moves everything that was said in a ticket from a place on, notes too, into a new ticket of its contact, in the same
// order: copies with new numbers, as MoveMessage makes them; the originals keep their places, empty. What was recalled, erased
// or is held stays. The ticket comes back, waiting as its last message has it.
//
// Errors: those of PlanSplit, and Conflict: "error.ticket.other_open" (a chat, of which she has one at a time),
// "error.split.changed" (something has changed since the plan: plan again).
func (s *Service) SplitTx(tx *gorm.DB, a Actor, p *Split) (*Ticket, error) {
	c := on(tx)
	if err := c.mayWork(a); err != nil {
		return nil, err
	}
	t, err := s.splitNow(c, a, p)
	switch {
	case errors.Is(err, errMoved):
		return nil, fault.Wrap(fault.Conflict, "error.split.changed", err)
	case isDuplicate(err):
		return nil, otherOpen()
	}
	return t, err
}

func (s *Service) splitNow(c conn, a Actor, p *Split) (*Ticket, error) {
	people := map[id.ID]*Contact{}
	for _, one := range p.authors { // before any ticket, as everybody locks
		person, err := c.heldContact(one)
		if err != nil {
			return nil, err
		}
		people[one] = person
	}
	t, err := s.locked(c, p.ticket)
	if err != nil {
		return nil, err
	}
	if t.ContactID != p.contact || people[p.contact].ID != p.contact {
		return nil, errMoved
	}
	if t.KeyID == 0 {
		return nil, fault.New(fault.Conflict, "error.contact.erased")
	}
	list, err := s.messages(c, selectSplit, int64(p.ticket), p.from, SplitMost+1)
	if err != nil {
		return nil, err
	}
	if err := p.fits(len(list)); err != nil {
		return nil, err
	}
	at := Millis(s.now())
	v := &move{s: s, c: c, actor: a, split: true, from: s.begin(c, t, a, at)}
	if v.to, err = v.newTicket(people[p.contact], at); err != nil {
		return nil, err
	}
	if err := v.all(list, people, p); err != nil {
		return nil, err
	}
	if err := s.saveBoth(c, v.from, v.to); err != nil {
		return nil, err
	}
	return v.to.t, s.loadTags(c, v.to.t)
}

// all moves the messages one after the other.
func (v *move) all(list []Message, people map[id.ID]*Contact, p *Split) error {
	answer := false
	var inserted Ticket
	for i := range list {
		m := &list[i]
		files, planned := p.files[m.ID]
		if v.author = nil; m.AuthorKind == ActorContact {
			v.author = people[m.AuthorID]
			planned = planned && v.author != nil
		}
		if !planned {
			return errMoved
		}
		if i > 0 {
			v.from.tellNow()
			v.to.tellNow()
		}
		v.renamed = nil
		v.message, v.plan = m, &movePlan{from: p.ticket, contact: p.contact, files: files}
		if err := v.say(); err != nil {
			return err
		}
		if i == 0 {
			if err := v.begin(); err != nil {
				return err
			}
			inserted = *v.to.t
		}
		for _, step := range []func() error{v.insert, v.files, v.leave} {
			if err := step(); err != nil {
				return err
			}
		}
		if err := v.s.moved(v.c.tx, m.ID, v.copy, v.to.t, v.renamed); err != nil {
			return err
		}
		answer = answer || m.answers()
	}
	if err := v.c.saveTicket(&inserted, v.to.t); err != nil || !answer {
		return err
	}
	return v.from.waitsAgain()
}

// waitsAgain is what a ticket does whose answer went away: who was answered by it waits again.
func (e *edit) waitsAgain() error {
	t := e.t
	if !t.Status.Active() || t.WaitingSince != nil {
		return nil
	}
	answered, err := e.c.lastAnswer(t.ID)
	if err != nil {
		return err
	}
	since, err := e.c.firstOf(t.ID, answered)
	if since == nil || err != nil {
		return err
	}
	if t.Status == StatusPending {
		e.move(StatusOpen)
	}
	t.WaitingSince = since
	return nil
}
