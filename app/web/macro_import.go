package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"huiyin/app/macros"
	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// importPage asks for a file, then shows what would become of its lines.
type importPage struct {
	settingsFrame
	Error       string
	Shelf, File field
	Done        map[string]int // by fate, of an import that is over; nil: none
	Plan        *importPlan
}

// importPlan is a file that was read. Lines holds it as the confirming form sends it back: nothing is kept in between.
type importPlan struct {
	*Words
	Shelf, ShelfTitle, Lines string
	Counts                   map[tickets.MacroFate]int
	Work                     int
	Rows                     []planView
	More                     int // lines that are not shown
}

type planView struct {
	*Words
	tickets.MacroLine
	Fate   tickets.MacroFate
	Class  string
	Reason string
}

// plannedAtOnce is how many lines the preview shows; refused ones come first.
const plannedAtOnce = 300

// fates in the order of the preview, with their colours.
var fates = []struct {
	fate  tickets.MacroFate
	class string
}{{tickets.MacroRefused, "bad"}, {tickets.MacroChanged, "warn"}, {tickets.MacroAdded, "good"}, {tickets.MacroSame, ""}}

func (s *Server) importPage(c echo.Context) error {
	return s.showImport(c, s.empty(c, map[string]string{"shelf": c.QueryParam("shelf")}), nil)
}

func (s *Server) showImport(c echo.Context, f *form, plan *importPlan) error {
	frame, err := s.settings(c, "replies")
	if err != nil {
		return err
	}
	frame.Saved = false
	shelves, err := s.writableShelves(c)
	if err != nil {
		return err
	}
	w := f.words
	p := importPage{settingsFrame: frame, Error: f.General(), Plan: plan, Done: importDone(c),
		Shelf: f.input(field{Name: "shelf", Type: "select", Label: w.T("replies.field.shelf"), Options: shelves}),
		File:  f.input(field{Name: "file", Type: "file", Label: w.T("replies.import_file"), Hint: w.T("replies.import_hint"), Required: true})}
	return s.render(c, f.status(), "agent/replies_import", p)
}

// importDone reads what a finished import left in the address.
func importDone(c echo.Context) map[string]int {
	if c.QueryParam("added") == "" {
		return nil
	}
	done := map[string]int{}
	for _, f := range fates {
		done[string(f.fate)], _ = strconv.Atoi(c.QueryParam(string(f.fate))) // not a number: none
	}
	return done
}

func (s *Server) writableShelves(c echo.Context) ([]option, error) {
	all, err := s.Tickets.Macros(c.Request().Context(), actor(c))
	if err != nil {
		return nil, err
	}
	names, err := s.shelfNames(c)
	var shelves []option
	for _, shelf := range all.Shelves {
		if mayWriteShelf(c, shelf) {
			shelves = append(shelves, option{shelf.String(), names(shelf)})
		}
	}
	return shelves, err
}

// planImport reads the file and shows what would become of it; nothing is written.
func (s *Server) planImport(c echo.Context) error {
	f := s.sent(c)
	data, err := sentFile(c, "file", macros.FileMax)
	var plan *importPlan
	if err == nil {
		var lines []tickets.MacroLine
		if lines, err = macros.Parse(data); err == nil {
			plan, err = s.importPlan(c, lines)
		}
	}
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
	}
	return s.showImport(c, f, plan)
}

// sentFile reads a file of a form. Errors: Invalid.
func sentFile(c echo.Context, name string, most int64) ([]byte, error) {
	head, err := c.FormFile(name)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large) || (err == nil && head.Size > most):
		return nil, fault.InvalidField(name, "too_large", "replies.file.too_large", map[string]any{"max": most >> 20})
	case err != nil || head.Size == 0:
		return nil, fault.InvalidField(name, "required", "replies.file.none", nil)
	}
	file, err := head.Open()
	if err != nil {
		return nil, fmt.Errorf("open the sent file: %w", err)
	}
	defer file.Close() //nolint:errcheck // read only
	return io.ReadAll(file)
}

func (s *Server) importPlan(c echo.Context, lines []tickets.MacroLine) (*importPlan, error) {
	shelf, err := tickets.ParseMacroShelf(c.FormValue("shelf"))
	if err != nil {
		return nil, err
	}
	plans, err := s.Tickets.PlanMacros(c.Request().Context(), actor(c), shelf, lines)
	if err != nil {
		return nil, err
	}
	names, err := s.shelfNames(c)
	if err != nil {
		return nil, err
	}
	kept, err := json.Marshal(lines)
	if err != nil {
		return nil, fmt.Errorf("encode lines: %w", err)
	}
	w := s.words(c)
	p := &importPlan{Words: w, Shelf: shelf.String(), ShelfTitle: names(shelf), Lines: string(kept), Counts: tickets.CountMacroFates(plans)}
	p.Work = p.Counts[tickets.MacroAdded] + p.Counts[tickets.MacroChanged]
	for _, f := range fates {
		for i := range plans {
			if plans[i].Fate != f.fate {
				continue
			}
			if len(p.Rows) == plannedAtOnce {
				p.More++
				continue
			}
			row := planView{Words: w, MacroLine: plans[i].MacroLine, Fate: f.fate, Class: f.class}
			if r := plans[i].Reason; r != nil {
				row.Reason = w.T("replies.plan_reason", "field", fieldLabel(w, r), "reason", w.texts.Text(w.Locale, r.Key, r.Args))
			}
			p.Rows = append(p.Rows, row)
		}
	}
	return p, nil
}

// fieldLabel is what the field that an error is about is called.
func fieldLabel(w *Words, e *fault.Error) string {
	if len(e.Fields) == 0 {
		return w.T("replies.import_file")
	}
	return w.T("replies.field." + e.Fields[0].Name)
}

// confirmImport does what the preview showed.
func (s *Server) confirmImport(c echo.Context) error {
	f := s.sent(c)
	shelf, err := tickets.ParseMacroShelf(c.FormValue("shelf"))
	var lines []tickets.MacroLine
	if err == nil && (json.Unmarshal([]byte(c.FormValue("lines")), &lines) != nil || len(lines) > macros.LinesMax) {
		err = fault.InvalidField("file", "broken", "replies.file.broken", nil)
	}
	var plans []tickets.MacroPlan
	if err == nil {
		plans, err = s.Tickets.ImportMacros(c.Request().Context(), actor(c), shelf, lines)
	}
	if err != nil {
		if err := f.refused(err); err != nil {
			return err
		}
		return s.showImport(c, f, nil)
	}
	done := url.Values{}
	for fate, n := range tickets.CountMacroFates(plans) {
		done.Set(string(fate), strconv.Itoa(n))
	}
	done.Set("added", strconv.Itoa(tickets.CountMacroFates(plans)[tickets.MacroAdded]))
	return c.Redirect(http.StatusSeeOther, "/settings/replies/import?"+done.Encode())
}

// exportReplies gives everything that she may use as a file.
func (s *Server) exportReplies(c echo.Context) error {
	all, err := s.Tickets.Macros(c.Request().Context(), actor(c))
	if err != nil {
		return err
	}
	names, err := s.shelfNames(c)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := macros.Export(&b, all, macroHeader(s.words(c)), names); err != nil {
		return err
	}
	return csvFile(c, "quick-replies.csv", b.Bytes())
}

// sampleReplies gives a file to begin with.
func (s *Server) sampleReplies(c echo.Context) error {
	w := s.words(c)
	var b bytes.Buffer
	err := macros.Sample(&b, macroHeader(w), []tickets.MacroLine{
		{Group: w.T("replies.sample.group"), Subgroup: w.T("replies.sample.subgroup"), Title: w.T("replies.sample.title"), Shortcut: "tk",
			Text: "{{contact.name|" + w.T("replies.example") + "}}" + w.T("replies.sample.text")},
		{Title: w.T("replies.sample.title2"), Text: w.T("replies.sample.text2")},
	})
	if err != nil {
		return err
	}
	return csvFile(c, "quick-replies-sample.csv", b.Bytes())
}

func macroHeader(w *Words) macros.Header {
	return macros.Header{
		Shelf: w.T("replies.field.shelf"), Group: w.T("replies.field.group"), Subgroup: w.T("replies.field.subgroup"),
		Title: w.T("replies.field.title"), Shortcut: w.T("replies.field.shortcut"), Text: w.T("replies.field.text"),
	}
}

func csvFile(c echo.Context, name string, data []byte) error {
	c.Response().Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8", data)
}
