package tickets

import (
	"context"
	"math"
	"slices"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// ListName names one of the lists that an agent works from.
type ListName string

// The lists. Snoozed tickets are in snoozed and all only.
const (
	ListUnassigned ListName = "unassigned" // active, nobody's: who waits longest first, then those who do not wait
	ListMine       ListName = "mine"       // active, the agent's: newest message first, as in all that follow
	ListColleagues ListName = "colleagues" // active, somebody else's
	ListSnoozed    ListName = "snoozed"    // the agent's, put off
	ListAll        ListName = "all"        // everything, of every status
)

var listNames = []ListName{ListUnassigned, ListMine, ListColleagues, ListSnoozed, ListAll}

func listNumber(l ListName) byte { return byte(slices.Index(listNames, l)) }

// ListQuery asks for a page of a list.
type ListQuery struct {
	List   ListName
	Agent  id.ID  // whose list; all and unassigned are everybody's
	Cursor string // Next of the page before; empty: the first page
	Limit  int    // 50 by default, 200 at most
}

// ListPage is a page of a list.
type ListPage struct {
	Items []TicketRow
	Next  string // cursor of the next page; empty: this is the last one
}

// TicketRow is a ticket as lists show it.
type TicketRow struct {
	Ticket
	ContactName  string // empty: anonymous, see Visitor
	Visitor      string // VisitorCode of the contact
	VIP          bool
	Blocked      bool
	AssigneeName string // empty: nobody's
}

// Each list is one walk along one index; the condition after the index's own is met by nearly every row on it.
const (
	selectRow = `SELECT ` + ticketColumns + `, p.name, p.vip, p.blocked FROM tickets t JOIN contacts p ON p.id = t.contact_id WHERE `
	active    = ` AND t.status IN ('new','open','pending') AND t.snoozed_until IS NULL `
	newest    = ` AND (t.last_message_at, t.id) < (?, ?) ORDER BY t.last_message_at DESC, t.id DESC LIMIT ?`

	waitingQuery = selectRow + `t.assignee_id IS NULL` + active +
		`AND t.waiting_since IS NOT NULL AND (t.waiting_since, t.id) > (?, ?) ORDER BY t.waiting_since, t.id LIMIT ?`
	quietQuery      = selectRow + `t.assignee_id IS NULL` + active + `AND t.waiting_since IS NULL AND t.id < ? ORDER BY t.id DESC LIMIT ?`
	mineQuery       = selectRow + `t.assignee_id = ?` + active + newest
	colleaguesQuery = selectRow + `t.assignee_id IS NOT NULL AND t.assignee_id <> ?` + active + newest
	snoozedQuery    = selectRow + `t.assignee_id = ? AND t.status IN ('new','open','pending') AND t.snoozed_until IS NOT NULL` + newest
	allQuery        = selectRow + `1 = 1` + newest
)

// Parts of the unassigned list.
const (
	partWaiting byte = iota
	partQuiet        // those who do not wait, the newest first
)

// List gives a page of a list. Errors: Invalid (no such list, a cursor of another list).
func (s *Service) List(ctx context.Context, q ListQuery) (ListPage, error) {
	if !slices.Contains(listNames, q.List) {
		return ListPage{}, fault.InvalidField("list", "invalid", "error.list.name", nil)
	}
	at, err := parseCursor(q.List, q.Cursor)
	if err != nil {
		return ListPage{}, err
	}
	limit := clamp(q.Limit, PageUsual, PageMax)
	c := on(s.store.Read(ctx))
	rows, err := c.listRows(q, at, limit+1)
	if err != nil {
		return ListPage{}, err
	}
	page := ListPage{}
	if len(rows) > limit {
		rows = rows[:limit]
		page.Next = after(q.List, &rows[limit-1].Ticket).String()
	}
	page.Items, err = s.openRows(c, rows)
	return page, err
}

// after is the place of a row in its list.
func after(l ListName, t *Ticket) cursor {
	at := cursor{list: l, key: t.LastMessageAt, id: int64(t.ID)}
	if l == ListUnassigned {
		if at.part = partQuiet; t.WaitingSince != nil {
			at.part, at.key = partWaiting, *t.WaitingSince
		}
	}
	return at
}

func (c conn) listRows(q ListQuery, at cursor, limit int) ([]sealedRow, error) {
	agent := int64(q.Agent)
	switch q.List {
	case ListMine:
		return c.sealedRows(mineQuery, agent, at.key, at.id, limit)
	case ListColleagues:
		return c.sealedRows(colleaguesQuery, agent, at.key, at.id, limit)
	case ListSnoozed:
		return c.sealedRows(snoozedQuery, agent, at.key, at.id, limit)
	case ListAll:
		return c.sealedRows(allQuery, at.key, at.id, limit)
	}
	var rows []sealedRow
	if at.part == partWaiting {
		waiting, err := c.sealedRows(waitingQuery, at.key, at.id, limit)
		if err != nil || len(waiting) == limit {
			return waiting, err
		}
		rows, at.id = waiting, math.MaxInt64
	}
	quiet, err := c.sealedRows(quietQuery, at.id, limit-len(rows))
	return append(rows, quiet...), err
}

// sealedRow is a row of a list as the database has it.
type sealedRow struct {
	Ticket
	name         []byte
	vip, blocked bool
}

func (c conn) sealedRows(query string, args ...any) ([]sealedRow, error) {
	var out []sealedRow
	err := c.each(func(scan func(...any) error) error {
		out = append(out, sealedRow{})
		r := &out[len(out)-1]
		return scan(append(r.scanned(), &r.name, &r.vip, &r.blocked)...)
	}, query, args...)
	return out, err
}

// openRows opens rows with a few queries for all of them: data keys, tags, names of agents.
func (s *Service) openRows(c conn, rows []sealedRow) ([]TicketRow, error) {
	if len(rows) == 0 {
		return []TicketRow{}, nil
	}
	keys := make([]id.ID, 0, 2*len(rows))
	for i := range rows {
		keys = append(keys, rows[i].KeyID)
		if key, ok := seal.KeyOf(rows[i].name); ok {
			keys = append(keys, key)
		}
	}
	if err := s.seal.Preload(c.tx, keys); err != nil {
		return nil, err
	}
	agents, err := s.agentNames(c)
	if err != nil {
		return nil, err
	}
	out := make([]TicketRow, len(rows))
	tickets := make([]*Ticket, len(rows))
	for i := range rows {
		r := &rows[i]
		out[i] = TicketRow{Ticket: r.Ticket, Visitor: VisitorCode(r.ContactID), VIP: r.vip, Blocked: r.blocked}
		tickets[i] = &out[i].Ticket
		if r.AssigneeID != nil {
			out[i].AssigneeName = agents[*r.AssigneeID]
		}
		if err := s.openTicket(c, tickets[i]); err != nil {
			return nil, err
		}
		if out[i].ContactName, err = s.open(c, "contacts", "name", r.ContactID, r.name); err != nil {
			return nil, err
		}
	}
	return out, s.loadTags(c, tickets...)
}
