package chat

import (
	"encoding/json"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// author is who says or does something, as both sides see it.
type author struct {
	Kind   tickets.ActorKind `json:"kind"`
	ID     id.ID             `json:"id"`
	Name   string            `json:"name"`
	Avatar *string           `json:"avatar"`
}

// messageFrame is a message frame; Agents adds what is for them only: pos, kind, the row's id and where
// it was moved to. guest says that it is of somebody else than the ticket's contact.
type messageFrame struct {
	Message *tickets.Message
	Author  author
	Agents  bool
	Files   FileLink
}

func (f *messageFrame) encode() []byte {
	m := f.Message
	e := begin("message")
	e.id("ticket", m.TicketID)
	e.count("seq", m.Seq)
	if f.Agents {
		e.num("pos", m.Pos)
		e.text("kind", string(m.Kind))
		e.id("message", m.ID)
		e.kinds("masked", m.Masked.Kinds())
		if m.MovedTo != nil {
			e.id("moved_to", *m.MovedTo)
		}
	}
	if m.GuestID != nil {
		e.raw("guest", "true")
	}
	if m.ClientID != "" {
		e.text("id", m.ClientID)
	} else {
		e.id("id", m.ID)
	}
	e.author("author", &f.Author)
	state := m.State
	if !f.Agents {
		state = shownState(state)
	}
	if m.State == tickets.StateAsWritten || (m.State == tickets.StateHeld && f.Agents) {
		e.text("body", m.Body)
	} else {
		e.text("body", "")
	}
	if state != tickets.StateAsWritten {
		e.text("state", string(state))
	}
	if m.State == tickets.StateHeld && m.HeldUntil != nil {
		e.at("held_until", *m.HeldUntil)
	}
	e.raw("html", "null")
	e.raw("attachments", f.Files.encode(m.Attachments))
	e.at("at", m.CreatedAt)
	return e.end()
}

// MarshalJSON is for answers that hold messages.
func (f *messageFrame) MarshalJSON() ([]byte, error) { return f.encode(), nil }

type changedFrame struct {
	Type   string               `json:"type"`
	Ticket id.ID                `json:"ticket"`
	Seq    int64                `json:"seq,omitempty"` // none for a note
	Pos    int64                `json:"pos,omitempty"` // for agents
	State  tickets.MessageState `json:"state"`
	At     *stamp               `json:"at,omitempty"`          // of a released reply, for agents
	Files  []readyFile          `json:"attachments,omitempty"` // of attachment_ready
}

type eventFrame struct {
	Type    string            `json:"type"`
	Ticket  id.ID             `json:"ticket"`
	Pos     int64             `json:"pos"`
	Event   tickets.EventType `json:"event"`
	Author  author            `json:"author"`
	Subject *named            `json:"subject"`
	Data    json.RawMessage   `json:"data"`
	At      stamp             `json:"at"`
}

// named is an id with a name to show.
type named struct {
	ID   id.ID  `json:"id"`
	Name string `json:"name"`
}

type welcomeFrame struct {
	Type     string          `json:"type"`
	Ticket   id.ID           `json:"ticket"`
	Seq      int64           `json:"seq"`
	Online   bool            `json:"online"`
	AnswerBy *stamp          `json:"answer_by"`
	Queue    *int            `json:"queue"`
	Number   *int64          `json:"number"`
	Status   *tickets.Status `json:"status"`
	Contact  id.ID           `json:"contact"`
}

type agentWelcomeFrame struct {
	Type   string `json:"type"`
	Agent  author `json:"agent"`
	Online bool   `json:"online"`
}

// ackFrame answers a send; Pos is there for agents, Masked names what was masked in the text.
type ackFrame struct {
	ID     string
	Ticket id.ID
	Seq    *int64
	Pos    int64
	At     int64
	Masked []string
}

func (f *ackFrame) encode() []byte {
	e := begin("ack")
	e.text("id", f.ID)
	e.id("ticket", f.Ticket)
	e.count("seq", f.Seq)
	if f.Pos != 0 {
		e.num("pos", f.Pos)
	}
	e.at("at", f.At)
	e.kinds("masked", f.Masked)
	return e.end()
}

// MarshalJSON is for the answer to a POST.
func (f *ackFrame) MarshalJSON() ([]byte, error) { return f.encode(), nil }

type typingFrame struct {
	Type   string              `json:"type"`
	Ticket id.ID               `json:"ticket"`
	On     bool                `json:"on"`
	Author author              `json:"author"`
	Kind   tickets.MessageKind `json:"kind,omitempty"`
}

type readFrame struct {
	Type   string `json:"type"`
	Ticket id.ID  `json:"ticket"`
	Seq    int64  `json:"seq"`
	Author author `json:"author"`
}

type presenceFrame struct {
	Type   string  `json:"type"`
	Ticket id.ID   `json:"ticket,omitempty"`
	Author *author `json:"author,omitempty"`
	Online bool    `json:"online"`
}

// outlookFrame is the presence frame that shoppers get.
type outlookFrame struct {
	Type     string `json:"type"`
	Online   bool   `json:"online"`
	AnswerBy *stamp `json:"answer_by"`
}

type statusFrame struct {
	Ticket id.ID
	Number int64
	Status tickets.Status
	Agent  *author
	At     int64
}

func (f *statusFrame) encode() []byte {
	e := begin("status")
	e.id("ticket", f.Ticket)
	e.num("number", f.Number)
	e.text("status", string(f.Status))
	e.author("agent", f.Agent)
	e.at("at", f.At)
	return e.end()
}

type subscribedFrame struct {
	Type   string `json:"type"`
	Ticket id.ID  `json:"ticket"`
	Pos    int64  `json:"pos"`
}

type viewersFrame struct {
	Type    string   `json:"type"`
	Ticket  id.ID    `json:"ticket"`
	Viewers []author `json:"viewers"`
}

type pongFrame struct {
	Type string          `json:"type"`
	N    json.RawMessage `json:"n"`
}

// errorFrame answers a frame of the client that cannot be done.
type errorFrame struct {
	Type       string            `json:"type"`
	Code       code              `json:"code"`
	Message    string            `json:"message"`
	ID         string            `json:"id,omitempty"`
	Frame      string            `json:"frame,omitempty"`
	Ticket     string            `json:"ticket,omitempty"`
	RetryAfter int               `json:"retry_after,omitempty"`
	Setting    string            `json:"setting,omitempty"`
	Newer      []json.RawMessage `json:"newer,omitempty"`
}
