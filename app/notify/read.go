package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// stale is how old an event may be to be told: after a restore, or an hour without this reader, the past is history.
const stale = time.Hour

// round is what one batch of events comes to.
type round struct {
	*crew
	s     *Service
	set   Settings
	about map[id.ID]*tickets.Situation
	notes map[noteKey]note
	spent []spent
	sends map[sendKey]send
}

// noteKey is what an agent has one unread notification of.
type noteKey struct {
	who     id.ID
	kind    Kind
	subject id.ID
}

// note is a notification on its way to an agent's bell.
type note struct {
	who     *person
	kind    Kind
	subject id.ID
	ticket  *tickets.Situation // nil: none
	number  int64              // of an improvement task
	n, at   int64
}

// spent are notifications that have nothing to say any more.
type spent struct {
	subject id.ID
	kinds   []Kind
}

// Read takes events of the log and tells whom they concern. Again for the same event is harmless.
func (s *Service) Read(ctx context.Context, events []tickets.Event) error {
	limit := tickets.Millis(s.Now().Add(-stale))
	fresh := slices.DeleteFunc(slices.Clone(events), func(e tickets.Event) bool { return e.At < limit || !concerns(e.Type) || e.Quiet() || e.Held() })
	if len(fresh) == 0 {
		return nil
	}
	r, err := s.round(ctx, fresh)
	if err != nil {
		return fmt.Errorf("who is to be told: %w", err)
	}
	for i := range fresh {
		if err := r.take(ctx, &fresh[i]); err != nil {
			return err
		}
	}
	return r.write(ctx)
}

// concerns tells whether anybody is told of events of a type, or no longer.
func concerns(t tickets.EventType) bool {
	switch t {
	case tickets.EventTicketCreated, tickets.EventMessageCreated, tickets.EventMessageReleased, tickets.EventAssigned, tickets.EventStatusChanged,
		tickets.EventSnoozed, tickets.EventWoken, tickets.EventRated, tickets.EventAlertRaised, tickets.EventTaskUpdated, tickets.EventTicketMerged, tickets.EventFirstOverdue:
		return true
	}
	return false
}

func (s *Service) round(ctx context.Context, events []tickets.Event) (*round, error) {
	c, err := s.crew(ctx)
	if err != nil {
		return nil, err
	}
	r := &round{crew: c, s: s, about: map[id.ID]*tickets.Situation{}, notes: map[noteKey]note{}, sends: map[sendKey]send{}}
	if r.set, err = s.Settings(ctx); err != nil {
		return nil, err
	}
	var ids []id.ID
	for i := range events {
		if t := events[i].TicketID; t != nil && !slices.Contains(ids, *t) {
			ids = append(ids, *t)
		}
	}
	list, err := s.Tickets.Situations(ctx, ids)
	for i := range list {
		r.about[list[i].Ticket] = &list[i]
	}
	return r, err
}

// take finds out whom an event concerns.
func (r *round) take(ctx context.Context, e *tickets.Event) error {
	if e.Type == tickets.EventAlertRaised {
		r.alert(e)
		return nil
	}
	if e.Type == tickets.EventTaskUpdated {
		return r.task(e)
	}
	if e.TicketID == nil || r.about[*e.TicketID] == nil {
		return nil
	}
	t := r.about[*e.TicketID]
	switch e.Type {
	case tickets.EventTicketCreated:
		if t.Assignee == nil && t.Waiting != nil {
			return r.waiting(ctx, e, t)
		}
	case tickets.EventMessageCreated, tickets.EventMessageReleased:
		switch {
		case e.Copied(): // somebody has moved it here
			if t.Assignee != nil && *t.Assignee != e.ActorID {
				r.tell(*t.Assignee, Message, t.Ticket, t, e)
			}
		case e.ActorKind != tickets.ActorContact:
			if t.Waiting == nil { // a note answers nobody
				r.spend(t.Ticket, Waiting, Message, Unanswered)
			}
		case t.Assignee != nil:
			r.tell(*t.Assignee, Message, t.Ticket, t, e)
		}
	case tickets.EventAssigned:
		r.spend(t.Ticket, Waiting)
		if e.SubjectID != nil && t.Assignee != nil && *e.SubjectID == *t.Assignee && e.ActorID != *t.Assignee {
			r.tell(*t.Assignee, Assigned, t.Ticket, t, e)
		}
	case tickets.EventStatusChanged:
		if t.Waiting == nil {
			r.spend(t.Ticket, Waiting, Message, Unanswered)
		}
	case tickets.EventRated:
		r.rated(e, t)
	case tickets.EventFirstOverdue:
		return r.overdue(ctx, e, t)
	case tickets.EventTicketMerged:
		r.spend(t.Ticket, Waiting, Message, Unanswered)
	}
	return nil
}

// overdue tells who has the ticket, or those who may take it, that its first reply has been promised for earlier.
func (r *round) overdue(ctx context.Context, e *tickets.Event, t *tickets.Situation) error {
	who := []id.ID{}
	if t.Assignee != nil {
		who = append(who, *t.Assignee)
	} else {
		takers, err := r.takers(ctx, t)
		if err != nil {
			return err
		}
		who = takers
	}
	for _, one := range who {
		r.tell(one, Unanswered, t.Ticket, t, e)
	}
	r.post(Unanswered, t.Ticket, t)
	return nil
}

// waiting tells those who may take a new ticket: its team, or everybody.
func (r *round) waiting(ctx context.Context, e *tickets.Event, t *tickets.Situation) error {
	who, err := r.takers(ctx, t)
	if err != nil {
		return err
	}
	for _, one := range who {
		r.tell(one, Waiting, t.Ticket, t, e)
	}
	r.post(Waiting, t.Ticket, t)
	return nil
}

// takers are those who may take a ticket that nobody has.
func (r *round) takers(ctx context.Context, t *tickets.Situation) ([]id.ID, error) {
	if t.Team == nil {
		return r.order, nil
	}
	team, err := r.s.Tickets.TeamAgents(ctx, *t.Team)
	if err != nil || !slices.ContainsFunc(team, func(a id.ID) bool { return r.people[a] != nil }) {
		return r.order, err
	}
	return team, nil
}

// rated tells of a bad rating: who has the ticket, and who leads.
func (r *round) rated(e *tickets.Event, t *tickets.Situation) {
	var data struct {
		Score int `json:"score"`
	}
	if json.Unmarshal([]byte(e.Data), &data) != nil || data.Score < 1 || data.Score > badScore {
		return
	}
	for _, one := range r.order {
		if p := r.people[one]; p.Role != tickets.RoleAgent || (t.Assignee != nil && *t.Assignee == one) {
			r.tell(one, Rated, t.Ticket, t, e)
		}
	}
	r.post(Rated, t.Ticket, t)
}

// alert tells the administrators that something is wrong with the desk, and all who lead of complaints that rise.
func (r *round) alert(e *tickets.Event) {
	if e.SubjectID == nil {
		return
	}
	for _, one := range r.order {
		if role := r.people[one].Role; role == tickets.RoleAdmin || role == tickets.RoleManager && strings.Contains(e.Data, rising) {
			r.tell(one, Alert, *e.SubjectID, nil, e)
		}
	}
	r.post(Alert, *e.SubjectID, nil)
}

// task tells those whom a change of an improvement task concerns: it names them.
func (r *round) task(e *tickets.Event) error {
	var data struct {
		Number int64   `json:"number"`
		Tell   []id.ID `json:"tell"`
	}
	if err := json.Unmarshal([]byte(e.Data), &data); err != nil || e.SubjectID == nil {
		return err
	}
	for _, one := range data.Tell {
		if p := r.people[one]; p != nil && p.Wants(Task, Bell) {
			r.notes[noteKey{one, Task, *e.SubjectID}] = note{who: p, kind: Task, subject: *e.SubjectID, number: data.Number, n: e.N, at: e.At}
		}
	}
	return nil
}

// tell notes that an agent is to be told; of the same thing in one round once.
func (r *round) tell(who id.ID, k Kind, subject id.ID, t *tickets.Situation, e *tickets.Event) {
	if p := r.people[who]; p != nil && p.Wants(k, Bell) {
		r.notes[noteKey{who, k, subject}] = note{who: p, kind: k, subject: subject, ticket: t, n: e.N, at: e.At}
	}
}

// spend notes that nothing is to be said of a ticket any more; what was about to be said earlier in the round is not.
func (r *round) spend(subject id.ID, kinds ...Kind) {
	for _, k := range kinds {
		for who := range r.people {
			delete(r.notes, noteKey{who, k, subject})
		}
		for i := range r.targets {
			delete(r.sends, sendKey{0, r.targets[i].ID, k, subject})
		}
	}
	r.spent = append(r.spent, spent{subject, kinds})
}
