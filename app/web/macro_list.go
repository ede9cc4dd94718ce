package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// repliesPage is the settings page of quick replies: shelf by shelf, group by group.
type repliesPage struct {
	settingsFrame
	Query   string
	Shelves []shelfView
	Found   int
	Error   string // why a group was refused
}

// shelfView is one shelf with what lies on it.
type shelfView struct {
	*Words
	Name, Title, Help string
	Mine              bool // she may change it
	Searching         bool
	Groups            []groupView // the first without a name: those in no group
	Count             int
}

// groupView is a group; its inner groups follow it.
type groupView struct {
	*Words
	ID, Name, Parent string
	Mine, Searching  bool
	First, Last      bool
	Macros           []macroView
	Count            int // inner groups' too
}

type macroView struct {
	*Words
	ID, Title, Shortcut, Text string
	Uses                      int64
	Files                     int
	Mine, First, Last         bool
	Searching                 bool
}

func (s *Server) repliesPage(c echo.Context) error { return s.showReplies(c, nil) }

func (s *Server) showReplies(c echo.Context, refused *form) error {
	frame, err := s.settings(c, "replies")
	if err != nil {
		return err
	}
	all, err := s.Tickets.Macros(c.Request().Context(), actor(c))
	if err != nil {
		return err
	}
	names, err := s.shelfNames(c)
	if err != nil {
		return err
	}
	p := repliesPage{settingsFrame: frame, Query: strings.TrimSpace(c.QueryParam("q"))}
	status := http.StatusOK
	if refused != nil {
		status, p.Error = refused.status(), refused.what()
	}
	for _, shelf := range all.Shelves {
		v := s.shelfView(c, all, shelf, p.Query)
		v.Title = names(shelf)
		if p.Found += v.Count; v.Count > 0 || p.Query == "" {
			p.Shelves = append(p.Shelves, v)
		}
	}
	return s.render(c, status, "agent/replies", p)
}

// shelfNames gives what shelves are called.
func (s *Server) shelfNames(c echo.Context) (func(tickets.MacroShelf) string, error) {
	w := s.words(c)
	teams, err := s.Tickets.Teams(c.Request().Context())
	return func(shelf tickets.MacroShelf) string {
		for _, team := range teams {
			if shelf.Scope == tickets.MacroTeam && team.ID == shelf.Owner {
				return w.T("replies.shelf.team", "team", team.Name)
			}
		}
		return w.T("replies.shelf." + string(shelf.Scope))
	}, err
}

// mayWriteShelf tells what to offer; the domain decides.
func mayWriteShelf(c echo.Context, shelf tickets.MacroShelf) bool {
	me := of(c).agent
	return me.Role != tickets.RoleAgent || (shelf.Scope == tickets.MacroPerson && shelf.Owner == me.ID)
}

func (s *Server) shelfView(c echo.Context, all *tickets.Macros, shelf tickets.MacroShelf, query string) shelfView {
	w := s.words(c)
	v := shelfView{Words: w, Name: shelf.String(), Help: w.T("replies.shelf_help." + string(shelf.Scope)), Mine: mayWriteShelf(c, shelf), Searching: query != ""}
	within := map[id.ID][]macroView{}
	for i := range all.Macros {
		m := &all.Macros[i]
		if m.Shelf() == shelf && holds(m, query) {
			within[m.GroupID] = append(within[m.GroupID], macroView{
				Words: w, ID: m.ID.String(), Title: m.Title, Shortcut: m.Shortcut, Text: m.Text, Uses: m.Uses, Files: m.Files, Mine: v.Mine, Searching: v.Searching,
			})
			v.Count++
		}
	}
	groups := slices.DeleteFunc(slices.Clone(all.Groups), func(g tickets.MacroGroup) bool { return g.Scope != shelf.Scope || g.OwnerID != shelf.Owner })
	v.addGroups(groups, within, 0, "")
	known := map[id.ID]bool{}
	for _, g := range groups {
		known[g.ID] = true
	}
	var loose []macroView
	for group, macros := range within {
		if !known[group] {
			loose = append(loose, macros...)
		}
	}
	if len(loose) > 0 {
		v.Groups = append([]groupView{{Words: w, Mine: v.Mine, Searching: v.Searching, Macros: ends(loose), Count: len(loose)}}, v.Groups...)
	}
	return v
}

// addGroups adds the groups within parent in their order, each followed by its own.
func (v *shelfView) addGroups(groups []tickets.MacroGroup, within map[id.ID][]macroView, parent id.ID, name string) int {
	count, first := 0, true
	last := -1
	for _, g := range groups {
		if g.ParentID != parent {
			continue
		}
		at := len(v.Groups)
		v.Groups = append(v.Groups, groupView{Words: v.Words, ID: g.ID.String(), Name: g.Name, Parent: name, Mine: v.Mine, Searching: v.Searching,
			First: first, Macros: ends(within[g.ID])})
		n := len(within[g.ID]) + v.addGroups(groups, within, g.ID, g.Name)
		if n == 0 { // nothing in it was found
			v.Groups = v.Groups[:at]
			continue
		}
		v.Groups[at].Count, first, last = n, false, at
		count += n
	}
	if last >= 0 {
		v.Groups[last].Last = true
	}
	return count
}

func ends(macros []macroView) []macroView {
	if len(macros) > 0 {
		macros[0].First, macros[len(macros)-1].Last = true, true
	}
	return macros
}

func holds(m *tickets.Macro, query string) bool {
	text := strings.ToLower(m.Title + "\n" + m.Shortcut + "\n" + m.Text)
	for _, word := range strings.Fields(strings.ToLower(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// what says why a form was refused, in one line: of the whole or of its one field.
func (f *form) what() string {
	if text := f.General(); text != "" || f.err == nil {
		return text
	}
	return f.words.texts.Text(f.words.Locale, f.err.Fields[0].Key, f.err.Fields[0].Args)
}

// Each of these changes a quick reply or a group and goes back to where it was.

func (s *Server) deleteMacro(c echo.Context) error {
	macro, err := macroID(c)
	if err == nil {
		err = s.Tickets.DeleteMacro(c.Request().Context(), actor(c), macro)
	}
	return s.toReplies(c, err)
}

func (s *Server) moveMacro(c echo.Context) error {
	macro, err := macroID(c)
	if err == nil {
		err = s.Tickets.MoveMacro(c.Request().Context(), actor(c), macro, step(c))
	}
	return s.toReplies(c, err)
}

func (s *Server) renameMacroGroup(c echo.Context) error {
	f := s.sent(c)
	group, err := id.Parse(c.Param("group"))
	if err != nil {
		return fault.New(fault.NotFound, "error.macro.not_found")
	}
	if err = s.Tickets.RenameMacroGroup(c.Request().Context(), actor(c), group, c.FormValue("name")); fault.Is(err, fault.Invalid) {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showReplies(c, f)
	}
	return s.toReplies(c, err)
}

func (s *Server) moveMacroGroup(c echo.Context) error {
	group, err := id.Parse(c.Param("group"))
	if err != nil {
		return fault.New(fault.NotFound, "error.macro.not_found")
	}
	return s.toReplies(c, s.Tickets.MoveMacroGroup(c.Request().Context(), actor(c), group, step(c)))
}

func (s *Server) deleteMacroGroup(c echo.Context) error {
	group, err := id.Parse(c.Param("group"))
	if err != nil {
		return fault.New(fault.NotFound, "error.macro.not_found")
	}
	return s.toReplies(c, s.Tickets.DeleteMacroGroup(c.Request().Context(), actor(c), group))
}

// step is the direction of a move.
func step(c echo.Context) int {
	if c.FormValue("to") == "up" {
		return -1
	}
	return 1
}

// toReplies answers a change by going back to the list, at the place that the form names.
func (s *Server) toReplies(c echo.Context, err error) error {
	if err != nil {
		return err
	}
	to := "/settings/replies"
	if at := c.FormValue("at"); at != "" && !strings.ContainsAny(at, "\r\n#?/") {
		to += "#" + at
	} else {
		to += "?saved=1"
	}
	return s.done(c, to, nil)
}
