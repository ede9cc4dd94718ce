package chat

import (
	"context"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

const (
	listsEvery = 250 * time.Millisecond // at most four list frames a second
	listsSoon  = 20 * time.Millisecond  // the first change of a quiet time waits only for its neighbours
	listRows   = 100                    // more changed at once: the screen reads its page again
)

// The lists that an agent can watch.
const (
	listUnassigned = "unassigned"
	listMine       = "mine"
	listColleagues = "colleagues"
	listSnoozed    = "snoozed"
	listAll        = "all"
)

var listNames = []string{listUnassigned, listMine, listColleagues, listSnoozed, listAll}

// watch is what one agent's screen shows of the lists. It never changes; a new watch replaces it.
type watch struct {
	agent *agent
	lists []string
	told  tickets.Counts // owned by the lister
}

// listing gathers what has changed for the lists, until the lister takes it. Owned by the hub.
type listing struct {
	kick   chan struct{}
	rows   map[id.ID]*listRow
	counts bool // tickets have moved between lists
	reload bool // too much has changed to say what
}

// listRow is a ticket that has changed.
type listRow struct {
	id     id.ID
	ticket *tickets.Ticket // nil: another node changed it
	moved  bool
}

// listNews notes that a ticket has changed, when somebody watches. On the hub.
func (h *hub) listNews(n *news) {
	if len(h.watchers) == 0 || n.Type == tickets.ChangeRead && n.ByAgents == 0 {
		return
	}
	l := &h.lists
	l.counts = l.counts || n.Moved
	if l.rows == nil {
		l.rows = map[id.ID]*listRow{}
	}
	row := l.rows[n.Ticket]
	switch {
	case row == nil && len(l.rows) >= listRows:
		l.reload = true
	case row == nil:
		l.rows[n.Ticket] = &listRow{id: n.Ticket, ticket: n.ticket, moved: n.Moved}
	default:
		if n.ticket == nil || row.ticket == nil || n.ticket.UpdatedAt >= row.ticket.UpdatedAt {
			row.ticket = n.ticket
		}
		row.moved = row.moved || n.Moved
	}
	h.kickLists()
}

func (h *hub) kickLists() {
	select {
	case h.lists.kick <- struct{}{}:
	default:
	}
}

// listWork is one round of the lister.
type listWork struct {
	rows     []*listRow
	counts   bool
	reload   bool
	watchers []*watch
}

// takeLists hands the lister what has gathered. On the hub.
func (h *hub) takeLists() (w listWork) {
	l := &h.lists
	for _, row := range l.rows {
		w.rows = append(w.rows, row)
	}
	w.counts, w.reload = l.counts || l.reload, l.reload
	l.rows, l.counts, l.reload = nil, false, false
	for _, one := range h.watchers {
		w.watchers = append(w.watchers, one)
	}
	return w
}

// listAll is the lister's goroutine.
func (d *Desk) listAll(halt <-chan struct{}) {
	for {
		select {
		case <-d.hub.lists.kick:
		case <-halt:
			return
		}
		if !d.pause(listsSoon) {
			return
		}
		var w listWork
		if !d.hub.call(func() { w = d.hub.takeLists() }) {
			return
		}
		if len(w.watchers) > 0 {
			d.list(w)
		}
		if !d.pause(listsEvery - listsSoon) {
			return
		}
	}
}

// list sends one round to all who watch.
func (d *Desk) list(w listWork) {
	ctx, cancel := context.WithTimeout(d.ctx, jobWait)
	defer cancel()
	built := map[string][]builtRow{} // by language
	counts := map[id.ID]*tickets.Counts{}
	for _, one := range w.watchers {
		a := one.agent
		f := listFrame{reload: w.reload}
		if !w.reload {
			rows, ok := built[a.maker.locale]
			if !ok {
				rows = d.buildRows(ctx, w.rows, a.maker)
				built[a.maker.locale] = rows
			}
			f.items = one.items(rows)
		}
		if w.counts {
			f.counts = d.countsFor(ctx, one, counts)
		}
		if !f.empty() {
			a.conn.send(f.frame())
		}
	}
}

// countsFor gives an agent's counts when they differ from what was told last.
func (d *Desk) countsFor(ctx context.Context, one *watch, known map[id.ID]*tickets.Counts) *listCounts {
	who := one.agent.actor.ID
	c := known[who]
	if c == nil {
		got, err := d.tickets.Counts(ctx, who)
		if err != nil {
			d.log.Warn("chat: counts of the lists", "error", err)
			return nil
		}
		c = &got
		known[who] = c
	}
	if *c == one.told {
		return nil
	}
	one.told = *c
	return countsOf(*c)
}
