package chat

import (
	"encoding/json"

	"huiyin/tickets/id"
)

// Notification is what one agent's screens are told beside her lists: that something wants her, or only that the number of
// what she has not read has changed (Kind empty). It holds ids and states, nothing that a person wrote.
type Notification struct {
	Agent   id.ID  `json:"agent"`
	Kind    string `json:"kind,omitempty"`   // see app/notify
	Ticket  id.ID  `json:"ticket,omitempty"` // 0: it is not about a ticket
	Number  int64  `json:"number,omitempty"` // of the ticket
	Unread  int    `json:"unread"`
	At      int64  `json:"at"`
	Sound   bool   `json:"sound,omitempty"`   // she wants to hear it
	Desktop bool   `json:"desktop,omitempty"` // she wants her browser to show it while she looks elsewhere
}

type notificationFrame struct {
	Type    string `json:"type"`
	Kind    string `json:"kind,omitempty"`
	Ticket  *id.ID `json:"ticket"`
	Number  int64  `json:"number,omitempty"`
	Unread  int    `json:"unread"`
	At      stamp  `json:"at"`
	Sound   bool   `json:"sound"`
	Desktop bool   `json:"desktop"`
}

// Notify shows a notification on the agent's screens, on every node. It does not wait.
func (d *Desk) Notify(n Notification) {
	d.hub.do(func() { d.hub.notify(&n) })
	if b, err := json.Marshal(n); err == nil {
		d.publish(subjectNotice, b)
	}
}

// notify is on the hub.
func (h *hub) notify(n *Notification) {
	if len(h.agents[n.Agent]) == 0 {
		return
	}
	f := notificationFrame{Type: "notification", Kind: n.Kind, Number: n.Number, Unread: n.Unread, At: stamp(n.At), Sound: n.Sound, Desktop: n.Desktop}
	if n.Ticket != 0 {
		f.Ticket = &n.Ticket
	}
	built := textFrame(f)
	for _, a := range h.agents[n.Agent] {
		a.conn.send(built)
	}
}
