package tickets

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// mergedMost is how many merged tickets are given with the one that they went into.
const mergedMost = 20

// MergeTicket makes one ticket part of another of the same contact: it is closed and points to the other, its messages stay where
// they are, and the contact waits in the other if she waited in it. When into was merged itself, where it went counts. Merging it
// again into the same one changes nothing. The other ticket comes back.
//
// Errors: Denied, NotFound, Invalid (the same ticket), Conflict ("error.merge.other_contact", "error.merge.already",
// "error.merge.closed": the other is closed or spam, "error.ticket.other_open").
func (s *Service) MergeTicket(ctx context.Context, a Actor, from, into id.ID) (out *Ticket, err error) {
	err = s.store.Write(ctx, func(tx *gorm.DB) error {
		out, err = s.MergeTicketTx(tx, a, from, into)
		return err
	})
	return out, err
}

// MergeTicketTx is MergeTicket inside a transaction of the caller.
func (s *Service) MergeTicketTx(tx *gorm.DB, a Actor, from, into id.ID) (*Ticket, error) {
	c := on(tx)
	if err := c.mayWork(a); err != nil {
		return nil, err
	}
	pair, err := s.mergeTwo(c, from, into)
	if err != nil {
		return nil, err
	}
	if pair.from.MergedInto != nil {
		return pair.into, s.loadTags(c, pair.into)
	}
	return pair.into, s.mergeNow(c, a, pair)
}

// work runs fn in a transaction of somebody who may work at the desk. Errors: Denied and those of fn.
func (s *Service) work(ctx context.Context, a Actor, fn func(c conn) error) error {
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		c := on(tx)
		if err := c.mayWork(a); err != nil {
			return err
		}
		return fn(c)
	})
}

// twoTickets are both ends of a merge, locked and opened.
type twoTickets struct{ from, into *Ticket }

// lockTwo reads two tickets under their locks, in one order for everybody.
func (s *Service) lockTwo(c conn, from, into id.ID) (p twoTickets, err error) {
	if into < from {
		p.into, p.from, err = s.lockInOrder(c, into, from)
	} else {
		p.from, p.into, err = s.lockInOrder(c, from, into)
	}
	return p, err
}

func (s *Service) lockInOrder(c conn, first, second id.ID) (a, b *Ticket, err error) {
	if a, err = s.locked(c, first); err != nil {
		return nil, nil, err
	}
	b, err = s.locked(c, second)
	return a, b, err
}

// mergeTwo locks both and looks whether they may be merged.
func (s *Service) mergeTwo(c conn, from, into id.ID) (p twoTickets, err error) {
	if into, err = c.endOfMerges(into); err != nil {
		return p, err
	}
	if from == into {
		return p, fault.InvalidField("into", "same", "error.merge.same", nil)
	}
	if p, err = s.lockTwo(c, from, into); err != nil {
		return p, err
	}
	switch {
	case p.from.MergedInto != nil && *p.from.MergedInto == into:
	case p.from.MergedInto != nil, p.into.MergedInto != nil:
		err = fault.New(fault.Conflict, "error.merge.already")
	case p.from.ContactID != p.into.ContactID:
		err = fault.New(fault.Conflict, "error.merge.other_contact")
	case p.into.Status == StatusClosed, p.into.Status == StatusSpam:
		err = fault.New(fault.Conflict, "error.merge.closed")
	}
	return p, err
}

// endOfMerges follows where a ticket went.
func (c conn) endOfMerges(ticket id.ID) (id.ID, error) {
	for range 1000 {
		next, err := c.ids(`SELECT t.merged_into FROM tickets t WHERE t.id = ? AND t.merged_into IS NOT NULL`, int64(ticket))
		if err != nil || len(next) == 0 {
			return ticket, err
		}
		ticket = next[0]
	}
	return ticket, nil
}

func (s *Service) mergeNow(c conn, a Actor, p twoTickets) error {
	at := Millis(s.now())
	from, into := s.begin(c, p.from, a, at), s.begin(c, p.into, a, at)
	active, waits := p.from.Status.Active(), p.from.WaitingSince
	was, err := json.Marshal(beforeMerge{
		Status: p.from.Status, Waiting: p.from.WaitingSince, Snoozed: p.from.SnoozedUntil, Solved: p.from.SolvedAt, IntoStatus: p.into.Status, IntoWaiting: p.into.WaitingSince,
	})
	if err != nil {
		return err
	}
	if err := c.setMerged(p.from, &p.into.ID); err != nil {
		return err
	}
	if p.from.Status != StatusClosed {
		p.from.move(StatusClosed, at)
	}
	from.event(EventTicketMerged, p.into.ID, string(was))
	deltas, err := from.saveAll()
	if err != nil {
		return err
	}
	if err := into.takeIn(p.from, active, waits); err != nil {
		return err
	}
	more, err := into.saveAll()
	if err != nil {
		return err
	}
	if err := c.count(append(deltas, more...)); err != nil || p.into.Tags != nil {
		return err
	}
	return s.loadTags(c, p.into)
}

// beforeMerge is what the event of a merge remembers of both tickets, for the undo. Times are Unix ms.
type beforeMerge struct {
	Status      Status `json:"status"`
	Waiting     *int64 `json:"waiting,omitempty"`
	Snoozed     *int64 `json:"snoozed,omitempty"`
	Solved      *int64 `json:"solved,omitempty"`
	IntoStatus  Status `json:"into_status"`
	IntoWaiting *int64 `json:"into_waiting,omitempty"`
}

// takeIn is what a ticket that was merged into it does to a ticket: whoever waited there waits here.
func (e *edit) takeIn(from *Ticket, active bool, waits *int64) error {
	t := e.t
	e.event(EventTicketTook, from.ID, "")
	if active && !t.Status.Active() {
		if err := e.alone(); err != nil {
			return err
		}
		e.move(StatusOpen)
	}
	if waits != nil && (t.WaitingSince == nil || *waits < *t.WaitingSince) {
		if t.Status == StatusPending {
			e.move(StatusOpen)
		}
		t.WaitingSince = waits
	}
	t.LastMessageAt = max(t.LastMessageAt, from.LastMessageAt)
	return nil
}

// setMerged says where a ticket went; nil: nowhere. The rest of the row is the edit's.
func (c conn) setMerged(t *Ticket, into *id.ID) error {
	t.MergedInto = into
	var value *int64
	if into != nil {
		value = new(int64(*into))
	}
	_, err := c.exec(`UPDATE tickets SET merged_into = ? WHERE id = ?`, value, int64(t.ID))
	return err
}

// UnmergeTicket undoes a merge: the ticket stands for itself again, as it was before. The ticket comes back.
//
// Errors: Denied, NotFound, Conflict ("error.merge.none", "error.ticket.other_open": its contact has another open chat).
func (s *Service) UnmergeTicket(ctx context.Context, a Actor, ticket id.ID) (*Ticket, error) {
	var out *Ticket
	err := s.work(ctx, a, func(c conn) error {
		t, err := s.oneOf(c, ticket)
		if err != nil {
			return err
		}
		if t.MergedInto == nil {
			return fault.New(fault.Conflict, "error.merge.none")
		}
		p, err := s.lockTwo(c, ticket, *t.MergedInto)
		if err != nil {
			return err
		}
		if out = p.from; out.MergedInto == nil || *out.MergedInto != p.into.ID { // somebody was quicker
			return fault.New(fault.Conflict, "error.merge.none")
		}
		return s.unmerge(c, a, p)
	})
	if isDuplicate(err) {
		return nil, otherOpen()
	}
	return out, err
}

// oneOf reads a ticket without its lock. Errors: NotFound.
func (s *Service) oneOf(c conn, ticket id.ID) (*Ticket, error) {
	t, err := c.ticket(selectTicket+` WHERE t.id = ?`, int64(ticket))
	if err == nil && t == nil {
		err = fault.New(fault.NotFound, "error.ticket.not_found")
	}
	return t, err
}

func (s *Service) unmerge(c conn, a Actor, p twoTickets) error {
	at := Millis(s.now())
	from, into, t := s.begin(c, p.from, a, at), s.begin(c, p.into, a, at), p.from
	was, err := c.beforeMerge(t.ID)
	if err != nil {
		return err
	}
	if err := c.setMerged(t, nil); err != nil {
		return err
	}
	from.event(EventTicketUnmerged, p.into.ID, "")
	if was.Status.Active() {
		if err := from.alone(); err != nil {
			return err
		}
	}
	if was.Status != t.Status {
		t.ClosedAt = nil
		from.move(was.Status)
	}
	t.WaitingSince, t.SnoozedUntil, t.SolvedAt = was.Waiting, was.Snoozed, was.Solved
	into.event(EventTicketUnmerged, t.ID, "")
	into.letGo(was)
	return s.saveBoth(c, from, into)
}

// letGo takes back what takeIn did, where nothing has happened since: nobody waits here any more.
func (e *edit) letGo(was beforeMerge) {
	t := e.t
	if was.Waiting == nil || !same(t.WaitingSince, was.Waiting) || same(was.IntoWaiting, was.Waiting) {
		return
	}
	t.WaitingSince = was.IntoWaiting
	if t.Status == StatusOpen && was.IntoStatus == StatusPending && t.WaitingSince == nil {
		e.move(StatusPending)
	}
}

// saveBoth saves two edits and counts at the end. The tags of both are there then.
func (s *Service) saveBoth(c conn, first, second *edit) error {
	deltas, err := first.saveAll()
	if err != nil {
		return err
	}
	more, err := second.saveAll()
	if err != nil {
		return err
	}
	return c.count(append(deltas, more...))
}

// beforeMerge reads what the ticket's newest merge has noted.
func (c conn) beforeMerge(ticket id.ID) (was beforeMerge, err error) {
	var data string
	err = c.row(`SELECT e.data FROM events e WHERE e.ticket_id = ? AND e.type = ? ORDER BY e.pos DESC LIMIT 1`, int64(ticket), string(EventTicketMerged)).Scan(&data)
	if err == nil {
		err = json.Unmarshal([]byte(data), &was)
	}
	if err == nil && !was.Status.Valid() {
		err = errors.New("a merge's event says no status")
	}
	return was, err
}

// MergedTickets gives the newest tickets that were merged into one, also by way of another, the oldest of them first.
func (s *Service) MergedTickets(ctx context.Context, into id.ID) ([]Ticket, error) {
	c := on(s.store.Read(ctx))
	var list []Ticket
	for next := []id.ID{into}; len(next) > 0 && len(list) < mergedMost; next = next[1:] {
		part, err := c.tickets(selectTicket+` WHERE t.merged_into = ? ORDER BY t.id DESC LIMIT ?`, int64(next[0]), mergedMost-len(list))
		if err != nil {
			return nil, err
		}
		for i := range part {
			next = append(next, part[i].ID)
		}
		list = append(list, part...)
	}
	slices.SortFunc(list, func(a, b Ticket) int { return cmp.Compare(a.ID, b.ID) })
	for i := range list {
		if err := s.openTicket(c, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}
