package tickets

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"

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
	f.Statuses, f.Limit = unique(f.Statuses), clamp(f.Limit, PageUsual, PageMax)
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
