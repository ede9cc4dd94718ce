package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// replyPage is the form of one quick reply.
type replyPage struct {
	settingsFrame
	ID                                           string // "": a new one
	Title                                        string
	Error                                        string
	Shelf, Group, Subgroup, Name, Shortcut, Text field
	Groups, Subgroups                            []string // what there is to choose from
	Variables                                    []variableView
	Sample, Preview                              string // JSON of the sample's values; the text filled with them
	ReadOnly                                     bool
	Files                                        []fileView
	File                                         field // to add one
	FileRules                                    fileRules
	FilesFull                                    bool
}

// Example is how a variable with a stand-in is written.
func (p replyPage) Example() string { return "{{contact.name|" + p.T("replies.example") + "}}" }

// variableView is a variable as the form offers it.
type variableView struct{ Name, Code, Label, Sample string }

// newReplyPage is an empty form.
func (s *Server) newReplyPage(c echo.Context) error {
	shelf := tickets.MacroShelf{Scope: tickets.MacroPerson, Owner: of(c).agent.ID}
	if asked, err := tickets.ParseMacroShelf(c.QueryParam("shelf")); err == nil && mayWriteShelf(c, asked) {
		shelf = asked
	}
	return s.showReply(c, 0, s.empty(c, map[string]string{"shelf": shelf.String(), "group": c.QueryParam("group"), "subgroup": c.QueryParam("subgroup")}))
}

// replyPage is the form of a quick reply that is there.
func (s *Server) replyPage(c echo.Context) error {
	macro, err := macroID(c)
	if err != nil {
		return err
	}
	f, err := s.replyForm(c, macro)
	if err != nil {
		return err
	}
	return s.showReply(c, macro, f)
}

// replyForm is the form with what is saved.
func (s *Server) replyForm(c echo.Context, macro id.ID) (*form, error) {
	ctx, me := c.Request().Context(), actor(c)
	m, err := s.Tickets.Macro(ctx, me, macro)
	if err != nil {
		return nil, err
	}
	all, err := s.Tickets.Macros(ctx, me)
	if err != nil {
		return nil, err
	}
	path := tickets.MacroPaths(all.Groups)[m.GroupID]
	return s.empty(c, map[string]string{
		"shelf": m.Shelf().String(), "group": path[0], "subgroup": path[1], "title": m.Title, "shortcut": m.Shortcut, "text": m.Text,
	}), nil
}

func (s *Server) addReply(c echo.Context) error {
	return s.saveReply(c, 0, func(e tickets.MacroEdit) (*tickets.Macro, error) {
		return s.Tickets.AddMacro(c.Request().Context(), actor(c), e)
	})
}

func (s *Server) changeReply(c echo.Context) error {
	macro, err := macroID(c)
	if err != nil {
		return err
	}
	return s.saveReply(c, macro, func(e tickets.MacroEdit) (*tickets.Macro, error) {
		return s.Tickets.ChangeMacro(c.Request().Context(), actor(c), macro, e)
	})
}

func (s *Server) saveReply(c echo.Context, macro id.ID, save func(tickets.MacroEdit) (*tickets.Macro, error)) error {
	f := s.sent(c)
	shelf, err := tickets.ParseMacroShelf(c.FormValue("shelf"))
	var m *tickets.Macro
	if err == nil {
		m, err = save(tickets.MacroEdit{
			Shelf: shelf, Group: c.FormValue("group"), Subgroup: c.FormValue("subgroup"),
			Title: c.FormValue("title"), Shortcut: c.FormValue("shortcut"), Text: c.FormValue("text"),
		})
	}
	if err != nil {
		if wantsJSON(c) {
			return err
		}
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showReply(c, macro, f)
	}
	return s.done(c, "/settings/replies?saved=1#m"+m.ID.String(), nil)
}

func (s *Server) showReply(c echo.Context, macro id.ID, f *form) error {
	frame, err := s.settings(c, "replies")
	if err != nil {
		return err
	}
	w := f.words
	p := replyPage{settingsFrame: frame, Title: w.T("replies.new"), Error: f.General()}
	if macro != 0 {
		p.ID, p.Title = macro.String(), w.T("replies.edit")
	}
	all, err := s.Tickets.Macros(c.Request().Context(), actor(c))
	if err != nil {
		return err
	}
	if err := s.fillReplyFields(c, &p, all, f); err != nil {
		return err
	}
	if err := s.fillReplyFiles(c, &p, macro, f); err != nil {
		return err
	}
	for _, g := range all.Groups {
		if g.ParentID == 0 {
			p.Groups = append(p.Groups, g.Name)
		} else {
			p.Subgroups = append(p.Subgroups, g.Name)
		}
	}
	slices.Sort(p.Groups)
	slices.Sort(p.Subgroups)
	p.Groups, p.Subgroups = slices.Compact(p.Groups), slices.Compact(p.Subgroups)
	p.Variables, p.Sample, p.Preview = s.sampleOf(c, p.Text.Value)
	status := http.StatusOK
	if f.err != nil {
		status = f.status()
	}
	return s.render(c, status, "agent/reply", p)
}

func (s *Server) fillReplyFields(c echo.Context, p *replyPage, all *tickets.Macros, f *form) error {
	names, err := s.shelfNames(c)
	if err != nil {
		return err
	}
	w := f.words
	var shelves []option
	p.ReadOnly = true
	for _, shelf := range all.Shelves {
		if mayWriteShelf(c, shelf) {
			shelves = append(shelves, option{shelf.String(), names(shelf)})
			p.ReadOnly = p.ReadOnly && shelf.String() != f.values("shelf")
		} else if shelf.String() == f.values("shelf") {
			shelves = append([]option{{shelf.String(), names(shelf)}}, shelves...)
		}
	}
	p.ReadOnly = p.ReadOnly && p.ID != ""
	p.Shelf = f.input(field{Name: "shelf", Type: "select", Label: w.T("replies.field.shelf"), Options: shelves})
	p.Group = f.input(field{Name: "group", Label: w.T("replies.field.group"), Max: tickets.MacroGroupMax, Complete: "off"})
	p.Subgroup = f.input(field{Name: "subgroup", Label: w.T("replies.field.subgroup"), Max: tickets.MacroGroupMax, Complete: "off"})
	p.Name = f.input(field{Name: "title", Label: w.T("replies.field.title"), Hint: w.T("replies.hint.title"), Max: tickets.MacroTitleMax, Complete: "off", Required: true})
	p.Shortcut = f.input(field{Name: "shortcut", Label: w.T("replies.field.shortcut"), Hint: w.T("replies.hint.shortcut"), Max: tickets.MacroShortcutMax, Complete: "off"})
	p.Text = f.input(field{Name: "text", Type: "textarea", Rows: 8, Label: w.T("replies.field.text"), Hint: w.T("replies.hint.text"), Required: true})
	return nil
}
