package chat

import (
	"encoding/json"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// news is one change of one ticket on its way to the screens. The exported fields are what other nodes get as a hint:
// ids, numbers and states, nothing that a person wrote. What only this node knows beside it (the rows themselves) lets
// it show the change without reading the database.
type news struct {
	Type     tickets.ChangeType `json:"type"`
	Ticket   id.ID              `json:"ticket"`
	Contact  id.ID              `json:"contact"`
	Inbox    id.ID              `json:"inbox"`
	Number   int64              `json:"number"`
	Seq      int64              `json:"seq"` // last of the ticket
	Pos      int64              `json:"pos"` // last of the ticket
	MsgSeq   int64              `json:"msg,omitempty"`
	ByHer    int64              `json:"read_contact,omitempty"` // read marks
	ByAgents int64              `json:"read_agent,omitempty"`
	Status   tickets.Status     `json:"status"`
	Assignee id.ID              `json:"assignee"`
	Moved    bool               `json:"moved,omitempty"` // between lists
	Changed  *changedMark       `json:"changed,omitempty"`
	At       int64              `json:"at"`

	ticket  *tickets.Ticket // nil when it came from another node; never written to
	message *tickets.Message
	events  []tickets.Event
	built   map[builtKey]*frame // frames of this news, built when the first one needs them; owned by the hub
}

// changedMark says what became of a message, or which files of it are ready.
type changedMark struct {
	Seq   int64                `json:"seq"`
	Pos   int64                `json:"pos"`
	State tickets.MessageState `json:"state"`
	At    *stamp               `json:"at,omitempty"`    // of stateReleased
	Ready []readyMark          `json:"ready,omitempty"` // of stateReady
}

// readyMark says whether a file has a small picture now.
type readyMark struct {
	ID    id.ID `json:"id"`
	Thumb bool  `json:"thumb"`
}

// newsOf takes what a commit changed.
func newsOf(c tickets.Change) *news {
	t := c.Ticket
	n := &news{
		Type: c.Type, Ticket: t.ID, Contact: t.ContactID, Inbox: t.InboxID, Number: t.Number, Seq: t.LastSeq, Pos: t.LastPos,
		ByHer: t.ContactRead, ByAgents: t.AgentRead, Status: t.Status, At: t.UpdatedAt,
		ticket: t, message: c.Message, events: c.Events,
	}
	if t.AssigneeID != nil {
		n.Assignee = *t.AssigneeID
	}
	if m := c.Message; m != nil {
		if c.Type == tickets.ChangeState || c.Type == tickets.ChangeReleased {
			n.Changed = new(markOf(m))
		}
		if c.Type == tickets.ChangeState {
			n.message = nil
		} else if m.Seq != nil {
			n.MsgSeq = *m.Seq
		}
	}
	for i := range c.Events {
		n.weigh(&c.Events[i])
	}
	return n
}

// weigh notes what an event row means for lists.
func (n *news) weigh(e *tickets.Event) {
	switch e.Type {
	case tickets.EventTicketCreated, tickets.EventAssigned, tickets.EventStatusChanged, tickets.EventSnoozed, tickets.EventWoken,
		tickets.EventTicketMerged, tickets.EventTicketTook, tickets.EventTicketUnmerged, tickets.EventFirstOverdue:
		n.Moved = true
	}
}

// builtKey tells frames of one news apart: by side, language and, for several rows, place.
type builtKey struct {
	agents bool
	locale string
	pos    int64
}

// once builds a frame at its first use and shares it after. nil means that something for it is not known here yet.
func (n *news) once(key builtKey, build func() *frame) *frame {
	if f, ok := n.built[key]; ok {
		return f
	}
	f := build()
	if f == nil {
		return nil
	}
	if n.built == nil {
		n.built = map[builtKey]*frame{}
	}
	n.built[key] = f
	return f
}

// hint is the form for other nodes.
func (n *news) hint() []byte {
	b, err := json.Marshal(n)
	if err != nil {
		panic("chat: a hint does not encode: " + err.Error())
	}
	return b
}
