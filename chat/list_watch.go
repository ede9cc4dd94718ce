package chat

import (
	"context"
	"slices"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// listsOf tells in which lists a ticket stands for an agent.
func listsOf(t *tickets.Ticket, who id.ID) []string {
	mine := t.AssigneeID != nil && *t.AssigneeID == who
	switch {
	case t.Status.Active() && t.SnoozedUntil != nil && mine:
		return []string{listSnoozed, listAll}
	case !t.Status.Active() || t.SnoozedUntil != nil:
		return []string{listAll}
	case t.AssigneeID == nil:
		return []string{listUnassigned, listAll}
	case mine:
		return []string{listMine, listAll}
	}
	return []string{listColleagues, listAll}
}

// items gives the rows that concern what is watched: those that stand in it, and those that may just have left.
func (w *watch) items(rows []builtRow) (out []string) {
	for i := range rows {
		r := &rows[i]
		if !mayRead(w.agent.actor, r.ticket) {
			continue
		}
		in := slices.DeleteFunc(listsOf(r.ticket, w.agent.actor.ID), func(l string) bool { return !slices.Contains(w.lists, l) })
		if len(in) > 0 || r.moved {
			out = append(out, r.item(in))
		}
	}
	return out
}

// watch sets which lists an agent's screen shows; the counts come at once, whatever is watched.
func (a *agent) watch(ctx context.Context, in *incoming) error {
	for _, l := range in.Lists {
		if !slices.Contains(listNames, l) {
			return newProblem(codeInvalid, "chat.error.wrong_type", "field", "lists")
		}
	}
	d, h := a.conn.desk, a.conn.desk.hub
	if len(in.Lists) == 0 {
		h.do(func() { delete(h.watchers, a) })
		return nil
	}
	w := &watch{agent: a, lists: slices.Clone(in.Lists)}
	// Watched first, counted after: what moves in between is told by the lister.
	if !h.call(func() { h.watchers[a] = w }) {
		return nil
	}
	var c tickets.Counts
	err := d.reading(ctx, func() (err error) {
		c, err = d.tickets.Counts(ctx, a.actor.ID)
		return err
	})
	if err != nil {
		return err
	}
	f := listFrame{counts: countsOf(c)}
	a.conn.send(f.frame())
	h.do(func() { h.showAllViewers(a) })
	return nil
}
