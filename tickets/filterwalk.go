package tickets

import (
	"slices"
	"strings"

	"huiyin/tickets/id"
)

// filterPlace is a place in what a filter finds: after the row with this key and id.
type filterPlace struct{ key, id int64 }

// filtered reads a page and the place after it; nil: there is no more. The index of the condition that leaves the fewest
// tickets leads. Its rows are looked at in steps that grow, and the other conditions choose among them.
func (c conn) filtered(f Filter, tag id.ID, at filterPlace) (rows []sealedRow, next *filterPlace, err error) {
	w := f.walk(tag)
	for looked, step := 0, f.Limit+1; ; step *= 4 {
		step = min(step, filterScan-looked)
		query, args := w.page(at, step, f.Limit+1-len(rows))
		more, err := c.sealedRows(query, args...)
		if err != nil {
			return nil, nil, err
		}
		if rows = append(rows, more...); len(rows) > f.Limit {
			rows = rows[:f.Limit]
			last := &rows[f.Limit-1]
			return rows, &filterPlace{last.LastMessageAt, int64(last.ID)}, nil
		}
		if len(w.rest) == 0 {
			return rows, nil, nil
		}
		end, err := c.walked(w, at, step)
		if looked += step; end == nil || err != nil || looked >= filterScan {
			return rows, end, err
		}
		at = *end
	}
}

// walk is how the rows of a filter are come by: one index, or one for each state, and what is asked of its rows.
type walk struct {
	sort     FilterSort
	from     string // the table that leads
	id       string // its column of the ticket's id
	lead     []condition
	each     []condition // states: the rows of each are walked, side by side
	rest     []condition
	backward bool // the newest first
}

type condition struct {
	text string
	args []any
}

// walk chooses the index.
func (f Filter) walk(tag id.ID) walk {
	w := walk{sort: f.Sort, from: `tickets t`, id: `t.id`, backward: f.Sort != SortOldest}
	w.lead, w.rest = f.conditions(tag)
	switch {
	case f.Sort == SortLastMessage:
		w.lead, w.rest = nil, append(w.lead, w.rest...)
		if tag != 0 && f.Contact == 0 {
			w.rest[0] = tagged(tag)
		}
	case tag != 0 && f.Contact == 0:
		w.from, w.id = `ticket_tags x`, `x.ticket_id`
	case len(w.lead) == 0 && len(f.Statuses) > 1:
		w.rest = w.rest[1:] // the states lead
		for _, status := range f.Statuses {
			w.each = append(w.each, condition{`t.status = ?`, []any{string(status)}})
		}
	}
	return w
}

// steps is a statement that walks up to n rows after a place.
func (w walk) steps(at filterPlace, n int) (string, []any) {
	after, order := condition{w.id + ` > ?`, []any{at.id}}, ` ORDER BY `+w.id
	if w.backward {
		after.text, order = w.id+` < ?`, order+` DESC`
	}
	if w.sort == SortLastMessage {
		after, order = condition{`(t.last_message_at, t.id) < (?, ?)`, []any{at.key, at.id}}, ` ORDER BY t.last_message_at DESC, t.id DESC`
	}
	one := func(lead []condition) (string, []any) {
		text, args := all(append(slices.Clone(lead), after))
		return `SELECT ` + w.id + ` AS id FROM ` + w.from + ` WHERE ` + text + order + ` LIMIT ?`, append(args, n)
	}
	if len(w.each) == 0 {
		return one(w.lead)
	}
	var parts []string
	var args []any
	for _, status := range w.each {
		text, more := one([]condition{status})
		parts, args = append(parts, `SELECT s.id FROM (`+text+`) s`), append(args, more...)
	}
	return `SELECT m.id FROM (` + strings.Join(parts, ` UNION ALL `) + `) m` + strings.ReplaceAll(order, w.id, `m.id`) + ` LIMIT ?`, append(args, n)
}

// page is a statement that gives up to limit of the next n rows: those that meet the rest.
func (w walk) page(at filterPlace, n, limit int) (string, []any) {
	steps, args := w.steps(at, n)
	text, more := all(append([]condition{{`t.id IN (SELECT w.id FROM (` + steps + `) w)`, args}}, w.rest...))
	order := ` ORDER BY t.id`
	switch {
	case w.sort == SortLastMessage:
		order = ` ORDER BY t.last_message_at DESC, t.id DESC`
	case w.backward:
		order += ` DESC`
	}
	return selectRow + text + order + ` LIMIT ?`, append(more, limit)
}

// walked gives the place after the next n rows; nil: there are fewer.
func (c conn) walked(w walk, at filterPlace, n int) (*filterPlace, error) {
	steps, args := w.steps(at, n)
	var rows, least, most int
	end := `SELECT COUNT(*), COALESCE(MIN(w.id), 0), COALESCE(MAX(w.id), 0) FROM (` + steps + `) w`
	if err := c.row(end, args...).Scan(&rows, &least, &most); err != nil || rows < n {
		return nil, err
	}
	switch {
	case w.sort == SortLastMessage:
		p := &filterPlace{}
		err := c.row(`SELECT t.last_message_at, t.id FROM tickets t WHERE t.id IN (SELECT w.id FROM (`+steps+`) w) ORDER BY t.last_message_at, t.id LIMIT 1`, args...).
			Scan(&p.key, &p.id)
		return p, err
	case w.backward:
		return &filterPlace{id: int64(least)}, nil
	}
	return &filterPlace{id: int64(most)}, nil
}

// all joins conditions.
func all(list []condition) (string, []any) {
	var texts []string
	var args []any
	for _, one := range list {
		texts, args = append(texts, one.text), append(args, one.args...)
	}
	return strings.Join(texts, ` AND `), args
}

func tagged(tag id.ID) condition {
	return condition{`EXISTS (SELECT 1 FROM ticket_tags x WHERE x.ticket_id = t.id AND x.tag_id = ?)`, []any{int64(tag)}}
}

// conditions are the one whose index is walked, if there is any, and the rest. Several states come first of the rest.
func (f Filter) conditions(tag id.ID) (lead, rest []condition) {
	add := func(asked bool, text string, args ...any) {
		switch {
		case !asked:
		case lead == nil:
			lead = []condition{{text, args}}
		default:
			rest = append(rest, condition{text, args})
		}
	}
	add(f.Contact != 0, `t.contact_id = ?`, int64(f.Contact))
	if tag != 0 && lead != nil {
		rest = append(rest, tagged(tag))
	} else {
		add(tag != 0, `x.tag_id = ?`, int64(tag))
	}
	add(f.Assignee != 0, `t.assignee_id = ?`, int64(f.Assignee))
	add(f.Team != 0, `t.team_id = ?`, int64(f.Team))
	if len(f.Statuses) == 1 {
		add(true, `t.status = ?`, string(f.Statuses[0]))
	}
	if len(f.Statuses) > 1 {
		in, args := list(f.Statuses)
		rest = append([]condition{{`t.status IN ` + in, args}}, rest...)
		if lead == nil && f.Inbox != 0 { // states leave fewer than an inbox
			rest = append(rest, condition{`t.inbox_id = ?`, []any{int64(f.Inbox)}})
			f.Inbox = 0
		}
	}
	add(f.Inbox != 0, `t.inbox_id = ?`, int64(f.Inbox))
	if f.Unassigned {
		rest = append(rest, condition{`t.assignee_id IS NULL`, nil})
	}
	return lead, rest
}
