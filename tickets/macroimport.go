package tickets

import (
	"context"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// MacroLine is one line of a file of quick replies.
type MacroLine struct {
	Line            int // as the person counts them in her file, from 1
	Group, Subgroup string
	Title, Shortcut string
	Text            string
}

// MacroFate says what happens with a line.
type MacroFate string

// The fates.
const (
	MacroAdded   MacroFate = "added"
	MacroChanged MacroFate = "changed"
	MacroSame    MacroFate = "same"
	MacroRefused MacroFate = "refused"
)

// MacroPlan is what happens with a line of a file, and why when it is refused.
type MacroPlan struct {
	MacroLine
	Fate   MacroFate
	Reason *fault.Error // of MacroRefused

	macro id.ID // of MacroChanged
	edit  MacroEdit
}

// importAtOnce is how many lines one transaction writes: chat goes on between them.
const importAtOnce = 100

// PlanMacros says what ImportMacros would do with the lines: a title that its group has already is changed, another is
// added, so that the same file twice changes nothing. Errors: Denied, NotFound.
func (s *Service) PlanMacros(ctx context.Context, a Actor, shelf MacroShelf, lines []MacroLine) ([]MacroPlan, error) {
	c := on(s.store.Read(ctx))
	if err := c.mayWriteMacros(a, shelf); err != nil {
		return nil, err
	}
	groups, err := s.macroGroups(c, shelf)
	if err != nil {
		return nil, err
	}
	macros, err := s.readMacros(c, onShelf, shelf.args()...)
	if err != nil {
		return nil, err
	}
	p := newMacroPlanner(shelf, groups, macros)
	plans := make([]MacroPlan, len(lines))
	for i, line := range lines {
		plans[i] = p.plan(line)
	}
	return plans, nil
}

// ImportMacros does what PlanMacros says and gives it. Refused lines are left out. What goes wrong half-way leaves what
// was written; the same file again writes the rest. Errors: Denied, NotFound, Invalid (the shelf is full).
func (s *Service) ImportMacros(ctx context.Context, a Actor, shelf MacroShelf, lines []MacroLine) ([]MacroPlan, error) {
	plans, err := s.PlanMacros(ctx, a, shelf, lines)
	if err != nil {
		return nil, err
	}
	var work []*MacroPlan
	for i := range plans {
		if plans[i].Fate == MacroAdded || plans[i].Fate == MacroChanged {
			work = append(work, &plans[i])
		}
	}
	for len(work) > 0 {
		batch := work[:min(len(work), importAtOnce)]
		work = work[len(batch):]
		if err := s.macroWrite(ctx, a, shelf, func(c conn) error { return s.importBatch(c, shelf, batch) }); err != nil {
			return nil, err
		}
	}
	return plans, nil
}

func (s *Service) importBatch(c conn, shelf MacroShelf, batch []*MacroPlan) error {
	more, size := 0, 0
	for _, p := range batch {
		if size += len(p.edit.Text); p.Fate == MacroAdded {
			more++
		}
	}
	if err := c.shelfHasRoom(shelf, more, size); err != nil {
		return err
	}
	for _, p := range batch {
		m := &Macro{ID: s.ids.Next(), CreatedAt: Millis(s.now())}
		if p.Fate == MacroChanged {
			var err error
			if m, err = s.macro(c, p.macro); err != nil {
				return err
			}
		}
		if err := s.putMacro(c, m, p.edit, p.Fate == MacroAdded); err != nil {
			return err
		}
	}
	return nil
}

// macroPlanner knows a shelf as it will be after the lines before.
type macroPlanner struct {
	shelf     MacroShelf
	titles    map[[3]string]*Macro // by group, subgroup, title
	shortcuts map[string][3]string // whose they are
	lines     map[[3]string]bool   // titles that a line before has
	count     int
}

func newMacroPlanner(shelf MacroShelf, groups []MacroGroup, macros []Macro) *macroPlanner {
	p := &macroPlanner{shelf: shelf, titles: map[[3]string]*Macro{}, shortcuts: map[string][3]string{}, lines: map[[3]string]bool{}, count: len(macros)}
	names := MacroPaths(groups)
	for i := range macros {
		m := &macros[i]
		path := names[m.GroupID]
		key := macroKey(path[0], path[1], m.Title)
		p.titles[key] = m
		if m.Shortcut != "" {
			p.shortcuts[macroForm(m.Shortcut)] = key
		}
	}
	return p
}

// MacroPaths gives the names of each group: its own, or its parent's and its own.
func MacroPaths(groups []MacroGroup) map[id.ID][2]string {
	names, paths := map[id.ID]string{}, map[id.ID][2]string{}
	for _, g := range groups {
		names[g.ID] = g.Name
	}
	for _, g := range groups {
		if paths[g.ID] = [2]string{g.Name, ""}; g.ParentID != 0 {
			paths[g.ID] = [2]string{names[g.ParentID], g.Name}
		}
	}
	return paths
}

func macroKey(group, subgroup, title string) [3]string {
	return [3]string{macroForm(group), macroForm(subgroup), macroForm(title)}
}

func (p *macroPlanner) plan(line MacroLine) MacroPlan {
	plan := MacroPlan{MacroLine: line, Fate: MacroRefused}
	e, err := MacroEdit{p.shelf, line.Group, line.Subgroup, line.Title, line.Shortcut, line.Text}.normal()
	key := macroKey(e.Group, e.Subgroup, e.Title)
	var old *Macro
	if err == nil {
		old = p.titles[key]
		err = p.refuse(e, key, old)
	}
	if err != nil {
		if plan.Reason = fault.As(err); plan.Reason == nil {
			plan.Reason = fault.Wrap(fault.Invalid, "error.macro.line", err)
		}
		return plan
	}
	plan.edit, plan.Fate, p.lines[key] = e, MacroAdded, true
	if old != nil {
		plan.Fate, plan.macro = MacroChanged, old.ID
		if old.Title == e.Title && old.Shortcut == e.Shortcut && old.Text == e.Text {
			plan.Fate = MacroSame
		}
		if old.Shortcut != "" && p.shortcuts[macroForm(old.Shortcut)] == key {
			delete(p.shortcuts, macroForm(old.Shortcut))
		}
	} else {
		p.count++
	}
	if e.Shortcut != "" {
		p.shortcuts[macroForm(e.Shortcut)] = key
	}
	return plan
}

func (p *macroPlanner) refuse(e MacroEdit, key [3]string, old *Macro) error {
	if p.lines[key] {
		return fault.InvalidField("title", "repeated", "error.macro.repeated", nil)
	}
	if owner, taken := p.shortcuts[macroForm(e.Shortcut)]; taken && e.Shortcut != "" && owner != key {
		return fault.InvalidField("shortcut", "taken", "error.macro.shortcut_taken", nil)
	}
	if old == nil && p.count >= MacrosMax {
		return fault.InvalidField("shelf", "full", "error.macro.full", map[string]any{"max": MacrosMax})
	}
	return nil
}

// CountMacroFates counts the lines by what happens with them.
func CountMacroFates(plans []MacroPlan) map[MacroFate]int {
	n := map[MacroFate]int{}
	for _, p := range plans {
		n[p.Fate]++
	}
	return n
}
