package tickets

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"strings"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Filter asks for tickets by what they are, for programs. Everything may be absent.
type Filter struct {
	Statuses   []Status
	Assignee   id.ID
	Unassigned bool // nobody's; Assignee is zero then
	Team       id.ID
	Inbox      id.ID
	Contact    id.ID
	Tag        string
	Query      string // what Find takes; its hits come at once, without a cursor
	Sort       FilterSort
	Cursor     string
	Limit      int // 50 by default, 200 at most
}

// FilterSort is the order of what a Filter finds.
type FilterSort string

// The orders.
const (
	SortNewest      FilterSort = "-created_at" // the default
	SortOldest      FilterSort = "created_at"
	SortLastMessage FilterSort = "-last_message_at"
)

// Valid tells whether f is one of the orders; the empty one is the default.
func (f FilterSort) Valid() bool {
	return f == "" || f == SortNewest || f == SortOldest || f == SortLastMessage
}

// filterScan bounds the rows that one page looks at. Where other conditions leave few of them, a page holds less than was
// asked for, and its cursor leads on.
const filterScan = 5000

// Filter gives a page of tickets, opened, with their tags. A page that holds fewer than Limit tickets is the last one only
// if Next is empty. Errors: Invalid (sort, status, cursor: of another query).
func (s *Service) Filter(ctx context.Context, f Filter) (ListPage, error) {
	if !f.Sort.Valid() {
		return ListPage{}, fault.InvalidField("sort", "invalid", "error.list.sort", nil)
	}
	for _, status := range f.Statuses {
		if !status.Valid() {
			return ListPage{}, fault.InvalidField("status", "invalid", "error.ticket.status", nil)
		}
	}
	f.Limit = clamp(f.Limit, PageUsual, PageMax)
	if f.Query != "" {
		return s.filterFound(ctx, f)
	}
	at, err := f.place()
	if err != nil {
		return ListPage{}, err
	}
	c := on(s.store.Read(ctx))
	tag, known, err := s.knownTag(c, f.Tag)
	if err != nil || !known {
		return ListPage{Items: []TicketRow{}}, err
	}
	rows, next, err := c.filtered(f, tag, at)
	if err != nil {
		return ListPage{}, err
	}
	page := ListPage{}
	if next != nil {
		page.Next = f.cursorAt(*next)
	}
	page.Items, err = s.openRows(c, rows)
	return page, err
}

// knownTag gives a tag's id; known is false when the desk has no such tag.
func (s *Service) knownTag(c conn, name string) (tag id.ID, known bool, err error) {
	if name == "" {
		return 0, true, nil
	}
	found, err := c.ids(`SELECT id FROM tags WHERE name_hash = ?`, s.seal.Hash(hashTag, tagForm(oneLine(name))))
	if len(found) == 0 || err != nil {
		return 0, false, err
	}
	return found[0], true, nil
}

// filterPlace is a place in what a filter finds: after the row with this key and id.
type filterPlace struct{ key, id int64 }

// filtered reads a page and the place after it; nil: there is no more. The index of the condition that leaves the fewest
// tickets leads, at most filterScan of its rows are looked at, and the other conditions choose among those.
func (c conn) filtered(f Filter, tag id.ID, at filterPlace) ([]sealedRow, *filterPlace, error) {
	lead, leadArgs, rest, restArgs := f.conditions(tag)
	from, order, after, afterArgs := `tickets t`, ` ORDER BY t.id DESC`, `t.id < ?`, []any{at.id}
	key := `t.id`
	switch {
	case f.Sort == SortLastMessage:
		rest, restArgs, lead, leadArgs = slices.Concat(lead, rest), slices.Concat(leadArgs, restArgs), nil, nil
		if tag != 0 && f.Contact == 0 {
			rest[0] = `EXISTS (SELECT 1 FROM ticket_tags x WHERE x.ticket_id = t.id AND x.tag_id = ?)`
		}
		order, after, afterArgs = ` ORDER BY t.last_message_at DESC, t.id DESC`, `(t.last_message_at, t.id) < (?, ?)`, []any{at.key, at.id}
	case tag != 0 && f.Contact == 0:
		from, key = `ticket_tags x`, `x.ticket_id`
	}
	if key == `x.ticket_id` {
		order, after = ` ORDER BY x.ticket_id DESC`, `x.ticket_id < ?`
	}
	if f.Sort == SortOldest {
		order, after = strings.Replace(order, " DESC", "", 1), strings.Replace(after, "<", ">", 1)
	}
	scan := filterScan
	if len(rest) == 0 {
		scan = f.Limit + 1
	}
	walk := `SELECT ` + key + ` AS id FROM ` + from + ` WHERE ` + strings.Join(append(lead, after), ` AND `) + order + ` LIMIT ?`
	walkArgs := slices.Concat(leadArgs, afterArgs, []any{scan})
	where := `t.id IN (SELECT w.id FROM (` + walk + `) w)`
	for _, one := range rest {
		where += ` AND ` + one
	}
	query := selectRow + where + strings.NewReplacer(`x.ticket_id`, `t.id`).Replace(order) + ` LIMIT ?`
	rows, err := c.sealedRows(query, slices.Concat(walkArgs, restArgs, []any{f.Limit + 1})...)
	if err != nil {
		return nil, nil, err
	}
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		last := &rows[f.Limit-1]
		return rows, &filterPlace{last.LastMessageAt, int64(last.ID)}, nil
	}
	if len(rest) == 0 {
		return rows, nil, nil
	}
	next, err := c.scanned(f, walk, walkArgs)
	return rows, next, err
}

// scanned gives the place after the last row that a bounded walk has looked at; nil: it came to the end.
func (c conn) scanned(f Filter, walk string, args []any) (*filterPlace, error) {
	end := `SELECT COUNT(*), COALESCE(MIN(w.id), 0), COALESCE(MAX(w.id), 0) FROM (` + walk + `) w`
	var n, least, most int64
	if err := c.row(end, args...).Scan(&n, &least, &most); err != nil || n < filterScan {
		return nil, err
	}
	switch f.Sort {
	case SortOldest:
		return &filterPlace{id: most}, nil
	case SortLastMessage:
		p := &filterPlace{}
		err := c.row(`SELECT t.last_message_at, t.id FROM tickets t WHERE t.id IN (SELECT w.id FROM (`+walk+`) w) ORDER BY t.last_message_at, t.id LIMIT 1`, args...).
			Scan(&p.key, &p.id)
		return p, err
	}
	return &filterPlace{id: least}, nil
}

// conditions are the leading condition, whose index is walked, and the rest.
func (f Filter) conditions(tag id.ID) (lead []string, leadArgs []any, rest []string, restArgs []any) {
	add := func(text string, args ...any) {
		if lead == nil {
			lead, leadArgs = []string{text}, args
			return
		}
		rest, restArgs = append(rest, text), append(restArgs, args...)
	}
	if f.Contact != 0 {
		add(`t.contact_id = ?`, int64(f.Contact))
	}
	if tag != 0 && lead == nil {
		add(`x.tag_id = ?`, int64(tag))
	} else if tag != 0 {
		add(`EXISTS (SELECT 1 FROM ticket_tags x WHERE x.ticket_id = t.id AND x.tag_id = ?)`, int64(tag))
	}
	if f.Assignee != 0 {
		add(`t.assignee_id = ?`, int64(f.Assignee))
	}
	if f.Team != 0 {
		add(`t.team_id = ?`, int64(f.Team))
	}
	if one, few := f.fewOf(); few {
		add(`t.status = ? AND t.status IN ('new','open','pending','spam')`, string(one))
	}
	if f.Inbox != 0 {
		add(`t.inbox_id = ?`, int64(f.Inbox))
	}
	if lead == nil {
		lead = []string{}
	}
	if _, few := f.fewOf(); !few && len(f.Statuses) > 0 {
		in, args := list(f.Statuses)
		add(`t.status IN `+in, args...)
	}
	if f.Unassigned {
		add(`t.assignee_id IS NULL`)
	}
	return lead, leadArgs, rest, restArgs
}

// fewOf gives the one status of the filter if it is one that few tickets have: its index leads. Most tickets are solved or
// closed, and those are found soon by walking the newest.
func (f Filter) fewOf() (Status, bool) {
	if len(f.Statuses) != 1 {
		return "", false
	}
	one := f.Statuses[0]
	return one, one.Active() || one == StatusSpam
}

// filterFound is a filter with a search: what Find gives, of those that meet the other conditions.
func (s *Service) filterFound(ctx context.Context, f Filter) (ListPage, error) {
	if f.Cursor != "" {
		return ListPage{}, fault.InvalidField("cursor", "invalid", "error.list.cursor", nil)
	}
	found, err := s.Find(ctx, f.Query, findMax)
	if err != nil {
		return ListPage{}, err
	}
	page := ListPage{Items: []TicketRow{}}
	for i := range found {
		if len(page.Items) < f.Limit && f.meets(&found[i].Ticket) {
			page.Items = append(page.Items, found[i])
		}
	}
	return page, nil
}

func (f Filter) meets(t *Ticket) bool {
	is := func(want id.ID, got *id.ID) bool { return want == 0 || (got != nil && *got == want) }
	return (len(f.Statuses) == 0 || slices.Contains(f.Statuses, t.Status)) && is(f.Assignee, t.AssigneeID) && is(f.Team, t.TeamID) &&
		is(f.Inbox, &t.InboxID) && is(f.Contact, &t.ContactID) && (!f.Unassigned || t.AssigneeID == nil) &&
		(f.Tag == "" || slices.ContainsFunc(t.Tags, func(tag string) bool { return tagForm(tag) == tagForm(f.Tag) }))
}

// mark tells the cursors of one query from those of another.
func (f Filter) mark() []byte {
	f.Cursor, f.Limit = "", 0
	text, _ := json.Marshal(f) // plain fields: it cannot fail
	sum := sha256.Sum256(text)
	return sum[:8]
}

func (f Filter) cursorAt(p filterPlace) string {
	b := binary.BigEndian.AppendUint64(f.mark(), uint64(p.key))
	return cursorText.EncodeToString(binary.BigEndian.AppendUint64(b, uint64(p.id)))
}

// place reads the cursor; the empty one is the beginning.
func (f Filter) place() (filterPlace, error) {
	if f.Cursor == "" {
		if f.Sort == SortOldest {
			return filterPlace{math.MinInt64, 0}, nil
		}
		return filterPlace{math.MaxInt64, math.MaxInt64}, nil
	}
	b, err := cursorText.DecodeString(f.Cursor)
	if err != nil || len(b) != 24 || string(b[:8]) != string(f.mark()) {
		return filterPlace{}, fault.InvalidField("cursor", "invalid", "error.list.cursor", nil)
	}
	return filterPlace{int64(binary.BigEndian.Uint64(b[8:])), int64(binary.BigEndian.Uint64(b[16:]))}, nil
}
