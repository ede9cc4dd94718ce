package chat

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// listFrame is a list frame. Its items are JSON already: the rows are built once a language, and put together for each
// agent.
type listFrame struct {
	items  []string
	counts *listCounts
	reload bool
}

func (f *listFrame) empty() bool { return len(f.items) == 0 && f.counts == nil && !f.reload }

// frame writes {"type":"list","items":[…],"counts":{…},"reload":true}, the last two where there is something to say.
func (f *listFrame) frame() *frame {
	size := 128
	for _, i := range f.items {
		size += len(i) + 1
	}
	b := append(make([]byte, 0, size), `{"type":"list","items":[`...)
	for n, i := range f.items {
		if n > 0 {
			b = append(b, ',')
		}
		b = append(b, i...)
	}
	b = append(b, ']')
	if f.counts != nil {
		counts, _ := json.Marshal(f.counts) // numbers only
		b = append(append(b, `,"counts":`...), counts...)
	}
	if f.reload {
		b = append(b, `,"reload":true`...)
	}
	return &frame{wire: wrap(opText, append(b, '}'))}
}

type listCounts struct {
	Unassigned int `json:"unassigned"`
	Mine       int `json:"mine"`
	Colleagues int `json:"colleagues"`
	Snoozed    int `json:"snoozed"`
	All        int `json:"all"`
}

func countsOf(c tickets.Counts) *listCounts {
	return &listCounts{c.Unassigned, c.Mine, c.Colleagues, c.Snoozed, c.All}
}

// listTicket is a row of a list.
type listTicket struct {
	Number        int64            `json:"number"`
	Subject       string           `json:"subject"`
	Status        tickets.Status   `json:"status"`
	Priority      tickets.Priority `json:"priority"`
	Channel       tickets.Channel  `json:"channel"`
	Contact       named            `json:"contact"`
	Assignee      *author          `json:"assignee"`
	Preview       string           `json:"preview"`
	Seq           int64            `json:"seq"`
	Pos           int64            `json:"pos"`
	AgentRead     int64            `json:"agent_read"`
	WaitingSince  *stamp           `json:"waiting_since"`
	SnoozedUntil  *stamp           `json:"snoozed_until"`
	LastMessageAt stamp            `json:"last_message_at"`
}

// builtRow is a changed ticket with its row in one language.
type builtRow struct {
	ticket *tickets.Ticket
	moved  bool
	row    []byte
}

// item writes {"ticket":"…","lists":[…],"row":{…}}. The names of lists need no escaping.
func (r *builtRow) item(lists []string) string {
	var b strings.Builder
	b.Grow(len(r.row) + 96)
	b.WriteString(`{"ticket":"` + r.ticket.ID.String() + `","lists":[`)
	for n, l := range lists {
		if n > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + l + `"`)
	}
	b.WriteString(`],"row":`)
	b.Write(r.row)
	b.WriteByte('}')
	return b.String()
}

// buildRows reads what is not known and builds the rows, the newest message first.
func (d *Desk) buildRows(ctx context.Context, rows []*listRow, k maker) []builtRow {
	out := make([]builtRow, 0, len(rows))
	for _, r := range rows {
		err := d.reading(ctx, func() error { return d.loadRow(ctx, r) })
		if err != nil {
			if !fault.Is(err, fault.NotFound) {
				d.log.Warn("chat: a row of a list", "error", err)
			}
			continue
		}
		s, ok := k.state(r.ticket)
		if !ok {
			continue
		}
		b, err := json.Marshal(listTicket{
			Number: s.number, Subject: s.subject, Status: s.status, Priority: s.priority, Channel: s.channel,
			Contact: s.contact, Assignee: s.assignee, Preview: s.preview, Seq: s.seq, Pos: s.pos, AgentRead: s.agentRead,
			WaitingSince: moment(s.waitingSince), SnoozedUntil: moment(s.snoozed), LastMessageAt: stamp(s.lastMessageAt),
		})
		if err == nil {
			out = append(out, builtRow{r.ticket, r.moved, b})
		}
	}
	slices.SortFunc(out, func(a, b builtRow) int { return int(b.ticket.LastMessageAt - a.ticket.LastMessageAt) })
	return out
}

func (d *Desk) loadRow(ctx context.Context, r *listRow) (err error) {
	if r.ticket == nil {
		if r.ticket, err = d.tickets.Ticket(ctx, r.id); err != nil {
			return err
		}
	}
	if err = d.names.need(ctx, tickets.ActorContact, r.ticket.ContactID); err == nil && r.ticket.AssigneeID != nil {
		err = d.names.need(ctx, tickets.ActorAgent, *r.ticket.AssigneeID)
	}
	return err
}
