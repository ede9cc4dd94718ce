package chat

import (
	"encoding/json"
	"strings"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// maker turns rows into frames in one language. Names come from the cache only: where one is missing the answer is nil
// and whoever asked has to go by the database, which may wait.
type maker struct {
	names   *names
	locale  string
	visitor visitorForm
	files   FileLink
}

func (d *Desk) maker(locale string) maker {
	return maker{d.names, locale, d.visitors[locale], d.fileLink}
}

// visitorForm is "Visitor 7F3A" without the code: the text is looked up once, not for every message.
type visitorForm struct{ before, after string }

func visitorForms(text func(locale, key string, args map[string]any) string) map[string]visitorForm {
	const code = "0000"
	out := map[string]visitorForm{}
	for _, locale := range []string{chinese, english} {
		var f visitorForm
		f.before, f.after, _ = strings.Cut(text(locale, "chat.visitor", map[string]any{"code": code}), code)
		out[locale] = f
	}
	return out
}

// author names who acts. The desk itself has no name of its own: screens show it their way.
func (k maker) author(kind tickets.ActorKind, who id.ID) (author, bool) {
	a := author{Kind: kind, ID: who}
	if kind == tickets.ActorSystem || who == 0 {
		return a, true
	}
	name, ok := k.names.get(kind, who)
	if name == "" && kind == tickets.ActorContact {
		name = k.visitorName(who)
	}
	a.Name = name
	return a, ok
}

// visitorName is what a contact without a name is called.
func (k maker) visitorName(contact id.ID) string {
	return k.visitor.before + tickets.VisitorCode(contact) + k.visitor.after
}

// message builds a message frame. Agents see its place among everything; a shopper sees her own side only.
func (k maker) message(m *tickets.Message, agents bool) *messageFrame {
	by, ok := k.author(m.AuthorKind, m.AuthorID)
	if !ok {
		return nil
	}
	return &messageFrame{Message: m, Author: by, Agents: agents, Files: k.files}
}

// event builds the frame of a timeline row that is no message.
func (k maker) event(e *tickets.Event) *eventFrame {
	by, ok := k.author(e.ActorKind, e.ActorID)
	if !ok {
		return nil
	}
	f := &eventFrame{Type: "event", Ticket: *e.TicketID, Pos: *e.Pos, Event: e.Type, Author: by, Data: json.RawMessage("{}"), At: stamp(e.At)}
	if e.Data != "" {
		f.Data = json.RawMessage(e.Data)
	}
	if e.SubjectID == nil {
		return f
	}
	f.Subject = &named{ID: *e.SubjectID}
	if kind := subjectKind(e.Type); kind != "" {
		who, ok := k.author(kind, *e.SubjectID)
		if !ok {
			return nil
		}
		f.Subject.Name = who.Name
	}
	return f
}

// subjectKind is who the subject of an event is; empty for what has no name.
func subjectKind(t tickets.EventType) tickets.ActorKind {
	switch t {
	case tickets.EventAssigned:
		return tickets.ActorAgent
	case tickets.EventParticipantIn, tickets.EventParticipantOut:
		return tickets.ActorContact
	}
	return ""
}

// changed builds the frame that takes a message back, or says that a file of it is ready.
func (d *Desk) changed(ticket id.ID, mark changedMark, agents bool) *changedFrame {
	f := &changedFrame{Type: "message_changed", Ticket: ticket, Seq: mark.Seq, State: mark.State, Files: d.fileLink.ready(mark.Ready)}
	if agents {
		f.Pos, f.At = mark.Pos, mark.At
		return f
	}
	f.State = shownState(f.State)
	return f
}

// shownState is what became of a message as the shopper sees it: one that stands in another ticket now is gone from this
// one, and to her a reply was never held.
func shownState(s tickets.MessageState) tickets.MessageState {
	switch s {
	case tickets.StateMoved:
		return tickets.StateRecalled
	case stateReleased:
		return stateReady
	}
	return s
}

// stateReady says that a file of the message has its small picture now; the message is as it was.
const stateReady tickets.MessageState = "attachment_ready"

// stateReleased says to agents that a reply is not held any more: it has a seq, and the time at which the contact got it.
const stateReleased tickets.MessageState = "released"

// markOf is the mark of a message that was recalled, erased, released, undone or moved, or of which a file is ready.
func markOf(m *tickets.Message) changedMark {
	mark := changedMark{Pos: m.Pos, State: m.State}
	if m.Seq != nil {
		mark.Seq = *m.Seq
	}
	if m.State == tickets.StateAsWritten || m.State == tickets.StateHeld {
		if mark.State = stateReady; m.HeldUntil != nil && m.State == tickets.StateAsWritten {
			mark.State, mark.At = stateReleased, new(stamp(m.CreatedAt))
		}
		for i := range m.Attachments {
			a := &m.Attachments[i]
			mark.Ready = append(mark.Ready, readyMark{ID: a.ID, Thumb: a.Thumb != ""})
		}
	}
	return mark
}

// shown is the status as the shopper sees it: that her ticket was taken for spam is not told.
func shown(s tickets.Status) tickets.Status {
	if s == tickets.StatusSpam {
		return tickets.StatusClosed
	}
	return s
}
