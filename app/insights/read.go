package insights

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Response is what somebody answered in a form, as far as it is text.
type Response struct {
	ID, Contact id.ID
	Ticket      id.ID // that it opened, else 0
	Texts       []string
	Order       string // "" when the shop did not sign it
	At          time.Time
}

// responseChannel is the channel of what was answered in forms.
const responseChannel = "form"

// Read follows the log: what contacts write becomes clauses, what is taken back, moved or turns out to be spam leaves them. It
// looks at what is there now, not at what the event says, so that an event that comes twice, or late, changes nothing. From
// the beginning of the log it takes in what was said before this version came.
func (s *Service) Read(ctx context.Context, events []tickets.Event) error {
	var messages, responses, heads, whole []id.ID
	for i := range events {
		e := &events[i]
		switch e.Type {
		case tickets.EventMessageCreated, tickets.EventMessageReleased, tickets.EventMessageRecalled, tickets.EventMessageMoved:
			if e.SubjectID != nil && e.ActorKind != tickets.ActorSystem && !e.Quiet() {
				messages = append(messages, *e.SubjectID)
			}
		case tickets.EventFeedbackReceived:
			responses = append(responses, *e.SubjectID)
		case tickets.EventTeamChanged, tickets.EventOrderMoved:
			heads = append(heads, *e.TicketID)
		case tickets.EventTicketMerged, tickets.EventTicketUnmerged:
			whole = append(whole, *e.TicketID)
		case tickets.EventStatusChanged:
			if spam(e) {
				whole = append(whole, *e.TicketID)
			}
		}
	}
	for _, one := range []struct {
		list []id.ID
		work func(context.Context, id.ID) error
	}{{responses, s.readResponse}, {heads, s.readHead}, {whole, s.readTicket}} {
		for _, of := range unique(one.list) {
			if err := one.work(ctx, of); err != nil {
				return fmt.Errorf("insights: %s: %w", of, err)
			}
		}
	}
	return s.readMessages(ctx, unique(messages))
}

func unique(list []id.ID) []id.ID { return slices.Compact(slices.Sorted(slices.Values(list))) }

// spam tells whether a ticket became spam or was found to be none.
func spam(e *tickets.Event) bool {
	var data struct{ From, To tickets.Status }
	return json.Unmarshal([]byte(e.Data), &data) == nil && (data.From == tickets.StatusSpam || data.To == tickets.StatusSpam)
}

// readMessages brings the clauses of messages to what the messages are now.
func (s *Service) readMessages(ctx context.Context, list []id.ID) error {
	heads := map[id.ID]*head{}
	var said []Said
	for some := range slices.Chunk(list, tickets.PageMax) {
		messages, err := s.Tickets.Messages(ctx, some)
		if err != nil {
			return err
		}
		more, err := s.readSome(ctx, heads, messages)
		if err != nil {
			return err
		}
		said = append(said, more...)
	}
	return s.takeAll(ctx, said)
}

// readSome gives what messages say, and drops the clauses of those that are not to be read any more.
func (s *Service) readSome(ctx context.Context, heads map[id.ID]*head, messages []tickets.Message) (said []Said, err error) {
	for i := range messages {
		m := &messages[i]
		if m.Kind != tickets.KindContact || m.AuthorKind != tickets.ActorContact {
			continue
		}
		h := heads[m.TicketID]
		if h == nil {
			if h, err = s.head(ctx, m.TicketID); err != nil {
				return nil, err
			}
			heads[m.TicketID] = h
		}
		if text, counts := h.counts(m); counts {
			said = append(said, h.said(m, text))
			continue
		}
		if err := s.dropVoices(ctx, `v.message_id = ?`, int64(m.ID)); err != nil {
			return nil, err
		}
	}
	return said, nil
}

// takeAll takes texts in small transactions with pauses.
func (s *Service) takeAll(ctx context.Context, said []Said) error {
	for part := range slices.Chunk(said, takeMost) {
		began := time.Now()
		kept, err := s.Take(ctx, part)
		if err != nil {
			return err
		}
		if kept > 0 {
			if err := tickets.Pause(ctx, time.Since(began)); err != nil {
				return err
			}
		}
	}
	return nil
}

// takeMost texts are read at once: most have one clause or two.
const takeMost = 50

// readTicket reads all that was said in a ticket again: it was merged, taken apart, made spam or found to be none.
func (s *Service) readTicket(ctx context.Context, ticket id.ID) error {
	h, err := s.head(ctx, ticket)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var list, forms []id.ID
	for after := int64(0); ; {
		said, err := s.Tickets.Said(ctx, ticket, after, tickets.PageMax, false)
		if err != nil {
			return err
		}
		for i := range said {
			list, after = append(list, said[i].ID), said[i].Pos
			if response := responseIn(h.Ticket, &said[i]); response != 0 {
				forms = append(forms, response)
			}
		}
		if len(said) < tickets.PageMax {
			break
		}
	}
	switch {
	case h.spam:
		err = s.dropVoices(ctx, `v.subject_id = ?`, int64(ticket))
	case h.subject != ticket: // with what was merged into it before
		err = s.resubject(ctx, `v.subject_id = ?`, int64(ticket), h.subject)
	default:
		for part := range slices.Chunk(list, settleRows) {
			if err == nil {
				err = s.resubject(ctx, `v.message_id IN ?`, int64s(part), h.subject)
			}
		}
	}
	for _, response := range unique(forms) {
		if err == nil {
			err = s.readResponse(ctx, response)
		}
	}
	if err == nil {
		err = s.readMessages(ctx, list)
	}
	if err != nil || h.spam || h.subject != ticket {
		return err
	}
	return s.readMerged(ctx, ticket)
}

// readMerged reads again what was said in tickets that were merged into one: it left the groups with that when that was spam.
func (s *Service) readMerged(ctx context.Context, into id.ID) error {
	list, err := s.Tickets.MergedTickets(ctx, into)
	for i := range list {
		if err == nil {
			err = s.readTicket(ctx, list[i].ID)
		}
	}
	return err
}

// responseIn gives the response whose answers a message holds, or 0.
func responseIn(t *tickets.Ticket, m *tickets.Message) id.ID {
	if !fromForm(t, m) {
		return 0
	}
	text, _, _ := strings.Cut(m.ClientID[len(formPrefix):], ":")
	response, err := id.Parse(text)
	if err != nil {
		return 0
	}
	return response
}

// resubject counts clauses with another subject.
func (s *Service) resubject(ctx context.Context, where string, arg any, subject id.ID) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		rows, err := voicesWhere(tx, ` WHERE `+where+` AND v.subject_id <> ?`, arg, int64(subject))
		if err != nil || len(rows) == 0 {
			return err
		}
		wanted, of := map[id.ID]bool{}, []id.ID{subject}
		for i := range rows {
			wanted[rows[i].id], of = true, append(of, rows[i].subject)
		}
		all, err := takeSubjects(tx, of)
		if err != nil {
			return err
		}
		if err := all.each(func(v *voice) bool {
			if wanted[v.id] {
				v.subject = subject
			}
			return wanted[v.id]
		}); err != nil {
			return err
		}
		return all.done()
	})
}
