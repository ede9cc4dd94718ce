package macros

import (
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// Entry is a quick reply as the scripts search it: static/js/lib/macro-match.js.
type Entry struct {
	ID       id.ID              `json:"id"`
	Scope    tickets.MacroScope `json:"scope"`
	Group    []string           `json:"group"` // up to two names
	Title    string             `json:"title"`
	Shortcut string             `json:"shortcut,omitempty"`
	Text     string             `json:"text"`
	Initials []string           `json:"initials,omitempty"`
	Files    int                `json:"files,omitempty"` // how many
	Uses     int64              `json:"uses,omitempty"`
	UsedAt   int64              `json:"used,omitempty"` // Unix milliseconds
}

// Catalogue makes the entries, in their order.
func Catalogue(all *tickets.Macros) []Entry {
	paths := tickets.MacroPaths(all.Groups)
	entries := make([]Entry, 0, len(all.Macros))
	for i := range all.Macros {
		m := &all.Macros[i]
		e := Entry{
			ID: m.ID, Scope: m.Scope, Group: []string{}, Title: m.Title, Shortcut: m.Shortcut, Text: m.Text,
			Initials: Initials(m.Title), Files: m.Files, Uses: m.Uses,
		}
		for _, name := range paths[m.GroupID] {
			if name != "" {
				e.Group = append(e.Group, name)
			}
		}
		if m.UsedAt != nil {
			e.UsedAt = *m.UsedAt
		}
		entries = append(entries, e)
	}
	return entries
}
