package tickets

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"huiyin/tickets/id"
)

// Limits of tags.
const (
	tagMax  = 50 // code points of one
	tagsMax = 20 // of one ticket
)

// SetTags gives the ticket exactly these tags, making those that the desk does not have yet. Tags that differ in case
// or width only are one. Errors: Denied, NotFound, Invalid.
func (s *Service) SetTags(ctx context.Context, a Actor, ticket id.ID, tags []string) (*Ticket, error) {
	names, err := normalTags(tags)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, a, ticket, func(e *edit) error { return e.setTags(names) })
}

func normalTags(tags []string) ([]string, error) {
	var out []string
	for _, tag := range tags {
		name, err := requiredLine("tags", tag, tagMax)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(out, func(other string) bool { return tagForm(other) == tagForm(name) }) {
			out = append(out, name)
		}
	}
	if len(out) > tagsMax {
		return nil, tooMany("tags", "error.ticket.tags", tagsMax)
	}
	return out, nil
}

// tagForm is the form of a tag's name that is hashed.
func tagForm(name string) string { return strings.ToLower(norm.NFKC.String(name)) }

func (e *edit) setTags(names []string) error {
	before, err := e.c.ids(`SELECT tag_id FROM ticket_tags WHERE ticket_id = ?`, int64(e.t.ID))
	if err != nil {
		return err
	}
	// in one order for everybody, so that two transactions that make the same tags cannot wait for each other
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(tagForm(a), tagForm(b)) })
	var after []id.ID
	for _, name := range names {
		tag, err := e.s.tag(e.c, name, e.at)
		if err != nil {
			return err
		}
		after = append(after, tag)
	}
	added, removed := missing(before, after), missing(after, before)
	for _, tag := range added {
		if _, err := e.c.exec(`INSERT INTO ticket_tags (ticket_id, tag_id) VALUES (?, ?)`, int64(e.t.ID), int64(tag)); err != nil {
			return err
		}
	}
	for _, tag := range removed {
		if _, err := e.c.exec(`DELETE FROM ticket_tags WHERE ticket_id = ? AND tag_id = ?`, int64(e.t.ID), int64(tag)); err != nil {
			return err
		}
	}
	if len(added)+len(removed) == 0 {
		return nil
	}
	data, err := json.Marshal(map[string][]id.ID{"added": added, "removed": removed})
	if err != nil {
		return err
	}
	e.event(EventTagsChanged, 0, string(data))
	return nil
}

// missing gives what of all is not in some; never nil, so that JSON has a list.
func missing(some, all []id.ID) []id.ID {
	out := []id.ID{}
	for _, tag := range all {
		if !slices.Contains(some, tag) {
			out = append(out, tag)
		}
	}
	return out
}

// tag finds or makes the desk's tag of this name.
func (s *Service) tag(c conn, name string, at int64) (id.ID, error) {
	hash := s.seal.Hash(hashTag, tagForm(name))
	tag := s.ids.Next()
	sealed, err := s.sealed(c, s.seal.DeskKey(), "tags", "name", tag, name)
	if err != nil {
		return 0, err
	}
	n, err := c.exec(`INSERT INTO tags (id, name, name_hash, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (name_hash) DO NOTHING`,
		int64(tag), sealed, hash, at)
	if n == 1 || err != nil {
		return tag, err
	}
	err = c.row(`SELECT id FROM tags WHERE name_hash = ?`, hash).Scan((*int64)(&tag))
	return tag, err
}

// loadTags fills the tags of some tickets, in one query.
func (s *Service) loadTags(c conn, tickets ...*Ticket) error {
	if len(tickets) == 0 {
		return nil
	}
	of := make(map[id.ID]*Ticket, len(tickets))
	keys := make([]int64, len(tickets))
	for i, t := range tickets {
		t.Tags = []string{}
		of[t.ID], keys[i] = t, int64(t.ID)
	}
	type row struct {
		ticket, tag id.ID
		name        []byte
	}
	var rows []row
	in, args := list(keys)
	err := c.each(func(scan func(...any) error) error {
		var r row
		err := scan((*int64)(&r.ticket), (*int64)(&r.tag), &r.name)
		rows = append(rows, r)
		return err
	}, `SELECT x.ticket_id, g.id, g.name FROM ticket_tags x JOIN tags g ON g.id = x.tag_id WHERE x.ticket_id IN `+in, args...)
	if err != nil {
		return err
	}
	for _, r := range rows {
		name, err := s.open(c, "tags", "name", r.tag, r.name)
		if err != nil {
			return err
		}
		of[r.ticket].Tags = append(of[r.ticket].Tags, name)
	}
	for _, t := range tickets {
		slices.Sort(t.Tags)
	}
	return nil
}
